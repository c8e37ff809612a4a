// The sound of a region alone, as `region_sound` of mirlab/widgets/spectrogram_bench/maths.py makes it.

import { adjoint, analyse } from "../../../shared/js/filterbank.js";
import { frameReader, hann } from "../../../shared/js/stft.js";
import { fold, istft, stftPower } from "./fourier.js";
import { check, filtersOf, HARMONICS, LOW, OCTAVES, planOf, RATE } from "./plans.js";

const INVERSIONS = { stft: masked, mel: guessed, cqt: nearest, vqt: nearest, wavelet: nearest };
const CG_ITERATIONS = 4; // of conjugate gradients
const GRIFFIN_LIM_ITERATIONS = 16; // turns of Griffin and Lim
const MOMENTUM = 0.99;
const NMF_STEPS = 50; // of the least squares
const LEAD = 1.5; // durations of the lowest bin that are played before and after the region
const FADE = 110; // samples, 5 ms
const { PI, abs, ceil, cos, floor, hypot, max, min, sin, sqrt } = Math;

// The sound of the cells in the region {start, end (s), low, high (Hz)}: from 1.5 times the lowest
// one's duration before the region to as long after it, as far as the clip goes. Kinds without a
// way back have it cut out of an STFT.
export function resynthesize(y, settings, region) {
  check(y, settings);
  const source = settings.kind in INVERSIONS ? settings : cutter(settings);
  const { frequencies, durations } = planOf(source);
  const bins = bands(settings, region).flatMap((band) => within(frequencies, ...band));
  const [lowest, highest] = bins.reduce(([a, b], bin) => [min(a, bin), max(b, bin)], [1e9, 0]);
  const used = dense(source, durations[highest]);
  const hop = used.hop_length;
  const count = 1 + floor(y.length / hop);
  const times = Float64Array.from({ length: count }, (_, t) => (t * hop) / RATE);
  const frames = within(times, region.start, region.end);
  const long = durations[lowest];
  const reach = ceil((3 * long * RATE) / hop); // frames: all that the cells hear, and more
  const skipped = max(0, frames[0] - reach);
  const piece = y.subarray(skipped * hop, (frames.at(-1) + reach + 1) * hop);
  const first = frames[0] - skipped;
  const wanted = { bins: new Set(bins), first, last: frames.at(-1) - skipped };
  const sound = INVERSIONS[used.kind](piece, used, wanted);
  const lead = ceil((LEAD * long * RATE) / hop) * hop; // whole frames, at least one
  const from = max(0, floor(region.start * RATE) - lead - skipped * hop);
  const to = floor(region.end * RATE) + lead - skipped * hop;
  return faded(Float32Array.from(sound.subarray(from, to)));
}

// For chroma a long window, or else it would not tell the pitches of the bass apart.
const cutter = ({ kind }) => ({
  kind: "stft",
  n_fft: kind === "chroma" ? 8192 : 2048,
  hop_length: 512,
});

// The same with a hop no longer than the highest bin's duration: frames further apart than that do
// not say what is between them.
function dense(settings, duration) {
  let hop = settings.hop_length;
  while (hop > duration * RATE) hop /= 2;
  return { ...settings, hop_length: hop };
}

// The frequencies that a region's rows listen to: of hcqt all harmonics, of chroma all octaves.
function bands(settings, { low, high }) {
  if (settings.kind === "hcqt") return HARMONICS.map((h) => [h * low, h * high]);
  if (settings.kind !== "chroma") return [[low, high]];
  const { frequencies } = planOf(settings);
  const side = 2 ** (1 / 24);
  return within(frequencies, low, high)
    .flatMap((row) => [-3, -2, -1, 0, 1, 2, 3, 4].map((octave) => frequencies[row] * 2 ** octave))
    .filter((f) => f > LOW / side && f < (LOW * 2 ** OCTAVES) / side)
    .map((f) => [f / side, f * side]);
}

// Which of the rising values lie in a range; where there are none, the one nearest to its middle.
function within(values, low, high) {
  const slack = 1e-6 * high; // numbers may have been rounded on their way
  const found = [];
  let near = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] >= low - slack && values[i] <= high + slack) found.push(i);
    if (abs(values[i] - (low + high) / 2) < abs(values[near] - (low + high) / 2)) near = i;
  }
  return found.length ? found : [near];
}

function faded(sound) {
  const n = min(FADE, sound.length >> 1);
  for (let i = 0; i < n; i++) {
    const level = (1 - cos((PI * i) / n)) / 2;
    sound[i] *= level;
    sound[sound.length - 1 - i] *= level;
  }
  return sound;
}

// An STFT's cells, the others silent, turned back.
function masked(y, { n_fft: n, hop_length: hop }, { bins, first, last }) {
  const read = frameReader(y, [hann(n)], hop);
  return istft(n, hop, 1 + floor(y.length / hop), y.length, (t) => {
    if (t < first || t > last) return null;
    const [re, im] = read(t);
    for (let k = 0; k <= n / 2; k++) if (!bins.has(k)) re[k] = im[k] = 0;
    return [re, im];
  });
}

// The sound whose cells come nearest to the wanted ones, the others silent: conjugate gradients, as
// in mirlab.spectra's VQT.invert. Bins count alike, whatever the length of their windows.
function nearest(y, settings, { bins, first, last }) {
  const filters = filtersOf(settings);
  const { gains } = planOf(settings);
  const frames = 1 + floor(y.length / settings.hop_length);
  const [re, im, seenRe, seenIm] = [0, 0, 0, 0].map(() => new Float64Array(gains.length * frames));
  const see = (sound) =>
    analyse(filters, sound, frames, 0, (bin, from, rows, cols, at, count) => {
      for (let i = 0, cell = bin * frames + from; i < count; i++, cell++) {
        seenRe[cell] = rows[at + i] / gains[bin];
        seenIm[cell] = cols[at + i] / gains[bin];
      }
    });
  see(y);
  for (const bin of bins) {
    const [from, to] = [bin * frames + first, bin * frames + last + 1];
    re.set(seenRe.subarray(from, to), from);
    im.set(seenIm.subarray(from, to), from);
  }
  const back = () => adjoint(filters, gains, re, im, frames, y.length);
  const sound = new Float64Array(y.length);
  const direction = back();
  let size = energy(direction);
  for (let turn = 0; turn < CG_ITERATIONS && size > 0; turn++) {
    see(direction);
    const stride = size / (energy(seenRe) + energy(seenIm));
    for (let i = 0; i < sound.length; i++) sound[i] += stride * direction[i];
    for (let i = 0; i < re.length; i++) {
      re[i] -= stride * seenRe[i];
      im[i] -= stride * seenIm[i];
    }
    const slope = back();
    const before = size;
    size = energy(slope);
    for (let i = 0; i < direction.length; i++) direction[i] = slope[i] + (size / before) * direction[i];
  }
  return sound;
}

function energy(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

// A sound with about these mel bands: power by least squares, phases by Griffin and Lim with the
// momentum of mirlab.spectra.griffin_lim.
function guessed(y, settings, { bins, first, last }) {
  const { n_fft: n, hop_length: hop } = settings;
  const frames = 1 + floor(y.length / hop);
  const { bank } = planOf(settings);
  const mel = fold(bank, stftPower(y, n, hop, frames), frames);
  const chance = random();
  const cells = Array.from({ length: last - first + 1 }, (_, i) => {
    const level = (row) => (bins.has(row) ? mel[row * frames + first + i] : 0);
    const target = Float64Array.from(bank, (_, row) => level(row));
    const amplitude = unfold(bank, target, n / 2 + 1).map(sqrt);
    const phases = amplitude.map(() => 2 * PI * chance());
    return {
      amplitude,
      re: amplitude.map((size, k) => size * cos(phases[k])),
      im: amplitude.map((size, k) => size * sin(phases[k])),
      lastRe: new Float64Array(n / 2 + 1),
      lastIm: new Float64Array(n / 2 + 1),
    };
  });
  const give = (t) => cells[t - first] && [cells[t - first].re, cells[t - first].im];
  for (let turn = 0; turn < GRIFFIN_LIM_ITERATIONS; turn++) {
    const read = frameReader(istft(n, hop, frames, y.length, give), [hann(n)], hop);
    cells.forEach((cell, i) => agree(cell, ...read(first + i)));
  }
  return istft(n, hop, frames, y.length, give);
}

// A cell's new phases are those that its sound has; its size stays.
function agree({ amplitude, re, im, lastRe, lastIm }, newRe, newIm) {
  const ahead = MOMENTUM / (1 + MOMENTUM);
  for (let k = 0; k < re.length; k++) {
    const r = newRe[k] + ahead * (newRe[k] - lastRe[k]);
    const m = newIm[k] + ahead * (newIm[k] - lastIm[k]);
    const scale = amplitude[k] / (hypot(r, m) || 1);
    re[k] = r * scale;
    im[k] = m * scale;
    lastRe[k] = newRe[k];
    lastIm[k] = newIm[k];
  }
}

// The power of the bins, at least 0, that comes nearest to that of the bands: multiplicative steps
// (Lee and Seung 2001), with bands brought to one norm.
function unfold(bank, target, bins) {
  const norms = bank.map(({ weights }) => energy(weights));
  const raise = (bands) => {
    const sums = new Float64Array(bins);
    bank.forEach(({ first, weights }, row) => {
      for (let i = 0; i < weights.length; i++) {
        sums[first + i] += (weights[i] * bands[row]) / norms[row];
      }
    });
    return sums;
  };
  const lower = (power) =>
    Float64Array.from(bank, ({ first, weights }) =>
      weights.reduce((sum, weight, i) => sum + weight * power[first + i], 0));
  const goal = raise(target);
  const power = goal.slice();
  for (let step = 0; step < NMF_STEPS; step++) {
    const now = raise(lower(power));
    for (let k = 0; k < bins; k++) power[k] *= now[k] > 0 ? goal[k] / now[k] : 0;
  }
  return power;
}

// Numbers in 0..1, the same ones each time.
function random() {
  let state = 1;
  return () => (state = (1664525 * state + 1013904223) % 2 ** 32) / 2 ** 32;
}

// Onset strengths: the novelty functions of mirlab/rhythm, at the frame rate of its beat tracker.
import { frameReader, hann, melBank } from "../../shared/js/stft.js";

export const RATE = 22050; // Hz
export const HOP = 512; // samples between frames of a strength

const MEL = { window: 2048, bands: 64, highest: 2000 }; // of onset_strength
const WINDOW = 1024; // of the novelty functions,
const STEP = 256; // a frame every so many samples
const RADIUS = 43; // frames to either side of the local mean: about a second together
const FLOOR = 1e-8; // of the largest energy
const COMPRESSION = 100;
const SILENCE = 1e-10; // power
const RANGE = 80; // dB

const { log1p, log10, max } = Math;

// Calls take(re, im, frame) with the spectrum of each frame; the arrays are overwritten by the next.
function eachFrame(y, window, hop, take) {
  const read = frameReader(y, [hann(window)], hop);
  const frames = countFrames(y, window, hop);
  for (let t = 0; t < frames; t++) take(...read(t), t);
}

const countFrames = (y, window, hop) => 1 + Math.floor(max(y.length, window) / hop);

function largest(values) {
  let peak = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] > peak) peak = values[i];
  return peak;
}

// The rises from frame to frame of a curve in dB.
const rises = (levels) => levels.map((level, t) => (t ? max(level - levels[t - 1], 0) : 0));

// onset_strength: the mean rise of the mel bands in dB, placed where the window's centre is.
function melFlux(y) {
  const { window, bands, highest } = MEL;
  const frames = countFrames(y, window, HOP);
  const { bank } = melBank(RATE, window, bands, highest);
  const levels = new Float32Array(bands * frames);
  const power = new Float64Array(window / 2 + 1);
  const bins = bank.at(-1).first + bank.at(-1).weights.length;
  eachFrame(y, window, HOP, (re, im, t) => {
    for (let k = 0; k < bins; k++) power[k] = re[k] * re[k] + im[k] * im[k];
    bank.forEach(({ first, weights }, band) => {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * power[first + i];
      levels[t * bands + band] = 10 * log10(max(sum, SILENCE));
    });
  });
  const floor = largest(levels) - RANGE;
  const strength = new Float64Array(frames);
  const delay = 1 + window / (2 * HOP);
  for (let t = delay; t < frames; t++) {
    const now = (t - delay + 1) * bands;
    for (let band = 0; band < bands; band++) {
      const rise = max(levels[now + band], floor) - max(levels[now - bands + band], floor);
      if (rise > 0) strength[t] += rise / bands;
    }
  }
  return strength;
}

// energy_novelty: the rise of the energy in dB.
function energyNovelty(y) {
  const energies = new Float64Array(countFrames(y, WINDOW, STEP));
  eachFrame(y, WINDOW, STEP, (re, im, t) => {
    for (let k = 0; k < re.length; k++) energies[t] += re[k] * re[k] + im[k] * im[k];
  });
  const floor = FLOOR * max(largest(energies), 1e-30);
  return rises(energies.map((energy) => 10 * log10(max(energy, floor))));
}

// spectral_novelty: the sum of all rises of the compressed magnitudes.
function spectralNovelty(y) {
  const bins = WINDOW / 2 + 1;
  const magnitudes = new Float32Array(bins * countFrames(y, WINDOW, STEP));
  eachFrame(y, WINDOW, STEP, (re, im, t) => {
    for (let k = 0; k < bins; k++) magnitudes[t * bins + k] = Math.sqrt(re[k] * re[k] + im[k] * im[k]);
  });
  const scale = COMPRESSION / max(largest(magnitudes), 1e-9);
  for (let i = 0; i < magnitudes.length; i++) magnitudes[i] = log1p(scale * magnitudes[i]);
  return Float64Array.from({ length: magnitudes.length / bins }, (_, t) => {
    let sum = 0;
    for (let i = max(t, 1) * bins, end = i + bins; i < end; i++) {
      if (t) sum += max(magnitudes[i] - magnitudes[i - bins], 0);
    }
    return sum;
  });
}

// complex_novelty: the distance of each bin from a steady partial, where its magnitude rises. With unit
// vectors u of the last two frames, the phase goes on as u1 u1 / u2.
function complexNovelty(y) {
  const bins = WINDOW / 2 + 1;
  const novelty = new Float64Array(countFrames(y, WINDOW, STEP));
  const [last, earlier] = [0, 1].map(() => ({ re: new Float64Array(bins), im: new Float64Array(bins) }));
  const magnitudes = new Float64Array(bins); // of the last frame
  eachFrame(y, WINDOW, STEP, (re, im, t) => {
    if (!t) startWith(re, im, [last, earlier], magnitudes);
    for (let k = 0; k < bins; k++) {
      const magnitude = Math.sqrt(re[k] * re[k] + im[k] * im[k]);
      const a = last.re[k];
      const b = last.im[k];
      if (magnitude > magnitudes[k]) {
        const c = a * a - b * b;
        const d = 2 * a * b;
        const gapRe = re[k] - magnitudes[k] * (c * earlier.re[k] + d * earlier.im[k]);
        const gapIm = im[k] - magnitudes[k] * (d * earlier.re[k] - c * earlier.im[k]);
        novelty[t] += Math.sqrt(gapRe * gapRe + gapIm * gapIm);
      }
      earlier.re[k] = a;
      earlier.im[k] = b;
      // the phase of 0 is 0
      last.re[k] = magnitude ? re[k] / magnitude : 1;
      last.im[k] = magnitude ? im[k] / magnitude : 0;
      magnitudes[k] = magnitude;
    }
  });
  return novelty;
}

// Before the first frame, the frame itself is repeated.
function startWith(re, im, units, magnitudes) {
  for (let k = 0; k < re.length; k++) {
    magnitudes[k] = Math.sqrt(re[k] * re[k] + im[k] * im[k]);
    for (const unit of units) {
      unit.re[k] = magnitudes[k] ? re[k] / magnitudes[k] : 1;
      unit.im[k] = magnitudes[k] ? im[k] / magnitudes[k] : 0;
    }
  }
}

// subtract_local_mean: the mean over 2 RADIUS + 1 frames, the ends repeated.
function subtractLocalMean(novelty) {
  const last = novelty.length - 1;
  const at = (t) => novelty[Math.min(max(t, 0), last)];
  let sum = 0;
  for (let t = -RADIUS - 1; t < RADIUS; t++) sum += at(t);
  return novelty.map((value, t) => {
    sum += at(t + RADIUS) - at(t - RADIUS - 1);
    return max(value - sum / (2 * RADIUS + 1), 0);
  });
}

// strength_from_novelty: every other frame, averaged with its neighbours.
function toStrength(novelty) {
  const curve = subtractLocalMean(novelty);
  const at = (t) => curve[t] ?? 0;
  return Float64Array.from({ length: Math.ceil(curve.length / 2) }, (_, t) =>
    at(2 * t - 1) / 4 + at(2 * t) / 2 + at(2 * t + 1) / 4);
}

// By the names of the trait `novelty`: samples to a strength, a number >= 0 every HOP samples. The beat
// activation of a network is an entry here, too: `loadModel` of ../../shared/js/inference.js runs it.
const STRENGTHS = {
  mel: melFlux,
  energy: (y) => toStrength(energyNovelty(y)),
  spectral: (y) => toStrength(spectralNovelty(y)),
  complex: (y) => toStrength(complexNovelty(y)),
};

// A promise, for a network takes its time.
export async function onsetStrength(kind, samples) {
  return STRENGTHS[kind](samples);
}

// The six methods: the same samples as mirlab.synthesis, to 1e-5 of the peak.
import { RATE, envelope, fill, filter, finish, lengthOf, makeNote, partialsThatFit, period, read,
  turning, waveAmplitudes } from "./voice.js";
import { plucked } from "./plucked.js";

const HALF = RATE / 2;
const QUIET = 1e-4; // an FM partial that counts as not there
const MAX_SIDE_BANDS = 64; // side bands that are looked at
const CHIFF = 0.06; // s in which the noise of the onset falls by 60 dB
const { PI, sin, sqrt, exp, log, min, max } = Math;

function shaped(y, shape, note) {
  const levels = envelope(shape, note, y.length);
  for (let i = 0; i < y.length; i++) y[i] *= levels[i];
  return finish(y, note);
}

function additive({ amplitudes, ratios, envelope: shape, damping }, note) {
  const y = new Float64Array(lengthOf(note, shape.release));
  amplitudes.forEach((amplitude, i) => {
    const ratio = ratios ? ratios[i] : i + 1;
    if (!amplitude || ratio * note.hz >= HALF) return;
    const size = 10 ** (((-damping / 20) * (ratio - 1)) / RATE);
    const start = [0, -amplitude * ratio ** -note.softness]; // a sine begins a quarter turn late
    turning(y, y.length, start, (2 * PI * ratio * note.hz) / RATE, size);
  });
  return shaped(y, shape, note);
}

function subtractive(settings, note) {
  const { wave, oscillators, detune, cutoff, sweep, q, envelope: shape } = settings;
  const y = new Float64Array(lengthOf(note, shape.release));
  const table = period(waveAmplitudes(wave, partialsThatFit(note)), note);
  for (let i = 0; i < oscillators; i++) {
    const cents = oscillators > 1 ? detune * (i / (oscillators - 1) - 0.5) : 0;
    read(y, table, (note.hz / RATE) * 2 ** (cents / 1200), i / oscillators);
  }
  const opened = envelope(settings.filter_envelope, note, y.length);
  filter(y, (i) => note.hz * cutoff * 2 ** (sweep * note.touch * opened[i]), q);
  return shaped(y, shape, note);
}

let limits; // the index at which the n-th side band is just under -80 dB
export function sideBands(index) {
  if (!limits) {
    let factorial = 0;
    limits = fill(MAX_SIDE_BANDS, (i) => {
      factorial += log(i + 1);
      return 2 * exp((log(QUIET) + factorial) / (i + 1));
    });
  }
  return index > 0 ? limits.filter((limit) => limit < index).length : 0;
}

// Whether with this share of the indices all stays under half the sampling rate.
function fits(operators, share, hz) {
  const reach = operators.map(({ ratio }) => ratio * hz);
  const fastest = reach.slice();
  for (let i = operators.length - 1; i >= 0; i--) {
    const { ratio, index, target } = operators[i];
    if (target === null) {
      if (ratio * hz < HALF && reach[i] >= HALF) return false;
      continue;
    }
    const bands = sideBands(index * share);
    reach[target] += bands * fastest[i];
    fastest[target] += min(bands, index * share + 1) * fastest[i];
  }
  return true;
}

// What is left of each operator's index, so that nothing aliases.
export function indices(operators, { hz, touch }) {
  const soft = 0.4 + 0.6 * touch;
  let share = 0;
  for (let digit = 1; digit >= 2 ** -11; digit /= 2) {
    const more = share + digit;
    if (more <= 1 && fits(operators, soft * more, hz)) share = more;
  }
  return operators.map(({ ratio, index, target }) =>
    target === null ? index * (ratio * hz < HALF) : index * soft * share);
}

function fm({ operators }, note) {
  const carriers = operators.filter(({ target }) => target === null);
  const samples = lengthOf(note, max(...carriers.map(({ envelope: { release } }) => release)));
  const levels = indices(operators, note);
  const y = new Float64Array(samples);
  const shaken = operators.map(() => null);
  for (let i = operators.length - 1; i >= 0; i--) {
    const { ratio, target, envelope: shape } = operators[i];
    const level = envelope(shape, note, samples);
    const into = target === null ? y : (shaken[target] ??= new Float64Array(samples));
    const [speed, by] = [(ratio * note.hz) / RATE, shaken[i]];
    for (let n = 0; n < samples; n++) {
      const cycles = speed * n;
      const angle = 2 * PI * (cycles - Math.floor(cycles));
      into[n] += levels[i] * level[n] * sin(by ? angle + by[n] : angle);
    }
  }
  return finish(y, note);
}

function wavetable({ tables, sweep, envelope: shape }, note) {
  const y = new Float64Array(lengthOf(note, shape.release));
  const last = tables.length - 1;
  const tablePosition = (n) => min((n / RATE / sweep) * last, last);
  tables.forEach((amplitudes, i) => {
    const table = period(amplitudes.map((a, k) => a * (k + 1) ** -note.softness), note);
    read(y, table, note.hz / RATE, 0, (n) => max(1 - Math.abs(tablePosition(n) - i), 0));
  });
  return shaped(y, shape, note);
}

// What the formants do to a frequency; nothing where there are none.
export function formantGain(formants, f) {
  const gains = formants.map(([at, width, gain]) => gain / (1 + ((f - at) / (width / 2)) ** 2));
  return gains.length ? gains.reduce((sum, gain) => sum + gain) : 1;
}

// The amplitude of the k-th partial of a breath.
export function tonePartial({ slope, even, formants }, { hz, softness }, k) {
  return (k % 2 ? 1 : even) * k ** -(slope + softness) * formantGain(formants, k * hz);
}

function breath(settings, note, { normals }) {
  const { noise, chiff, envelope: shape } = settings;
  const y = new Float64Array(lengthOf(note, shape.release));
  const table = period(fill(partialsThatFit(note), (i) => tonePartial(settings, note, i + 1)), note);
  const power = table.reduce((sum, value) => sum + value ** 2, 0) / table.length;
  const size = max(sqrt(power), 1e-9);
  read(y, table.map((value) => value / size), note.hz / RATE);
  if (noise) {
    const hz = min(settings.noise_hz, RATE / 4);
    const drawn = normals(y.length);
    const hiss = fill(y.length, (n) => drawn[n]);
    filter(hiss, () => hz, 1, true);
    const bandGain = sqrt(((PI / 2) * hz) / HALF); // of white noise behind such a band-pass
    for (let n = 0; n < y.length; n++) {
      y[n] += ((noise * (1 + chiff * 10 ** ((-3 * n) / RATE / CHIFF))) / bandGain) * hiss[n];
    }
  }
  return shaped(y, shape, note);
}

const METHODS = { additive, subtractive, fm, plucked, wavetable, breath };

// A note {pitch, velocity, duration} by a method with its settings: Float32Array at 22,050 Hz.
export function play(method, settings, note, noise) {
  return METHODS[method](settings, makeNote(note), noise);
}

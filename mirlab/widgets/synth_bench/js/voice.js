// What the methods have in common, as in mirlab.synthesis: a note, envelopes, periods, the filter.
import { irfft } from "../../shared/js/fft.js";
import { clamp } from "../../shared/js/pad.js";

export const RATE = 22050; // as torch renders it
const LOUDEST = 10 ** (-1 / 20); // the peak at velocity 127
const PERIOD = 4096; // samples of a table
const LAST = PERIOD - 1;
const MAX_PARTIALS = PERIOD / 8; // partials of a table
const HIGHEST = 0.45 * RATE; // Hz, of a filter's cutoff
const { PI, min, max, abs, floor, tan } = Math;

// So many numbers, each made from its index.
export function fill(length, of, numbers = new Float64Array(length)) {
  for (let i = 0; i < length; i++) numbers[i] = of(i); // several times as fast as Float64Array.from
  return numbers;
}

// {pitch, velocity, duration} as the methods take it.
export function makeNote({ pitch, velocity, duration }) {
  const hz = 440 * 2 ** ((pitch - 69) / 12);
  return { hz, velocity, duration, touch: velocity / 127, softness: 0.5 * (1 - velocity / 127) };
}

// How many samples a note lasts; halves go to the even number, as in Python.
export function lengthOf({ duration }, release) {
  const exact = (duration + release) * RATE;
  const up = Math.round(exact);
  return up - exact === 0.5 && up % 2 ? up - 1 : up;
}


// The level of a held or a struck envelope t seconds after the key.
export function levelAt(shape, t, duration) {
  const left = clamp(1 - (t - duration) / shape.release);
  if (shape.t60) return left * min(t / shape.attack, 1) * 10 ** ((-3 * t) / shape.t60);
  const at = min(t, duration);
  const fall = clamp((at - shape.attack) / shape.decay);
  return left * min(at / shape.attack, 1 - (1 - shape.sustain) * fall);
}

export function envelope(shape, { duration }, samples) {
  return fill(samples, (i) => levelAt(shape, i / RATE, duration));
}

// Give a note the peak that its velocity asks for.
export function finish(y, { touch }) {
  let largest = 1e-9;
  for (const value of y) largest = max(largest, abs(value));
  const gain = (LOUDEST * touch ** 2) / largest;
  return fill(y.length, (i) => gain * y[i], new Float32Array(y.length));
}

export const partialsThatFit = ({ hz }) => max(1, min(MAX_PARTIALS, floor(RATE / 2 / hz)));

// One period with these partials, without those that would alias.
export function period(amplitudes, { hz }) {
  const amplitudeOf = (k) => (k && k * hz < RATE / 2 ? amplitudes[k - 1] ?? 0 : 0);
  const table = new Float64Array(PERIOD);
  irfft(new Float64Array(PERIOD / 2 + 1), fill(PERIOD / 2 + 1, (k) => -0.5 * amplitudeOf(k)), table);
  return table;
}

// Add a number that turns by `angle`, and shrinks, from sample to sample: its real part, `count` times.
export function turning(y, count, [x, height], angle, size = 1) {
  const [c, s] = [size * Math.cos(angle), size * Math.sin(angle)];
  for (let n = 0; n < count; n++) {
    y[n] += x;
    const next = c * x - s * height;
    height = s * x + c * height;
    x = next;
  }
}

// Add a table, read at `speed` periods a sample from `start` on, by cubics; share(i) of each sample.
export function read(y, table, speed, start = 0, share = null) {
  for (let i = 0; i < y.length; i++) {
    const part = share ? share(i) : 1;
    if (!part) continue;
    const cycles = speed * i + start;
    const tableIndex = (cycles - floor(cycles)) * PERIOD;
    const left = floor(tableIndex);
    const x = tableIndex - left;
    const [before, after, beyond] = [x + 1, x - 1, x - 2]; // as in `cubic`, without an array a sample
    const near = before * after * beyond * table[left & LAST] - before * x * beyond * table[(left + 1) & LAST];
    const far = before * x * after * table[(left + 2) & LAST] - x * after * beyond * table[(left - 1) & LAST];
    y[i] += part * (near / 2 + far / 6);
  }
}

// Weights of the samples at -1, 0, 1 and 2 for a point at x in 0..1 (Lagrange).
export function cubic(x) {
  const [before, after, beyond] = [x + 1, x - 1, x - 2];
  return [
    (-x * after * beyond) / 6,
    (before * after * beyond) / 2,
    (-before * x * beyond) / 2,
    (before * x * after) / 6,
  ];
}

// The state-variable filter (Zavalishin 2012): low-pass, or band-pass of gain 1. In place; cutoff(i) in Hz.
export function filter(y, cutoff, q, band = false) {
  let [s1, s2] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    const g = tan((PI / RATE) * min(cutoff(i), HIGHEST));
    const a1 = 1 / (1 + g * (g + 1 / q));
    const a2 = g * a1;
    const rest = y[i] - s2;
    const middle = a1 * s1 + a2 * rest;
    const low = s2 + a2 * s1 + g * a2 * rest;
    s1 = 2 * middle - s1;
    s2 = 2 * low - s2;
    y[i] = band ? middle / q : low;
  }
}

// Amplitudes of a classical wave's first partials.
export function waveAmplitudes(wave, count) {
  return fill(count, (i) => {
    const k = i + 1;
    if (wave === "sawtooth") return ((k % 2 ? 2 : -2) / PI) / k;
    if (k % 2 === 0) return 0;
    return wave === "square" ? 4 / (PI * k) : (8 * (1 - ((k - 1) % 4))) / (PI * k) ** 2;
  });
}

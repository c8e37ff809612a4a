// What the bench computes: the same numbers as mirlab/widgets/signal_bench/widget.py, to 1e-6.

import { rfft } from "../../shared/js/fft.js";

export const HELD = 1; // seconds for which the key is held
const GRID = 512;
const COSINES = {
  rectangular: [1],
  hann: [0.5, 0.5],
  hamming: [0.54, 0.46],
  blackman: [0.42, 0.5, 0.08],
};
const { PI, sin, cos, hypot, min, max } = Math;

export function adsr([attack, decay, sustain, release], sr) {
  const level = new Float64Array(roundEven((HELD + release) * sr));
  for (let i = 0; i < level.length; i++) {
    const t = i / sr;
    const at = min(t, HELD);
    const rise = attack ? min(at / attack, 1) : 1;
    const fall = decay ? min(max((at - attack) / decay, 0), 1) : Number(at >= attack);
    const left = release ? min(max(1 - (t - HELD) / release, 0), 1) : Number(t < HELD);
    level[i] = min(rise, 1 - (1 - sustain) * fall) * left;
  }
  return level;
}

// Halves go to the even neighbour, as in numpy.
function roundEven(x) {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

export function tone({ partials, fundamental, sample_rate: sr, envelope }) {
  const y = adsr(envelope, sr);
  const scale = max(1, partials.reduce((sum, [, a]) => sum + a, 0));
  for (let i = 0; i < y.length; i++) {
    const turns = (i / sr) * fundamental;
    let sum = 0;
    for (let k = 0; k < partials.length; k++) {
      sum += partials[k][1] * sin(2 * PI * partials[k][0] * turns);
    }
    y[i] *= sum / scale;
  }
  return y;
}

export function quantize(y, bits) {
  const step = 2 ** (1 - bits);
  const rounded = new Float64Array(y.length);
  for (let i = 0; i < y.length; i++) {
    rounded[i] = min(max(step * roundEven(y[i] / step), -1), 1 - step);
  }
  return rounded;
}

// H(z) of one pair of poles and zeros at the angle `turn` (1 is half the rate): its size.
function gainAt(b, a, turn) {
  const [c1, s1, c2, s2] = [cos(PI * turn), sin(PI * turn), cos(2 * PI * turn), sin(2 * PI * turn)];
  const size = (k) => hypot(k[0] + k[1] * c1 + k[2] * c2, k[1] * s1 + k[2] * s2);
  return size(b) / size(a);
}

export function coefficients({ pole, zero }) {
  const pair = ([r, t]) => [1, -2 * r * cos(PI * t), r * r];
  const [b, a] = [pair(zero), pair(pole)];
  let highest = 1e-9;
  for (let i = 0; i < GRID; i++) highest = max(highest, gainAt(b, a, i / (GRID - 1)));
  return { b: b.map((value) => value / highest), a };
}

export function response(state) {
  const { b, a } = coefficients(state);
  return Float64Array.from({ length: GRID }, (_, i) => gainAt(b, a, i / (GRID - 1)));
}

export function biquad(y, { b, a }) {
  const out = new Float64Array(y.length);
  for (let i = 0; i < y.length; i++) {
    const feed = b[0] * y[i] + b[1] * (y[i - 1] ?? 0) + b[2] * (y[i - 2] ?? 0);
    out[i] = feed - a[1] * (out[i - 1] ?? 0) - a[2] * (out[i - 2] ?? 0);
  }
  return out;
}

export const stable = ({ pole }) => pole[0] < 1;

export function samples(state) {
  const y = quantize(tone(state), state.bits);
  return state.filtered && stable(state) ? biquad(y, coefficients(state)) : y;
}

// Peak amplitudes of the bins 0..N/2 of a quarter of a second, from 0.25 s on.
export function spectrum(y, { sample_rate: sr, window }) {
  const n = 2 ** Math.floor(Math.log2(sr / 4));
  const start = Math.floor(sr / 4);
  const x = new Float64Array(n);
  let sum = 0;
  const [c0, c1 = 0, c2 = 0] = COSINES[window];
  for (let i = 0; i < n; i++) {
    const w = c0 - c1 * cos((2 * PI * i) / n) + c2 * cos((4 * PI * i) / n);
    sum += w;
    x[i] = w * y[start + i];
  }
  const [re, im] = [new Float64Array(n / 2 + 1), new Float64Array(n / 2 + 1)];
  rfft(x, re, im);
  return Float64Array.from({ length: n / 2 + 1 }, (_, k) => {
    const twin = k === 0 || k === n / 2 ? 1 : 2;
    return (twin * hypot(re[k], im[k])) / sum;
  });
}

// Where a frequency is heard after sampling.
export function alias(frequency, sr) {
  const folded = frequency % sr;
  return folded > sr / 2 ? sr - folded : folded;
}

const HALF = 24; // samples on either side that the reconstruction looks at
const FINE = 256; // positions between two samples for which its weights are stored
let kernel;

// Weights of the ideal low-pass between the samples (a windowed sinc).
function weights() {
  if (kernel) return kernel;
  kernel = new Float64Array(2 * HALF * FINE + 1);
  for (let i = 0; i < kernel.length; i++) {
    const x = i / FINE - HALF;
    kernel[i] = (x ? sin(PI * x) / (PI * x) : 1) * cos((PI * x) / (2 * HALF)) ** 2;
  }
  return kernel;
}

// The sound between the samples, as a good converter would play it, at the rate `to`: `count`
// samples from the one numbered `start` on.
export function reconstruct(y, sr, to, start = 0, count = Math.floor((y.length * to) / sr)) {
  const w = weights();
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const at = ((start + i) * sr) / to;
    const first = max(Math.ceil(at - HALF), 0);
    const last = min(Math.floor(at + HALF), y.length - 1);
    let sum = 0;
    for (let k = first; k <= last; k++) sum += y[k] * w[Math.round((at - k + HALF) * FINE)];
    out[i] = sum;
  }
  return out;
}

// The first sample where the wave rises through zero: what a scope waits for.
export function trigger(y) {
  for (let i = 1; i < y.length; i++) if (y[i - 1] < 0 && y[i] >= 0) return i;
  return 0;
}

// The short-time Fourier transform and what is made of it: mirlab/spectra's STFT, Mel, Reassigned.

import { irfft, rfft } from "../../../shared/js/fft.js";

const { PI, abs, ceil, cos, floor, log, max, min, round, sin } = Math;

export function hann(n) {
  return Float64Array.from({ length: n }, (_, i) => 0.5 - 0.5 * cos((2 * PI * i) / n));
}

// A reader of a sound's frames: read(frame) gives [re, im], or of several windows [re, im, re, im,
// ...], in arrays that the next frame overwrites. Around the sound there is silence.
export function frameReader(y, windows, hop) {
  const n = windows[0].length;
  const x = new Float64Array(n);
  const bins = windows.flatMap(() => [new Float64Array(n / 2 + 1), new Float64Array(n / 2 + 1)]);
  return (t) => {
    const start = t * hop - n / 2;
    const [from, to] = [max(0, -start), min(n, y.length - start)];
    windows.forEach((window, w) => {
      x.fill(0);
      for (let i = from; i < to; i++) x[i] = window[i] * y[start + i];
      rfft(x, bins[2 * w], bins[2 * w + 1]);
    });
    return bins;
  };
}

// The power of so many frames: a row of them for each bin.
export function stftPower(y, n, hop, frames) {
  const power = new Float32Array((n / 2 + 1) * frames);
  const read = frameReader(y, [hann(n)], hop);
  for (let t = 0; t < frames; t++) {
    const [re, im] = read(t);
    for (let k = 0, i = t; k <= n / 2; k++, i += frames) power[i] = re[k] ** 2 + im[k] ** 2;
  }
  return power;
}

// The sound whose STFT comes nearest to these frames: give(frame) is [re, im], or nothing for one
// that is silent. Windows are laid over each other and divided by what they add up to.
export function istft(n, hop, frames, length, give) {
  const window = hann(n);
  const x = new Float64Array(n);
  const sound = new Float64Array(length);
  const weight = new Float64Array(length);
  for (let t = 0; t < frames; t++) {
    const start = t * hop - n / 2;
    const [from, to] = [max(0, -start), min(n, length - start)];
    for (let i = from; i < to; i++) weight[start + i] += window[i] ** 2;
    const given = give(t);
    if (!given) continue;
    irfft(given[0].slice(), given[1].slice(), x); // it works in place
    for (let i = from; i < to; i++) sound[start + i] += (window[i] * x[i]) / n;
  }
  const tiny = (1e-8 * 3 * n) / 8; // 3 n / 8 is the sum of the window's squares
  for (let i = 0; i < length; i++) sound[i] = weight[i] > tiny ? sound[i] / weight[i] : 0;
  return sound;
}

const STEP = log(6.4) / 27; // above 1 kHz, 27 mels are a factor of 6.4
const toHz = (mel) => (mel < 15 ? (mel * 200) / 3 : 1000 * Math.exp(STEP * (mel - 15)));

// Triangles on Slaney's mel scale up to half the rate, each of area 1 Hz: where a band's weights
// begin among the bins, and the weights.
export function melBank(sr, n, bands) {
  const top = 15 + log(sr / 2000) / STEP;
  const corners = Float64Array.from({ length: bands + 2 }, (_, i) => toHz((i * top) / (bands + 1)));
  const bank = Array.from({ length: bands }, (_, band) => {
    const [low, centre, high] = corners.subarray(band, band + 3);
    const first = floor((low * n) / sr) + 1;
    const last = min(ceil((high * n) / sr) - 1, n / 2);
    const weights = Float64Array.from({ length: max(0, last - first + 1) }, (_, i) => {
      const hz = ((first + i) * sr) / n;
      return (min((hz - low) / (centre - low), (high - hz) / (high - centre)) * 2) / (high - low);
    });
    return { first, weights };
  });
  return { corners, bank };
}

// Power folded on to the bands of a mel bank.
export function fold(bank, power, frames) {
  const folded = new Float32Array(bank.length * frames);
  bank.forEach(({ first, weights }, band) => {
    const sums = new Float64Array(frames);
    weights.forEach((weight, i) => {
      const row = (first + i) * frames;
      for (let t = 0; t < frames; t++) sums[t] += weight * power[row + t];
    });
    folded.set(sums, band * frames);
  });
  return folded;
}

// The reassigned spectrogram: the power of each cell, added where its phases say it came from.
export function reassigned(y, n, hop, frames) {
  const plain = hann(n);
  const rising = plain.map((w, i) => (i - n / 2) * w);
  const slope = plain.map((_, i) => (PI / n) * sin((2 * PI * i) / n));
  const margin = ceil(n / 2 / hop) + 1;
  const cells = new Float32Array((n / 2 + 1) * frames);
  const read = frameReader(y, [plain, rising, slope], hop);
  for (let t = -margin; t < frames + margin; t++) {
    const [re, im, lateRe, lateIm, highRe, highIm] = read(t);
    for (let k = 0; k <= n / 2; k++) {
      const power = re[k] ** 2 + im[k] ** 2;
      if (!power) continue;
      const later = (lateRe[k] * re[k] + lateIm[k] * im[k]) / power / hop; // frames
      const higher = (((highIm[k] * re[k] - highRe[k] * im[k]) / power) * n) / (2 * PI); // bins
      const [row, column] = [round(k - higher), round(t + later)];
      // where there is next to no power, places are noise and may lie anywhere
      if (!(abs(later) <= margin - 1) || row < 0 || row > n / 2) continue;
      if (column >= 0 && column < frames) cells[row * frames + column] += power;
    }
  }
  return cells;
}

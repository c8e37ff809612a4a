// The short-time Fourier transform and what is made of it: mirlab/spectra's STFT, Mel, Reassigned.

import { irfft } from "../../../shared/js/fft.js";
import { frameReader, hann } from "../../../shared/js/stft.js";

const { PI, abs, ceil, max, min, round, sin } = Math;

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

// The short-time Fourier transform, frame by frame, and the mel filter bank, as in mirlab/spectra.
import { rfft } from "./fft.js";

const { PI, ceil, cos, floor, log, max, min } = Math;

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

const STEP = log(6.4) / 27; // above 1 kHz, 27 mels are a factor of 6.4
const toHz = (mel) => (mel < 15 ? (mel * 200) / 3 : 1000 * Math.exp(STEP * (mel - 15)));
const toMel = (hz) => (hz < 1000 ? (hz * 3) / 200 : 15 + log(hz / 1000) / STEP);

// Triangles on Slaney's mel scale up to `highest` Hz, each of area 1 Hz: where a band's weights begin
// among the bins, and the weights.
export function melBank(sr, n, bands, highest = sr / 2) {
  const top = toMel(highest);
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

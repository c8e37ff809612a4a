// The tempo, as mirlab/rhythm's estimate_tempo finds it: autocorrelations of the onset strength around
// each frame (the tempogram), their mean, and a log-normal prior.
import { fft } from "../../shared/js/fft.js";
import { hann } from "../../shared/js/stft.js";
import { HOP, RATE } from "./novelty.js";

export const LAGS = 344; // frames, 8 s
export const FRAMES_PER_MINUTE = (60 * RATE) / HOP;
const POINTS = 1024; // of the transform: at least twice the window
const MAX_TEMPO = 320; // beats per minute

const { log1p, log2 } = Math;

// The strength with a ramp to 0 of half a window on either side.
function pad(strength) {
  const half = LAGS / 2;
  const padded = new Float64Array(strength.length + LAGS);
  padded.set(strength, half);
  const [first, last] = [strength[0], strength.at(-1)];
  for (let i = 0; i < half; i++) {
    padded[i] = (first * i) / half;
    padded[padded.length - 1 - i] = (last * i) / half;
  }
  return padded;
}

// {correlations: frame after frame of LAGS numbers, 1 at lag 0; mean: over the frames}. Two frames are
// transformed together, as the real and the imaginary part of one signal.
export function tempogram(strength) {
  const frames = strength.length;
  const padded = pad(strength);
  const window = hann(LAGS);
  const correlations = new Float32Array(frames * LAGS);
  const mean = new Float64Array(LAGS);
  const [re, im] = [new Float64Array(POINTS), new Float64Array(POINTS)];
  for (let t = 0; t < frames; t += 2) {
    const energies = [fill(re, padded, t, window), fill(im, padded, t + 1, window)];
    fft(re, im);
    toPowers(re, im);
    fft(im, re);
    [re, im].slice(0, frames - t).forEach((values, which) => {
      if (!energies[which]) return; // what stands there is the rounding of the other frame
      const row = (t + which) * LAGS;
      for (let lag = 0; lag < LAGS; lag++) {
        const value = values[lag] / values[0];
        correlations[row + lag] = value;
        mean[lag] += value / frames;
      }
    });
  }
  return { correlations, mean, frames };
}

// A frame, windowed, with zeros behind it; gives its energy.
function fill(values, padded, start, window) {
  let energy = 0;
  values.fill(0);
  for (let i = 0; i < LAGS && start + i < padded.length; i++) {
    values[i] = window[i] * padded[start + i];
    energy += values[i] * values[i];
  }
  return energy;
}

// The spectrum of two real signals, a + ib, becomes the power of a + i times the power of b.
function toPowers(re, im) {
  for (let k = 0; k <= POINTS / 2; k++) {
    const j = (POINTS - k) % POINTS;
    const [ar, ai] = [(re[k] + re[j]) / 2, (im[k] - im[j]) / 2];
    const [br, bi] = [(im[k] + im[j]) / 2, (re[j] - re[k]) / 2];
    re[k] = re[j] = ar * ar + ai * ai;
    im[k] = im[j] = br * br + bi * bi;
  }
}

// How well each lag fits: {tempi, periodicity, prior, fit}, all by lag; fit = periodicity + prior.
export function tempoProfile(mean, { prior: centre, octaves }) {
  const tempi = mean.map((_, lag) => FRAMES_PER_MINUTE / lag);
  const periodicity = mean.map((value) => log1p(1e6 * Math.max(value, 0)));
  const prior = tempi.map((tempo) => -0.5 * (log2(tempo / centre) / octaves) ** 2);
  const fit = periodicity.map((value, lag) => value + prior[lag]);
  return { tempi, periodicity, prior, fit };
}

// The lag in frames whose fit is best, below MAX_TEMPO.
export function bestLag({ tempi, fit }) {
  let best = Math.floor(FRAMES_PER_MINUTE / MAX_TEMPO) + 1;
  for (let lag = best; lag < tempi.length; lag++) if (fit[lag] > fit[best]) best = lag;
  return best;
}

// The spectrograms of mirlab/widgets/spectrogram_bench/maths.py, the same numbers to
// 1e-3 (relative, root mean square).

import { analyse } from "../../../shared/js/filterbank.js";
import { fold, reassigned, stftPower } from "./fourier.js";
import { check, filtersOf, planOf, RATE, refuse } from "./plans.js";

export { resynthesize } from "./inversion.js";

const FLOOR = 80; // dB under the loudest cell
const QUIET = 10 ** (-FLOOR / 10);
const { log, log10, log1p, sqrt } = Math;

// Power spectrogram of a sound (a row of frames per bin), and its axes.
export function transform(y, settings) {
  check(y, settings);
  const { frequencies, durations, bandwidths } = planOf(settings);
  const hop = settings.hop_length;
  const [bins, frames] = [frequencies.length, 1 + Math.floor(y.length / hop)];
  const power = powerOf(y, settings, bins, frames);
  return { power, bins, frames, hop, sr: RATE, frequencies, durations, bandwidths };
}

function powerOf(y, settings, bins, frames) {
  const { kind, n_fft: n, hop_length: hop } = settings;
  const plan = planOf(settings);
  if (kind === "reassigned") return reassigned(y, n, hop, frames);
  if (kind === "stft") return stftPower(y, n, hop, frames);
  if (kind === "mel") return fold(plan.bank, stftPower(y, n, hop, frames), frames);
  const power = new Float32Array(bins * frames);
  const { looks, share } = plan;
  const offset = (hop / looks - hop) / 2; // looks lie evenly around the frame's centre
  analyse(filtersOf(settings), y, looks * frames, offset, (bin, first, re, im, from, count) => {
    for (const row of plan.rowsOf(bin)) {
      for (let i = 0; i < count; i++) {
        const size = re[from + i] * re[from + i] + im[from + i] * im[from + i];
        power[row * frames + Math.floor((first + i) / looks)] += share * size;
      }
    }
  });
  return power;
}

// Power on a scale for display: 0..1, where 1 is the loudest cell and, in dB, 0 lies 80 dB below it.
export function scaled(power, scale) {
  let peak = 0;
  for (let i = 0; i < power.length; i++) if (power[i] > peak) peak = power[i];
  const values = new Float32Array(power.length);
  if (!peak) return values;
  const shown = {
    db: (p) => (p > QUIET ? 1 + (10 * log10(p)) / FLOOR : 0),
    power: (p) => p,
    amplitude: sqrt,
    log1p: (p) => log1p(1e4 * p) / log(1 + 1e4),
  }[scale];
  refuse(shown, `scale must be db, power, amplitude or log1p; not '${scale}'`);
  for (let i = 0; i < power.length; i++) values[i] = shown(power[i] / peak);
  return values;
}


// Beats by dynamic programming (Ellis, J. New Music Research 2007), as mirlab/rhythm tracks them, and
// their numbers in the bar.
import { HOP, RATE } from "./novelty.js";
import { bestLag, tempogram, tempoProfile } from "./tempo.js";

const ONSET = 0.15; // of the largest strength: an onset, as far as the end is concerned,
const ABOVE_NOISE = 3; // and so many times the median, but no more than
const CLEAR_ONSET = 0.5; // of the largest
const SOUNDING = 0.01; // of the largest: no beat is before

export const NO_BEATS = { frames: 0, tempo: 0, beats: [], path: [], total: [], tempogram: null, profile: null };

function median(values) {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const largest = (values) => values.reduce((peak, value) => Math.max(peak, value), -Infinity);

// Python's round: halves to the even integer.
const roundEven = (x) => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

// The strength up to its last onset that stands out of the noise; empty where there is none.
export function upToLastOnset(strength) {
  const peak = largest(strength);
  if (!(peak > 0)) return strength.subarray(0, 0);
  const height = Math.min(Math.max(ONSET * peak, ABOVE_NOISE * median(strength)), CLEAR_ONSET * peak);
  const music = strength.subarray(0, strength.findLastIndex((value) => value >= height) + 1);
  return music.length > 1 && music.some((value) => value !== music[0]) ? music : strength.subarray(0, 0);
}

// Smooths by a Gaussian whose standard deviation is 1/32 beat.
function smooth(strength, period) {
  const weights = Array.from({ length: 2 * period + 1 }, (_, i) =>
    Math.exp(-0.5 * ((32 * (i - period)) / period) ** 2));
  return strength.map((_, t) => {
    let sum = 0;
    const from = Math.max(0, t - period);
    const to = Math.min(strength.length - 1, t + period);
    for (let i = from; i <= to; i++) sum += strength[i] * weights[t - i + period];
    return sum;
  });
}

// {total, predecessor} of each frame; the previous beat is half a period to two periods away.
function bestTotals(strength, period, tightness) {
  const first = roundEven(period / 2);
  const costs = Array.from({ length: 2 * period + 1 - first }, (_, i) =>
    tightness * Math.log((first + i) / period) ** 2);
  const total = Float64Array.from(strength);
  const predecessor = new Int32Array(strength.length).fill(-1);
  for (let t = first; t < strength.length; t++) {
    let gain = -Infinity;
    for (let i = 0; i < costs.length && first + i <= t; i++) {
      const candidate = total[t - first - i] - costs[i];
      if (candidate > gain) {
        gain = candidate;
        predecessor[t] = t - first - i;
      }
    }
    total[t] += gain;
  }
  return { total, predecessor };
}

// Frames of the beats, the strongest path through the totals.
export function bestPath(strength, period, tightness) {
  const deviation = standardDeviation(strength);
  const smoothed = smooth(strength.map((value) => value / deviation), period);
  const { total, predecessor } = bestTotals(smoothed, period, tightness);
  predecessor.fill(-1, 0, smoothed.findIndex((value) => value >= SOUNDING * largest(smoothed)));
  const isPeak = (t) => t > 0 && total[t] > total[t - 1] && total[t] >= (total[t + 1] ?? 0);
  const peaks = Array.from(total.keys()).filter(isPeak);
  const good = peaks.length ? median(peaks.map((t) => total[t])) / 2 : 0;
  let last = peaks.findLast((t) => total[t] >= good) ?? smoothed.length - 1;
  const path = [];
  for (; last >= 0; last = predecessor[last]) path.unshift(last);
  const sounding = [smoothed.findIndex((value) => value > 0), smoothed.findLastIndex((value) => value > 0)];
  return { path: path.filter((t) => t >= sounding[0] && t <= sounding[1]), total };
}

function standardDeviation(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

// Beats {time, number}: the phase of the bar is that whose downbeats are strongest.
export function numberBeats(path, strength, perBar) {
  if (path.length < 2) return [];
  const scores = Array.from({ length: Math.min(perBar, path.length) }, (_, phase) => {
    const downbeats = path.filter((_, i) => i % perBar === phase);
    return downbeats.reduce((sum, t) => sum + strength[t], 0) / downbeats.length;
  });
  const phase = scores.indexOf(Math.max(...scores));
  return path.map((t, i) => ({
    time: (t * HOP) / RATE,
    number: ((((i - phase) % perBar) + perBar) % perBar) + 1,
  }));
}

// Everything that does not depend on the settings of the tracker: slow, once a strength.
export function prepare(strength) {
  const music = upToLastOnset(strength);
  return { strength, music, tempogram: music.length ? tempogram(music) : null };
}

// {tempo, beats, path, total, profile} for the settings {prior, octaves, tightness, perBar}.
export function track({ strength, music, tempogram: found }, { prior, octaves, tightness, perBar }) {
  if (!found) return NO_BEATS;
  const profile = tempoProfile(found.mean, { prior, octaves });
  const period = bestLag(profile);
  const { path, total } = bestPath(music, period, tightness);
  const beats = numberBeats(path, strength, perBar);
  return { tempo: profile.tempi[period], beats, path, total, profile };
}

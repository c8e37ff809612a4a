// How far one sound is from another: the same number as mirlab/widgets/synth_bench/distance.py.
import { rfft } from "../../shared/js/fft.js";
import { fill } from "./voice.js";

const SIZES = [512, 1024, 2048];
const FLOOR = 60; // dB under the target's loudest cell

function unit(y, samples) {
  const power = y.reduce((sum, value) => sum + value * value, 0) / samples;
  const size = Math.max(Math.sqrt(power), 1e-9);
  return fill(samples, (i) => (y[i] ?? 0) / size);
}

// The power of each bin of each frame, one after the other.
function powers(y, n) {
  const bins = n / 2 + 1;
  const frames = Math.floor((y.length - n) / (n / 4)) + 1;
  const found = new Float64Array(frames * bins);
  const window = fill(n, (i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n));
  const [frame, re, im] = [new Float64Array(n), new Float64Array(bins), new Float64Array(bins)];
  for (let t = 0; t < frames; t++) {
    const start = (t * n) / 4;
    for (let i = 0; i < n; i++) frame[i] = window[i] * y[start + i];
    rfft(frame, re, im);
    for (let k = 0; k < bins; k++) found[t * bins + k] = re[k] ** 2 + im[k] ** 2;
  }
  return found;
}

// distance(found): in dB from `wanted`. What is known of `wanted` alone is made once a length.
export function distanceTo(wanted) {
  const known = {};
  return (found) => {
    const samples = Math.max(found.length, wanted.length, SIZES.at(-1));
    known[samples] ??= SIZES.map((n) => powers(unit(wanted, samples), n));
    const unitFound = unit(found, samples);
    let sum = 0;
    SIZES.forEach((n, which) => (sum += compare(powers(unitFound, n), known[samples][which])));
    return sum / SIZES.length;
  };
}

function compare(found, wanted) {
  let loudest = 1e-9;
  for (const power of wanted) loudest = Math.max(loudest, power);
  const floor = loudest * 10 ** (-FLOOR / 10);
  let [sum, count] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    if (found[i] <= floor && wanted[i] <= floor) continue;
    sum += Math.abs(Math.log10(Math.max(found[i], floor) / Math.max(wanted[i], floor)));
    count++;
  }
  return count ? (10 * sum) / count : 0;
}

// Posteriors of a sound, computed in the page like NoteDetector.posteriors.
import { variableQ } from "../../../shared/js/constant_q.js";
import { analyse, makeBank } from "../../../shared/js/filterbank.js";
import { numbers, run } from "./net.js";

const PITCHES = 88;
const ROWS = 3 * PITCHES;
const MIN_POWER = 1e-10;
const FRONT_END = 0.3; // of the time is spent before the network

const banks = new WeakMap();
function bankOf(net, transform) {
  if (!banks.has(transform)) {
    const { sr, hop } = net;
    banks.set(transform, makeBank(variableQ({ sr, hop, ...transform })));
  }
  return banks.get(transform);
}

// A transform's power on the axis of pitch: (bin, frame).
function onAxis(net, transform, y, frames) {
  const power = new Float32Array(transform.bins * frames);
  analyse(bankOf(net, transform), y, frames, 0, (bin, first, re, im, from, count) => {
    for (let i = 0; i < count; i++) {
      power[bin * frames + first + i] = re[from + i] ** 2 + im[from + i] ** 2;
    }
  });
  const shares = numbers(transform.shares);
  const made = new Float32Array(net.bins * frames);
  for (let row = 0; row < net.bins; row++) {
    for (let k = 0; k < transform.width; k++) {
      const share = shares[row * transform.width + k];
      const from = (transform.from[row] + k) * frames;
      if (share) for (let t = 0; t < frames; t++) made[row * frames + t] += share * power[from + t];
    }
  }
  return made;
}

const loudest = (values) => values.reduce((most, value) => Math.max(most, value), MIN_POWER);

function decibels(power, floor) {
  const [peak, least] = [loudest(power), 10 ** (floor / 10)];
  return power.map((p) => 10 * Math.log10(Math.max(p / peak, least)));
}

// Prediction for samples at the net's rate: {frames, posteriors, spectrogram}, the last two as bytes,
// as packed by `predict` of data.py. runElsewhere({spectrograms, frames, share}) can run the network
// instead of `run`; it returns posteriors or null. `share` is its part of the progress, [start, end].
export async function predict(y, net, progress, runElsewhere = async () => null) {
  const { hop, window, margin, shortest, floor, silent } = net;
  const frames = 1 + Math.floor(y.length / hop);
  const heads = net.layers.at(-1).shape[0] / net.stride;
  const posteriors = new Uint8Array(heads * PITCHES * frames);
  const power = new Float32Array(ROWS * frames);
  const windows = Math.ceil(y.length / window);
  for (let start = 0; start < y.length; start += window) {
    const [from, end] = [Math.max(0, start - margin), Math.min(start + window, y.length)];
    const part = y.subarray(from, Math.min(end + margin, y.length));
    if (part.every((value) => Math.abs(value) <= silent)) continue;
    const padded = new Float32Array(Math.max(part.length, shortest));
    padded.set(part);
    const here = 1 + Math.floor(padded.length / hop);
    const share = [FRONT_END, 1].map((part) => (start / window + part) / windows);
    const powers = net.transforms.map((transform) => onAxis(net, transform, padded, here));
    progress(share[0]);
    const inDb = powers.map((spectrogram) => decibels(spectrogram, floor));
    const tell = (done) => progress(share[0] + done * (share[1] - share[0]));
    const predicted = (await runElsewhere({ spectrograms: inDb, frames: here, share })) ??
      run(net, inDb, here, PITCHES, tell);
    const [first, last] = [start / hop, Math.min(frames, 1 + Math.floor(end / hop))];
    const skipped = first - Math.floor(from / hop);
    const keep = (rows, source, target, scale) => {
      for (let row = 0; row < rows; row++) {
        for (let t = first; t < last; t++) {
          target[row * frames + t] = scale(source[row * here + skipped + t - first]);
        }
      }
    };
    keep(heads * PITCHES, predicted, posteriors, (p) => Math.round(255 * p));
    keep(ROWS, powers[0], power, (p) => p);
  }
  return { frames, posteriors, spectrogram: packSpectrogram(power, frames, net.pooled) };
}

// Spectrogram as bytes: 255 is the loudest cell, 0 lies 80 dB below.
function packSpectrogram(power, frames, columnFrames) {
  const columns = Math.ceil(frames / columnFrames);
  const pooled = new Float32Array(ROWS * columns);
  for (let row = 0; row < ROWS; row++) {
    for (let t = 0; t < frames; t++) {
      const to = row * columns + Math.floor(t / columnFrames);
      pooled[to] = Math.max(pooled[to], power[row * frames + t]);
    }
  }
  const peak = loudest(pooled);
  return Uint8Array.from(pooled, (p) =>
    Math.round(255 * (1 + Math.log10(Math.max(p / peak, 1e-8)) / 8)));
}

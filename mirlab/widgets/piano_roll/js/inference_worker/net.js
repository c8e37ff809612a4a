// Runs a small network of convolutions that Python has packed (mirlab/widgets/piano_roll/net.py).
// A sheet is {rows, wide, data}: channels of rows of numbers in time, with room for what a
// convolution sees on either side, which stays 0.
import { bytes } from "../../../shared/js/notes.js";

const ROOM = 16; // numbers on either side of a row: the widest dilation's reach, and more
const GROUP = 4; // channels at once; layers have a multiple of it

export const numbers = (view) => Float64Array.from(new Float32Array(bytes(view).slice().buffer));

const sheet = (channels, rows, width) => {
  const pitch = width + 2 * ROOM;
  return { rows, width, pitch, data: new Float64Array(channels * rows * pitch) };
};
const rowOffset = ({ rows, pitch }, channel, row) => (channel * rows + row) * pitch + ROOM;

// Sums of four channels at four frames at a time, into lines[channel][frame], so that each number read
// is used four times. `weights` holds four numbers for each offset into x.
function addUp(lines, x, places, weights, width) {
  const [a, b, c, d] = lines;
  const count = places.length;
  for (let i = 0; i < width; i += 4) {
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    let b0 = 0, b1 = 0, b2 = 0, b3 = 0;
    let c0 = 0, c1 = 0, c2 = 0, c3 = 0;
    let d0 = 0, d1 = 0, d2 = 0, d3 = 0;
    for (let k = 0, w = 0; k < count; k++, w += 4) {
      const at = places[k] + i;
      const p = x[at];
      const q = x[at + 1];
      const r = x[at + 2];
      const s = x[at + 3];
      const e = weights[w];
      const f = weights[w + 1];
      const g = weights[w + 2];
      const h = weights[w + 3];
      a0 += e * p;
      a1 += e * q;
      a2 += e * r;
      a3 += e * s;
      b0 += f * p;
      b1 += f * q;
      b2 += f * r;
      b3 += f * s;
      c0 += g * p;
      c1 += g * q;
      c2 += g * r;
      c3 += g * s;
      d0 += h * p;
      d1 += h * q;
      d2 += h * r;
      d3 += h * s;
    }
    a[i] = a0;
    a[i + 1] = a1;
    a[i + 2] = a2;
    a[i + 3] = a3;
    b[i] = b0;
    b[i + 1] = b1;
    b[i + 2] = b2;
    b[i + 3] = b3;
    c[i] = c0;
    c[i + 1] = c1;
    c[i + 2] = c2;
    c[i + 3] = c3;
    d[i] = d0;
    d[i + 1] = d1;
    d[i + 2] = d2;
    d[i + 3] = d3;
  }
}

// One convolution: `terms(row)` gives [[place in x, index in a channel's weights], ...].
function convolve({ outs, rows, width, x, weights, bias, terms, finish }) {
  const made = sheet(outs, rows, width);
  const per = weights.length / outs;
  const lines = Array.from({ length: GROUP }, () => new Float64Array(width + 4));
  for (let row = 0; row < rows; row++) {
    const found = terms(row);
    const places = Int32Array.from(found, ([from]) => from);
    const groupWeights = new Float64Array(GROUP * found.length);
    for (let out = 0; out < outs; out += GROUP) {
      for (let k = 0; k < found.length; k++) {
        for (let o = 0; o < GROUP; o++) groupWeights[GROUP * k + o] = weights[(out + o) * per + found[k][1]];
      }
      addUp(lines, x, places, groupWeights, width);
      for (let o = 0; o < GROUP; o++) {
        const to = rowOffset(made, out + o, row);
        const line = lines[o];
        const more = bias[out + o];
        for (let i = 0; i < width; i++) {
          made.data[to + i] = finish(line[i] + more, to + i, out + o, row);
        }
      }
    }
  }
  return made;
}

// A layer whose convolution keeps the size of its sheet.
function layer(x, { shape, dilation, weights, bias, relu, add }) {
  const [outs, ins, height, across] = shape;
  const [reach, step] = dilation;
  function terms(row) {
    const found = [];
    for (let channel = 0, index = 0; channel < ins; channel++) {
      for (let k = 0; k < height; k++) {
        const from = row + (k - (height - 1) / 2) * reach;
        for (let j = 0; j < across; j++, index++) {
          if (from < 0 || from >= x.rows) continue;
          found.push([rowOffset(x, channel, from) + (j - (across - 1) / 2) * step, index]);
        }
      }
    }
    return found;
  }
  const finish = (value, at) => (relu && value < 0 ? 0 : value) + (add ? x.data[at] : 0);
  const given = { outs, rows: x.rows, width: x.width, x: x.data, terms, finish };
  return convolve({ ...given, weights: numbers(weights), bias: numbers(bias) });
}

// The first convolution sees level and rise of the axis at each harmonic's place, three bins for
// a pitch and `stride` frames at once.
function first(input, bins, frames, pitches, { first: net, stride, pitch_bias: pitchBias }) {
  const [outs, , height, across] = net.shape;
  const width = Math.ceil(frames / stride);
  // every stride-th frame for itself, so that rows are read without gaps
  const phases = sheet(2 * stride, bins, width + 8);
  for (let which = 0; which < 2; which++) {
    for (let bin = 0; bin < bins; bin++) {
      for (let t = 0; t < frames; t++) {
        const to = rowOffset(phases, which * stride + (t % stride), bin) + Math.floor(t / stride);
        phases.data[to] = input[which][bin * frames + t];
      }
    }
  }
  function terms(row) {
    const found = [];
    net.places.forEach((harmonic, i) => {
      for (let which = 0; which < 2; which++) {
        for (let k = 0; k < height; k++) {
          const bin = 3 * row + k + harmonic - 1;
          if (bin < 0 || bin >= bins) continue;
          for (let j = 0; j < across; j++) {
            const t = j - 2; // two frames before
            const phase = ((t % stride) + stride) % stride;
            const from = rowOffset(phases, which * stride + phase, bin) + Math.floor(t / stride);
            found.push([from, ((2 * i + which) * height + k) * across + j]);
          }
        }
      }
    });
    return found;
  }
  const places = numbers(pitchBias);
  const finish = (value, _, out, row) => Math.max(value, 0) + places[out * pitches + row];
  const given = { outs, rows: pitches, width, x: phases.data, terms, finish };
  return convolve({ ...given, weights: numbers(net.weights), bias: numbers(net.bias) });
}

// Posteriors (head, pitch, frame), 0..1, of spectrograms in dB (bin, frame), one for each transform.
// progress(fraction) is called after each layer.
export function run(net, spectrograms, frames, pitches, progress) {
  const { bins, stride, layers } = net;
  const levels = spectrograms.map((spectrogram, i) => {
    const [gain, shift] = ["gain", "shift"].map((name) => numbers(net.transforms[i][name]));
    return spectrogram.map((db, at) => {
      const bin = Math.floor(at / frames);
      return db * gain[bin] + shift[bin];
    });
  });
  const last = levels.at(-1);
  const rise = last.map((value, at) => (at % frames ? Math.max(value - last[at - 1], 0) : 0));
  let x = first([levels[0], rise], bins, frames, pitches, net);
  layers.forEach((spec, k) => {
    progress((k + 1) / (layers.length + 1));
    x = layer(x, spec);
  });
  progress(1);
  const heads = layers.at(-1).shape[0] / stride;
  const posteriors = new Float32Array(heads * pitches * frames);
  for (let head = 0; head < heads; head++) {
    for (let row = 0; row < pitches; row++) {
      for (let t = 0; t < frames; t++) {
        const from = rowOffset(x, head * stride + (t % stride), row) + Math.floor(t / stride);
        posteriors[(head * pitches + row) * frames + t] = 1 / (1 + Math.exp(-x.data[from]));
      }
    }
  }
  return posteriors;
}

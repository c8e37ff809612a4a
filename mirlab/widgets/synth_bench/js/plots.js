// Waveform and spectrum of a note, large and small.
import { label, line } from "../../shared/js/canvas.js";
import { rfft } from "../../shared/js/fft.js";
import { dashed, short, upright } from "./parts.js";
import { RATE, fill } from "./voice.js";

const SIZE = 8192; // samples of the spectrum
const BEGIN = 0.04; // s, its start
const FLOOR = -80; // dB
const SHOWN = 20.5; // partials that fit into the picture
const PERIODS = 4;
const { min, max, round, floor, ceil, abs, log10 } = Math;

// Of the note's first 0.37 s, in dB under its loudest bin.
export function spectrum(samples) {
  const start = min(round(BEGIN * RATE), max(samples.length - SIZE, 0));
  const [re, im] = [0, 1].map(() => new Float64Array(SIZE / 2 + 1));
  const size = min(SIZE, samples.length - start);
  const window = (i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
  const frame = fill(SIZE, (i) => (i < size ? samples[start + i] * window(i) : 0));
  rfft(frame, re, im);
  const power = re.map((value, k) => value ** 2 + im[k] ** 2);
  const most = power.reduce((a, b) => max(a, b), 1e-12);
  return power.map((value) => max(10 * log10(value / most + 1e-12), FLOOR));
}

const highest = (hz) => min(SHOWN * hz, RATE / 2);

// A spectrum as a line from 0 Hz to the twentieth partial, one point a pixel at most.
function trace(context, levels, width, height, hz, colour, lineWidth, fill = false) {
  const bins = (highest(hz) / (RATE / 2)) * (levels.length - 1);
  const y = (level) => (level / FLOOR) * height;
  const columns = min(ceil(bins), ceil(width));
  const [xs, ys] = [[], []];
  for (let c = 0; c < columns; c++) {
    const [from, to] = [c, c + 1].map((n) => floor((n / columns) * bins));
    let most = FLOOR;
    for (let k = from; k <= to; k++) most = max(most, levels[k]);
    xs.push((c / columns) * width);
    ys.push(y(most));
  }
  line(context, xs, ys, colour, lineWidth);
  if (!fill) return;
  context.lineTo(xs.at(-1), height);
  context.lineTo(0, height);
  context.globalAlpha = 0.25;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
}

// `ideal` are the ratios at which partials lie, marked below; `wanted` the target's spectrum or null.
export function drawSpectrum(context, width, height, colours, { levels, hz, ideal, wanted }) {
  const high = height - 16;
  const x = (f) => (f / highest(hz)) * width;
  for (let level = 0; level > FLOOR; level -= 20) {
    const y = (level / FLOOR) * high;
    line(context, [0, width], [y, y], colours.line, 0.5);
    if (level) label(context, `${level} dB`, width, y - 2, colours.soft, width);
  }
  for (const ratio of ideal) {
    if (ratio * hz < highest(hz)) upright(context, x(ratio * hz), high, high + 5, colours.ink);
  }
  trace(context, levels, width, high, hz, colours.accent, 1.5, true);
  if (wanted) dashed(context, () => trace(context, wanted, width, high, hz, colours.ink, 1));
  label(context, `0 to ${round(highest(hz))} Hz`, 0, height - 1, colours.soft, width);
}

// Lowest and highest sample of each column.
function outline(context, samples, width, middle, scale, colour) {
  context.fillStyle = colour;
  for (let c = 0; c < width; c++) {
    const [from, to] = [c, c + 1].map((n) => floor((n / width) * samples.length));
    let [low, high] = [0, 0];
    for (let i = from; i < to; i++) {
      low = min(low, samples[i]);
      high = max(high, samples[i]);
    }
    context.fillRect(c, middle - high * scale, 1, max((high - low) * scale, 1));
  }
}

export const largest = (samples) => samples.reduce((most, value) => max(most, abs(value)), 1e-9);

// The whole note above, and four of its periods below.
export function drawScope(context, width, height, colours, { samples, hz, duration }) {
  const top = 0.18 * height;
  outline(context, samples, width, top, (top - 2) / largest(samples), colours.accent);
  const period = RATE / hz;
  const start = min(round(min(0.25, duration / 2) * RATE), samples.length - 2);
  const n = max(ceil(PERIODS * period), 8);
  const shown = samples.subarray(start, start + n);
  const at = (n) => (n / samples.length) * width;
  upright(context, at(start), 0, 2 * top, colours.ink, 1);
  dashed(context, () => upright(context, at(duration * RATE), 0, 2 * top, colours.ink, 1));
  label(context, "key up", at(duration * RATE) - 18, 2 * top + 10, colours.soft, width);
  const middle = 0.69 * height;
  const scale = (0.27 * height) / largest(shown);
  line(context, [0, width], [middle, middle], colours.line, 1);
  line(context, Array.from(shown, (_, i) => (i / n) * width), Array.from(shown, (v) => middle - v * scale),
    colours.accent);
  label(context, `${short((1000 * n) / RATE)} ms`, 0, height - 1, colours.soft, width);
}

// A note on a card: its outline above, its spectrum below.
export function drawCard(context, width, height, colours, { samples, levels, hz }) {
  const top = 0.3 * height;
  outline(context, samples, width, top / 2, (top / 2 - 1) / largest(samples), colours.soft);
  context.translate(0, top + 3);
  trace(context, levels, width, height - top - 3, hz, colours.accent, 1, true);
}

// The plots of the bench, with their labels.
import { label, line } from "../../shared/js/canvas.js";
import { alias, trigger } from "./maths.js";

export const HIGHEST = 12; // ratio at the right edge of the partials
export const LONGEST = 0.5; // seconds of attack, decay and release
export const FLOOR_DB = -100;
const DB_WIDTH = 44; // px at the right edge for the labels in dB
const MAX_ALIAS_LABELS = 6; // one per row
const db = (amplitude) => Math.max(20 * Math.log10(amplitude + 1e-12), FLOOR_DB);

export function hertz(f) {
  return f >= 1000 ? `${(f / 1000).toFixed(f < 10000 ? 2 : 1)} kHz` : `${f.toFixed(0)} Hz`;
}

// Partials as bars, with the whole ratios below.
export function drawPartials(context, width, height, colours, { state }) {
  for (const [ratio, amplitude] of state.partials) {
    const x = (ratio / HIGHEST) * width;
    context.fillStyle = colours.accent;
    context.fillRect(x - 1.5, (1 - amplitude) * height, 3, amplitude * height);
  }
  context.fillStyle = colours.soft;
  for (let ratio = 1; ratio < HIGHEST; ratio++) {
    context.fillText(`${ratio}`, (ratio / HIGHEST) * width + 4, height - 2);
  }
}

// The scope: three periods from where the wave rises through zero, with the samples as dots where
// they lie far enough apart.
export function drawScope(context, width, height, colours, { scope, state, samples }) {
  const { wave, start, rate } = scope;
  const from = trigger(wave);
  const n = Math.max(Math.floor((3 * rate) / state.fundamental), 8);
  const shown = wave.subarray(from, from + n);
  const peak = shown.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  const middle = height / 2;
  const y = (value) => middle - (value / peak) * (middle - 16);
  line(context, [0, width], [middle, middle], colours.line, 1);
  line(context, Array.from(shown, (_, i) => (i / n) * width), Array.from(shown, y), colours.accent);
  const step = rate / state.sample_rate; // of the wave for one sample
  if (n / step < width / 6) {
    context.fillStyle = colours.ink;
    for (let k = Math.ceil((start + from) / step); k <= (start + from + n) / step; k++) {
      const x = ((k * step - start - from) / n) * width;
      context.fillRect(x - 2, y(samples[k] ?? 0) - 2, 4, 4);
    }
  }
  const text = `${((1000 * n) / rate).toFixed(1)} ms, peak ${peak.toFixed(2)}`;
  label(context, text, width, 11, colours.soft, width);
}

// The spectrum in dB, and which partials have folded back.
export function drawSpectrum(context, width, height, colours, { amplitudes, state }) {
  const half = state.sample_rate / 2;
  const y = (value) => 14 + (value / FLOOR_DB) * (height - 28);
  for (let level = 0; level >= FLOOR_DB; level -= 20) {
    line(context, [0, width], [y(level), y(level)], colours.line, 0.5);
    if (level % 40 === 0) label(context, `${level} dB`, width, y(level) - 2, colours.soft, width);
  }
  const xs = Array.from(amplitudes, (_, k) => (k / (amplitudes.length - 1)) * width);
  line(context, xs, Array.from(amplitudes, (a) => y(db(a))), colours.accent);
  label(context, `0 to ${hertz(half)}`, 0, height - 2, colours.soft, width);
  let row = 0;
  for (const [ratio, amplitude] of state.partials) {
    const f = ratio * state.fundamental;
    if (f <= half || amplitude === 0) continue;
    const at = alias(f, state.sample_rate);
    const x = (at / half) * width;
    line(context, [x, x], [14, height - 14], colours.ink, 1);
    if (row === MAX_ALIAS_LABELS) continue;
    const text = `${hertz(f)} folds to ${hertz(at)}`;
    label(context, text, x + 4, 24 + 13 * row++, colours.ink, width - DB_WIDTH);
  }
}

// The filter's gain in dB over frequency.
export function drawResponse(context, width, height, colours, { gains, state }) {
  const y = (value) => 14 + (Math.max(value, -60) / -60) * (height - 28);
  for (const level of [0, -20, -40, -60]) {
    line(context, [0, width], [y(level), y(level)], colours.line, 0.5);
    label(context, `${level} dB`, width, y(level) - 2, colours.soft, width);
  }
  const xs = Array.from(gains, (_, k) => (k / (gains.length - 1)) * width);
  const colour = state.filtered ? colours.accent : colours.soft;
  line(context, xs, Array.from(gains, (g) => y(db(g))), colour);
  label(context, `0 to ${hertz(state.sample_rate / 2)}`, 0, height - 2, colours.soft, width);
}

// The upper half of the z plane: half the unit circle, from 0 Hz (right) to half the rate (left).
export function drawPlane(context, width, height, colours, { state, isStable }) {
  const scale = planeScale(width, height);
  const x = width / 2;
  line(context, [0, width], [height - 8, height - 8], colours.line, 1);
  context.beginPath();
  context.arc(x, height - 8, scale, Math.PI, 2 * Math.PI);
  context.strokeStyle = colours.soft;
  context.stroke();
  label(context, "0 Hz", x + scale + 3, height - 12, colours.soft, width);
  label(context, hertz(state.sample_rate / 2), x - scale - 52, height - 12, colours.soft, width);
  const verdict = isStable ? "stable: poles inside" : "unstable: it would ring for ever";
  label(context, verdict, 2, 11, isStable ? colours.soft : colours.ink, width);
}

// Pixels for 1 in the z plane: the radius 1.2 fits upwards, and the frequencies on either side.
export function planeScale(width, height) {
  return Math.min((height - 16) / 1.2, width / 2 - 56);
}

// How loud the note is from key press to silence.
export function drawEnvelope(context, width, height, colours, { shape, spans }) {
  const xs = spans.map((t) => t * width);
  line(context, [0, width], [height - 1, height - 1], colours.line, 1);
  line(context, xs, shape.map((v) => (1 - v) * height), colours.accent);
}

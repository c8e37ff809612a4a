// Paints the roll: spectrogram under posteriors under notes, one axis of time and one of pitch.
import { noteName } from "../../shared/js/notes.js";
import { colours as coloursOf } from "../../shared/js/timeline.js";
import { PITCHES } from "./decode.js";

export const KEYS_WIDTH = 36; // px of the keyboard on the left
export const RULER_HEIGHT = 18; // px of the time below
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
const ROWS = 3 * PITCHES; // of the spectrogram
const BLACK = [1, 3, 6, 8, 10];
const CLEAR = 60; // px between two times

// From seconds and MIDI numbers to pixels and back; the view is [start, end, low, high].
export function axes([start, end, low, high], width, height) {
  const gridWidth = Math.max(width - KEYS_WIDTH, 1);
  const gridHeight = Math.max(height - RULER_HEIGHT, 1);
  return {
    x: (t) => KEYS_WIDTH + ((t - start) / (end - start)) * gridWidth,
    y: (pitch) => ((high - pitch) / (high - low)) * gridHeight,
    time: (x) => start + ((x - KEYS_WIDTH) / gridWidth) * (end - start),
    pitch: (y) => high - (y / gridHeight) * (high - low),
    gridWidth,
    gridHeight,
  };
}

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

// Rows of numbers, the lowest pitch first, as a canvas whose colour is paint(value at) → [r, g, b, a].
function bitmap(rows, columns, paint) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const image = new ImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) {
      const [r, g, b, a] = paint(row * columns + i);
      pixels[(rows - 1 - row) * columns + i] = (a << 24) | (b << 16) | (g << 8) | r;
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// Spectrogram and posteriors as bitmaps in the colours of the page.
function layers({ frames, posteriors, spectrogram }, { pooled }, { ink, accent, warm }) {
  if (!frames) return null;
  const [dark, blue, red] = [ink, accent, warm].map(rgb);
  const shades = Array.from({ length: 256 }, (_, value) => [...dark, Math.round(0.6 * value * (value / 255))]);
  const [onset, frame] = [0, 1].map((which) =>
    posteriors.subarray(which * PITCHES * frames, (which + 1) * PITCHES * frames));
  const begins = shades.map((_, value) => [...red, Math.round(0.9 * value)]);
  const sounds = shades.map((_, value) => [...blue, Math.round(0.5 * value)]);
  return {
    spectrogram: bitmap(ROWS, Math.ceil(frames / pooled), (at) => shades[spectrogram[at]]),
    posteriors: bitmap(PITCHES, frames, (at) =>
      (onset[at] > 0.6 * frame[at] && onset[at] > 25 ? begins[onset[at]] : sounds[frame[at]])),
  };
}

// A painter that keeps the layers until the sound or the colours change.
export function painter() {
  let cache = {};
  return (context, width, height, canvas, { prediction, view, layers: visible, words, notes, selected, comparison }) => {
    const colours = coloursOf(canvas);
    colours.warm = getComputedStyle(canvas).getPropertyValue("--warm").trim();
    const key = colours.ink + colours.accent;
    if (cache.prediction !== prediction || cache.key !== key) {
      cache = { prediction, key, bitmaps: layers(prediction, words, colours) };
    }
    const at = axes(view, width, height);
    context.save();
    context.beginPath();
    context.rect(KEYS_WIDTH, 0, at.gridWidth, at.gridHeight);
    context.clip();
    stripes(context, at, view, colours);
    if (cache.bitmaps) {
      const { lowest, hop } = words;
      for (const name of visible) {
        const bitmap = cache.bitmaps[name];
        const [left, right] = [at.x(-0.5 * hop), at.x((prediction.frames - 0.5) * hop)];
        const [top, bottom] = [at.y(lowest + PITCHES - 0.5), at.y(lowest - 0.5)];
        context.imageSmoothingEnabled = name === "spectrogram";
        context.drawImage(bitmap, left, top, right - left, bottom - top);
      }
    }
    const row = at.y(0) - at.y(1);
    const box = ({ onset, offset, pitch }) => {
      const left = at.x(onset);
      return [left, at.y(pitch + 0.5) + 0.5, Math.max(at.x(offset) - left, 3), Math.max(row - 1, 3)];
    };
    for (const target of comparison?.missing ?? []) outline(context, box(target), colours.missed, [3, 2]);
    notes.forEach((note, i) => {
      const kind = comparison ? comparison.kinds[i] : "plain";
      draw(context, box(note), kind, colours, note.velocity);
      const goal = comparison?.meant.get(note);
      if (goal) {
        outline(context, box(goal), colours.missed, [3, 2]);
        arrow(context, middle(box(note)), middle(box(goal)), colours.ink);
      }
      if (note === selected) outline(context, box(note).map((v, k) => v + [-2, -2, 4, 4][k]), colours.ink, [], 2.5);
    });
    context.restore();
    keyboard(context, at, view, colours);
    ruler(context, at, view, height, colours);
  };
}

const middle = ([left, top, width, height]) => [left + Math.min(width / 2, 6), top + height / 2];

function stripes(context, at, [start, end, low, high], { ink, line }) {
  for (let pitch = Math.floor(low); pitch <= Math.ceil(high); pitch++) {
    const top = at.y(pitch + 0.5);
    context.fillStyle = ink;
    context.globalAlpha = 0.06;
    if (BLACK.includes(pitch % 12)) context.fillRect(at.x(start), top, at.gridWidth, at.y(pitch - 0.5) - top);
    context.globalAlpha = 1;
    context.fillStyle = line;
    if (pitch % 12 === 0) context.fillRect(at.x(start), at.y(pitch - 0.5), at.x(end) - at.x(start), 1);
  }
}

// Right and plain notes are filled, extra ones crossed, wrong ones hatched by their arrow.
function draw(context, [left, top, width, height], kind, colours, velocity) {
  const wrong = kind === "extra" || kind === "mistimed" || kind === "mispitched";
  context.globalAlpha = kind === "extra" ? 0.45 : 0.5 + (0.5 * velocity) / 127;
  context.fillStyle = wrong ? colours.extra : colours.accent;
  context.fillRect(left, top, width, height);
  context.globalAlpha = 1;
  outline(context, [left, top, width, height], colours.paper, [], 1);
  if (kind !== "extra") return;
  const [x, y] = middle([left, top, width, height]);
  stroke(context, [[x - 4, y - 4, x + 4, y + 4], [x - 4, y + 4, x + 4, y - 4]], colours.ink, 1.5);
}

function outline(context, [left, top, width, height], colour, dash, lineWidth = 1.5) {
  context.strokeStyle = colour;
  context.lineWidth = lineWidth;
  context.setLineDash(dash);
  context.strokeRect(left, top, width, height);
  context.setLineDash([]);
}

function stroke(context, lines, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  for (const [a, b, c, d] of lines) {
    context.moveTo(a, b);
    context.lineTo(c, d);
  }
  context.stroke();
}

// From a wrong note to where it should be.
function arrow(context, [x, y], [to, down], colour) {
  const turn = Math.atan2(down - y, to - x);
  const head = [0.5, -0.5].map((side) =>
    [to, down, to - 6 * Math.cos(turn + side), down - 6 * Math.sin(turn + side)]);
  stroke(context, [[x, y, to, down], ...head], colour, 1.5);
}

function keyboard(context, at, [, , low, high], { ink, soft, line, paper }) {
  const row = at.y(0) - at.y(1);
  context.fillStyle = paper;
  context.fillRect(0, 0, KEYS_WIDTH - 2, at.gridHeight);
  let free = Infinity;
  for (let pitch = Math.ceil(low - 0.5); pitch <= Math.floor(high + 0.5); pitch++) {
    const top = at.y(pitch + 0.5);
    context.fillStyle = ink;
    if (BLACK.includes(pitch % 12)) context.fillRect(KEYS_WIDTH - 10, top, 8, row);
    context.fillStyle = line;
    if (pitch % 12 === 0) context.fillRect(0, top + row, KEYS_WIDTH, 1);
    context.fillStyle = soft;
    const y = top + row / 2 + 4;
    if ((pitch % 12 === 0 || row >= 12) && y < free - 10 && y < at.gridHeight && y > 8) {
      context.fillText(noteName(pitch), 2, y);
      free = y;
    }
  }
}

function ruler(context, at, [start, end], height, { soft, line }) {
  const per = at.gridWidth / (end - start);
  const step = STEPS.find((size) => size * per >= CLEAR) ?? 60;
  for (let k = Math.ceil(start / step); k * step <= end; k++) {
    const x = at.x(k * step);
    context.fillStyle = line;
    context.fillRect(x, at.gridHeight, 1, 5);
    context.fillStyle = soft;
    const text = `${(k * step).toFixed(step < 0.1 ? 2 : step < 1 ? 1 : 0)} s`;
    if (x + context.measureText(text).width < at.x(end)) context.fillText(text, x + 3, height - 4);
  }
}

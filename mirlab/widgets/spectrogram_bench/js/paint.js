// Paints a spectrogram's levels, its axes and what lies over it.
import { palette } from "../../shared/js/colours.js";
import { hertz, labels } from "./axis.js";
import { cellText, levelText } from "./reading.js";

export const INSET = { left: 56, right: 50, top: 6, bottom: 18 }; // px around the spectrogram
const COLOURS = palette();
const BAR = { levels: Uint8Array.from(COLOURS, (_, i) => i), bins: 256, frames: 1, hop: 1 };
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2];
const CELL = "#ffe14d"; // the colour of the uncertainty cell
const CLEAR = 38; // pixels between two times

// The levels of the visible part {start, end (s), bottom, top (rows)} in so many pixels. Of several
// cells in a pixel the brightest is shown, or a thin line would come and go with the picture's size.
export function image({ levels, bins, frames, hop }, { start, end, bottom, top }, width, height) {
  const imageData = new ImageData(width, height);
  const pixels = new Uint32Array(imageData.data.buffer);
  const firstFrames = Int32Array.from({ length: width + 1 }, (_, x) =>
    Math.min(Math.round((start + (x * (end - start)) / width) / hop), frames - 1));
  const binAt = (y) =>
    Math.min(Math.floor(bottom + ((height - y) * (top - bottom)) / height), bins - 1);
  const row = new Uint8Array(frames);
  let [lowest, above] = [-1, -1]; // the bins whose maximum `row` holds
  for (let y = 0; y < height; y++) {
    const [low, high] = [binAt(y + 1), binAt(y)];
    if (low !== lowest || high !== above) {
      [lowest, above] = [low, high];
      row.set(levels.subarray(low * frames, (low + 1) * frames));
      for (let bin = low + 1; bin < high; bin++) {
        const offset = bin * frames;
        for (let t = firstFrames[0]; t <= firstFrames[width]; t++) {
          row[t] = Math.max(row[t], levels[offset + t]);
        }
      }
    }
    for (let x = 0; x < width; x++) {
      let level = row[firstFrames[x]];
      for (let t = firstFrames[x] + 1; t < firstFrames[x + 1]; t++) level = Math.max(level, row[t]);
      pixels[y * width + x] = COLOURS[level];
    }
  }
  return imageData;
}

// The spectrogram with its axes and the colour bar.
export function drawSpectrogram(context, width, height, colours, { spectrogram, visible }) {
  const inner = { width: width - INSET.left - INSET.right, height: height - INSET.top - INSET.bottom };
  const ratio = context.getTransform().a; // ImageData knows nothing of it
  const put = (source, part, left, across) => {
    const [x, y, w, h] = [left, INSET.top, across, inner.height].map((px) => Math.round(px * ratio));
    context.putImageData(image(source, part, w, h), x, y);
  };
  put(spectrogram, visible, INSET.left, inner.width);
  put(BAR, { start: 0, end: 1, bottom: 0, top: 256 }, width - INSET.right + 6, 8);
  const { x, y } = toPixels(visible, inner.width, inner.height);
  context.fillStyle = colours.ink;
  drawFrequencies(context, labels(spectrogram.axis, visible, inner.height), y);
  drawTimes(context, visible, x, height);
  for (const level of [255, 191, 128, 64, 0]) {
    const text = levelText(level, spectrogram.settings.scale);
    const top = INSET.top + 4 + (1 - level / 255) * (inner.height - 4);
    context.fillText(level === 255 ? text : text.slice(0, -3), width - INSET.right + 17, top);
  }
}

function drawFrequencies(context, rows, y) {
  context.textAlign = "right";
  for (const [row, text] of rows) {
    const top = INSET.top + y(row);
    context.fillRect(INSET.left - 4, top, 4, 1);
    context.fillText(text, INSET.left - 6, top + 4);
  }
  context.textAlign = "left";
}

function drawTimes(context, { start, end }, x, height) {
  const step = STEPS.find((s) => x(start + s) > CLEAR) ?? 5;
  for (let i = Math.ceil(start / step); i * step < end + 1e-6; i++) {
    const left = INSET.left + x(i * step);
    context.fillRect(left, height - INSET.bottom, 1, 4);
    context.fillText(`${Number((i * step).toFixed(2))} s`, left - 3, height - 3);
  }
}

// From seconds and rows to pixels from the upper left corner.
function toPixels({ start, end, bottom, top }, width, height) {
  return {
    x: (t) => ((t - start) / (end - start)) * width,
    y: (row) => ((top - row) / (top - bottom)) * height,
  };
}

// What lies over a spectrogram that fills the canvas: true notes, the region, the uncertainty cell.
export function drawOverlay(context, width, height, state) {
  const { spectrogram, visible, notes, region, cell } = state;
  const { axis } = spectrogram;
  const { x, y } = toPixels(visible, width, height);
  const outline = (colour, start, end, rows) => {
    for (const [low, high] of rows) {
      const [left, top] = [x(start), y(high)];
      for (const [style, lineWidth] of [["rgb(0 0 0 / 0.6)", 4], [colour, 1.5]]) {
        context.strokeStyle = style;
        context.lineWidth = lineWidth;
        context.strokeRect(left, top, Math.max(x(end) - left, 2), Math.max(y(low) - top, 2));
      }
    }
  };
  for (const { onset, offset, pitch, drum } of notes) {
    const rows = drum ? [[visible.top, visible.top]]
      : axis.span(hertz(pitch - 0.5), hertz(pitch + 0.5));
    outline("#fff", onset, drum ? onset : offset, rows);
  }
  const [start, end, low, high] = region;
  if (end) outline("#7cc4ff", start, end, axis.span(low, high));
  if (!cell) return;
  const { time, bin } = cell;
  const f = axis.frequencies[bin];
  const [duration, bandwidth] = [spectrogram.durations[bin], spectrogram.bandwidths[bin]];
  const rows = axis.span(Math.max(f - bandwidth / 2, 1), f + bandwidth / 2);
  outline(CELL, time - duration / 2, time + duration / 2, rows);
  drawCellText(context, cellText(spectrogram, bin), x(time), y(bin + 0.5), width);
}

// The size of a cell beside it, on the side that has room.
function drawCellText(context, text, x, y, width) {
  const boxWidth = context.measureText(text).width + 8;
  const left = x + 12 + boxWidth > width ? x - 12 - boxWidth : x + 12;
  const top = y < 34 ? y + 14 : y - 30;
  context.fillStyle = "rgb(0 0 0 / 0.7)";
  context.fillRect(left, top, boxWidth, 16);
  context.fillStyle = CELL;
  context.fillText(text, left + 4, top + 12);
}

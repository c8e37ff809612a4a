// Paints a picture's levels, its axes and what lies over it.
import { palette } from "../../shared/js/colours.js";
import { hertz, labels } from "./axis.js";
import { cellText, levelText } from "./reading.js";

export const INSET = { left: 56, right: 50, top: 6, bottom: 18 }; // px around the picture
const COLOURS = palette();
const BAR = { levels: Uint8Array.from(COLOURS, (_, i) => i), bins: 256, frames: 1, hop: 1 };
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2];
const CLEAR = 38; // pixels between two times

// The levels of what is seen {start, end (s), bottom, top (rows)} in so many pixels. Of several cells in
// a pixel the brightest is shown, or a thin line would come and go with the size of the picture.
export function image({ levels, bins, frames, hop }, { start, end, bottom, top }, wide, high) {
  const made = new ImageData(wide, high);
  const pixels = new Uint32Array(made.data.buffer);
  const first = Int32Array.from({ length: wide + 1 }, (_, x) =>
    Math.min(Math.round((start + (x * (end - start)) / wide) / hop), frames - 1));
  const rowAt = (y) =>
    Math.min(Math.floor(bottom + ((high - y) * (top - bottom)) / high), bins - 1);
  const row = new Uint8Array(frames);
  let [from, to] = [-1, -1]; // the bins that `row` holds
  for (let y = 0; y < high; y++) {
    const [low, above] = [rowAt(y + 1), rowAt(y)];
    if (low !== from || above !== to) {
      [from, to] = [low, above];
      row.set(levels.subarray(low * frames, (low + 1) * frames));
      for (let bin = low + 1; bin < above; bin++) {
        const at = bin * frames;
        for (let t = first[0]; t <= first[wide]; t++) row[t] = Math.max(row[t], levels[at + t]);
      }
    }
    for (let x = 0; x < wide; x++) {
      let most = row[first[x]];
      for (let t = first[x] + 1; t < first[x + 1]; t++) most = Math.max(most, row[t]);
      pixels[y * wide + x] = COLOURS[most];
    }
  }
  return made;
}

// The picture with its axes and the bar of colours.
export function drawPicture(context, width, height, colours, picture, seen) {
  const [wide, high] = [width - INSET.left - INSET.right, height - INSET.top - INSET.bottom];
  const ratio = context.getTransform().a; // ImageData knows nothing of it
  const put = (one, part, left, across) => {
    const [x, y, w, h] = [left, INSET.top, across, high].map((px) => Math.round(px * ratio));
    context.putImageData(image(one, part, w, h), x, y);
  };
  put(picture, seen, INSET.left, wide);
  put(BAR, { start: 0, end: 1, bottom: 0, top: 256 }, width - INSET.right + 6, 8);
  const { x, y } = places(seen, wide, high);
  context.fillStyle = colours.ink;
  context.textAlign = "right";
  for (const [row, text] of labels(picture.axis, seen, high)) {
    const at = INSET.top + y(row);
    context.fillRect(INSET.left - 4, at, 4, 1);
    context.fillText(text, INSET.left - 6, at + 4);
  }
  context.textAlign = "left";
  const step = STEPS.find((s) => x(seen.start + s) > CLEAR) ?? 5;
  for (let i = Math.ceil(seen.start / step); i * step < seen.end + 1e-6; i++) {
    const at = INSET.left + x(i * step);
    context.fillRect(at, height - INSET.bottom, 1, 4);
    context.fillText(`${Number((i * step).toFixed(2))} s`, at - 3, height - 3);
  }
  for (const level of [255, 191, 128, 64, 0]) {
    const text = levelText(level, picture.settings.scale);
    const at = INSET.top + 4 + (1 - level / 255) * (high - 4);
    context.fillText(level === 255 ? text : text.slice(0, -3), width - INSET.right + 17, at);
  }
}

// From seconds and rows to pixels from the upper left corner.
function places({ start, end, bottom, top }, width, height) {
  return {
    x: (t) => ((t - start) / (end - start)) * width,
    y: (row) => ((top - row) / (top - bottom)) * height,
  };
}

// What lies over a picture that fills the canvas: true notes, the region, the uncertainty cell.
export function drawOver(context, width, height, picture, seen, { notes, region, point }) {
  const { axis } = picture;
  const { x, y } = places(seen, width, height);
  const outline = (colour, start, end, rows) => {
    for (const [low, high] of rows) {
      const [left, top] = [x(start), y(high)];
      for (const [style, wide] of [["rgb(0 0 0 / 0.6)", 4], [colour, 1.5]]) {
        context.strokeStyle = style;
        context.lineWidth = wide;
        context.strokeRect(left, top, Math.max(x(end) - left, 2), Math.max(y(low) - top, 2));
      }
    }
  };
  for (const { onset, offset, pitch, drum } of notes) {
    const rows = drum ? [[seen.top, seen.top]] : axis.span(hertz(pitch - 0.5), hertz(pitch + 0.5));
    outline("#fff", onset, drum ? onset : offset, rows);
  }
  const [start, end, low, high] = region;
  if (end) outline("#7cc4ff", start, end, axis.span(low, high));
  if (!point) return;
  const { time, bin } = point;
  const f = axis.frequencies[bin];
  const [half, side] = [picture.durations[bin] / 2, picture.bandwidths[bin] / 2];
  outline("#ffe14d", time - half, time + half, axis.span(Math.max(f - side, 1), f + side));
  const text = cellText(picture, bin);
  const [left, top] = [x(time), y(bin + 0.5)];
  const room = context.measureText(text).width + 8;
  const at = left + 12 + room > width ? left - 12 - room : left + 12;
  const down = top < 34 ? top + 14 : top - 30;
  context.fillStyle = "rgb(0 0 0 / 0.7)";
  context.fillRect(at, down, room, 16);
  context.fillStyle = "#ffe14d";
  context.fillText(text, at + 4, down + 12);
}

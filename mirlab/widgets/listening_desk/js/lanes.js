// Painters of the lanes: draw(context, piece, colours) draws only what lies in `piece`.
import { noteName } from "../../shared/js/notes.js";
import { stroke } from "../../shared/js/painters.js";
import { EXTRA, FOUND, MISSED } from "./data.js";

const ROOTS = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

export const spectrogram =
  (tiles, { hop, bins }) =>
  (context, { from, to, x, height }) => {
    for (const { canvas, first } of tiles) {
      const begin = Math.max(Math.floor(from / hop) - first - 1, 0);
      const end = Math.min(Math.ceil(to / hop) - first + 2, canvas.width);
      if (end <= begin) continue;
      const [left, right] = [begin, end].map((column) => x((first + column - 0.5) * hop));
      context.drawImage(canvas, begin, 0, end - begin, bins, left, 0, right - left, height);
    }
  };

// Which pitch lies where in a roll from `low` to `high` (MIDI numbers), and back.
export const pitchAt = (y, { low, high }) => Math.floor(low + (1 - y) * (high - low));

export const roll =
  (notes, range) =>
  (context, { from, to, x, height }, colours) => {
    const row = height / (range.high - range.low);
    const top = (pitch) => height - (pitch + 1 - range.low) * row;
    context.fillStyle = colours.line;
    for (let pitch = range.low; pitch < range.high; pitch++) {
      if (pitch % 12 === 0) context.fillRect(x(from), top(pitch) + row - 0.5, x(to) - x(from), 1);
    }
    for (const { onset, offset, pitch, velocity, mark, drum } of notes) {
      if (onset > to) break;
      if (offset < from) continue;
      const left = x(onset);
      const width = Math.max(x(offset) - left - 0.5, 2);
      if (drum) stroke(context, left, height - 8, height - 1, colours.ink);
      else box(context, left, top(pitch), width, Math.max(row - 0.5, 2), mark, colours, velocity);
    }
  };

// Found events are filled, missed ones outlined, extra ones crossed.
function box(context, left, top, width, height, mark, colours, velocity = 100) {
  if (mark === MISSED) {
    context.strokeStyle = colours.missed;
    context.lineWidth = 1.5;
    context.setLineDash([3, 2]);
    context.strokeRect(left + 0.75, top + 0.75, Math.max(width - 1.5, 1), Math.max(height - 1.5, 1));
    context.setLineDash([]);
    return;
  }
  context.globalAlpha = mark === EXTRA ? 0.35 : 0.4 + (0.6 * velocity) / 127;
  context.fillStyle = mark === EXTRA ? colours.extra : colours.accent;
  context.fillRect(left, top, width, height);
  context.globalAlpha = 1;
  if (mark === EXTRA)
    cross(context, left + Math.min(width / 2, 6), top + height / 2, 3.5, colours.extra);
}

function cross(context, x, y, size, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x - size, y - size);
  context.lineTo(x + size, y + size);
  context.moveTo(x - size, y + size);
  context.lineTo(x + size, y - size);
  context.stroke();
}

export const chords =
  (rows) =>
  (context, { from, to, x, height }, colours) => {
    let [before, free] = ["", -Infinity]; // a label stands once, though its span may be cut
    for (const [start, end, label, mark] of rows) {
      if (start > to) break;
      const fresh = label !== before;
      before = label;
      if (end < from) continue;
      const [left, right] = [x(start), x(end)];
      if (mark === EXTRA) hatch(context, left, right, height, colours.extra);
      else if (label !== "N") {
        context.fillStyle = tint(label);
        context.fillRect(left, 0, right - left, height);
      }
      if (!fresh && start > from) continue;
      if (fresh) stroke(context, left, 0, height, colours.line);
      if (left + 3 < free && start > from) continue;
      context.fillStyle = colours.ink;
      const text = short(label);
      const at = Math.max(left, x(Math.max(from, 0))) + 3;
      context.fillText(text, at, height / 2 + 4);
      free = at + context.measureText(text).width + 4;
    }
  };

function hatch(context, left, right, height, colour) {
  context.save();
  context.beginPath();
  context.rect(left, 0, right - left, height);
  context.clip();
  context.strokeStyle = colour;
  context.globalAlpha = 0.55;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = Math.floor((left - height) / 7) * 7; at < right; at += 7) {
    context.moveTo(at, height);
    context.lineTo(at + height, 0);
  }
  context.stroke();
  context.restore();
}

// A hue a root; related roots (a fifth apart) lie side by side.
function tint(label) {
  const root =
    ROOTS[label[0]] +
    [...label.slice(1, 3)].reduce((sum, sign) => sum + (sign === "#") - (sign === "b"), 0);
  return `hsl(${((((root * 7) % 12) + 12) % 12) * 30} 70% 50% / ${label.includes("min") ? 0.2 : 0.35})`;
}

const short = (label) =>
  label
    .replace(/:maj$/, "")
    .replace(":min", "m")
    .replace("b", "♭")
    .replace("#", "♯")
    .replace(":", "");

export const beats =
  (rows) =>
  (context, { from, to, x, height }, colours) => {
    for (const [time, number, mark] of rows) {
      if (time < from - 1 || time > to + 1) continue;
      const [at, down] = [x(time), number === "1"];
      const top = down ? 0 : height / 3;
      if (mark === EXTRA) cross(context, at, height / 2, 4, colours.extra);
      else if (mark === MISSED) {
        context.setLineDash([2, 2]);
        stroke(context, at, top, height, colours.missed, 2);
        context.setLineDash([]);
      } else
        stroke(
          context,
          at,
          top,
          height,
          mark === FOUND ? colours.accent : colours.ink,
          down ? 2.5 : 1.5,
        );
      if (down && mark !== EXTRA) {
        context.fillStyle = colours.soft;
        context.fillText("1", at + 3, 9);
      }
    }
  };

// The names of the Cs within a range of pitches and how high they stand (0..1); `middle` of the row
// that a pitch has in a roll.
export const octaves = ({ low, high }, middle) => {
  const first = Math.ceil(low / 12);
  return Array.from(
    { length: Math.floor((high - 1) / 12) - first + 1 },
    (_, i) => 12 * (first + i),
  ).map((pitch) => [noteName(pitch), (pitch + middle - low) / (high - low)]);
};

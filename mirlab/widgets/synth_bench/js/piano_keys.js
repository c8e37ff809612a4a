// Where the keys of a piano lie, which of them is at a point, and how they are drawn.
import { noteName } from "../../shared/js/notes.js";
import { list } from "./parts.js";

const BLACK = "#222";
const NARROW = 520; // px; a narrower keyboard has one octave
const LENGTH = 0.62; // of a black key against a white one
const LETTERS = "AWSEDFTGYHUJKOLP;'";

const isBlack = (pitch) => [1, 3, 6, 8, 10].includes(pitch % 12);
const whiteKeys = (width) => (width < NARROW ? 8 : 15);

// The pitches on a keyboard so many pixels wide, from its lowest on, which is a C.
export const pitchesOn = (width, lowest) => list(width < NARROW ? 13 : 25, (k) => lowest + k - 1);

// Left edge and width of a key, in white keys.
function extent(pitch, lowest) {
  const left = Math.floor(((pitch - lowest) * 7 + 6) / 12); // as many white keys lie below it
  return isBlack(pitch) ? [left - 0.3, 0.6] : [left, 1];
}

// The pitch at x (pixels) and y (0..1 from above).
export function pitchAt(x, y, width, lowest) {
  const unit = width / whiteKeys(width);
  const isUnder = (pitch) => {
    const [left, keyWidth] = extent(pitch, lowest);
    return x >= left * unit && x < (left + keyWidth) * unit;
  };
  const found = pitchesOn(width, lowest).filter(isUnder);
  return (y < LENGTH && found.find(isBlack)) || found.find((pitch) => !isBlack(pitch));
}

// `pressed` is a set of pitches; the key at `cursor` is marked, unless it is null.
export function drawKeys(context, width, height, colours, { lowest, pressed, cursor }) {
  const unit = width / whiteKeys(width);
  context.textAlign = "center";
  for (const black of [false, true]) {
    for (const pitch of pitchesOn(width, lowest)) {
      if (isBlack(pitch) !== black) continue;
      const [left, keyWidth] = extent(pitch, lowest).map((value) => value * unit);
      const [middle, length] = [left + keyWidth / 2, black ? LENGTH * height : height - 1];
      context.fillStyle = pressed.has(pitch) ? colours.accent : black ? BLACK : "#fff";
      context.fillRect(left + 0.5, 0.5, keyWidth - 1, length);
      context.strokeStyle = black ? BLACK : "#999";
      context.strokeRect(left + 0.5, 0.5, keyWidth - 1, length);
      if (pitch === cursor) {
        context.fillStyle = colours.accent;
        context.fillRect(middle - 4, length - 12, 8, 8);
      }
      context.fillStyle = black ? "#eee" : "#555";
      context.fillText(LETTERS[pitch - lowest] ?? "", middle, length - (black ? 8 : 18));
      if (pitch % 12 === 0) context.fillText(noteName(pitch), middle, length - 4);
    }
  }
}

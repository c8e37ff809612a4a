// Unpacks the data of mirlab/widgets/listening_desk/data.py for the lanes and the readout.
import { palette } from "../../shared/js/colours.js";
import { bytes, noteName, unpackNotes } from "../../shared/js/notes.js";
import { clock } from "../../shared/js/painters.js";

export const RATE = 22050; // Hz
export const [PLAIN, FOUND, MISSED, EXTRA] = [0, 1, 2, 3];
const TILE = 2048; // columns of the spectrogram in one canvas; browsers limit their size

const map = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));

// What corrections change.
export function unpackLabels(model) {
  return {
    notes: map(model.get("notes"), unpackNotes),
    chords: model.get("chords"),
    beats: model.get("beats"),
  };
}

// Everything, from the traits alone.
export function unpack(model) {
  const labels = unpackLabels(model);
  const { notes } = labels;
  const pitches = Object.values(notes)
    .flat()
    .filter(({ drum }) => !drum)
    .map(({ pitch }) => pitch);
  return {
    duration: model.get("duration"),
    ...labels,
    sections: model.get("sections"),
    low: Math.min(...pitches, 72) - 2, // an empty roll shows an octave
    high: Math.max(...pitches, 60) + 2,
    waveforms: map(model.get("waveforms"), (view) => new Int8Array(bytes(view).slice().buffer)),
    tiles: colourTiles(bytes(model.get("spectrogram")), model.get("scale")),
    scale: model.get("scale"),
  };
}

// The spectrogram in colour, cut into canvases.
function colourTiles(grey, { bins = 0, frames = 0 }) {
  const colours = palette();
  const made = [];
  for (let first = 0; first < frames; first += TILE) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.min(TILE, frames - first), bins];
    const image = new ImageData(canvas.width, bins);
    const pixels = new Uint32Array(image.data.buffer);
    for (let row = 0; row < bins; row++) {
      for (let i = 0; i < canvas.width; i++) {
        pixels[row * canvas.width + i] = colours[grey[row * frames + first + i]];
      }
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    made.push({ canvas, first });
  }
  return made;
}

// The beats that a version itself has.
export const real = (beats) => beats.filter(([, , mark]) => mark !== MISSED);

// Bar, beat and chord at a time, by the version that comes first.
export function reading(data, t) {
  const words = [clock(t)];
  const beats = real(Object.values(data.beats)[0] ?? []).filter(([time]) => time <= t + 0.02);
  if (beats.length) {
    const bar = beats.filter(([, number]) => number === "1").length;
    words.push(`bar ${bar}, beat ${beats.at(-1)[1]}`);
  }
  const chord = (Object.values(data.chords)[0] ?? []).find(([a, b]) => a <= t && t < b);
  if (chord) words.push(chord[2] === "N" ? "no chord" : chord[2]);
  const section = (Object.values(data.sections)[0] ?? []).find(([a, b]) => a <= t && t < b);
  if (section) words.push(`section ${section[2]}`);
  return words;
}

// The notes that sound at a time, of the version that comes first.
export function sounding(data, t) {
  const notes = Object.values(data.notes)[0] ?? [];
  return notes
    .filter(({ onset, offset, drum, mark }) => !drum && mark !== MISSED && onset <= t && t < offset)
    .map(({ pitch }) => noteName(pitch));
}

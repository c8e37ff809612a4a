// Key signatures and the spelling of pitches and chords: mirlab/score/spelling.py.
import { mod, sum } from "./numbers.js";

const LETTERS = "FCGDAEB"; // the natural notes on the line of fifths; C is 0, F is -1

// Sharps, or flats if negative, of a key such as "G minor"; null for another text.
export function signature(key) {
  const found = /^([A-G])(#{0,2}|b{0,2}) (major|minor)$/.exec(key);
  if (!found) return null;
  const [, letter, accidentals, mode] = found;
  const altered = accidentals.startsWith("b") ? -accidentals.length : accidentals.length;
  const fifths = LETTERS.indexOf(letter) - 1 - (mode === "minor" ? 3 : 0) + 7 * altered;
  return Math.abs(fifths) > 7 ? mod(fifths + 7, 12) - 7 : fifths;
}

// The signature whose scale contains the notes for most of their duration.
export function simplestSignature(notes) {
  const sounding = Array(12).fill(0);
  for (const { onset, offset, pitch } of notes) sounding[pitch % 12] += offset - onset;
  const candidates = [0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5, -6];
  const inside = candidates.map((first) => {
    const scale = Array.from({ length: 7 }, (_, i) => mod(7 * (first - 1 + i), 12));
    return Math.round(1e6 * sum(scale.map((pitchClass) => sounding[pitchClass])));
  });
  return candidates[inside.indexOf(Math.max(...inside))];
}

// A MIDI number under a signature: letter, alteration in semitones, octave.
export function spell(pitch, fifths) {
  const lowest = fifths - 3;
  const position = lowest + mod(7 * pitch - lowest, 12);
  const [alter, letter] = [Math.floor((position + 1) / 7), mod(position + 1, 7)];
  const octave = Math.floor((pitch - alter) / 12) - 1;
  if (octave < 0 && pitch >= 12) return ["C", pitch - 12, 0];
  return [LETTERS[letter], alter, octave];
}

// A chord label with its root spelled in a key; unchanged without a root or a known key.
export function spellChord(label, key) {
  const fifths = signature(key);
  const [root, letter, accidentals] = /^([A-G])([#b]*)(?![a-z])/.exec(label) ?? [];
  if (fifths === null || !root) return label;
  const altered = [...accidentals].reduce((total, sign) => total + (sign === "#" ? 1 : -1), 0);
  const pitchClass = 7 * (LETTERS.indexOf(letter) - 1) + altered;
  const lowest = Math.min(Math.max(fifths - 5, -6), -1);
  const position = lowest + mod(7 * pitchClass - lowest, 12);
  const signs = Math.floor((position + 1) / 7);
  const name = LETTERS[mod(position + 1, 7)] + (signs > 0 ? "#" : "b").repeat(Math.abs(signs));
  return name + label.slice(root.length);
}

// Printed accidentals of a staff in a bar: a set of "step,pitch".
export function accidentals(voices, fifths) {
  const current = new Map();
  const shown = new Set();
  const events = voices.flat().sort((a, b) => a.start - b.start);
  for (const { start, pitches, tiedFrom } of events) {
    if (tiedFrom) continue;
    for (const pitch of pitches) {
      const [letter, alter, octave] = spell(pitch, fifths);
      const signed = Math.floor((fifths + 6 - LETTERS.indexOf(letter)) / 7);
      const line = letter + octave;
      if (alter !== (current.get(line) ?? signed)) shown.add(`${start},${pitch}`);
      current.set(line, alter);
    }
  }
  return shown;
}

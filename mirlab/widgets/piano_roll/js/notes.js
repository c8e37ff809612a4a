// Notes {onset, offset, pitch, velocity} as the roll keeps them: packed, changed, compared.
import { bytes, unpackNotes } from "../../shared/js/notes.js";
import { byTime, close } from "./decode.js";

export const SHORTEST = 0.02; // s of a note that is drawn or made shorter
export const [LOWEST, HIGHEST] = [21, 108];
const TOLERANCE = 0.05; // s between the onsets of a note and the true one
const NEAR = 0.25; // s within which a note was meant for a true one, only at the wrong time

// Rows of `desk_data.pack_notes`.
export function pack(notes) {
  const rows = notes.flatMap(({ onset, offset, pitch, velocity }) =>
    [onset, offset, pitch, velocity, 0, 0]);
  return new DataView(Float32Array.from(rows).buffer);
}

// Whether packed notes are the same; null where there are none.
export const isSamePacked = (a, b) =>
  (a === null) === (b === null) && String(bytes(a)) === String(bytes(b));

export const unpack = (view) => unpackNotes(view).filter(({ drum }) => !drum);

// A copy of the notes in which `old` has become `fresh`, none, one or several.
export const replace = (notes, old, fresh) =>
  [...notes.filter((one) => one !== old), ...fresh].sort(byTime);

// A note moved by seconds and semitones, its length kept.
export function moved({ onset, offset, pitch, velocity }, dt, semitones, seconds) {
  const by = Math.min(Math.max(dt, -onset), seconds - SHORTEST - onset);
  const to = Math.min(Math.max(pitch + semitones, LOWEST), HIGHEST);
  return { onset: onset + by, offset: offset + by, pitch: to, velocity };
}

export const ending = (note, offset) => ({ ...note, offset: Math.max(offset, note.onset + SHORTEST) });
export const beginning = (note, onset) =>
  ({ ...note, onset: Math.min(Math.max(onset, 0), note.offset - SHORTEST) });

export function split(note, t) {
  const far = t - note.onset >= SHORTEST && note.offset - t >= SHORTEST;
  return far ? [{ ...note, offset: t }, { ...note, onset: t }] : null;
}

// The next note of the same pitch, which `join` would put together with this one.
export const follower = (notes, note) =>
  notes.find((one) => one !== note && one.pitch === note.pitch && byTime(note, one) <= 0
    && one.onset >= note.onset);

// The list's items by what key(item) says, in their order.
export function groupBy(list, key) {
  const groups = new Map();
  for (const one of list) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
}

// How notes stand to the true ones: kinds[i] of each note; `missing`, true notes nobody found;
// `meant`, for each wrong note the true one it stands for; the counts and F of onset and pitch.
export function compare(notes, truth) {
  const kinds = notes.map(() => "extra");
  const left = new Set(truth);
  const of = (list) => groupBy([...list.entries()], ([, { pitch }]) => pitch);
  const [ours, true_] = [of(notes), of(truth)];
  for (const [pitch, found] of ours) {
    const wanted = true_.get(pitch) ?? [];
    for (let i = 0, j = 0; i < found.length && j < wanted.length; ) {
      const [a, b] = [found[i][1].onset, wanted[j][1].onset];
      if (close(a, b, TOLERANCE)) {
        kinds[found[i++][0]] = "right";
        left.delete(wanted[j++][1]);
      } else if (a < b) i++;
      else j++;
    }
  }
  const meant = new Map();
  const pair = (kind, cost) => {
    const pairs = [];
    notes.forEach((note, i) => {
      if (kinds[i] !== "extra") return;
      for (const one of left) {
        const price = cost(note, one);
        if (price < Infinity) pairs.push([price, i, one]);
      }
    });
    pairs.sort(([a], [b]) => a - b);
    for (const [, i, one] of pairs) {
      if (kinds[i] !== "extra" || !left.delete(one)) continue;
      kinds[i] = kind;
      meant.set(notes[i], one);
    }
  };
  const away = (a, b) => Math.abs(a.onset - b.onset);
  pair("mistimed", (a, b) => (a.pitch === b.pitch && away(a, b) < NEAR ? away(a, b) : Infinity));
  pair("mispitched", (a, b) =>
    close(a.onset, b.onset, TOLERANCE) ? Math.abs(a.pitch - b.pitch) : Infinity);
  const counts = { right: 0, missing: left.size, extra: 0, mistimed: 0, mispitched: 0 };
  for (const kind of kinds) counts[kind]++;
  const all = notes.length + truth.length;
  return { kinds, missing: [...left], meant, counts, f: all ? (2 * counts.right) / all : 0 };
}

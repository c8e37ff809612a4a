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
  [...notes.filter((note) => note !== old), ...fresh].sort(byTime);

// A note moved by seconds and semitones, its length kept.
export function moveNote({ onset, offset, pitch, velocity }, dt, semitones, seconds) {
  const by = Math.min(Math.max(dt, -onset), seconds - SHORTEST - onset);
  const to = Math.min(Math.max(pitch + semitones, LOWEST), HIGHEST);
  return { onset: onset + by, offset: offset + by, pitch: to, velocity };
}

export const withOffset = (note, offset) => ({ ...note, offset: Math.max(offset, note.onset + SHORTEST) });
export const withOnset = (note, onset) =>
  ({ ...note, onset: Math.min(Math.max(onset, 0), note.offset - SHORTEST) });

export function splitNote(note, t) {
  const far = t - note.onset >= SHORTEST && note.offset - t >= SHORTEST;
  return far ? [{ ...note, offset: t }, { ...note, onset: t }] : null;
}

// The next note of the same pitch, which `join` would put together with this one.
export const nextOfPitch = (notes, note) =>
  notes.find((candidate) => candidate !== note && candidate.pitch === note.pitch && byTime(note, candidate) <= 0
    && candidate.onset >= note.onset);

// The list's items by what key(item) says, in their order.
export function groupBy(list, key) {
  const groups = new Map();
  for (const item of list) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

// Notes beside the reference: kinds[i] of each note; `missing`, the reference notes that nothing
// stands for; `meant`, of each wrong note the one that it stands for; the counts and F of onset and
// pitch.
export function compare(notes, reference) {
  const kinds = notes.map(() => "extra");
  const unmatched = new Set(reference);
  matchNotes(notes, reference, (index, target) => {
    kinds[index] = "right";
    unmatched.delete(target);
  });
  const meant = new Map();
  const pairExtra = (kind, cost) => {
    const extra = [...notes.entries()].filter(([index]) => kinds[index] === "extra");
    for (const { index, target } of pairsByCost(extra, unmatched, cost)) {
      if (kinds[index] !== "extra" || !unmatched.delete(target)) continue;
      kinds[index] = kind;
      meant.set(notes[index], target);
    }
  };
  const distance = (a, b) => Math.abs(a.onset - b.onset);
  pairExtra("mistimed", (a, b) =>
    (a.pitch === b.pitch && distance(a, b) < NEAR ? distance(a, b) : Infinity));
  pairExtra("mispitched", (a, b) =>
    (close(a.onset, b.onset, TOLERANCE) ? Math.abs(a.pitch - b.pitch) : Infinity));
  const counts = { right: 0, missing: unmatched.size, extra: 0, mistimed: 0, mispitched: 0 };
  for (const kind of kinds) counts[kind]++;
  const total = notes.length + reference.length;
  const f = total ? (2 * counts.right) / total : 0;
  return { kinds, missing: [...unmatched], meant, counts, f };
}

// Calls matched(index, target) for each note whose pitch and onset are those of a reference note.
function matchNotes(notes, reference, matched) {
  const byPitch = (list) => groupBy([...list.entries()], ([, { pitch }]) => pitch);
  const targetsByPitch = byPitch(reference);
  for (const [pitch, found] of byPitch(notes)) {
    const targets = targetsByPitch.get(pitch) ?? [];
    for (let i = 0, j = 0; i < found.length && j < targets.length; ) {
      const [[index, note], [, target]] = [found[i], targets[j]];
      if (close(note.onset, target.onset, TOLERANCE)) {
        matched(index, target);
        i++;
        j++;
      } else if (note.onset < target.onset) i++;
      else j++;
    }
  }
}

// Pairs {index, target, price} of notes [index, note] and targets at a finite price, the cheapest
// first.
function pairsByCost(notes, targets, cost) {
  const pairs = [];
  for (const [index, note] of notes) {
    for (const target of targets) {
      const price = cost(note, target);
      if (price < Infinity) pairs.push({ index, target, price });
    }
  }
  return pairs.sort((a, b) => a.price - b.price);
}

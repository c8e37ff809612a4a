// Notes as Python packs them, and the names of pitches.
const NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];

export const noteName = (pitch) =>
  `${NAMES[((pitch % 12) + 12) % 12]}${Math.floor(pitch / 12) - 1}`;

export function bytes(view) {
  return view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array();
}

// Rows of notes as `pack_notes` gives them, for a trait.
export function packNotes(notes) {
  const rows = notes.flatMap(({ onset, offset, pitch, velocity, mark, drum }) =>
    [onset, offset, pitch, velocity, mark, drum]);
  return new DataView(Float32Array.from(rows).buffer);
}

// Rows of `desk_data.pack_notes`, in the order of their onsets.
export function unpackNotes(view) {
  const numbers = new Float32Array(bytes(view).slice().buffer);
  return Array.from({ length: numbers.length / 6 }, (_, i) => {
    const [onset, offset, pitch, velocity, mark, drum] = numbers.subarray(6 * i, 6 * i + 6);
    return { onset, offset, pitch, velocity, mark, drum };
  }).sort((a, b) => a.onset - b.onset);
}

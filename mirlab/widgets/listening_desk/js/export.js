// Files of the corrected analysis, made in the page.
import { button, h } from "../../shared/js/dom.js";
import { midiFile } from "./midi.js";

const seconds = (t) => t.toFixed(6);

// The text of corrections.json, which `mirlab analyze --corrections` reads.
export function correctionsText(corrections) {
  return `${JSON.stringify({ corrections }, null, 1)}\n`;
}

// The text of a .lab file of rows [start, end, label].
export const labText = (rows) =>
  rows.map(([start, end, label]) => `${seconds(start)}\t${seconds(end)}\t${label}\n`).join("");

// The files of a desk: name to [label, kind, content()].
export function files({ data, traits }) {
  const beats = () => data.beats.found ?? [];
  const ends = () => beats().map(([time, label], i, rows) =>
    [time, rows[i + 1]?.[0] ?? 2 * time - rows[i - 1][0], label]);
  const midi = () => midiFile(data.notes.found ?? [], beats(), traits.get("meter"));
  return {
    "corrections.json": ["Save corrections.json", "application/json",
      () => correctionsText(traits.get("corrections"))],
    "notes.mid": ["Save MIDI", "audio/midi", midi],
    "beats.lab": ["Save beats", "text/plain", () => labText(ends())],
    "chords.lab": ["Save chords", "text/plain", () => labText(data.chords.found ?? [])],
    "key.lab": ["Save key", "text/plain",
      () => labText([[0, data.duration, traits.get("key").replace(" ", ":") || "N"]])],
  };
}

// A button for each file.
export function offerFiles(desk) {
  return Object.entries(files(desk)).map(([name, [label, kind, content]]) =>
    button(label, () => save(name, new Blob([content()], { type: kind }))));
}

// Tells the page around the desk that the analysis was corrected; a report changes its downloads.
export function announce(desk, isChanged) {
  const blobs = Object.entries(files(desk)).map(([name, [, kind, content]]) =>
    [name, () => new Blob([content()], { type: kind })]);
  const detail = { isChanged, files: Object.fromEntries(blobs) };
  desk.root.dispatchEvent(new CustomEvent("mirlab:corrected", { bubbles: true, detail }));
}

function save(name, blob) {
  const address = URL.createObjectURL(blob);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// Files of the corrected analysis, made in the page.
import { button } from "../../shared/js/dom.js";
import { save } from "../../shared/js/download.js";

const seconds = (t) => t.toFixed(6);

// The text of corrections.json, which `mirlab analyze --corrections` reads.
export function correctionsText(corrections) {
  return `${JSON.stringify({ corrections }, null, 1)}\n`;
}

// The text of a .lab file of rows [start, end, label].
export const labText = (rows) =>
  rows.map(([start, end, label]) => `${seconds(start)}\t${seconds(end)}\t${label}\n`).join("");

// The script that writes MIDI and MusicXML, loaded when it is first needed.
const loaded = {};
export function loadScore(model) {
  const script = model.get("score_script");
  loaded[script] ??= importText(script);
  return loaded[script];
}

async function importText(script) {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

// What the script writes from, as in score/musicxml.js.
async function written({ data, model, traits }, write) {
  const score = await loadScore(model);
  const rows = traits.get("tempo");
  const tempo = rows.length ? score.tempoMap(rows.map(([t]) => t), rows.map(([, bpm]) => bpm)) : null;
  const [key, meter, title] = ["key", "meter", "title"].map(traits.get);
  const beats = data.beats.found ?? [];
  return score[write]({ notes: data.notes.found ?? [], beats, tempo, key, meter, title });
}

// The files of a desk: name to [label, kind, content()], which may give a promise. Without beats the
// page writes no score.
function files(desk) {
  const { data, traits } = desk;
  const ends = () => (data.beats.found ?? []).map(([time, label], i, rows) =>
    [time, rows[i + 1]?.[0] ?? 2 * time - rows[i - 1][0], label]);
  const hasScore = traits.get("tempo").length && data.beats.found?.length;
  return {
    "corrections.json": ["Save corrections.json", "application/json",
      () => correctionsText(traits.get("corrections"))],
    "notes.mid": ["Save MIDI", "audio/midi", () => written(desk, "midiFile")],
    ...(hasScore && { "score.musicxml": ["Save MusicXML", "application/vnd.recordare.musicxml+xml",
      () => written(desk, "musicxml")] }),
    "beats.lab": ["Save beats", "text/plain", () => labText(ends())],
    "chords.lab": ["Save chords", "text/plain", () => labText(data.chords.found ?? [])],
    "key.lab": ["Save key", "text/plain",
      () => labText([[0, data.duration, traits.get("key").replace(" ", ":") || "N"]])],
  };
}

const blobOf = async ([, kind, content]) => new Blob([await content()], { type: kind });

// A button for each file.
export function offerFiles(desk) {
  const fail = ({ message }) => desk.model.set("failure", `This could not be saved: ${message}`);
  return Object.entries(files(desk)).map(([name, file]) =>
    button(file[0], () => blobOf(file).then((blob) => save(blob, name, blob.type)).catch(fail)));
}

// Tells the page around the desk that the analysis was corrected; a report changes its downloads.
export function announce(desk, isChanged) {
  const blobs = Object.entries(files(desk)).map(([name, file]) => [name, () => blobOf(file)]);
  const detail = { isChanged, files: Object.fromEntries(blobs) };
  desk.root.dispatchEvent(new CustomEvent("mirlab:corrected", { bubbles: true, detail }));
}

// The tracks of the desk: the decoded sounds, and how loud and where each of them is.
import { bytes } from "../../shared/js/notes.js";
import { decode } from "../../shared/js/tracks.js";
import { RATE } from "./data.js";

// The sounds {name: file} as tracks of one length; the notes are a group of their own.
export async function loadTracks(context, sounds, duration) {
  const length = Math.round(duration * RATE);
  const tracks = [];
  for (const [name, file] of Object.entries(sounds)) {
    const samples = pad(await decode(context, bytes(file), length), length);
    tracks.push({ name, samples, group: name === "notes" ? "notes" : "original" });
  }
  return tracks;
}

// Files may differ by some samples in length; tracks may not.
function pad(samples, length) {
  if (samples.length === length) return samples;
  const padded = new Float32Array(length);
  padded.set(samples);
  return padded;
}

// {name, level, pan} of each track and of the clicks. The balance goes from the original (0) to the
// notes (1); where both are heard, they are panned apart.
export function mixTracks(names, { muted, soloed, levels, balance, metronome }) {
  const width = 1 - Math.abs(2 * balance - 1); // 0 when only one of them is heard
  const isSoloed = soloed.some((name) => name !== "notes");
  const mix = names.map((name) => {
    const isNotes = name === "notes";
    const isHeard = isSoloed && !isNotes ? soloed.includes(name) : !muted.includes(name);
    const share = Math.min(1, 2 * (isNotes ? balance : 1 - balance));
    return {
      name,
      level: isHeard ? (levels[name] ?? 1) * share : 0,
      pan: isNotes ? width : -width,
    };
  });
  return [...mix, { name: "clicks", level: metronome ? 1 : 0, pan: 0 }];
}

// Notes on the grid of their beats: mirlab/score/quantize.py. A score is {staves: [{clef, voices}],
// lines, meters, swings, pickup, start}; an event {start, length, pitches}, in steps.
import { barsUntil, lengthOf, meterOf } from "./bars.js";
import { findGrid, stepAt, STEPS, TOGETHER, unitAt } from "./grid.js";
import { bisectLeft, round, unique } from "./numbers.js";
import { beatsAt } from "./tempo.js";
import { separateVoices, SIXTEENTH } from "./voices.js";

const COMPOUND = 18; // steps per beat in compound time
const MAX_BARS = 20000;
const CLEFS = [["treble", 54, 91], ["bass", 31, 65], ["treble8vb", 43, 74]];
const OUTLIERS = 0.06; // fraction of notes allowed outside a clef
const SPLITS = Array.from({ length: 15 }, (_, i) => 53.5 + i); // between the hands
const MIDDLE = 59.5; // just below middle C

// Rows {onset, offset, pitch} in s, sorted by onset, a tempo map and bars from `barsOfBeats`.
export function quantize(notes, map, bars) {
  const beat = stepsPerBeat(bars);
  const rows = notes.map(({ onset, offset, pitch }) =>
    ({ onset: beatsAt(map, onset), offset: beatsAt(map, offset), pitch }));
  const shortest = Math.min(...bars.map(lengthOf));
  if (rows.some(({ offset }) => offset > MAX_BARS * shortest)) {
    throw new Error(`at these tempi the score is longer than ${MAX_BARS} bars`);
  }
  alignChords(rows);
  const origin = round(barsUntil(bars, 0)[0].start * STEPS);
  const grid = findGrid(rows.map(({ onset }) => onset), origin, beat);
  const staves = stavesOf(roundToGrid(rows, grid));
  const voices = staves.flatMap((staff) => staff.voices).filter((voice) => voice.length);
  const last = Math.max(0, ...voices.map((voice) => voice.at(-1).start + voice.at(-1).length));
  const written = barsUntil(bars, last / STEPS);
  const end = written.at(-1).start + lengthOf(written.at(-1));
  const lines = [...written.map(({ start }) => start), end].map((at) => round(at * STEPS));
  const isPickupPlayed = voices.some(([event]) => event.start < lines[0]);
  return { staves, lines, meters: written.map(meterOf), swings: grid.offBeat !== 0.5,
    pickup: lines[0], start: isPickupPlayed ? 0 : lines[0] };
}

function stepsPerBeat(bars) {
  const isCompound = bars.every(({ numerator, denominator }) =>
    denominator === 8 && numerator % 3 === 0);
  const unit = isCompound ? 1.5 : 1;
  const edges = bars.flatMap((bar) => [bar.start, bar.start + lengthOf(bar)]);
  const isWhole = edges.every((edge) => {
    const count = (edge - bars[0].start) / unit;
    return Math.abs(count - Math.round(count)) < 1e-6;
  });
  if (!isWhole) throw new Error("bars must contain whole beats");
  return isCompound ? COMPOUND : STEPS;
}

// The onsets of each chord, at their middle.
function alignChords(rows) {
  const onsets = rows.map(({ onset }) => onset);
  let first = 0;
  for (let i = 1; i <= rows.length; i++) {
    if (i < rows.length && onsets[i] - onsets[first] <= TOGETHER) continue;
    const middle = (onsets[first] + onsets[i - 1]) / 2;
    for (let k = first; k < i; k++) rows[k].onset = middle;
    first = i;
  }
}

// Rows {start, end, pitch} in steps, sorted by start, then pitch: a pitch begins at most once per
// step, and ends where it is played again.
function roundToGrid(rows, grid) {
  const rounded = rows.map(({ onset, offset, pitch }) => {
    const start = Math.max(stepAt(grid, onset), 0);
    return { start, end: Math.max(stepAt(grid, offset), start + unitAt(grid, start / STEPS)), pitch };
  });
  rounded.sort((a, b) => a.pitch - b.pitch || a.start - b.start || b.end - a.end);
  const isFirst = ({ pitch, start }, i, { [i - 1]: before }) =>
    before?.pitch !== pitch || before.start !== start;
  const found = rounded.filter(isFirst);
  found.forEach((note, i) => {
    const next = found[i + 1];
    if (next?.pitch === note.pitch) note.end = Math.min(note.end, next.start);
  });
  return found.sort((a, b) => a.start - b.start || a.pitch - b.pitch);
}

function stavesOf(notes) {
  const clef = clefOf(notes);
  if (clef) return [{ clef, voices: separateVoices(notes) }];
  const splits = handSplits(notes);
  return ["treble", "bass"].map((name, staff) => {
    const isHere = ({ pitch }, i) => pitch < splits[i] === (staff === 1);
    return { clef: name, voices: separateVoices(notes.filter(isHere)) };
  });
}

// The clef that suffices, if there is one.
function clefOf(notes) {
  const overlaps = notes.filter(({ end }, i) => end > notes[i + 1]?.start + SIXTEENTH).length;
  const overlapping = notes.length > 1 ? overlaps / (notes.length - 1) : 0;
  const found = CLEFS.find(([name, low, high]) => {
    if (name === "treble8vb" && overlapping > OUTLIERS) return false; // only for single lines
    const outside = notes.filter(({ pitch }) => pitch < low || pitch > high).length;
    return outside <= OUTLIERS * notes.length;
  });
  return found?.[0];
}

// The split point between the hands at the time of each note.
function handSplits(notes) {
  const starts = notes.map(({ start }) => start);
  const splits = [];
  let split = MIDDLE;
  for (const t of unique(starts)) {
    const first = bisectLeft(starts, t);
    const last = bisectLeft(starts, t + 1);
    const [from, to] = [bisectLeft(starts, t - 4 * STEPS), bisectLeft(starts, t + STEPS)];
    const sounding = (after, until, time) =>
      notes.slice(after, until).filter(({ end }) => end > time).map(({ pitch }) => pitch);
    const scores = scoresOf(sounding(from, to, t - STEPS), sounding(from, last, t), split);
    split = SPLITS[scores.indexOf(Math.max(...scores))];
    for (let i = first; i < last; i++) splits[i] = split;
  }
  return splits;
}

function scoresOf(around, now, split) {
  const [low, high] = [Math.min(...around), Math.max(...around)];
  const isBeyondOctave = Math.max(...now) - Math.min(...now) > 12;
  return SPLITS.map((at) => {
    const gap = Math.min(...around.map((pitch) => Math.abs(at - pitch)));
    let score = Math.min(gap, 4) - (low > at || high < at ? 1 : 0);
    score -= 0.15 * Math.abs(at - MIDDLE) + 0.1 * Math.abs(at - split);
    if (isBeyondOctave) {
      score -= 0.5 * excess(now.filter((pitch) => at > pitch));
      score -= 0.5 * excess(now.filter((pitch) => at < pitch));
    }
    return score;
  });
}

// Span of a hand beyond an octave, in semitones.
const excess = (pitches) =>
  (pitches.length ? Math.max(Math.max(...pitches) - Math.min(...pitches) - 12, 0) : 0);

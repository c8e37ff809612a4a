// Corrections in the page, as mirlab/analysis/correct.py applies them: operations change a state
// {beats: [[time, number, mark]], chords: [[start, end, label, mark]], notes, key, meter}.
import * as grids from "./beat_grid.js";

export const FACTORS = { 2: [2, 1], "1/2": [1, 2], "3/2": [3, 2], "2/3": [2, 3] };
export const METERS = { // beats per bar
  "2/4": 2, "3/4": 3, "4/4": 4, "5/4": 5, "6/4": 6, "7/4": 7, "6/8": 2, "9/8": 3, "12/8": 4,
};
const SAME_ONSET = 0.03; // s; a note is meant by an onset this close to its own
const CHORD = /^(N|[A-G][#b]*(:[a-z0-9]+)?(\([^)]*\))?(\/[#b]*\d+)?)$/;
const PLAIN = 0; // mark of what is compared with nothing

// The state after all operations, with `placed` (whether each beat was placed by hand) if beats were
// corrected; an operation that does not fit throws an Error that names it.
export function correct(original, operations) {
  const state = { ...original, grid: null };
  operations.forEach((operation, i) => {
    try {
      CHANGES[operation.op](state, operation);
    } catch (error) {
      throw new Error(`correction ${i + 1} (${operation.op}): ${error.message}`);
    }
  });
  const { grid, ...found } = state;
  if (!grid) return found;
  const numbers = grids.numbersOf(grid);
  const beats = grid.times.map((time, i) => [time, String(numbers[i]), PLAIN]);
  return { ...found, beats, placed: grid.placed };
}

function changeBeats(state, change) {
  state.grid = change(state.grid ?? grids.gridOf(state.beats, METERS[state.meter]));
}

function changeChord(state, { start, end, label }) {
  if (!CHORD.test(label)) throw new Error(`${label} is no chord, such as G:min, Bb or D:7`);
  const last = Math.min(end, state.chords.at(-1)?.[1] ?? 0);
  if (start >= last) throw new Error("it lies after the end of the recording");
  const parts = state.chords.flatMap(([a, b, name, mark]) => [
    [a, Math.min(b, start), name, mark], [Math.max(a, last), b, name, mark]]);
  const rows = [...parts.filter(([a, b]) => a < b), [start, last, label, PLAIN]];
  state.chords = rows.sort(([a], [b]) => a - b).reduce((merged, row) => {
    const before = merged.at(-1);
    if (before?.[2] === row[2] && before[1] === row[0]) before[1] = row[1];
    else merged.push([...row]);
    return merged;
  }, []);
}

function changeNote(state, operation) {
  const { action, onset, offset, pitch, velocity = 80, to } = operation;
  let changed = { onset, offset, pitch, velocity, mark: PLAIN, drum: 0 };
  let others = state.notes;
  if (action !== "add") {
    const same = others.filter((note) => note.pitch === pitch && !note.drum);
    const found = same[grids.nearest(same.map((note) => note.onset), onset)];
    if (!found || Math.abs(found.onset - onset) > SAME_ONSET) throw new Error("there is no such note");
    others = others.filter((note) => note !== found);
    changed = { ...found, ...to };
  }
  if (action !== "delete") others = [...others, changed];
  state.notes = others.sort((a, b) => a.onset - b.onset);
}

const CHANGES = {
  tempo: (state, { factor }) =>
    changeBeats(state, (grid) => grids.withTempo(grid, FACTORS[factor])),
  bar_line: (state, { time }) => changeBeats(state, (grid) => grids.withBarLine(grid, time)),
  meter(state, { meter }) {
    if (state.beats.length) changeBeats(state, (grid) => grids.withCount(grid, METERS[meter]));
    state.meter = meter;
  },
  key: (state, { key }) => (state.key = key),
  chord: changeChord,
  note: changeNote,
  beat(state, { action, time, to }) {
    const { withBeatAdded, withBeatDeleted, withBeatMoved } = grids;
    const changes = { add: withBeatAdded, delete: withBeatDeleted, move: withBeatMoved };
    changeBeats(state, (grid) => changes[action](grid, time, to));
  },
};

// An operation in words, as Corrections.describe gives it.
export function describe({ op, action, ...operation }, noteName) {
  const clock = (seconds) => {
    const tenths = Math.round(10 * seconds);
    const rest = String(Math.floor((tenths % 600) / 10)).padStart(2, "0");
    return `${Math.floor(tenths / 600)}:${rest}.${tenths % 10}`;
  };
  const done = { add: "added", delete: "deleted", change: "changed", move: "moved" }[action];
  return {
    tempo: () => `tempo ×${operation.factor}`,
    meter: () => `meter ${operation.meter}`,
    key: () => `key ${operation.key}`,
    bar_line: () => `bar line at ${clock(operation.time)}`,
    chord: () => `chord ${operation.label} at ${clock(operation.start)}`,
    beat: () => `beat at ${clock(operation.time)} ${done}`,
    note: () => `note ${noteName(operation.pitch)} at ${clock(operation.onset)} ${done}`,
  }[op]();
}

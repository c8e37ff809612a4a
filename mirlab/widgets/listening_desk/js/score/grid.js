// The metrical grid: mirlab/score/grid.py. A grid is {first, origin, span, divisions, offBeat}.
import { cheapestPath, median, mod, round, sum, unique } from "./numbers.js";

export const STEPS = 12; // grid steps per quarter note
const SIMPLE = { divisions: [2, 4, 3], costs: [0, 1, 1.5] };
const COMPOUND = { divisions: [3, 6], costs: [0, 1] };
const CHANGE = 2.5; // cost of a change between triple and binary division
const SPREADS = [0.03, 0.08]; // quarter notes; range of the deviation of onsets from the grid
export const TOGETHER = 0.075; // quarter notes; onsets this close are one chord
const PASSES = 3;
const COLLISION = 2.5; // cost of two onsets at one grid position that are not a chord
const SWUNG = [0.58, 0.72]; // position of a swung off-beat in the beat
const MIN_SWUNG = 8; // swung beats in a piece that swings, at least
const SWUNG_FRACTION = 0.7; // of the beats with one late off-beat, at least

// The beat of a time in quarter notes, and the position in it, 0..1.
function beatOf({ origin, span }, quarters) {
  const at = (quarters * STEPS - origin) / span;
  const beat = Math.floor(at + 1e-9);
  return [beat, at - beat];
}

const divisionOf = ({ first, span, divisions }, beat) =>
  divisions[beat - first] ?? (span === STEPS ? 2 : 3);

// Steps between grid positions in the beat of a time.
export function unitAt(grid, quarters) {
  return Math.floor(grid.span / divisionOf(grid, beatOf(grid, quarters)[0]));
}

// The nearest grid position, in whole steps since time 0.
export function stepAt(grid, quarters) {
  const [beat, inside] = beatOf(grid, quarters);
  const division = divisionOf(grid, beat);
  const isStraight = grid.offBeat === 0.5 || division === 3;
  const position = round((isStraight ? inside : straighten(inside, grid.offBeat)) * division);
  return grid.origin + beat * grid.span + position * Math.floor(grid.span / division);
}

// The grid that fits onsets (quarter notes, sorted) at the lowest cost.
export function findGrid(onsets, origin, span) {
  const at = unique(onsets).map((onset) => (onset * STEPS - origin) / span);
  const grid = { first: 0, origin, span, divisions: [], offBeat: 0.5 };
  if (!at.length) return grid;
  const beats = at.map((position) => Math.floor(position + 1e-9));
  const inside = at.map((position, i) => position - beats[i]);
  grid.first = beats[0];
  if (span === STEPS) grid.offBeat = estimateSwing(beats, inside);
  const options = span === STEPS ? SIMPLE : COMPOUND;
  const played = Array.from({ length: beats.at(-1) - grid.first + 1 }, () => []);
  beats.forEach((beat, i) => played[beat - grid.first].push((inside[i] * span) / STEPS));
  const costs = played.map((positions) => options.divisions.map((division) =>
    costOf(positions, division, span / STEPS, grid.offBeat)));
  const path = cheapestDivisions(grid, costs, options, at.length);
  return { ...grid, divisions: path.map((state) => options.divisions[state]) };
}

function cheapestDivisions({ first, origin, span }, costs, options, count) {
  const isTriple = options.divisions.map((division) => division % 3 === 0 && span === STEPS);
  const change = isTriple.map((from) => isTriple.map((to) => (from === to ? 0 : CHANGE)));
  let spread = sum(SPREADS) / 2;
  let path;
  for (let pass = 0; pass < PASSES; pass++) {
    const total = costs.map((row) => row.map(([error, collisions], state) =>
      error * (1 / (2 * spread ** 2)) + collisions * COLLISION + options.costs[state]));
    if (origin + first * span < 0) { // of a beat cut by the beginning no triplet can be written
      total[0] = total[0].map((cost, state) => (isTriple[state] ? Infinity : cost));
    }
    path = cheapestPath(total, change);
    const error = Math.sqrt(sum(path.map((state, i) => costs[i][state][0])) / count);
    spread = Math.min(Math.max(error, SPREADS[0]), SPREADS[1]);
  }
  return path;
}

// The position of off-beats in the beat: 0.5, or their median if the piece swings.
function estimateSwing(beats, inside) {
  const isInner = inside.map((x) => x > 0.15 && x < 0.88);
  const counts = new Map();
  beats.forEach((beat, i) => counts.set(beat, (counts.get(beat) ?? 0) + isInner[i]));
  const late = inside.filter((x, i) => isInner[i] && counts.get(beats[i]) === 1 && x > 0.42);
  const lateEighths = late.filter((x) => x >= SWUNG[0] && x <= SWUNG[1]);
  const early = inside.filter((x, i) => isInner[i] && x > 0.25 && x < 0.42).length;
  const isFew = lateEighths.length < Math.max(MIN_SWUNG, SWUNG_FRACTION * late.length);
  return isFew || early > 0.35 * lateEighths.length ? 0.5 : median(lateEighths);
}

// A position in a swung beat as a straight one: `offBeat` becomes 0.5.
function straighten(inside, offBeat) {
  if (inside <= 0) return 0;
  if (inside >= 1) return 1;
  if (inside < offBeat) return (0.5 / offBeat) * inside;
  return (0.5 / (1 - offBeat)) * (inside - offBeat) + 0.5;
}

// Squared distances of the onsets of a beat from a division, and number of collisions.
function costOf(positions, division, beat, offBeat) {
  const isSwung = offBeat !== 0.5 && division !== 3;
  const inside = isSwung ? positions.map((x) => straighten(x, offBeat)) : positions;
  const nearest = inside.map((x) => round((x / beat) * division));
  const errors = inside.map((x, i) => (x - (nearest[i] * beat) / division) ** 2);
  const collisions = inside.filter((x, i) =>
    i && nearest[i] === nearest[i - 1] && x - inside[i - 1] > TOGETHER);
  return [sum(errors), collisions.length];
}

// Level of a step in the beat: 0 on the beat, 1 on its half, 2 on a quarter or third.
export const levelOf = (step) => (mod(step, STEPS) === 0 ? 0 : mod(step, STEPS / 2) === 0 ? 1 : 2);

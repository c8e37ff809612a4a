// Dynamic marks where the level changes lastingly: mirlab/score/expression.py.
import { STEPS } from "./grid.js";
import { bisectLeft, bisectRight, cheapestPath, quantile, round, unique } from "./numbers.js";
import { beatsAt } from "./tempo.js";

const LEVELS = { pp: 33, p: 49, mp: 64, mf: 80, f: 96, ff: 112 }; // MIDI velocities
const LEVEL_CHANGE = 3; // cost of a new level, in bars that are one level off
const LOUDER = 0.75; // the louder notes of a bar define its level, as melodies do
const MIN_VELOCITY_RANGE = 2;

// The directions of MusicXML with dynamic marks, a text for each of the written bars.
export function dynamicMarks(notes, map, score, written) {
  const ends = written.map(({ start, length }) => start + length);
  const texts = written.map(() => "");
  for (const [at, level] of dynamics(notes, map, score)) {
    const i = bisectRight(ends, at);
    texts[i] += `<direction placement="below"><direction-type><dynamics><${level}/></dynamics>` +
      `</direction-type><offset>${at - written[i].start}</offset><staff>1</staff></direction>`;
  }
  return texts;
}

// Step and level of each mark; none if velocities are constant.
function dynamics(notes, map, score) {
  const velocities = notes.map(({ velocity }) => velocity);
  const [names, centres] = [Object.keys(LEVELS), Object.values(LEVELS)];
  if (Math.max(...velocities) - Math.min(...velocities) <= MIN_VELOCITY_RANGE) return [];
  if (!notes.length) return [];
  const bars = notes.map(({ onset }) =>
    bisectRight(score.lines, round(beatsAt(map, onset) * STEPS)) - 1);
  const first = Math.min(...bars);
  const width = (centres.at(-1) - centres[0]) / (centres.length - 1);
  const costs = Array.from({ length: Math.max(...bars) - first + 1 }, (_, i) => {
    const inside = velocities.filter((_, k) => bars[k] === first + i);
    if (!inside.length) return centres.map(() => 0);
    const level = quantile(inside, LOUDER);
    return centres.map((centre) => Math.abs(level - centre) / width);
  });
  const change = centres.map((_, from) => centres.map((_, to) => (from === to ? 0 : LEVEL_CHANGE)));
  const path = cheapestPath(costs, change);
  const events = score.staves.flatMap(({ voices }) => voices.flat());
  const starts = unique(events.map(({ start }) => start));
  return path.flatMap((level, i) => {
    if (i && level === path[i - 1]) return [];
    const begins = first + i >= 0 ? score.lines[first + i] : 0;
    const k = Math.min(bisectLeft(starts, begins), starts.length - 1);
    return [[starts[k], names[level]]];
  });
}

// Bars: mirlab/core/bars.py. A bar is {start, numerator, denominator}, its start in quarter notes.
import { beatsAt, quartersPerBeat } from "./tempo.js";
import { round } from "./numbers.js";

const EXACT = 1e-6; // quarter notes

export const lengthOf = ({ numerator, denominator }) => (4 * numerator) / denominator;
export const meterOf = ({ numerator, denominator }) => `${numerator}/${denominator}`;

// Changes of meter of rows [time, number in the bar], in a tempo map and a meter like "3/4".
export function barsOfBeats(beats, map, meter) {
  const unit = quartersPerBeat(meter);
  const [numerator] = meter.split("/").map(Number);
  const first = round(beatsAt(map, beats[0][0]) / unit) * unit;
  const numbers = beats.map(([, label]) => Number(label));
  const downbeats = numbers.flatMap((number, i) => (number === 1 ? [i] : []));
  const starts = downbeats.length ? downbeats : [1 - numbers[0]];
  const counts = starts.map((start, i) => (starts[i + 1] ?? numbers.length) - start);
  const last = counts.length - 1;
  const usual = last > 0 ? counts[last - 1] : unit === 1.5 ? Math.floor(numerator / 3) : numerator;
  counts[last] = Math.max(counts[last], usual);
  return starts.flatMap((start, i) => {
    if (i && counts[i] === counts[i - 1]) return [];
    const isCompound = unit === 1.5;
    return [{ start: first + unit * start, numerator: isCompound ? 3 * counts[i] : counts[i],
      denominator: isCompound ? 8 : 4 }];
  });
}

// The bars from the first one that begins at 0 or later to the one that ends at `end` or later.
export function barsUntil(changes, end) {
  const found = [];
  const isDone = () => found.length && found.at(-1).start + lengthOf(found.at(-1)) >= end - EXACT;
  changes.forEach((change, i) => {
    const stop = changes[i + 1]?.start ?? Infinity;
    const length = lengthOf(change);
    let position = change.start;
    if (i === 0 && position > 0) position -= length * Math.floor(position / length);
    while (position < stop - EXACT && !isDone()) {
      let { numerator } = change;
      const { denominator } = change;
      if (position + length > stop + EXACT) numerator = round(((stop - position) * denominator) / 4);
      const bar = { start: position, numerator, denominator };
      if (position >= 0) found.push(bar);
      position += lengthOf(bar);
    }
  });
  return found;
}

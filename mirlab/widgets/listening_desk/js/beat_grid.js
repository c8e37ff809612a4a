// Beats corrected by hand, numbered in bars anew: mirlab/analysis/beat_grid.py in the page. A grid is
// {times (s), lines, counts, placed}; lines are 0, COUNTED or BY_HAND at each beat, counts the beats
// per bar from there on. Functions give a new grid, and throw what Python raises.
const [COUNTED, BY_HAND] = [1, 2]; // kinds of bar lines at which counting begins anew
const SAME_BEAT = 0.05; // s; a beat is meant by a time this close to it
const MIN_GAP = 0.02; // s between two beats
const MIN_PERIOD = 0.1; // s; the shortest beat of any music

const end = (times) => 2 * times.at(-1) - times.at(-2);
const gaps = (times) => times.slice(1).map((time, i) => time - times[i]);
const anchorsOf = (lines) => lines.flatMap((line, i) => (line ? [i] : []));

// The grid of rows [time, number in the bar], most bars of which have `perBar` beats.
export function gridOf(beats, perBar) {
  if (beats.length < 2) throw new Error("no beats were found that could be corrected");
  const numbers = beats.map(([, label]) => Number(label));
  const lines = numbers.map(() => 0);
  const counts = numbers.map(() => 0);
  const found = anchorsOf(numbers.map((number) => number === 1));
  const downbeats = found.length ? found : [0];
  const lengths = downbeats.map((start, k) => (downbeats[k + 1] ?? numbers.length) - start);
  let [count, before] = [perBar, null];
  downbeats.forEach((i, k) => {
    const length = lengths[k];
    const repeats = k + 2 < lengths.length && lengths[k + 1] === length;
    const changed = length > count || (length < count && repeats) ? length : count;
    if (changed !== count || before !== count) [lines[i], counts[i]] = [COUNTED, changed];
    [count, before] = [changed, length];
  });
  return { times: beats.map(([time]) => time), lines, counts, placed: numbers.map(() => false) };
}

// Index of the bar line from which each beat is counted.
function anchorOf(lines, i) {
  const found = lines.findLastIndex((line, k) => line && k <= i);
  return found < 0 ? lines.findIndex(Boolean) : found;
}

// The number of each beat in its bar.
export function numbersOf({ times, lines, counts }) {
  let anchor = lines.findIndex(Boolean);
  return times.map((_, i) => {
    if (lines[i]) anchor = i;
    const count = counts[anchor];
    return ((((i - anchor) % count) + count) % count) + 1;
  });
}

// This many beats in all bars.
export const withCount = (grid, count) => ({
  ...grid,
  counts: grid.lines.map((line) => (line ? count : 0)),
});

// The time at a fractional index of the beats.
function timeAt(times, index) {
  const i = Math.min(Math.floor(index), times.length - 1);
  const next = times[i + 1] ?? end(times);
  return times[i] + (index - i) * (next - times[i]);
}

// Positions are counted in units of 1/`up` of a beat, so that they are whole: `up`/`down` as many beats.
export function withTempo({ times, lines, counts, placed }, [up, down]) {
  const anchors = anchorsOf(lines);
  const found = { times: [], lines: [], counts: [], placed: [] };
  anchors.forEach((anchor, k) => {
    const stop = (anchors[k + 1] ?? times.length) * up;
    const first = k ? anchor * up : (anchor * up) % down;
    for (let position = first; position < stop; position += down) {
      const isBeat = position % up === 0;
      found.times.push(timeAt(times, position / up));
      found.lines.push(position === anchor * up ? lines[anchor] : 0);
      found.counts.push(position === anchor * up ? counts[anchor] : 0);
      found.placed.push(isBeat && placed[position / up]);
    }
  });
  if (found.times.length < 2) throw new Error("fewer than two beats would be left");
  if (median(gaps(found.times)) < MIN_PERIOD) {
    throw new Error(`the beats would be less than ${MIN_PERIOD} s apart`);
  }
  return found;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// Index of the value nearest to a time, the first among equals.
export function nearest(values, time) {
  let best = 0;
  values.forEach((value, i) => {
    if (Math.abs(value - time) < Math.abs(values[best] - time)) best = i;
  });
  return best;
}

export function withBarLine(grid, time) {
  const { times } = grid;
  const middles = times.map((start, i) => (start + (times[i + 1] ?? end(times))) / 2);
  if (!(times[0] - median(gaps(times)) < time && time < end(times))) {
    throw new Error("there is no beat near this time");
  }
  const [i, j] = [nearest(times, time), nearest(middles, time)];
  if (Math.abs(times[i] - time) > Math.abs(middles[j] - time)) return shiftedByHalf(grid, j, middles);
  const lines = linesAround(grid, i);
  lines[i] = BY_HAND;
  const counts = lines.map((line, k) => (line ? grid.counts[k] : 0));
  counts[i] = grid.counts[anchorOf(grid.lines, i)];
  return { ...grid, lines, counts };
}

// The bar lines that hold when a bar begins at beat i.
function linesAround({ lines, counts }, i) {
  const found = [...lines];
  const first = found.findIndex(Boolean);
  if (found[first] === COUNTED && (first > i || i < counts[first])) found[first] = 0;
  return found;
}

// A bar line at the middle after beat j; the beats up to the next bar line are shifted.
function shiftedByHalf(grid, j, middles) {
  const { times, placed, counts } = grid;
  const lines = linesAround(grid, j);
  const later = lines.findIndex((line, i) => line && i > j);
  const stop = later < 0 ? times.length : later;
  const isFirst = j < counts[anchorOf(grid.lines, 0)];
  const lead = times[0] - (times[1] - times[0]) / 2;
  const before = isFirst
    ? [...(lead >= 0 ? [lead] : []), ...middles.slice(0, j)]
    : times.slice(0, j + 1);
  const unchanged = isFirst ? 0 : j + 1;
  const found = [...before, ...middles.slice(j, stop), ...times.slice(stop)];
  const added = found.length - unchanged - (times.length - stop);
  const fit = (kinds, none) => [
    ...kinds.slice(0, unchanged), ...Array(added).fill(none), ...kinds.slice(stop)];
  const kinds = fit(lines, 0);
  kinds[before.length] = BY_HAND;
  const changed = fit(lines.map((line, k) => (line ? counts[k] : 0)), 0);
  changed[before.length] = counts[anchorOf(grid.lines, j)];
  return { times: found, lines: kinds, counts: changed, placed: fit(placed, false) };
}

export function withBeatMoved(grid, time, to) {
  const i = beatAt(grid, time);
  const low = i ? grid.times[i - 1] + MIN_GAP : 0;
  const high = i + 1 < grid.times.length ? grid.times[i + 1] - MIN_GAP : Infinity;
  if (!(low <= to && to <= high)) throw new Error("a beat moves between its neighbours");
  return { ...grid, times: grid.times.with(i, to), placed: grid.placed.with(i, true) };
}

export function withBeatAdded(grid, time) {
  if (Math.abs(grid.times[nearest(grid.times, time)] - time) < MIN_GAP) {
    throw new Error("there is a beat at this time");
  }
  const after = grid.times.findIndex((beat) => beat >= time);
  const i = after < 0 ? grid.times.length : after;
  return {
    ...grid,
    times: grid.times.toSpliced(i, 0, time),
    lines: grid.lines.toSpliced(i, 0, 0),
    counts: grid.counts.toSpliced(i, 0, 0),
    placed: grid.placed.toSpliced(i, 0, true),
  };
}

export function withBeatDeleted(grid, time) {
  const i = beatAt(grid, time);
  if (grid.times.length < 3) throw new Error("fewer than two beats would be left");
  const without = (values) => values.toSpliced(i, 1);
  const [lines, counts] = [without(grid.lines), without(grid.counts)];
  const following = Math.min(i, lines.length - 1);
  if (grid.lines[i] > lines[following]) {
    [lines[following], counts[following]] = [grid.lines[i], grid.counts[i]];
  }
  return { times: without(grid.times), lines, counts, placed: without(grid.placed) };
}

function beatAt({ times }, time) {
  const i = nearest(times, time);
  if (Math.abs(times[i] - time) > SAME_BEAT) throw new Error("there is no beat at this time");
  return i;
}

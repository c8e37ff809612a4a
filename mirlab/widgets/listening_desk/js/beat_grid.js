// Beats corrected by hand, numbered in bars anew: mirlab/analysis/beat_grid.py in the page. A grid is
// {times (s), lines, placed, perBar}; lines are 0, COUNTED or BY_HAND at each beat. Functions give a
// new grid, and throw what Python raises.
const [COUNTED, BY_HAND] = [1, 2]; // kinds of bar lines at which counting begins anew
const SAME_BEAT = 0.05; // s; a beat is meant by a time this close to it
const MIN_GAP = 0.02; // s between two beats
const MIN_PERIOD = 0.1; // s; the shortest beat of any music

const end = (times) => 2 * times.at(-1) - times.at(-2);
const gaps = (times) => times.slice(1).map((time, i) => time - times[i]);
const anchorsOf = (lines) => lines.flatMap((line, i) => (line ? [i] : []));

// The grid of rows [time, number in the bar].
export function gridOf(beats, perBar) {
  if (beats.length < 2) throw new Error("no beats were found that could be corrected");
  const numbers = beats.map(([, label]) => Number(label));
  const lines = numbers.map((number, i) =>
    number === 1 && (numbers[i - 1] ?? 0) !== perBar ? COUNTED : 0);
  lines[Math.max(numbers.indexOf(1), 0)] = COUNTED;
  return { times: beats.map(([time]) => time), lines, placed: numbers.map(() => false), perBar };
}

// The number of each beat in its bar.
export function numbersOf({ times, lines, perBar }) {
  let anchor = lines.findIndex(Boolean);
  return times.map((_, i) => {
    if (lines[i]) anchor = i;
    return ((((i - anchor) % perBar) + perBar) % perBar) + 1;
  });
}

// The time at a fractional index of the beats.
function timeAt(times, index) {
  const i = Math.min(Math.floor(index), times.length - 1);
  const next = times[i + 1] ?? end(times);
  return times[i] + (index - i) * (next - times[i]);
}

// Positions are counted in units of 1/`up` of a beat, so that they are whole: `up`/`down` as many beats.
export function withTempo({ times, lines, placed, perBar }, [up, down]) {
  const anchors = anchorsOf(lines);
  const found = { times: [], lines: [], placed: [], perBar };
  anchors.forEach((anchor, k) => {
    const stop = (anchors[k + 1] ?? times.length) * up;
    const first = k ? anchor * up : (anchor * up) % down;
    for (let position = first; position < stop; position += down) {
      const isBeat = position % up === 0;
      found.times.push(timeAt(times, position / up));
      found.lines.push(position === anchor * up ? lines[anchor] : 0);
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
  return { ...grid, lines };
}

// The bar lines that hold when a bar begins at beat i.
function linesAround({ lines, perBar }, i) {
  const found = [...lines];
  const first = found.findIndex(Boolean);
  if (found[first] === COUNTED && (first > i || i < perBar)) found[first] = 0;
  return found;
}

// A bar line at the middle after beat j; the beats up to the next bar line are shifted.
function shiftedByHalf(grid, j, middles) {
  const { times, placed, perBar } = grid;
  const lines = linesAround(grid, j);
  const later = lines.findIndex((line, i) => line && i > j);
  const stop = later < 0 ? times.length : later;
  const isFirst = j < perBar;
  const lead = times[0] - (times[1] - times[0]) / 2;
  const before = isFirst
    ? [...(lead >= 0 ? [lead] : []), ...middles.slice(0, j)]
    : times.slice(0, j + 1);
  const unchanged = isFirst ? 0 : j + 1;
  const found = [...before, ...middles.slice(j, stop), ...times.slice(stop)];
  const count = found.length - unchanged - (times.length - stop);
  const fit = (kinds, none) => [
    ...kinds.slice(0, unchanged), ...Array(count).fill(none), ...kinds.slice(stop)];
  const kinds = fit(lines, 0);
  kinds[before.length] = BY_HAND;
  return { times: found, lines: kinds, placed: fit(placed, false), perBar };
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
    placed: grid.placed.toSpliced(i, 0, true),
  };
}

export function withBeatDeleted(grid, time) {
  const i = beatAt(grid, time);
  if (grid.times.length < 3) throw new Error("fewer than two beats would be left");
  const lines = grid.lines.toSpliced(i, 1);
  const following = Math.min(i, lines.length - 1);
  lines[following] = Math.max(lines[following], grid.lines[i]);
  return { ...grid, times: grid.times.toSpliced(i, 1), lines, placed: grid.placed.toSpliced(i, 1) };
}

function beatAt({ times }, time) {
  const i = nearest(times, time);
  if (Math.abs(times[i] - time) > SAME_BEAT) throw new Error("there is no beat at this time");
  return i;
}

// Tempo maps: mirlab/core/tempo.py, and tempo_of_beats of mirlab/analysis/meter.py. A map is
// {times (s), bpm, at (quarter notes since its beginning at each of the times)}.
import { bisectRight, differences, median, sum } from "./numbers.js";

const STEADY = 0.05; // s; largest deviation of beats from a straight line for one constant tempo
const AT_START = 1 / 24; // beats; a first beat this close to time 0 is moved to it
const SPAN = 8; // beats over which the typical tempo is averaged
const MAX_SPANS = 100000;
const MAX_SHIFT = 0.08; // s; largest distance of a beat from the note that is on it
const NEIGHBOURS = 3; // beats before and after that are shifted alike
const MAX_DEVIATION = 0.03; // s; largest difference between the shift of a beat and its neighbours'

const clip = (value, low, high) => Math.min(Math.max(value, low), high);

export function tempoMap(times, bpm) {
  const at = [0];
  for (let i = 1; i < times.length; i++) {
    at.push(at[i - 1] + ((times[i] - times[i - 1]) * bpm[i - 1]) / 60);
  }
  return { times, bpm, at };
}

const indexAt = (values, value) => Math.max(bisectRight(values, value) - 1, 0);

export function beatsAt({ times, bpm, at }, seconds) {
  const i = indexAt(times, seconds);
  return at[i] + ((seconds - times[i]) * bpm[i]) / 60;
}

export function secondsAt({ times, bpm, at }, beats) {
  const i = indexAt(at, beats);
  return times[i] + ((beats - at[i]) * 60) / bpm[i];
}

// The map whose beats are these times, increasing, two at least.
function mapOfBeats(given) {
  if (differences(given).some((gap) => gap <= 0)) {
    throw new Error("a tempo needs at least two increasing beat times");
  }
  const line = steadyLine(given);
  let beats = given;
  if (line) {
    const skipped = Math.max(0, Math.ceil(-line.first / line.period));
    beats = [0, 1, 2].map((i) => line.first + line.period * (i + skipped));
  }
  const period = beats[1] - beats[0];
  const later = beats.filter((time) => time > AT_START * period);
  let [start, lead] = [0, later[0]];
  if (!beats.some((time) => Math.abs(time) <= AT_START * period)) {
    start = Math.min(0, later[0] - period * Math.ceil(later[0] / period - 1e-9));
    lead = period;
  }
  const starts = [start, ...later];
  const periods = [lead, ...differences(later), typicalPeriod(beats)];
  const changes = periods.flatMap((length, i) =>
    (i === 0 || Math.abs(length - periods[i - 1]) > 1e-9 ? [i] : []));
  return tempoMap(changes.map((i) => starts[i]), changes.map((i) => 60 / periods[i]));
}

// The straight line through the beats, null if a beat is more than 50 ms from it.
function steadyLine(beats) {
  const skipped = beats.length > 2 && beats[0] <= 0 ? 1 : 0; // moved to the start by the tracker
  const [xs, ys] = [beats.map((_, i) => i).slice(skipped), beats.slice(skipped)];
  const [x, y] = [sum(xs) / xs.length, sum(ys) / ys.length];
  const product = sum(xs.map((value, i) => (value - x) * (ys[i] - y)));
  const period = product / sum(xs.map((value) => (value - x) ** 2));
  const first = y - period * x;
  const isSteady = beats.every((time, i) => Math.abs(first + period * i - time) <= STEADY);
  return period > 0 && isSteady ? { first, period } : null;
}

function typicalPeriod(beats) {
  const span = Math.min(SPAN, beats.length - 1);
  return median(beats.slice(span).map((time, i) => time - beats[i])) / span;
}

// The map with beat 0 at time 0, as in a MIDI file.
export function fromZero(map) {
  const { times, bpm } = map;
  if (times[0] === 0) return map;
  const half = secondsAt(map, Math.floor(beatsAt(map, 0)) + 1) / 2;
  const now = indexAt(times, half);
  return tempoMap(
    [0, half, ...times.slice(now + 1)],
    [(60 * beatsAt(map, half)) / half, bpm[now], ...bpm.slice(now + 1)],
  );
}

export function typicalBpm(map) {
  const end = map.times.at(-1) + (2 * SPAN * 60) / map.bpm.at(-1);
  const count = Math.floor(beatsAt(map, end) + 1e-6);
  const span = Math.min(SPAN, count);
  const lengths = [];
  for (let i = 0; i <= count - span; i += Math.max(1, Math.floor(count / MAX_SPANS))) {
    lengths.push(secondsAt(map, i + span) - secondsAt(map, i));
  }
  return (60 * span) / median(lengths);
}

// The map of beat times and note onsets (s), in quarter notes; `placed` beats stay where they are.
export function tempoOfBeats(times, onsets, meter, placed = []) {
  const aligned = alignBeats(times, onsets).map((time, i) => (placed[i] ? times[i] : time));
  const found = mapOfBeats(aligned);
  const unit = quartersPerBeat(meter);
  return tempoMap(found.times, found.bpm.map((bpm) => bpm * unit));
}

export const quartersPerBeat = (meter) => (meter.endsWith("/8") ? 1.5 : 1);

// Each beat at the onset of the note on it, others shifted like their neighbours.
export function alignBeats(times, onsets) {
  if (!onsets.length) return times;
  const gaps = differences(times);
  const limits = times.map((_, i) =>
    Math.min(Math.min(gaps[Math.max(i - 1, 0)], gaps[i] ?? gaps.at(-1)) / 6, MAX_SHIFT));
  const shifts = times.map((time) => nearestValue(onsets, time) - time);
  const isOnBeat = shifts.map((shift, i) => Math.abs(shift) <= limits[i]);
  return times.map((time, i) => {
    const from = Math.max(0, i - NEIGHBOURS);
    const near = shifts.slice(from, i + NEIGHBOURS + 1).filter((_, k) => isOnBeat[from + k]);
    const usual = near.length ? median(near) : 0;
    const isConsistent = isOnBeat[i] && Math.abs(shifts[i] - usual) <= MAX_DEVIATION;
    return time + (isConsistent ? shifts[i] : clip(usual, -limits[i], limits[i]));
  });
}

function nearestValue(sorted, value) {
  const i = Math.min(Math.max(bisectRight(sorted, value) - 1, 0), sorted.length - 1);
  const next = Math.min(i + 1, sorted.length - 1);
  return Math.abs(sorted[next] - value) < Math.abs(sorted[i] - value) ? sorted[next] : sorted[i];
}

// Bars, note values, ties and rests: mirlab/score/notation.py and mirlab/score/beams.py. A notated
// event is {start (in its bar), length, pitches, tiedFrom, tiedTo}; rests have no pitches.
import { STEPS } from "./grid.js";

const PLAIN = [72, 48, 36, 24, 18, 12, 9, 6, 3]; // steps: whole to sixteenth, plain and dotted
const HALVED = ["4/4", "6/4", "12/8"]; // meters with a strong beat in the middle
const BEAMS = { 9: 1, 6: 1, 4: 1, 3: 2 }; // number of beams by length

// Steps per bar and per beat of a meter.
export function stepsOf(meter) {
  const [numerator, denominator] = meter.split("/").map(Number);
  const isCompound = denominator === 8 && numerator % 3 === 0;
  return [Math.floor((numerator * 4 * STEPS) / denominator), isCompound ? 18 : STEPS];
}

// Bars {start, length, padding, meter, staves}, staves by voice; the events of a voice fill the bar.
export function divide(score) {
  const edges = [...new Set([score.start, ...score.lines])].sort((a, b) => a - b);
  const meters = score.start === score.pickup ? score.meters : [score.meters[0], ...score.meters];
  const divided = score.staves.map(({ voices }) => voices.map((voice) => split(voice, edges)));
  return edges.slice(0, -1).map((start, i) => {
    const [meter, length] = [meters[i], edges[i + 1] - start];
    const padding = start < score.pickup ? stepsOf(meter)[0] - length : 0;
    const staves = divided.map((voices) => voices
      .filter((bars, k) => k === 0 || bars[i].length)
      .map((bars) => filled(bars[i], length, padding, meter)));
    return { start, length, padding, meter, staves };
  });
}

// The events of a voice, split at the bar lines: a list for each bar.
function split(voice, edges) {
  const bars = edges.slice(1).map(() => []);
  for (const { start, length, pitches } of voice) {
    const end = start + length;
    bars.forEach((bar, i) => {
      const [from, to] = [Math.max(start, edges[i]), Math.min(end, edges[i + 1])];
      if (from >= to) return;
      bar.push({ start: from - edges[i], length: to - from, pitches,
        tiedFrom: from > start, tiedTo: to < end });
    });
  }
  return bars;
}

// A bar of a voice: rests between the events, events as tied note values.
function filled(events, length, padding, meter) {
  const found = [];
  let position = 0;
  for (const event of [...events, { start: length, length: 0 }]) {
    for (const rest of rests(position + padding, event.start - position, meter)) {
      found.push({ start: position, length: rest, pitches: [] });
      position += rest;
    }
    const parts = noteValues(position + padding, event.length, meter);
    parts.forEach((value, k) => {
      found.push({ start: position, length: value, pitches: event.pitches,
        tiedFrom: event.tiedFrom || k > 0, tiedTo: event.tiedTo || k < parts.length - 1 });
      position += value;
    });
  }
  return found;
}

// Note values, to be tied, of `length` steps from a position in the bar.
export function noteValues(from, length, meter) {
  const end = from + length;
  const found = [];
  let position = from;
  if (position % 3) {
    found.push(Math.min(end, (Math.floor(position / STEPS) + 1) * STEPS) - position);
    position += found[0];
  }
  const last = end % 3 ? Math.max(position, Math.floor(end / STEPS) * STEPS) : end;
  while (position < last) {
    const at = position;
    const value = PLAIN.find((steps) => isReadable(at, steps, last, meter));
    found.push(value);
    position += value;
  }
  return end > last ? [...found, end - last] : found;
}

function isReadable(position, value, end, meter) {
  const after = position + value;
  if (after > end) return false;
  let hidden = 0;
  for (let at = position + 1; at < after; at++) hidden = Math.max(hidden, strength(at, meter));
  const [here, there] = [strength(position, meter), strength(after, meter)];
  const isShown = hidden <= Math.max(here, there);
  if (stepsOf(meter)[1] === 18 && hidden >= 18) return (value === 36 || value === 72) && isShown;
  return isShown || (after === end && value === 2 * here && value === hidden);
}

// Steps of the longest note value that may start at a position.
function strength(position, meter) {
  const [bar, beat] = stepsOf(meter);
  if (position % bar === 0) return 72;
  if (position % beat === 0) return HALVED.includes(meter) && position * 2 === bar ? bar / 2 : beat;
  return position % 6 === 0 ? 6 : 3;
}

// Rests that fill `length` steps, dotted only for a compound beat.
function rests(from, length, meter) {
  const [bar, beat] = stepsOf(meter);
  const end = from + length;
  if (from === 0 && length === bar) return [bar];
  const found = [];
  for (let position = from; position < end; position += found.at(-1)) {
    const beatEnd = Math.min(end, (Math.floor(position / STEPS) + 1) * STEPS);
    const isTriplet = position % 3 || (beatEnd % 3 && beatEnd === end);
    const largest = Math.min(end - position, strength(position, meter), Math.floor(bar / 2));
    if (isTriplet) found.push(beatEnd - position);
    else if (beat === 18 && end - position === 9) found.push(9); // half of a dotted quarter
    else found.push([beat === 18 ? 18 : 24, 12, 6, 3].find((steps) => steps <= largest));
  }
  return found;
}

// The beam elements of MusicXML of each event of a voice.
export function beams(events, bar) {
  const texts = events.map(() => "");
  for (const group of beamed(events, bar)) {
    const levels = group.map((i) => BEAMS[events[i].length]);
    group.forEach((i, k) => {
      for (let level = 1; level <= levels[k]; level++) {
        texts[i] += `<beam number="${level}">${beamKind(levels, k, level)}</beam>`;
      }
    });
  }
  return texts;
}

// Indices of the events that are joined.
function beamed(events, { padding, meter }) {
  const beat = stepsOf(meter)[1];
  const groups = [];
  let group = [];
  let last = null;
  events.forEach(({ start, length, pitches }, i) => {
    const number = Math.floor((start + padding) / beat);
    const isJoined = pitches.length && length in BEAMS;
    if (!isJoined || !group.length || number !== last) groups.push((group = []));
    if (isJoined) group.push(i);
    last = number;
  });
  return groups.filter((found) => found.length > 1);
}

function beamKind(levels, k, level) {
  const before = k > 0 && levels[k - 1] >= level;
  const after = k + 1 < levels.length && levels[k + 1] >= level;
  if (before && after) return "continue";
  if (before || after) return before ? "end" : "begin";
  return k === 0 ? "forward hook" : "backward hook";
}

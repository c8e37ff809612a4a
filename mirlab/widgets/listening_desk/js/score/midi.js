// Notes as a MIDI file with the ticks of their tempo map, and a time signature at each change of
// meter: mirlab/core/midi_writing.py, of what the page has: one program, without bends and pedal.
import { barsOfBeats, barsUntil, meterOf } from "./bars.js";
import { round } from "./numbers.js";
import { beatsAt, fromZero, tempoMap } from "./tempo.js";

const RESOLUTIONS = [480, 240, 120, 60, 24]; // ticks per quarter note: the finest below MAX_TICKS
const MAX_TICKS = 9000000;
const DRUMS = 9; // their channel; the others are for tracks of overlapping notes
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15];
const text = (words) => [...words].map((letter) => letter.charCodeAt(0));
const big = (value, count) =>
  Array.from({ length: count }, (_, i) => (value >> (8 * (count - 1 - i))) & 255);

// A length as MIDI writes it: seven bits a byte.
function variable(value) {
  const found = [value & 127];
  for (let rest = value >> 7; rest; rest >>= 7) found.unshift((rest & 127) | 128);
  return found;
}

function track(events) {
  events.sort((a, b) => a.tick - b.tick || a.order - b.order);
  let last = 0;
  const data = events.flatMap(({ tick, message }) => {
    const delta = variable(tick - last);
    last = tick;
    return [...delta, ...message];
  });
  data.push(0, 255, 47, 0);
  return [...text("MTrk"), ...big(data.length, 4), ...data];
}

// The MIDI file of {notes, beats, tempo, meter} as in musicxml.js; without a tempo map 120 bpm.
export function midiFile({ notes, beats, tempo, meter }) {
  const map = fromZero(tempo ?? tempoMap([0], [120]));
  const duration = Math.max(0, ...notes.map(({ offset }) => offset));
  const count = beatsAt(map, Math.max(duration, map.times.at(-1)));
  const resolution = RESOLUTIONS.find((ticks) => ticks * count < MAX_TICKS);
  if (!resolution) throw new Error("so many beats are too long for MIDI");
  const tempi = tempiOf(map, resolution);
  const head = tempi.map(({ tick, microseconds }) =>
    ({ tick, order: 1, message: [255, 81, 3, ...big(microseconds, 3)] }));
  if (tempo && beats.length) {
    const end = beatsAt(map, duration);
    head.push(...signatures(barsUntil(barsOfBeats(beats, tempo, meter), end), resolution));
  }
  const tracks = tracksOf(notes, (seconds) => tickAt(tempi, seconds)).map(track);
  return Uint8Array.from([...text("MThd"), ...big(6, 4), ...big(1, 2), ...big(tracks.length + 1, 2),
    ...big(resolution, 2), ...track(head), ...tracks.flat()]);
}

// Tempi {tick, microseconds, start (s), period (s a tick)}: each reaches the next change in time.
function tempiOf({ times, bpm, at }, resolution) {
  const ticks = at.map((beats) => round(beats * resolution));
  const found = [];
  let start = 0;
  ticks.forEach((tick, i) => {
    const length = (ticks[i + 1] ?? Infinity) - tick;
    if (!length) return; // of two changes on one tick, use the later
    const isLast = i + 1 === ticks.length;
    const beat = isLast ? 60 / bpm[i] : ((times[i + 1] - start) * resolution) / length;
    const microseconds = Math.min(Math.max(round(beat * 1e6), 1), 0xffffff);
    const period = (microseconds * 1e-6) / resolution;
    found.push({ tick, microseconds, start, period });
    if (!isLast) start += length * period;
  });
  return found;
}

function tickAt(tempi, seconds) {
  const { tick, start, period } = tempi.findLast((tempo) => tempo.start <= seconds) ?? tempi[0];
  return round(tick + (seconds - start) / period);
}

// Time signatures where the meter changes; before the first bar line that of the pick-up.
function signatures(bars, resolution) {
  const [{ start, denominator }] = bars;
  const written = start ? [{ start: 0, ...meterOfLength(start, denominator) }, ...bars] : bars;
  return written
    .filter((bar, i) => !i || meterOf(bar) !== meterOf(written[i - 1]))
    .map((bar) => ({ tick: round(bar.start * resolution), order: 0,
      message: [255, 88, 4, bar.numerator, Math.log2(bar.denominator), 24, 8] }));
}

// Meter of a bar of so many quarter notes, with this denominator or a multiple.
function meterOfLength(quarters, given) {
  let denominator = given;
  while (denominator < 64 && (quarters * denominator) % 4) denominator *= 2;
  return { numerator: Math.max(1, round((quarters * denominator) / 4)), denominator };
}

// The events of each track, in which no two notes of a pitch overlap.
function tracksOf(notes, tickOf) {
  const tracks = []; // {events, drum, ends: by pitch}
  const rows = notes.map((note) => ({ ...note, start: tickOf(note.onset), stop: tickOf(note.offset) }));
  for (const { start, stop, pitch, velocity, drum } of rows.sort((a, b) => a.start - b.start)) {
    let found = tracks.find((other) => other.drum === drum && (other.ends[pitch] ?? 0) <= start);
    if (!found) {
      const number = tracks.filter((other) => !other.drum).length;
      found = { events: [], drum, ends: {}, channel: drum ? DRUMS : CHANNELS[number % CHANNELS.length] };
      tracks.push(found);
    }
    const end = Math.max(stop, start + 1);
    found.ends[pitch] = end;
    found.events.push({ tick: start, order: 1, message: [0x90 | found.channel, pitch, velocity] });
    found.events.push({ tick: end, order: 0, message: [0x80 | found.channel, pitch, 0] });
  }
  return tracks.map(({ events }) => events);
}

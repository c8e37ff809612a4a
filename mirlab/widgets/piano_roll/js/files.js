// Notes as files: MIDI, and a plain score in MusicXML.
import { groupBy } from "./notes.js";

const TICKS = 480; // a quarter note
const text = (words) => [...words].map((letter) => letter.charCodeAt(0));
const big = (value, count) =>
  Array.from({ length: count }, (_, i) => (value >> (8 * (count - 1 - i))) & 255);

// A length as MIDI writes it: seven bits a byte.
function variable(value) {
  const found = [value & 127];
  while ((value >>= 7)) found.unshift((value & 127) | 128);
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

// A MIDI file at a constant tempo. Overlapping notes of one pitch are in separate tracks and channels,
// since readers would cut them.
export function midi(notes, bpm) {
  const perSecond = (TICKS * bpm) / 60;
  const lanes = [];
  for (const { onset, offset, pitch, velocity } of notes) {
    const start = Math.round(onset * perSecond);
    const end = Math.max(Math.round(offset * perSecond), start + 1);
    let lane = lanes.find((candidate) => !(candidate.until[pitch] > start));
    if (!lane) lanes.push((lane = { until: {}, events: [] }));
    lane.until[pitch] = end;
    const channel = lanes.indexOf(lane) % 15;
    const midiChannel = channel + (channel > 8); // the tenth is for drums
    lane.events.push(
      { tick: start, order: 1, message: [0x90 | midiChannel, pitch, velocity] },
      { tick: end, order: 0, message: [0x80 | midiChannel, pitch, 0] },
    );
  }
  const tempo = [255, 81, 3, ...big(Math.round(6e7 / bpm), 3)];
  const tracks = [track([{ tick: 0, order: 0, message: tempo }]), ...lanes.map(({ events }) => track(events))];
  const head = [...text("MThd"), ...big(6, 4), ...big(1, 2), ...big(tracks.length, 2), ...big(TICKS, 2)];
  return Uint8Array.from([...head, ...tracks.flat()]);
}

const STEPS = 4; // of a quarter note
const BAR = 16; // steps
const TYPES = [
  [16, "whole", 0], [12, "half", 1], [8, "half", 0], [6, "quarter", 1], [4, "quarter", 0],
  [3, "eighth", 1], [2, "eighth", 0], [1, "16th", 0],
];
const NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

// A score on a grid of sixteenths, 4/4: two staves, one voice on each, chords of what begins
// together; what would overlap the next chord ends there.
export function musicxml(notes, bpm, title) {
  const step = 60 / bpm / STEPS;
  const grid = notes.map(({ onset, offset, pitch }) => {
    const start = Math.round(onset / step);
    return { start, end: Math.max(Math.round(offset / step), start + 1), pitch };
  });
  const last = Math.max(...grid.map(({ end }) => end), 1);
  const bars = Math.ceil(last / BAR);
  const staves = [grid.filter(({ pitch }) => pitch >= 60), grid.filter(({ pitch }) => pitch < 60)]
    .map((part) => pieces(part, bars * BAR));
  const measures = Array.from({ length: bars }, (_, bar) => {
    const [upper, lower] = staves.map((staff, i) => staff[bar].map((event) => element(event, i + 1)).join(""));
    const back = `<backup><duration>${BAR}</duration></backup>`;
    return `<measure number="${bar + 1}">${bar ? "" : attributes(bpm)}${upper}${back}${lower}</measure>`;
  });
  const name = title.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
  return `<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><work><work-title>${name}</work-title></work><part-list>
<score-part id="P1"><part-name>Notes</part-name></score-part></part-list><part id="P1">
${measures.join("\n")}
</part></score-partwise>
`;
}

const attributes = (bpm) =>
  `<attributes><divisions>${STEPS}</divisions><key><fifths>0</fifths></key><time><beats>4</beats>`
  + "<beat-type>4</beat-type></time><staves>2</staves><clef number=\"1\"><sign>G</sign><line>2</line>"
  + "</clef><clef number=\"2\"><sign>F</sign><line>4</line></clef></attributes>"
  + `<direction placement="above"><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>`
  + `${bpm}</per-minute></metronome></direction-type><sound tempo="${bpm}"/></direction>`;

// A staff's chords and rests, cut at bar lines and into lengths that can be written: a list a bar.
function pieces(part, length) {
  const groups = [...groupBy(part, ({ start }) => start)].sort(([a], [b]) => a - b);
  const found = Array.from({ length: length / BAR }, () => []);
  const put = (from, to, pitches) => {
    for (let at = from; at < to; ) {
      const room = Math.min(to, (Math.floor(at / BAR) + 1) * BAR) - at;
      const [steps, type, dots] = TYPES.find(([size]) => size <= room);
      const ties = { stop: at > from, start: at + steps < to };
      found[Math.floor(at / BAR)].push({ steps, type, dots, pitches, ...ties });
      at += steps;
    }
  };
  let now = 0;
  groups.forEach(([start, chord], i) => {
    put(now, start, []);
    const next = groups[i + 1]?.[0] ?? length;
    now = Math.min(Math.max(...chord.map(({ end }) => end)), next);
    put(start, now, [...new Set(chord.map(({ pitch }) => pitch))].sort((a, b) => a - b));
  });
  put(now, length, []);
  return found;
}

function element({ steps, type, dots, pitches, start, stop }, staff) {
  const length = `<duration>${steps}</duration>`;
  const rest = `<voice>${staff}</voice><type>${type}</type>${"<dot/>".repeat(dots)}<staff>${staff}</staff>`;
  if (!pitches.length) return `<note><rest/>${length}${rest}</note>`;
  const tie = (name) => [stop && "stop", start && "start"].filter(Boolean)
    .map((kind) => `<${name} type="${kind}"/>`).join("");
  return pitches.map((pitch, i) => {
    const [letter, sharp] = NAMES[pitch % 12];
    const sound = `<step>${letter}</step>${sharp ? "<alter>1</alter>" : ""}`
      + `<octave>${Math.floor(pitch / 12) - 1}</octave>`;
    const tied = tie("tied");
    return `<note>${i ? "<chord/>" : ""}<pitch>${sound}</pitch>${length}${tie("tie")}${rest}`
      + `${tied && `<notations>${tied}</notations>`}</note>`;
  }).join("");
}

// A score as MusicXML 4.0: mirlab/score/musicxml.py, without pedal and slides, which the page lacks.
import { barsOfBeats } from "./bars.js";
import { dynamicMarks } from "./dynamics.js";
import { STEPS } from "./grid.js";
import { beams, divide, stepsOf } from "./notation.js";
import { round } from "./numbers.js";
import { quantize } from "./quantize.js";
import { accidentals, signature, simplestSignature, spell } from "./spelling.js";
import { typicalBpm } from "./tempo.js";

const TAIL = "</part></score-partwise>\n";
const CLEFS = {
  treble: "<sign>G</sign><line>2</line>",
  bass: "<sign>F</sign><line>4</line>",
  treble8vb: "<sign>G</sign><line>2</line><clef-octave-change>-1</clef-octave-change>",
};
const TYPES = { 48: "whole", 24: "half", 12: "quarter", 6: "eighth", 3: "16th", 8: "quarter", 4: "eighth" };
const TRIPLETS = [8, 4]; // steps
const ACCIDENTALS = { [-2]: "flat-flat", [-1]: "flat", 0: "natural", 1: "sharp", 2: "double-sharp" };
const LAST = '<barline location="right"><bar-style>light-heavy</bar-style></barline>';
const ESCAPED = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

// MusicXML of {notes, beats, tempo, key, meter, title}: rows {onset, offset, pitch, velocity, drum},
// rows [time, number in the bar], and a tempo map. Drums are left out.
export function musicxml({ notes, beats, tempo, key, meter, title }) {
  const played = notes.filter(({ drum }) => !drum);
  const score = quantize(played, tempo, barsOfBeats(beats, tempo, meter));
  const fifths = signature(key) ?? simplestSignature(played);
  const written = divide(score);
  const marks = dynamicMarks(played, tempo, score, written);
  marks[0] = tempoMark(typicalBpm(tempo), score) + marks[0];
  const first = score.start < score.pickup ? 0 : 1; // a pick-up is bar 0
  const measures = written.map((bar, i) => {
    const implicit = i === 0 && first === 0 ? ' implicit="yes"' : "";
    const line = i === written.length - 1 ? LAST : "";
    return `<measure number="${i + first}"${implicit}>${attributes(score, bar, written[i - 1], fifths)}` +
      `${marks[i]}${barText(bar, fifths)}${line}</measure>\n`;
  });
  return [head(title), ...measures, TAIL].join("");
}

function head(title) {
  const printable = title.replace(/[^\P{C}]|(?! )\p{Z}/gu, "");
  const escaped = printable.replace(/[&<>]/g, (letter) => ESCAPED[letter]);
  const heading = escaped ? `<movement-title>${escaped}</movement-title>` : "";
  return `<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0">${heading}<identification>\
<encoding><software>mirlab</software>\
<supports element="accidental" type="yes"/><supports element="beam" type="yes"/>\
<supports element="stem" type="yes"/></encoding></identification>\
<part-list><score-part id="P1"><part-name/></score-part></part-list>
<part id="P1">
`;
}

// Key, meter and clefs at the beginning, later the meter where it changes.
function attributes({ staves }, { meter }, before, fifths) {
  if (before?.meter === meter) return "";
  const [beats, unit] = meter.split("/");
  const time = `<time><beats>${beats}</beats><beat-type>${unit}</beat-type></time>`;
  if (before) return `<attributes>${time}</attributes>`;
  const isPair = staves.length > 1;
  const clefs = staves.map(({ clef }, i) =>
    `<clef${isPair ? ` number="${i + 1}"` : ""}>${CLEFS[clef]}</clef>`);
  return `<attributes><divisions>${STEPS}</divisions><key><fifths>${fifths}</fifths></key>${time}` +
    `${isPair ? `<staves>${staves.length}</staves>` : ""}${clefs.join("")}</attributes>`;
}

// Metronome mark, in compound time of dotted quarters; and whether the eighths are swung.
function tempoMark(bpm, { meters, swings }) {
  const isCompound = stepsOf(meters[0])[1] !== STEPS;
  const beat = isCompound ? 1.5 : 1;
  const number = round(bpm / beat) || bpm / beat; // a mark of 0 is invalid
  const words = swings ? "<direction-type><words>Swing</words></direction-type>" : "";
  const dot = isCompound ? "<beat-unit-dot/>" : "";
  return `<direction placement="above">${words}<direction-type><metronome parentheses="no">` +
    `<beat-unit>quarter</beat-unit>${dot}<per-minute>${number}</per-minute></metronome>` +
    `</direction-type><staff>1</staff><sound tempo="${Number((number * beat).toPrecision(6))}"/>` +
    "</direction>";
}

// The notes of all staves and voices; those of the second staff are numbered from 5.
function barText(bar, fifths) {
  const parts = bar.staves.flatMap((voices, staff) => {
    const shown = accidentals(voices, fifths);
    return voices.map((events, number) => {
      const voice = {
        bar, fifths, shown,
        number: `<voice>${4 * staff + number + 1}</voice>`,
        stem: voices.length > 1 ? `<stem>${["up", "down"][number]}</stem>` : "",
        staff: bar.staves.length > 1 ? `<staff>${staff + 1}</staff>` : "",
        hidesRests: number > 0,
      };
      const joined = beams(events, bar);
      return events.map((event, i) =>
        (event.pitches.length ? chordText(voice, event, joined[i]) : restText(voice, event))).join("");
    });
  });
  return parts.join(`<backup><duration>${bar.length}</duration></backup>`);
}

function restText({ bar, number, staff, hidesRests }, event) {
  const isWhole = event.length === bar.length && !bar.padding;
  const hidden = hidesRests ? ' print-object="no" print-spacing="yes"' : "";
  const [value, ratio] = valueOf(event.length);
  return `<note${hidden}>${isWhole ? '<rest measure="yes"/>' : "<rest/>"}` +
    `<duration>${event.length}</duration>${number}${isWhole ? "" : value}${ratio}${staff}` +
    `${notations(tuplet(bar, hidesRests, event))}</note>`;
}

function chordText({ bar, fifths, shown, number, stem, staff, hidesRests }, event, beam) {
  const [value, ratio] = valueOf(event.length);
  const ties = (event.tiedFrom ? '<tie type="stop"/>' : "") + (event.tiedTo ? '<tie type="start"/>' : "");
  const tied = ties.replaceAll("<tie ", "<tied ");
  const first = notations(tied + tuplet(bar, hidesRests, event));
  return event.pitches.map((midi, i) => {
    const [letter, alter, octave] = spell(midi, fifths);
    const altered = alter ? `<alter>${alter}</alter>` : "";
    const pitch = `<pitch><step>${letter}</step>${altered}<octave>${octave}</octave></pitch>`;
    const isPrinted = shown.has(`${event.start},${midi}`);
    const accidental = isPrinted ? `<accidental>${ACCIDENTALS[alter]}</accidental>` : "";
    return `<note>${i ? "<chord/>" : ""}${pitch}<duration>${event.length}</duration>${ties}${number}` +
      `${value}${accidental}${ratio}${stem}${staff}${i ? notations(tied) : beam + first}</note>`;
  }).join("");
}

// Start or stop of a triplet bracket, at the beginning or end of a beat.
function tuplet({ padding }, hidesRests, { start, length, pitches }) {
  if (!TRIPLETS.includes(length)) return "";
  const position = start + padding;
  if (position % STEPS === 0) {
    const isHidden = hidesRests && !pitches.length;
    const shown = isHidden ? 'bracket="no" show-number="none"' : 'bracket="yes"';
    return `<tuplet type="start" number="1" ${shown}/>`;
  }
  return (position + length) % STEPS === 0 ? '<tuplet type="stop" number="1"/>' : "";
}

// Note value with its dot, and the ratio of triplets.
function valueOf(length) {
  if (TRIPLETS.includes(length)) {
    const kind = TYPES[length];
    return [`<type>${kind}</type>`, "<time-modification><actual-notes>3</actual-notes>" +
      `<normal-notes>2</normal-notes><normal-type>${kind}</normal-type></time-modification>`];
  }
  if (length in TYPES) return [`<type>${TYPES[length]}</type>`, ""];
  return [`<type>${TYPES[Math.floor((length * 2) / 3)] ?? ""}</type><dot/>`, ""];
}

const notations = (content) => (content ? `<notations>${content}</notations>` : "");

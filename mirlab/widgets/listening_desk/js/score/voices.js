// Voices of a staff: mirlab/score/voice_separation.py. A node is an event of a voice, linked to the
// previous one: {start, end, pitches, before}.
import { levelOf, STEPS } from "./grid.js";
import { bisectLeft, mod, sum, unique } from "./numbers.js";

export const SIXTEENTH = STEPS / 4;
const BEAM = 12; // hypotheses per step
const MIN_DURATION_COST = 0.35; // per note whose written duration differs from the played one
const SECOND_VOICE = 0.05; // cost of each step with two voices
const OPENING = 0.25; // cost of beginning a second voice
const CROSSING = 0.15; // cost of a lower voice above the upper one
const LEAP = 0.01; // cost per semitone between consecutive events of a voice

// Voices of events {start, length, pitches}, the upper one first, of rows {start, end, pitch}.
export function separateVoices(notes) {
  let hypotheses = [{ cost: 0, upper: null, lower: null }];
  const onsets = unique(notes.map(({ start }) => start));
  let first = 0;
  for (const t of onsets) {
    let last = first;
    while (notes[last]?.start === t) last++;
    hypotheses = nextHypotheses(hypotheses, notes.slice(first, last), t);
    first = last;
  }
  const { upper, lower } = hypotheses[0];
  return sortVoices([eventsOf(upper), eventsOf(lower)])
    .filter((voice, i) => voice.length || i === 0)
    .map((voice) => voice.map((event) => withoutShortRest(event, onsets)));
}

function nextHypotheses(hypotheses, played, t) {
  const choices = Array.from({ length: played.length + 1 }, (_, k) => choiceOf(
    chord(t, played.slice(k)), chord(t, played.slice(0, k))));
  const best = new Map();
  let limit = Infinity;
  for (const hypothesis of hypotheses) { // the cheapest first
    if (hypothesis.cost > limit) break;
    collect(hypothesis, choices, t, limit, best);
    if (best.size > BEAM) limit = cheapest(best)[BEAM - 1].cost;
  }
  return cheapest(best).slice(0, BEAM).map((entry) => extended(entry, t));
}

const cheapest = (best) => [...best.values()].sort((a, b) => a.cost - b.cost);

function choiceOf([upper, upperLoss], [lower, lowerLoss]) {
  return { upper, lower, loss: upperLoss + lowerLoss };
}

// The notes that begin at t as a chord with a common end, and its cost.
function chord(t, notes) {
  if (!notes.length) return [null, 0];
  const pitches = notes.map(({ pitch }) => pitch);
  const choices = unique(notes.map(({ end }) => end)).map((end) =>
    ({ end, cost: sum(notes.map((note) => durationCost(t, note.end, end))) }));
  const { end, cost } = choices.reduce((best, choice) => (choice.cost < best.cost ? choice : best));
  return [{ start: t, end, pitches, before: null }, cost];
}

// Cost of writing a note until `written` that is played until `end`.
function durationCost(start, end, written) {
  if (written === end) return 0;
  const difference = Math.abs(end - written) / (Math.max(end, written) - start);
  return MIN_DURATION_COST + (1 - MIN_DURATION_COST) * difference;
}

const keyOf = (node) => (node ? `${node.start},${node.end},${node.pitches}` : "");
const middle = ({ pitches }) => (pitches[0] + pitches.at(-1)) / 2;

// Adds what a hypothesis becomes by each choice at step t, if it costs no more than `limit`.
function collect(hypothesis, choices, t, limit, best) {
  const old = [hypothesis.upper, hypothesis.lower];
  const cuts = old.map((node) => cutCost(node, t));
  const wasTwo = old.every((node) => node && node.end >= t);
  const second = wasTwo ? SECOND_VOICE : SECOND_VOICE + OPENING;
  for (const choice of choices) {
    let cost = hypothesis.cost + choice.loss;
    const upper = choice.upper ?? old[0];
    const lower = choice.lower ?? old[1];
    [choice.upper, choice.lower].forEach((node, i) => {
      if (!node) return;
      cost += cuts[i];
      if (old[i]) cost += LEAP * Math.min(Math.abs(middle(node) - middle(old[i])), 12);
    });
    if (upper && lower && upper.end > t && lower.end > t) {
      cost += second;
      if (lower.pitches.at(-1) > upper.pitches[0]) cost += CROSSING;
    }
    if (cost > limit) continue;
    const state = `${keyOf(upper)}|${keyOf(lower)}`;
    if (!best.has(state) || cost < best.get(state).cost) best.set(state, { cost, hypothesis, choice });
  }
}

// Cost of ending the event of a voice at step t at the latest.
function cutCost(node, t) {
  if (!node || node.end <= t) return 0;
  return node.pitches.length * durationCost(node.start, node.end, t);
}

function extended({ cost, hypothesis, choice }, t) {
  const [upper, lower] = ["upper", "lower"].map((name) => {
    const [node, old] = [choice[name], hypothesis[name]];
    if (!node) return old;
    return { ...node, before: old && (old.end <= t ? old : { ...old, end: t }) };
  });
  return { cost, upper, lower };
}

function eventsOf(node) {
  const events = [];
  for (let next = node; next; next = next.before) {
    events.push({ start: next.start, end: next.end, pitches: next.pitches });
  }
  return events.reverse();
}

// In each passage between rests, the voice with the higher mean is the upper.
function sortVoices(voices) {
  const both = voices.flatMap((events, voice) => events.map((event) => ({ event, voice })));
  both.sort((a, b) => a.event.start - b.event.start);
  const [upper, lower] = [[], []];
  let [first, reach] = [0, -Infinity];
  both.forEach(({ event }, k) => {
    reach = Math.max(reach, event.end);
    if (k + 1 < both.length && both[k + 1].event.start < reach) return;
    const passage = both.slice(first, k + 1);
    const parts = [0, 1].map((voice) =>
      passage.filter((entry) => entry.voice === voice).map((entry) => entry.event));
    parts.sort((a, b) => height(b) - height(a));
    upper.push(...parts[0]);
    lower.push(...parts[1]);
    first = k + 1;
  });
  return [upper, lower];
}

function height(part) {
  const pitches = part.flatMap((event) => event.pitches);
  return pitches.length ? sum(pitches) / pitches.length : -1;
}

// An event that lasts over a short rest before the next onset of the staff, or eighth.
function withoutShortRest({ start, end, pitches }, onsets) {
  const k = bisectLeft(onsets, end);
  const rest = k < onsets.length ? onsets[k] - end : STEPS;
  let last = end;
  if (rest <= STEPS / 3 && levelOf(end) >= levelOf(start)) last += rest;
  else if (mod(end, SIXTEENTH) === 0 && mod(end, 2 * SIXTEENTH)) last += SIXTEENTH;
  return { start, length: last - start, pitches };
}

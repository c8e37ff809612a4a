// The handles on the pictures: partials, the envelope's corners, the pole and the zero.
import { clamp } from "../../shared/js/pad.js";
import { HELD } from "./maths.js";
import { HIGHEST, LONGEST, hertz, planeScale } from "./views.js";

// Put the handles on the panels' pictures where the state is.
export function setHandles({ partials, envelope, plane }, state, set) {
  partials.handles.set(partialHandles(state.partials, set));
  envelope.handles.set(envelopeHandles(state.envelope, set));
  plane.handles.set(planeHandles(state, set, plane.area));
}

function partialHandles(partials, set) {
  const change = (index, pair) => set({ partials: partials.with(index, pair) });
  return partials.map(([ratio, amplitude], index) => ({
    name: `Partial ${index + 1}`,
    text: `${ratio.toFixed(2)} times the note, level ${amplitude.toFixed(2)}`,
    x: ratio / HIGHEST,
    y: amplitude,
    step: [0.05 / HIGHEST, 0.02], // wider than the snap, or a key could not leave a whole number
    move: (x, y) => change(index, [snap(clamp(x * HIGHEST, 0.1, HIGHEST)), round(y)]),
    remove: () => partials.length > 1 && set({ partials: partials.toSpliced(index, 1) }),
  }));
}

function envelopeHandles([attack, decay, sustain, release], set) {
  const span = HELD + LONGEST;
  const time = (x) => round(clamp(x, 0, LONGEST));
  const step = [0.01 / span, 0.02];
  return [
    { name: "Attack", text: `${attack.toFixed(2)} s`, x: attack / span, y: 1, step,
      move: (x) => set({ envelope: [time(x * span), decay, sustain, release] }) },
    { name: "Decay and sustain", text: `${decay.toFixed(2)} s to ${sustain.toFixed(2)}`,
      x: (attack + decay) / span, y: sustain, step,
      move: (x, y) => set({ envelope: [attack, time(x * span - attack), round(y), release] }) },
    { name: "Release", text: `${release.toFixed(2)} s`, x: (HELD + release) / span, y: 0, step,
      move: (x) => set({ envelope: [attack, decay, sustain, time(x * span - HELD)] }) },
  ];
}

// The zero and the pole, on a plane that is drawn as large as its area.
function planeHandles(state, set, area) {
  const [width, height] = [area.clientWidth || 300, area.clientHeight || 150];
  const scale = planeScale(width, height);
  const point = (name, [radius, turn], cross) => ({
    name: cross ? "Pole" : "Zero",
    text: `radius ${radius.toFixed(2)} at ${hertz((turn * state.sample_rate) / 2)}`,
    cross,
    x: 0.5 + (radius * Math.cos(Math.PI * turn) * scale) / width,
    y: (8 + radius * Math.sin(Math.PI * turn) * scale) / height,
    step: [(0.02 * scale) / width, (0.02 * scale) / height],
    move: (x, y) => {
      const [re, im] = [((x - 0.5) * width) / scale, Math.max((y * height - 8) / scale, 0)];
      const angle = Math.atan2(im, re) / Math.PI;
      set({ [name]: [round(clamp(Math.hypot(re, im), 0, 1.2)), clamp(angle)], filtered: true });
    },
  });
  return [point("zero", state.zero, false), point("pole", state.pole, true)];
}

const round = (value) => Math.round(value * 1000) / 1000;

// A ratio close to a whole number becomes it: harmonics are what one mostly wants.
function snap(ratio) {
  const whole = Math.round(ratio);
  return whole >= 1 && Math.abs(ratio - whole) < 0.04 ? whole : round(ratio);
}

// The envelope, with draggable corners; its time axis is logarithmic.
import { label, line, plot } from "../../shared/js/canvas.js";
import { h, NO_SHORTCUTS } from "../../shared/js/dom.js";
import { clamp, pad } from "../../shared/js/pad.js";
import { byRatio, dashed, list, short, upright } from "./parts.js";

const RISE = 0.24; // of the width, for the attack and for the decay
const FALL = 0.36; // of the width, for the 60 dB decay
const KEY_UP = 0.62; // of the width
const STEP = [0.02, 0.02]; // of a corner by an arrow key
const FIRST = {
  held: { attack: 0.01, decay: 0.1, sustain: 0.8 },
  struck: { attack: 0.003, t60: 3 },
};
const time = byRatio(0.001, 10);
const decayTime = byRatio(0.01, 100);
const [stringDecay, stringRelease] = [byRatio(0.05, 60), byRatio(0.01, 10)]; // of the plucked string

const seconds = (t) => (t < 1 ? `${short(1000 * t)} ms` : `${short(t)} s`);

// change(index, envelope) is called when one was changed. set(envelopes, isFixed) takes
// [[name, envelope], ...]; if they are fixed, their kinds (held or struck) cannot be changed.
export function envelopePanel(kinds, change) {
  const state = { envelopes: [], index: 0 };
  const current = () => state.envelopes[state.index][1];
  const area = h("div", { class: "plot" });
  const which = select("Which envelope", () => {
    state.index = which.selectedIndex;
    show();
  });
  const kind = select("Kind of envelope", () =>
    change(state.index, { ...FIRST[kind.value], release: current().release }), Object.entries(kinds));
  const handles = pad(area);
  const { paint, describe, close } = plot(area, "Envelope", (...canvas) =>
    state.envelopes.length && drawEnvelope(...canvas, layOut(current(), () => {})));

  function show() {
    const { corners } = layOut(current(), (changes) => change(state.index, { ...current(), ...changes }));
    kind.value = current().t60 ? "struck" : "held";
    handles.set(corners);
    describe(`Envelope: ${corners.map(({ name, text }) => `${name} ${text}`).join(", ")}`);
    paint();
  }

  return {
    area,
    elements: [which, kind],
    paint,
    close,
    set(envelopes, isFixed) {
      Object.assign(state, { envelopes, index: Math.min(state.index, envelopes.length - 1) });
      which.replaceChildren(...envelopes.map(([name]) => h("option", {}, name)));
      which.selectedIndex = state.index;
      which.hidden = envelopes.length < 2;
      kind.hidden = isFixed;
      show();
    },
  };
}

function select(name, onchange, pairs = []) {
  const options = pairs.map(([value, text]) => h("option", { value }, text));
  return h("select", { ...NO_SHORTCUTS, "aria-label": name, onchange }, ...options);
}

// The corners of an envelope as handles, which call move(changes), and the points of its line; 0..1.
function layOut({ attack, decay, sustain = 0, t60, release }, move) {
  const [decayScale, releaseScale] = attack ? [decayTime, time] : [stringDecay, stringRelease];
  const top = attack ? RISE * time.at(attack) : 0;
  const fall = top + (t60 ? FALL * decayScale.at(t60) : RISE * time.at(decay));
  const end = KEY_UP + (1 - KEY_UP) * releaseScale.at(release);
  const corners = [
    { name: "Release", text: seconds(release), x: end, y: 0,
      move: (x) => move({ release: releaseScale.to((x - KEY_UP) / (1 - KEY_UP)) }) },
    t60
      ? { name: "−60 dB in", text: seconds(t60), x: fall, y: 0,
        move: (x) => move({ t60: decayScale.to((x - top) / FALL) }) }
      : { name: "Decay and sustain", text: `${seconds(decay)} to ${short(sustain)}`, x: fall, y: sustain,
        move: (x, y) => move({ decay: time.to((x - top) / RISE), sustain: short(y) }) },
  ];
  if (attack) {
    corners.push({ name: "Attack", text: seconds(attack), x: top, y: 1,
      move: (x) => move({ attack: time.to(x / RISE) }) });
  }
  const falling = t60
    ? list(40, (i) => [top + (i / 40) * (fall - top), 10 ** ((-3 * i) / 40)])
    : [[fall, sustain], [KEY_UP, sustain], [end, 0]];
  return {
    corners: corners.map((corner) => ({ step: STEP, ...corner })),
    points: [[0, 0], [top, 1], ...falling],
  };
}

function drawEnvelope(context, width, height, colours, { corners, points }) {
  dashed(context, () => upright(context, KEY_UP * width, 0, height, colours.soft, 1));
  line(context, [0, width], [height - 1, height - 1], colours.line, 1);
  line(context, points.map(([x]) => x * width), points.map(([, y]) => (1 - y) * (height - 1)),
    colours.accent, 2);
  label(context, "key up", KEY_UP * width - 40, height - 6, colours.soft, width);
  corners.forEach(({ name, text, x, y }, i) => {
    const side = y > 0.5 ? 1 : -1; // labels of high corners are below them, of low ones above
    const offset = (y > 0.5 ? 24 : -16) + (i === 1 ? 16 * side : 0);
    const top = clamp((1 - y) * height + offset, 12, height - 16);
    label(context, `${name} ${text}`, x * width + 8, top, colours.soft, width);
  });
}

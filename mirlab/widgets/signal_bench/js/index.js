// The Signal bench: pictures, handles and sound follow the traits; nothing else holds state.
import { plot } from "../../shared/js/canvas.js";
import { choice, followTheme, h, seekBar, slider, status } from "../../shared/js/dom.js";
import { sayEngine } from "../../shared/js/engine.js";
import { noteName } from "../../shared/js/notes.js";
import { clamp, pad } from "../../shared/js/pad.js";
import { Transport } from "../../shared/js/transport.js";
import * as maths from "./maths.js";
import { PROMPTS } from "./prompts.js";
import * as views from "./views.js";

const NAMES = ["partials", "fundamental", "sample_rate", "bits", "envelope", "window", "filtered",
  "pole", "zero"];
const HIGHEST = 12; // ratio at the right edge of the partials
const LONGEST = 0.5; // seconds of attack, decay and release

const nearestNote = (f) => noteName(Math.round(69 + 12 * Math.log2(f / 440)));

function render({ model, el }) {
  const root = h("div", { class: "mirlab", role: "group", "aria-label": "Signal bench" });
  el.append(root);
  const state = () => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
  const set = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
  };
  const said = status(model);
  const engine = h("span", { class: "engine" });
  let now = {}; // what the pictures show; made anew from the traits at each change

  const panel = (name, ...children) => {
    const area = h("div", { class: "plot" });
    const figure = h("div", { class: "panel" }, h("div", { class: "name" }, name), area, ...children);
    return { area, figure };
  };
  const parts = {
    partials: panel("Partials: drag, or Tab and arrow keys"),
    scope: panel("Waveform"),
    spectrum: panel("Spectrum"),
    envelope: panel("Envelope"),
    plane: panel("Poles × and zeros ○"),
    response: panel("Filter"),
  };
  const draw = {
    partials: drawPartials,
    scope: views.drawScope,
    spectrum: views.drawSpectrum,
    envelope: views.drawEnvelope,
    plane: views.drawPlane,
    response: views.drawResponse,
  };
  const plots = Object.fromEntries(Object.entries(parts).map(([name, { area, figure }]) => {
    const title = figure.firstChild.textContent;
    return [name, plot(area, title, (...given) => now.state && draw[name](...given, now))];
  }));
  const pads = {
    partials: pad(parts.partials.area),
    envelope: pad(parts.envelope.area),
    plane: pad(parts.plane.area),
  };

  const play = h("button", { type: "button", class: "main", onclick: () => transport.toggle() }, "Play");
  const transport = new Transport(() => {
    play.textContent = transport.playing ? "Pause" : "Play";
    play.setAttribute("aria-pressed", transport.playing);
    root.dataset.playing = transport.playing;
    position.follow();
  });
  const position = seekBar(transport, () => now.duration ?? 0);
  const { controls, follow, close } = makeControls(model, set, transport);
  const addPartial = () => {
    const { partials } = state();
    const free = Array.from({ length: HIGHEST }, (_, i) => i + 1).filter(
      (ratio) => !partials.some(([taken]) => Math.abs(taken - ratio) < 0.05));
    if (free.length && partials.length < 16) set({ partials: [...partials, [free[0], 0.3]] });
  };
  const add = h("button", { type: "button", onclick: addPartial }, "Add a partial");
  const prompts = PROMPTS.map(([text, changes]) =>
    h("button", { type: "button", onclick: () => set(changes) }, text));
  const figures = Object.values(parts).map(({ figure }) => figure);
  const rewind = () => {
    transport.seek(0);
    position.follow();
  };
  const start = h("button", { type: "button", onclick: rewind }, "From the start");
  root.append(
    h("div", { class: "strip" }, play, start, position.element, ...controls.play, engine),
    h("div", { class: "tiles" }, ...figures),
    h("div", { class: "strip" }, add, ...controls.state),
    h("div", { class: "strip" }, h("strong", {}, "Try:"), ...prompts),
    said.element,
  );

  let asked = 0;
  function update() {
    asked = 0;
    try {
      now = compute(state());
      model.set("failure", "");
    } catch (error) {
      model.set("failure", `This could not be computed: ${error.message}`);
      return;
    }
    const { samples, silent, state: shown } = now;
    transport.setSound(() => silent ? new Float32Array(samples.length)
      : maths.reconstruct(samples, shown.sample_rate, transport.sr));
    setHandles(pads, now.state, set, parts.plane.area);
    follow(now.state);
    position.follow();
    describe(plots, now);
    for (const one of Object.values(plots)) one.paint();
    root.dataset.updated = performance.now();
  }
  const soon = () => (asked ||= requestAnimationFrame(update)); // the latest wins
  for (const name of NAMES) model.on(`change:${name}`, soon);
  const observer = new ResizeObserver(soon);
  observer.observe(parts.plane.area);
  const unfollow = followTheme(root, soon);
  sayEngine(engine, "browser"); // with a kernel or without: the page computes all of it
  update();
  return () => {
    for (const name of NAMES) model.off(`change:${name}`, soon);
    cancelAnimationFrame(asked);
    said.close();
    position.close();
    close();
    observer.disconnect();
    unfollow();
    transport.close();
    for (const one of Object.values(plots)) one.close();
  };
}

// Everything the pictures need, from the traits alone.
function compute(state) {
  const samples = maths.samples(state);
  const isStable = maths.stable(state);
  const silent = state.filtered && !isStable; // its sound would grow without end
  const rate = 96000; // of the scope, so that a high note is round
  const start = Math.floor(rate / 4);
  const count = Math.ceil((6 * rate) / state.fundamental); // three periods, and some to find a start
  const wave = maths.reconstruct(samples, state.sample_rate, rate, start, count);
  const shape = maths.adsr(state.envelope, 400);
  const span = maths.HELD + LONGEST;
  return {
    state,
    samples,
    duration: samples.length / state.sample_rate,
    isStable,
    silent,
    scope: { wave, start, rate },
    amplitudes: maths.spectrum(samples, state),
    gains: maths.response(state),
    shape: Array.from(shape),
    spans: Array.from(shape, (_, i) => i / 400 / span),
  };
}

function describe(plots, { state, amplitudes, isStable }) {
  const loudest = amplitudes.indexOf(Math.max(...amplitudes));
  const f = (loudest / (amplitudes.length - 1)) * (state.sample_rate / 2);
  plots.spectrum.describe(`Spectrum; loudest at ${f.toFixed(0)} Hz`);
  plots.scope.describe(`Waveform: three periods of ${state.fundamental.toFixed(0)} Hz`);
  plots.plane.describe(`Poles and zeros; the filter is ${isStable ? "stable" : "unstable"}`);
}

function drawPartials(context, width, height, colours, { state }) {
  for (const [ratio, amplitude] of state.partials) {
    const x = (ratio / HIGHEST) * width;
    context.fillStyle = colours.accent;
    context.fillRect(x - 1.5, (1 - amplitude) * height, 3, amplitude * height);
  }
  context.fillStyle = colours.soft;
  for (let ratio = 1; ratio < HIGHEST; ratio++) {
    context.fillText(`${ratio}`, (ratio / HIGHEST) * width + 4, height - 2);
  }
}

function makeControls(model, set, transport) {
  const bind = (label, name, options) =>
    slider(label, { ...options, value: model.get(name), change: (value) => set({ [name]: value }) });
  const windows = ["rectangular", "hann", "hamming", "blackman"].map((name) => [name, name]);
  const bound = {
    fundamental: bind("Note", "fundamental", {
      min: 55, max: 1760, step: 1, show: (f) => `${Math.round(f)} Hz, ${nearestNote(f)}` }),
    sample_rate: bind("Sampling rate", "sample_rate", {
      min: 2000, max: 48000, step: 50, show: views.hertz }),
    bits: bind("Bits", "bits", { min: 2, max: 16, step: 1, show: String }),
    window: choice("Window", windows, model.get("window"), (value) => set({ window: value })),
  };
  const listened = [];
  const listen = (name, heard) => {
    model.on(`change:${name}`, heard);
    listened.push([name, heard]);
  };
  const toggle = (text, name, changed = () => {}) => {
    const input = h("input", { type: "checkbox" });
    const read = () => {
      input.checked = model.get(name);
      changed(input.checked);
    };
    input.addEventListener("change", () => set({ [name]: input.checked }));
    listen(name, read);
    read();
    return h("label", {}, input, text);
  };
  const speed = bind("Speed", "speed", { min: 0.25, max: 2, step: 0.05, show: (s) => `${s}×` });
  const faster = () => {
    speed.set(model.get("speed"));
    transport.setSpeed(model.get("speed"));
  };
  listen("speed", faster);
  transport.speed = model.get("speed");
  return {
    controls: {
      play: [toggle("Loop", "loop", (loop) => transport.setLoop(loop)), speed.element],
      state: [...Object.values(bound).map(({ element }) => element), toggle("Filter", "filtered")],
    },
    follow: (state) => Object.entries(bound).forEach(([name, { set: show }]) => show(state[name])),
    close: () => listened.forEach(([name, heard]) => model.off(`change:${name}`, heard)),
  };
}

function setHandles(pads, state, set, plane) {
  const { partials, envelope, pole, zero } = state;
  const change = (index, pair) => set({ partials: partials.with(index, pair) });
  pads.partials.set(partials.map(([ratio, amplitude], index) => ({
    name: `Partial ${index + 1}`,
    text: `${ratio.toFixed(2)} times the note, level ${amplitude.toFixed(2)}`,
    x: ratio / HIGHEST,
    y: amplitude,
    step: [0.05 / HIGHEST, 0.02], // wider than the snap, or a key could not leave a whole number
    move: (x, y) => change(index, [snap(clamp(x * HIGHEST, 0.1, HIGHEST)), round(y)]),
    remove: () => partials.length > 1 && set({ partials: partials.toSpliced(index, 1) }),
  })));
  pads.envelope.set(envelopeHandles(envelope, set));
  const [width, height] = [plane.clientWidth || 300, plane.clientHeight || 150];
  const scale = views.planeScale(width, height);
  const point = (name, [radius, turn], cross) => ({
    name: cross ? "Pole" : "Zero",
    text: `radius ${radius.toFixed(2)} at ${views.hertz((turn * state.sample_rate) / 2)}`,
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
  pads.plane.set([point("zero", zero, false), point("pole", pole, true)]);
}

function envelopeHandles([attack, decay, sustain, release], set) {
  const span = maths.HELD + LONGEST;
  const time = (x) => round(clamp(x, 0, LONGEST));
  const step = [0.01 / span, 0.02];
  return [
    { name: "Attack", text: `${attack.toFixed(2)} s`, x: attack / span, y: 1, step,
      move: (x) => set({ envelope: [time(x * span), decay, sustain, release] }) },
    { name: "Decay and sustain", text: `${decay.toFixed(2)} s to ${sustain.toFixed(2)}`,
      x: (attack + decay) / span, y: sustain, step,
      move: (x, y) => set({ envelope: [attack, time(x * span - attack), round(y), release] }) },
    { name: "Release", text: `${release.toFixed(2)} s`, x: (maths.HELD + release) / span, y: 0, step,
      move: (x) => set({ envelope: [attack, decay, sustain, time(x * span - maths.HELD)] }) },
  ];
}

const round = (value) => Math.round(value * 1000) / 1000;

// A ratio close to a whole number becomes it: harmonics are what one mostly wants.
function snap(ratio) {
  const whole = Math.round(ratio);
  return whole >= 1 && Math.abs(ratio - whole) < 0.04 ? whole : round(ratio);
}

export default { render };

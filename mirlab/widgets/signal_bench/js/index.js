// The Signal bench: plots, handles and sound follow the traits, which hold all state.
import { plot } from "../../shared/js/canvas.js";
import { followTheme, h, seekBar, status } from "../../shared/js/dom.js";
import { sayEngine } from "../../shared/js/engine.js";
import { pad } from "../../shared/js/pad.js";
import { modelTraits } from "../../shared/js/traits.js";
import { Transport } from "../../shared/js/transport.js";
import { makeControls } from "./controls.js";
import { setHandles } from "./handles.js";
import * as maths from "./maths.js";
import { PROMPTS } from "./prompts.js";
import * as views from "./views.js";

const NAMES = ["partials", "fundamental", "sample_rate", "bits", "envelope", "window", "filtered",
  "pole", "zero"];
const MOST_PARTIALS = 16;
const PANELS = {
  partials: ["Partials: drag, or Tab and arrow keys", views.drawPartials],
  scope: ["Waveform", views.drawScope],
  spectrum: ["Spectrum", views.drawSpectrum],
  envelope: ["Envelope", views.drawEnvelope],
  plane: ["Poles × and zeros ○", views.drawPlane],
  response: ["Filter", views.drawResponse],
};

function render({ model, el }) {
  const root = h("div", { class: "mirlab", role: "group", "aria-label": "Signal bench" });
  el.append(root);
  const bench = { root, traits: modelTraits(model), status: status(model), signal: null };
  bench.panels = makePanels(bench);
  bench.player = player(bench);
  bench.controls = makeControls(bench.traits, bench.player.transport);
  layOut(bench);
  const pending = { frame: 0 };
  const update = () => {
    pending.frame = 0;
    show(bench, model);
  };
  const soon = () => (pending.frame ||= requestAnimationFrame(update)); // the latest wins
  bench.traits.on(NAMES, soon);
  const { plane } = bench.panels;
  const observer = new ResizeObserver(soon);
  observer.observe(plane.area);
  const stopTheme = followTheme(root, soon);
  update();
  return () => {
    cancelAnimationFrame(pending.frame);
    observer.disconnect();
    stopTheme();
    const { traits, status: line, player: playback, panels } = bench;
    for (const part of [traits, line, playback, ...Object.values(panels)]) part.close();
  };
}

// A panel for each picture; partials, envelope and plane have handles.
function makePanels(bench) {
  return Object.fromEntries(Object.entries(PANELS).map(([name, [title, draw]]) => {
    const area = h("div", { class: "plot" });
    const figure = h("div", { class: "panel" }, h("div", { class: "name" }, title), area);
    const canvasPlot = plot(area, title, (...canvas) => bench.signal && draw(...canvas, bench.signal));
    const handles = ["partials", "envelope", "plane"].includes(name) ? pad(area) : null;
    return [name, { area, figure, handles, ...canvasPlot }];
  }));
}

function player(bench) {
  const play = h("button", { type: "button", class: "main", onclick: () => transport.toggle() }, "Play");
  const transport = new Transport(() => {
    play.textContent = transport.playing ? "Pause" : "Play";
    play.setAttribute("aria-pressed", transport.playing);
    bench.root.dataset.playing = transport.playing;
    position.follow();
  });
  const position = seekBar(transport, () => bench.signal?.duration ?? 0);
  const rewind = () => {
    transport.seek(0);
    position.follow();
  };
  const start = h("button", { type: "button", onclick: rewind }, "From the start");
  return {
    transport,
    elements: [play, start, position.element],
    follow: position.follow,
    close() {
      position.close();
      transport.close();
    },
  };
}

function layOut({ root, traits: { get, set }, player: { elements }, controls, panels, status: line }) {
  const engine = h("span", { class: "engine" });
  sayEngine(engine, "browser"); // with a kernel or without: the page computes all of it
  const add = h("button", { type: "button", onclick: () => {
    const partials = withPartial(get("partials"));
    if (partials) set({ partials });
  } }, "Add a partial");
  const prompts = PROMPTS.map(([text, changes]) =>
    h("button", { type: "button", onclick: () => set(changes) }, text));
  root.append(
    h("div", { class: "strip" }, ...elements, ...controls.play, engine),
    h("div", { class: "tiles" }, ...Object.values(panels).map(({ figure }) => figure)),
    h("div", { class: "strip" }, add, ...controls.state),
    h("div", { class: "strip" }, h("strong", {}, "Try:"), ...prompts),
    line.element,
  );
}

// The partials and one more, at the lowest whole ratio that is free; null where there is no room.
function withPartial(partials) {
  const isFree = (ratio) => !partials.some(([taken]) => Math.abs(taken - ratio) < 0.05);
  const ratio = Array.from({ length: views.HIGHEST }, (_, i) => i + 1).find(isFree);
  return ratio && partials.length < MOST_PARTIALS ? [...partials, [ratio, 0.3]] : null;
}

// Show what the traits say.
function show(bench, model) {
  const { traits: { get, set }, player: { transport, follow }, panels } = bench;
  const state = Object.fromEntries(NAMES.map((name) => [name, get(name)]));
  try {
    bench.signal = compute(state);
    model.set("failure", "");
  } catch (error) {
    model.set("failure", `This could not be computed: ${error.message}`);
    return;
  }
  const { samples, silent } = bench.signal;
  transport.setSound(() => silent ? new Float32Array(samples.length)
    : maths.reconstruct(samples, state.sample_rate, transport.sr));
  setHandles(panels, state, set);
  bench.controls.follow(state);
  follow();
  describe(panels, bench.signal);
  for (const { paint } of Object.values(panels)) paint();
  bench.root.dataset.updated = performance.now();
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
  const span = maths.HELD + views.LONGEST;
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

function describe(panels, { state, amplitudes, isStable }) {
  const peak = amplitudes.indexOf(Math.max(...amplitudes));
  const f = (peak / (amplitudes.length - 1)) * (state.sample_rate / 2);
  panels.spectrum.describe(`Spectrum; loudest at ${f.toFixed(0)} Hz`);
  panels.scope.describe(`Waveform: three periods of ${state.fundamental.toFixed(0)} Hz`);
  panels.plane.describe(`Poles and zeros; the filter is ${isStable ? "stable" : "unstable"}`);
}

export default { render };

// The Synth bench: keys, plots and sound follow the traits, which hold all state.
import { plot } from "../../shared/js/canvas.js";
import { button, followTheme, h, status } from "../../shared/js/dom.js";
import { sayEngine } from "../../shared/js/engine.js";
import { midi } from "../../shared/js/midi.js";
import { clamp } from "../../shared/js/pad.js";
import { modelTraits } from "../../shared/js/traits.js";
import { itemCards, methodCards } from "./cards.js";
import { makeControls } from "./controls.js";
import { envelopePanel } from "./envelope.js";
import { envelopesOf, withEnvelope } from "./envelopes.js";
import { Keyboard } from "./keyboard.js";
import { noiseSource } from "./noise.js";
import { list, strip } from "./parts.js";
import { drawScope, drawSpectrum, spectrum } from "./plots.js";
import { player } from "./player.js";
import { targetRow } from "./target.js";
import { methodBar, noteBar, pitchName } from "./toolbars.js";
import { keyVoices, noteCache } from "./voices.js";

const NAMES = ["method", "settings", "pitch", "velocity", "duration", "octave", "target",
  "hear_changes"];
const PARTS = ["traits", "status", "midiKeys", "keys", "envelope", "plots", "cards", "items", "target",
  "output"]; // of the bench, to close
const SETTLED = 150; // ms without a change, after which a change is heard

const hertz = (pitch) => 440 * 2 ** ((pitch - 69) / 12);

function render({ model, el }) {
  const root = h("div", { class: "mirlab synth", role: "group", "aria-label": "Synth bench" });
  el.append(root);
  const bench = makeBench(model, root);
  // opening takes its time; before the page was ever touched, browsers forbid it
  root.addEventListener("pointerover", () =>
    navigator.userActivation?.hasBeenActive && bench.output.open());
  layOut(root, model, bench);
  const unfollow = follow(model, root, bench);
  update(model, root, bench);
  return () => {
    unfollow();
    for (const part of PARTS.flatMap((name) => bench[name])) part.close();
    for (const controls of Object.values(bench.panels)) controls.close();
  };
}

// Everything that the bench consists of. `pending` are the next frame and the next sound.
function makeBench(model, root) {
  const words = model.get("_words");
  const traits = modelTraits(model);
  const { set } = traits;
  const output = player();
  const makeNote = noteCache(model, noiseSource(model.get("_noise")));
  const play = (method = model.get("method"), note = noteOf(model)) =>
    output.start(makeNote(method, note));
  const pending = { frame: 0, sound: 0 };
  const bench = { words, traits, set, output, makeNote, play, shown: null, pending };
  bench.soon = () => (pending.frame ||= requestAnimationFrame(() => update(model, root, bench)));
  bench.status = status(model);
  Object.assign(bench, makeKeys(model, bench));
  Object.assign(bench, makePanels(model, bench));
  Object.assign(bench, makeRows(model, bench));
  return bench;
}

const state = (model) => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));

function noteOf(model) {
  const { pitch, velocity, duration } = state(model);
  return { pitch, velocity, duration };
}

function makeKeys(model, { words, set, output, makeNote }) {
  const voices = keyVoices(model, makeNote, output.start);
  function shift(octaves) {
    set({ octave: clamp(model.get("octave") + octaves, 1, 6) });
    keys.setOctave(model.get("octave")); // before the next key, not in the next frame
  }
  const keys = new Keyboard(words.keys, {
    down(pitch, keyVelocity) {
      const velocity = keyVelocity ?? model.get("velocity");
      voices.down(pitch, velocity);
      set({ pitch, velocity });
    },
    up: voices.up,
    octave: shift,
  });
  return { voices, keys, shift, midiKeys: midi(words.midi, keys) };
}

// The pictures, and what is set by dragging in them.
function makePanels(model, bench) {
  const { titles, methods, knobs, kinds } = bench.words;
  const change = (changes) => {
    const { method, settings } = state(model);
    bench.set({ settings: { ...settings, [method]: { ...settings[method], ...changes } } });
  };
  return {
    panels: Object.fromEntries(Object.keys(methods).map((method) =>
      [method, makeControls(method, titles[method], knobs[method], change)])),
    body: h("div", { class: "panel" }), // of the method's own controls
    envelope: envelopePanel(kinds, (index, envelope) =>
      change(withEnvelope(state(model), index, envelope))),
    plots: [
      plotted(titles.waveform, (...canvas) => bench.shown && drawScope(...canvas, bench.shown)),
      plotted(titles.spectrum, (...canvas) => bench.shown && drawSpectrum(...canvas, bench.shown)),
    ],
  };
}

function plotted(name, draw) {
  const area = h("div", { class: "plot" });
  const canvasPlot = plot(area, name, draw);
  return { ...canvasPlot, name, figure: h("div", { class: "panel" }, h("div", { class: "name" }, name), area) };
}

// The rows of controls, the target to match, and the cards.
function makeRows(model, { words, set, output, makeNote, play, soon, shift }) {
  const target = targetRow(model, {
    set,
    make: (note) => makeNote(model.get("method"), note),
    play: (samples) => output.start(samples),
    changed: soon,
  });
  const prompts = model.get("prompts").map(([text, { settings = {}, ...rest }]) => button(text, () =>
    set({ ...target.noteTraits(rest.target), ...rest, settings: { ...model.get("settings"), ...settings } })));
  return {
    top: methodBar(model, words, set),
    low: noteBar(model, set, { play, shift }),
    target,
    prompts,
    cards: methodCards(words.methods, { make: (method) => makeNote(method, noteOf(model)), play }),
    items: itemCards(model.get("items"), model.get("item_notes"), output.start),
  };
}

function layOut(root, model, bench) {
  const { words: { titles, help }, envelope, prompts } = bench;
  const engine = h("span", { class: "engine" });
  sayEngine(engine, "browser"); // with a kernel or without: a key has to sound at once
  root.append(
    strip(...bench.top.elements, engine),
    h("div", { class: "tiles" },
      bench.body,
      h("div", { class: "panel" }, h("div", { class: "name" }, titles.envelope), envelope.area,
        strip(...envelope.elements)),
      ...bench.plots.map(({ figure }) => figure)),
    bench.keys.element,
    strip(...bench.low.elements, ...bench.midiKeys.elements),
    h("div", { class: "help" }, help),
    ...bench.target.elements,
    ...(prompts.length ? [strip(h("strong", {}, "Try:"), ...prompts)] : []),
    h("strong", {}, titles.methods),
    bench.cards.element,
  );
  if (Object.keys(model.get("items")).length) {
    root.append(h("strong", {}, titles.items), bench.items.element);
  }
  root.append(bench.status.element);
}

// Follow the traits, the size of the pictures and the theme; gives a function that stops it.
function follow(model, root, bench) {
  const { pending, soon, panels, envelope, keys, cards, items } = bench;
  function playSoon() {
    soon();
    clearTimeout(pending.sound);
    if (model.get("hear_changes") && !bench.voices.isSounding()) {
      pending.sound = setTimeout(bench.play, SETTLED);
    }
  }
  function repaint() {
    soon();
    for (const part of [keys, envelope, cards, items, panels[model.get("method")]]) part.paint();
  }
  bench.traits.on(NAMES, soon);
  bench.traits.on(["settings"], playSoon);
  const observer = new ResizeObserver(soon);
  observer.observe(envelope.area);
  const unfollow = followTheme(root, repaint);
  return () => {
    cancelAnimationFrame(pending.frame);
    clearTimeout(pending.sound);
    observer.disconnect();
    unfollow();
  };
}

// What the pictures show.
function compute(model, { makeNote, target }) {
  const { method, settings } = state(model);
  const note = noteOf(model);
  const samples = makeNote(method, note);
  return {
    samples,
    hz: hertz(note.pitch),
    duration: note.duration,
    wanted: target.show(),
    levels: spectrum(samples),
    ideal: idealRatios(method, settings[method]),
  };
}

function update(model, root, bench) {
  bench.pending.frame = 0;
  const { method, settings, octave, pitch } = state(model);
  try {
    bench.shown = compute(model, bench);
    model.set("failure", "");
  } catch (error) {
    model.set("failure", `This could not be computed: ${error.message}`);
    return;
  }
  const { words, body, panels, plots } = bench;
  const controls = panels[method];
  if (body.firstChild !== controls.elements[0]) body.replaceChildren(...controls.elements);
  controls.set(settings[method], noteOf(model));
  bench.envelope.set(...envelopesOf(method, settings[method]));
  bench.top.show();
  bench.low.show();
  bench.keys.setOctave(octave);
  for (const canvasPlot of plots) {
    canvasPlot.describe(`${canvasPlot.name}: ${pitchName(pitch)} by ${words.methods[method]}`);
    canvasPlot.paint();
  }
  bench.cards.soon(method, bench.shown.hz);
  root.dataset.updated = performance.now();
}

// The ratios at which partials should lie: those of the note, or those that were set.
function idealRatios(method, { ratios, amplitudes }) {
  if (method === "additive" && ratios) return ratios.filter((_, i) => amplitudes[i]);
  return list(24, (k) => k);
}

export default { render };

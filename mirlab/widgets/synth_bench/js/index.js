// The Synth bench: keys, pictures and sound follow the traits; nothing else holds state.
import { plot } from "../../shared/js/canvas.js";
import { OWN_KEYS, button, choice, followTheme, h, slider, status } from "../../shared/js/dom.js";
import { sayEngine } from "../../shared/js/engine.js";
import { noteName } from "../../shared/js/notes.js";
import { clamp } from "../../shared/js/pad.js";
import { itemCards, methodCards } from "./cards.js";
import { makeControls } from "./controls.js";
import { envelopePanel } from "./envelope.js";
import { keyboard, midi } from "./keyboard.js";
import { play } from "./methods.js";
import { noiseSource } from "./noise.js";
import { group, list, small, strip } from "./parts.js";
import { drawScope, drawSpectrum, spectrum } from "./pictures.js";
import { player } from "./player.js";
import { targetRow } from "./target.js";

const NAMES = ["method", "settings", "pitch", "velocity", "duration", "octave", "target",
  "hear_changes"];
const BEGUN = 0.8; // s of a held key that are made at once
const HELD = 6; // s for which it sounds at most
const PAUSE = 300; // ms until that is made: most notes are short
const KEPT = 40; // notes that are remembered
const SETTLED = 150; // ms without a change, after which a change is heard

const pitchName = (pitch) => {
  const cents = Math.round(100 * (pitch - Math.round(pitch)));
  return noteName(Math.round(pitch)) + (cents ? ` ${cents > 0 ? "+" : "−"}${Math.abs(cents)} cents` : "");
};
const hertz = (pitch) => 440 * 2 ** ((pitch - 69) / 12);

function render({ model, el }) {
  const words = model.get("_words");
  const root = h("div", { class: "mirlab synth", role: "group", "aria-label": "Synth bench" });
  el.append(root);
  const state = () => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
  const set = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
  };
  const change = (changes) => {
    const { method, settings } = state();
    set({ settings: { ...settings, [method]: { ...settings[method], ...changes } } });
  };
  function shift(by) {
    set({ octave: clamp(model.get("octave") + by, 1, 6) });
    keys.set(model.get("octave")); // before the next key, not at the next picture
  }
  const said = status(model);
  const engine = h("span", { class: "engine" });
  const out = player();
  const noise = noiseSource(model.get("_noise"));

  // A note by a method with its settings of now; the same one is not made twice.
  const made = new Map();
  function makeNote(method, note) {
    const settings = model.get("settings")[method];
    const key = JSON.stringify([method, settings, note.pitch, note.velocity, note.duration]);
    const found = made.get(key) ?? play(method, settings, note, noise);
    made.delete(key);
    made.set(key, found); // the newest is the last to be forgotten
    if (made.size > KEPT) made.delete(made.keys().next().value);
    return found;
  }
  const theNote = () => {
    const { pitch, velocity, duration } = state();
    return { pitch, velocity, duration };
  };
  const hear = (method = model.get("method"), note = theNote()) => out.start(makeNote(method, note));

  const sounding = new Map();
  const keys = keyboard(words.keys, {
    // the beginning sounds at once; the whole is made meanwhile, and goes on from there
    down(pitch, given) {
      const velocity = given ?? model.get("velocity");
      const held = (duration) => makeNote(model.get("method"), { pitch, velocity, duration });
      const one = { stop: out.start(held(BEGUN)) };
      one.timer = setTimeout(() => (one.stop = out.start(held(HELD), { after: one.stop })), PAUSE);
      sounding.set(pitch, one);
      set({ pitch, velocity });
    },
    up(pitch) {
      const { method, settings } = state();
      const { stop, timer } = sounding.get(pitch);
      const [[[, { release }]]] = envelopesOf(method, settings[method]); // the first is always heard
      clearTimeout(timer);
      stop(release);
      sounding.delete(pitch);
    },
    octave: shift,
  });
  const midiKeys = midi(words.midi, keys);

  const { top, showTop } = makeTop(model, words, set, engine);
  const panels = Object.fromEntries(Object.keys(words.methods).map((method) =>
    [method, makeControls(method, words.titles[method], words.knobs[method], change)]));
  const body = h("div", { class: "panel" });
  const shape = envelopePanel(words.kinds, (index, envelope) =>
    change(withEnvelope(state(), index, envelope)));
  let now = null; // what the pictures show
  const scope = plotted(words.titles.waveform, (...given) => now && drawScope(...given, now));
  const spectral = plotted(words.titles.spectrum, (...given) => now && drawSpectrum(...given, now));
  const { low, showLow } = makeLow(model, set, { hear, shift });
  const target = targetRow(model, {
    set,
    make: (note) => makeNote(model.get("method"), note),
    hear: (samples) => out.start(samples),
    changed: () => soon(),
  });
  const cards = methodCards(words.methods, { make: (method) => makeNote(method, theNote()), hear });
  const items = itemCards(model.get("items"), model.get("item_notes"), out.start);
  const prompts = model.get("prompts").map(([text, { settings = {}, ...rest }]) => button(text, () =>
    set({ ...target.aim(rest.target), ...rest, settings: { ...model.get("settings"), ...settings } })));
  // opening takes its time; before the page was ever touched, browsers forbid it
  root.addEventListener("pointerover", () => navigator.userActivation?.hasBeenActive && out.open());
  root.append(
    strip(...top),
    h("div", { class: "tiles" },
      body,
      h("div", { class: "panel" }, h("div", { class: "name" }, words.titles.envelope), shape.area,
        strip(...shape.elements)),
      scope.figure, spectral.figure),
    keys.element,
    strip(...low, ...midiKeys.elements),
    h("div", { class: "help" }, words.help),
    ...target.elements,
    ...(prompts.length ? [strip(h("strong", {}, "Try:"), ...prompts)] : []),
    h("strong", {}, words.titles.methods),
    cards.element,
  );
  if (Object.keys(model.get("items")).length) root.append(h("strong", {}, words.titles.items), items.element);
  root.append(said.element);

  let [asked, settled, shown] = [0, 0, ""];
  function update() {
    asked = 0;
    const { method, settings, octave } = state();
    const own = settings[method];
    const note = theNote();
    try {
      const samples = makeNote(method, note);
      const wanted = target.show();
      now = { samples, hz: hertz(note.pitch), duration: note.duration, levels: spectrum(samples),
        ideal: idealRatios(method, own), wanted };
      model.set("failure", "");
    } catch (error) {
      model.set("failure", `This could not be computed: ${error.message}`);
      return;
    }
    if (shown !== method) body.replaceChildren(...panels[method].elements);
    shown = method;
    panels[method].set(own, note);
    shape.set(...envelopesOf(method, own));
    showTop();
    showLow();
    keys.set(octave);
    for (const one of [scope, spectral]) {
      one.describe(`${one.name}: ${pitchName(note.pitch)} by ${words.methods[method]}`);
      one.paint();
    }
    cards.soon(method, now.hz);
    root.dataset.updated = performance.now();
  }
  const soon = () => (asked ||= requestAnimationFrame(update)); // the latest wins
  function moved() {
    soon();
    clearTimeout(settled);
    if (model.get("hear_changes") && !sounding.size) settled = setTimeout(hear, SETTLED);
  }
  const repaint = () => {
    soon();
    for (const one of [keys, shape, cards, items, panels[model.get("method")]]) one.paint();
  };
  for (const name of NAMES) model.on(`change:${name}`, soon);
  model.on("change:settings", moved);
  const observer = new ResizeObserver(soon);
  observer.observe(shape.area);
  const unfollow = followTheme(root, repaint);
  sayEngine(engine, "browser"); // with a kernel or without: a key has to sound at once
  update();
  return () => {
    for (const name of NAMES) model.off(`change:${name}`, soon);
    model.off("change:settings", moved);
    cancelAnimationFrame(asked);
    clearTimeout(settled);
    observer.disconnect();
    unfollow();
    for (const one of [said, midiKeys, keys, shape, scope, spectral, cards, items, target, out,
      ...Object.values(panels)]) one.close();
  };
}

function plotted(name, draw) {
  const area = h("div", { class: "plot" });
  const picture = plot(area, name, draw);
  return { ...picture, name, figure: h("div", { class: "panel" }, h("div", { class: "name" }, name), area) };
}

// The patch, the method and who speaks.
function makeTop(model, words, set, engine) {
  const patches = model.get("patches");
  const known = Object.keys(patches);
  const use = (name) => {
    if (!name) return;
    const [method, settings] = patches[name];
    set({ method, settings: { ...model.get("settings"), [method]: settings } });
  };
  const patch = choice("Patch", [["", "of your own"], ...known.map((name) => [name, name])], "", use);
  const methods = Object.entries(words.methods).map(([method, name]) =>
    [method, small(name, () => set({ method }))]);
  return {
    top: [patch.element, group("Method", ...methods.map(([, element]) => element)), engine],
    showTop() {
      const method = model.get("method");
      for (const [name, element] of methods) element.setAttribute("aria-pressed", name === method);
      const own = JSON.stringify(model.get("settings")[method]);
      const same = ([by, settings]) => by === method && JSON.stringify(settings) === own;
      patch.set(known.find((name) => same(patches[name])) ?? "");
    },
  };
}

// The note that is drawn: how it is heard, and what it is.
function makeLow(model, set, { hear, shift }) {
  const velocity = slider("Velocity", { min: 1, max: 127, step: 1, value: 100, show: String,
    change: (value) => set({ velocity: value }) });
  const duration = slider("Held for", { min: 0.05, max: 4, step: 0.05, value: 1,
    show: (value) => `${value.toFixed(2)} s`, change: (value) => set({ duration: value }) });
  const again = button("Play the note", () => hear(), { class: "main" });
  const box = h("input", { type: "checkbox", ...OWN_KEYS });
  box.addEventListener("change", () => set({ hear_changes: box.checked }));
  return {
    low: [again, group("Octave", "Octave", small("−", () => shift(-1), "Lower"), small("+", () => shift(1), "Higher")), velocity.element, duration.element,
      h("label", {}, box, "Hear each change")],
    showLow() {
      again.textContent = `Play ${pitchName(model.get("pitch"))}`;
      velocity.set(model.get("velocity"));
      duration.set(model.get("duration"));
      box.checked = model.get("hear_changes");
    },
  };
}

// The envelopes of a method by name, and whether they cannot change between held and struck.
function envelopesOf(method, settings) {
  if (method === "fm") {
    return [settings.operators.map(({ envelope }, i) => [`operator ${i + 1}`, envelope]), false];
  }
  if (method === "plucked") return [[["string", { t60: settings.t60, release: settings.release }]], true];
  const all = [["loudness", settings.envelope]];
  if (method === "subtractive") all.push(["filter", settings.filter_envelope]);
  return [all, method === "breath"];
}

function withEnvelope({ method, settings }, index, envelope) {
  if (method === "fm") {
    const { operators } = settings.fm;
    return { operators: operators.with(index, { ...operators[index], envelope }) };
  }
  if (method === "plucked") return envelope;
  return { [index ? "filter_envelope" : "envelope"]: envelope };
}

// Where partials should lie: those of the note, or of what is set.
function idealRatios(method, { ratios, amplitudes }) {
  if (method === "additive" && ratios) return ratios.filter((_, i) => amplitudes[i]);
  return list(24, (k) => k);
}

export default { render };

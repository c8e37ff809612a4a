// The rows of controls above and below the pictures: the method, and the note that is drawn.
import { NO_SHORTCUTS, button, choice, h, slider } from "../../shared/js/dom.js";
import { noteName } from "../../shared/js/notes.js";
import { group, named, small } from "./parts.js";

export function pitchName(pitch) {
  const cents = Math.round(100 * (pitch - Math.round(pitch)));
  return noteName(Math.round(pitch)) + (cents ? ` ${cents > 0 ? "+" : "−"}${Math.abs(cents)} cents` : "");
}

// The patch and the method.
export function methodBar(model, words, set) {
  const patches = model.get("patches");
  const names = Object.keys(patches);
  const use = (name) => {
    if (!name) return;
    const [method, settings] = patches[name];
    set({ method, settings: { ...model.get("settings"), [method]: settings } });
  };
  const patch = choice("Patch", [["", "of your own"], ...named(names)], "", use);
  const methods = Object.entries(words.methods).map(([method, name]) =>
    [method, small(name, () => set({ method }))]);
  return {
    elements: [patch.element, group("Method", ...methods.map(([, element]) => element))],
    show() {
      const method = model.get("method");
      for (const [name, element] of methods) element.setAttribute("aria-pressed", name === method);
      const current = JSON.stringify(model.get("settings")[method]);
      const isCurrent = ([by, settings]) => by === method && JSON.stringify(settings) === current;
      patch.set(names.find((name) => isCurrent(patches[name])) ?? "");
    },
  };
}

// How the note is played, and what it is.
export function noteBar(model, set, { play, shift }) {
  const velocity = slider("Velocity", { min: 1, max: 127, step: 1, value: 100, show: String,
    change: (value) => set({ velocity: value }) });
  const duration = slider("Held for", { min: 0.05, max: 4, step: 0.05, value: 1,
    show: (value) => `${value.toFixed(2)} s`, change: (value) => set({ duration: value }) });
  const again = button("Play the note", () => play(), { class: "main" });
  const box = h("input", { type: "checkbox", ...NO_SHORTCUTS });
  box.addEventListener("change", () => set({ hear_changes: box.checked }));
  const octave = group("Octave", "Octave", small("−", () => shift(-1), "Lower"),
    small("+", () => shift(1), "Higher"));
  return {
    elements: [again, octave, velocity.element, duration.element, h("label", {}, box, "Hear each change")],
    show() {
      again.textContent = `Play ${pitchName(model.get("pitch"))}`;
      velocity.set(model.get("velocity"));
      duration.set(model.get("duration"));
      box.checked = model.get("hear_changes");
    },
  };
}

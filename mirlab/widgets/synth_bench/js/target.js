// A target sound to match, and the distance of the current settings from it.
import { button, choice, h } from "../../shared/js/dom.js";
import { distanceTo } from "./distance.js";
import { clamp } from "../../shared/js/pad.js";
import { samplesOf } from "./cards.js";
import { strip } from "./parts.js";
import { spectrum } from "./plots.js";

const FAR = 20; // dB at the end of the bar

// on.make(note) gives samples of the settings of now, on.hear(samples) plays, on.changed() is
// called when a target is ready.
export function targetRow(model, on) {
  const names = Object.keys(model.get("targets"));
  if (!names.length) return { elements: [], noteTraits: () => ({}), show: () => null, close() {} };
  const [ready, best] = [new Map(), new Map()]; // by name
  let closed = false;
  const pick = choice("Match", [["", "no sound"], ...names.map((name) => [name, name])], "",
    (target) => on.set({ target, ...noteTraits(target) }));
  const playTarget = button("Hear the target", () => on.play(ready.get(model.get("target")).samples));
  const playOwn = button("Hear yours", () => on.play(on.make(noteOf(model.get("target")))));
  const bar = h("progress", { max: FAR, "aria-label": "Distance from the target" });
  const output = h("output", { class: "level", "aria-live": "off" });

  function noteOf(name) {
    const [pitch, velocity, duration] = model.get("target_notes")[name];
    return { pitch, velocity, duration };
  }

  // The traits of the note that a target plays.
  function noteTraits(name) {
    if (!name) return {};
    const note = noteOf(name);
    const octave = clamp(Math.floor(note.pitch / 12) - 1, 1, 6);
    return { ...note, velocity: Math.round(note.velocity), octave };
  }

  async function load(name) {
    ready.set(name, null);
    const samples = await samplesOf(model.get("targets")[name]);
    ready.set(name, { samples, distance: distanceTo(samples), levels: spectrum(samples) });
    if (!closed) on.changed();
  }

  return {
    elements: [strip(pick.element, playTarget, playOwn, bar, output)],
    noteTraits,
    // Say the distance; gives the target's spectrum when the note that is drawn is its own.
    show() {
      const name = model.get("target");
      pick.set(name);
      const found = ready.get(name);
      playTarget.disabled = playOwn.disabled = !found;
      bar.hidden = !found;
      output.textContent = name ? "…" : "";
      if (!name) return null;
      if (found === undefined) load(name);
      if (!found) return null;
      const note = noteOf(name);
      const distance = found.distance(on.make(note));
      best.set(name, Math.min(distance, best.get(name) ?? Infinity));
      bar.value = distance;
      output.textContent = `${distance.toFixed(1)} dB away; closest so far ${best.get(name).toFixed(1)} dB`;
      return Math.abs(model.get("pitch") - note.pitch) < 0.01 ? found.levels : null;
    },
    close: () => (closed = true),
  };
}

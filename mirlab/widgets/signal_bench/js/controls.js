// The controls that are bound to one trait each.
import { choice, h, slider } from "../../shared/js/dom.js";
import { noteName } from "../../shared/js/notes.js";
import { hertz } from "./views.js";

const WINDOWS = ["rectangular", "hann", "hamming", "blackman"];

const nearestNote = (f) => noteName(Math.round(69 + 12 * Math.log2(f / 440)));

// Controls of the traits {get, set, on} and of how the transport plays: those of `play` and of
// `state`; follow(state) shows the state's values.
export function makeControls(traits, transport) {
  const { get, set } = traits;
  const bind = (label, name, options) =>
    slider(label, { ...options, value: get(name), change: (value) => set({ [name]: value }) });
  const bound = {
    fundamental: bind("Note", "fundamental", {
      min: 55, max: 1760, step: 1, show: (f) => `${Math.round(f)} Hz, ${nearestNote(f)}` }),
    sample_rate: bind("Sampling rate", "sample_rate", { min: 2000, max: 48000, step: 50, show: hertz }),
    bits: bind("Bits", "bits", { min: 2, max: 16, step: 1, show: String }),
    window: choice("Window", WINDOWS.map((name) => [name, name]), get("window"),
      (value) => set({ window: value })),
  };
  const speed = bind("Speed", "speed", { min: 0.25, max: 2, step: 0.05, show: (s) => `${s}×` });
  traits.on(["speed"], () => {
    speed.set(get("speed"));
    transport.setSpeed(get("speed"));
  });
  transport.speed = get("speed");
  const loop = toggle(traits, "Loop", "loop", (isOn) => transport.setLoop(isOn));
  const elements = Object.values(bound).map(({ element }) => element);
  return {
    play: [loop, speed.element],
    state: [...elements, toggle(traits, "Filter", "filtered")],
    follow(state) {
      for (const [name, control] of Object.entries(bound)) control.set(state[name]);
    },
  };
}

// A labelled box of a trait; changed(isOn) is called at once and at each change.
function toggle({ get, set, on }, text, name, changed = () => {}) {
  const input = h("input", { type: "checkbox" });
  const read = () => {
    input.checked = get(name);
    changed(input.checked);
  };
  input.addEventListener("change", () => set({ [name]: input.checked }));
  on([name], read);
  read();
  return h("label", {}, input, text);
}

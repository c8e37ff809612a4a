// What is chosen above the roll.
import { choice, h, slider } from "../../shared/js/dom.js";

// The decoder and its thresholds.
export function decoding({ get, set, words }) {
  const decoder = choice("Decoder", Object.entries(words.decoders), get("decoder"), (value) => set({ decoder: value }));
  const level = (label, name, limits, show) => {
    const change = (value) => get(name) !== value && set({ [name]: value });
    return { name, ...slider(label, { ...limits, step: 0.01, show, value: get(name), change }) };
  };
  const share = (value) => value.toFixed(2);
  const sliders = [
    level("Onset", "onset_threshold", { min: 0.05, max: 0.95 }, share),
    level("Sounding", "frame_threshold", { min: 0.05, max: 0.95 }, share),
    level("Shortest", "min_seconds", { min: 0, max: 0.5 }, (value) => `${Math.round(1000 * value)} ms`),
  ];
  const [onset] = sliders;
  return {
    elements: [decoder.element, ...sliders.map(({ element }) => element)],
    show() {
      decoder.set(get("decoder"));
      for (const one of sliders) one.set(get(one.name));
      onset.element.querySelector("input").disabled = get("decoder") === "thresholds"; // asks for none
    },
  };
}

// The name of the sound, or a choice once the reader has brought one.
export function sounds({ get, set }) {
  const element = h("span");
  function show() {
    const [given, own] = [get("title") || "the given sound", get("own_name")];
    const pairs = [...(get("sound").byteLength ? [["given", given]] : []), ...(own ? [["own", own]] : [])];
    if (!pairs.length) element.textContent = "No sound yet: choose a file, drop one here, or record.";
    else if (!own) element.replaceChildren(h("strong", {}, given));
    else {
      const change = (clip) => set({ clip, edited: null, view: [] });
      element.replaceChildren(choice("Sound", pairs, get("clip"), change).element);
    }
  }
  return { element, show };
}

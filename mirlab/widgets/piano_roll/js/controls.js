// The controls of the roll: the decoder, the sound, what is shown, zooming and drawing.
import { button, choice, h, slider } from "../../shared/js/dom.js";

// The decoder and its thresholds.
export function decoderControls({ get, set, words }) {
  const decoder = choice("Decoder", Object.entries(words.decoders), get("decoder"), (value) => set({ decoder: value }));
  const traitSlider = (label, name, limits, show) => {
    const change = (value) => get(name) !== value && set({ [name]: value });
    return { name, ...slider(label, { ...limits, step: 0.01, show, value: get(name), change }) };
  };
  const twoDigits = (value) => value.toFixed(2);
  const sliders = [
    traitSlider("Onset", "onset_threshold", { min: 0.05, max: 0.95 }, twoDigits),
    traitSlider("Sounding", "frame_threshold", { min: 0.05, max: 0.95 }, twoDigits),
    traitSlider("Shortest", "min_seconds", { min: 0, max: 0.5 }, (value) => `${Math.round(1000 * value)} ms`),
  ];
  const [onset] = sliders;
  return {
    elements: [decoder.element, ...sliders.map(({ element }) => element)],
    show() {
      decoder.set(get("decoder"));
      for (const { name, set: setSlider } of sliders) setSlider(get(name));
      onset.element.querySelector("input").disabled = get("decoder") === "thresholds"; // has none
    },
  };
}

// The name of the sound, or a choice once there is the user's own.
export function soundPicker({ get, set }) {
  const element = h("span");
  function show() {
    const [title, userTitle] = [get("title") || "the given sound", get("user_audio_name")];
    const pairs = [...(get("sound").byteLength ? [["given", title]] : []), ...(userTitle ? [["user_audio", userTitle]] : [])];
    if (!pairs.length) element.textContent = "No sound yet: choose a file, drop one here, or record.";
    else if (!userTitle) element.replaceChildren(h("strong", {}, title));
    else {
      const change = (clip) => set({ clip, edited: null, view: [] });
      element.replaceChildren(choice("Sound", pairs, get("clip"), change).element);
    }
  }
  return { element, show };
}

// Checkboxes for what is painted under the notes.
export function layerToggles(changed) {
  const inputs = {};
  const elements = Object.entries({ spectrogram: "Spectrogram", posteriors: "Posteriors" }).map(
    ([name, text]) => {
      inputs[name] = h("input", { type: "checkbox", checked: true, onchange: () => changed() });
      return h("label", {}, inputs[name], text);
    },
  );
  return {
    elements,
    get visible() {
      return Object.keys(inputs).filter((name) => inputs[name].checked);
    },
  };
}

// The button that turns drawing on and off.
export function drawButton(setDrawing) {
  const element = button("Draw", () => {
    const isOn = element.getAttribute("aria-pressed") !== "true";
    element.setAttribute("aria-pressed", isOn);
    element.classList.toggle("main", isOn);
    setDrawing(isOn);
  }, { "aria-pressed": "false", title: "Drag on the roll to draw notes" });
  return element;
}

// Buttons for zooming: zoom(time factor, pitch factor), and showAll().
export function zoomButtons(zooms, { zoom, showAll }) {
  return [
    ...zooms.map(([text, label, time, pitch]) =>
      button(text, () => zoom(time, pitch), { "aria-label": label, title: label })),
    button("All", () => showAll()),
  ];
}

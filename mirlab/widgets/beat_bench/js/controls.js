// The controls of the bench: the tracker's settings, the clicks, the sound.
import { button, choice, h, slider } from "../../shared/js/dom.js";

const BARS = [2, 3, 4, 5, 6, 7, 8, 9, 12];

const percent = (value) => `${Math.round(100 * value)} %`;

// Sliders and choices that write the traits; show() reads them.
export function trackerControls({ get, set }, words) {
  const write = (name, change = (value) => value) => (value) => set({ [name]: change(value) });
  const log = { to: (value) => Math.log10(value), from: (value) => Math.round(10 ** value) };
  const controls = {
    novelty: choice("Novelty", Object.entries(words.novelties), get("novelty"), write("novelty")),
    tempo_prior: slider("Tempo prior", {
      min: 30, max: 300, step: 1, show: (bpm) => `${Math.round(bpm)} bpm`,
      value: get("tempo_prior"), change: write("tempo_prior") }),
    prior_octaves: slider("Width", {
      min: 0.1, max: 4, step: 0.1, show: (octaves) => `± ${octaves.toFixed(1)} octaves`,
      value: get("prior_octaves"), change: write("prior_octaves") }),
    tightness: slider("Tightness", {
      min: 0, max: 4, step: 0.05, show: (value) => `${log.from(value)}`,
      value: log.to(get("tightness")), change: write("tightness", log.from) }),
    beats_per_bar: choice("Beats per bar", [], get("beats_per_bar"), write("beats_per_bar", Number)),
  };
  const bars = [...new Set([...BARS, get("beats_per_bar")])].sort((a, b) => a - b);
  const select = controls.beats_per_bar.element.querySelector("select");
  for (const count of bars) select.append(h("option", { value: count }, `${count}`));
  return {
    elements: Object.values(controls).map(({ element }) => element),
    show() {
      for (const [name, control] of Object.entries(controls)) {
        control.set(name === "tightness" ? log.to(get(name)) : get(name));
      }
    },
  };
}

// What is clicked, flashed and compared, and how loud the clicks are; saveClicks() writes the file.
export function clickControls({ get, set }, words, saveClicks) {
  const reference = choice("Clicks and taps on", Object.entries(words.references), get("reference"),
    (value) => set({ reference: value }));
  const level = slider("Clicks", {
    min: 0, max: 1, step: 0.05, show: percent, value: get("click_level"),
    change: (value) => set({ click_level: value }) });
  return {
    elements: [reference.element, level.element, button("Save with clicks", saveClicks)],
    show(isTrueKnown) {
      reference.element.hidden = !isTrueKnown;
      reference.set(get("reference"));
      level.set(get("click_level"));
    },
  };
}

// The name of the sound, or a choice once there is the user's.
export function soundPicker({ get, set }) {
  const element = h("span");
  function show() {
    const [title, userTitle] = [get("title") || "the given sound", get("user_audio_name")];
    const isGiven = get("sound").byteLength > 0;
    const pairs = [...(isGiven ? [["given", title]] : []), ...(userTitle ? [["user_audio", userTitle]] : [])];
    if (!pairs.length) element.textContent = "No sound yet: choose a file, drop one here, or record.";
    else if (!userTitle) element.replaceChildren(h("strong", {}, title));
    else element.replaceChildren(choice("Sound", pairs, get("clip"), (clip) => set({ clip, taps: [] })).element);
  }
  return { element, show };
}

export function prompts({ set }, words) {
  const buttons = words.prompts.map(([text, traits]) => button(text, () => set(traits)));
  return h("div", { class: "strip" }, h("strong", {}, "Try:"), ...buttons);
}

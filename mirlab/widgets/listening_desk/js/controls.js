// The controls above and below the lanes.
import { button, h, slider } from "../../shared/js/dom.js";
import { KEYS } from "./keys.js";

const EMPTY = "An empty desk: ListeningDesk.of(analysis) fills it";

// The parts of the strips: {title, strip, below} of a Desk.
export function controls(desk) {
  const { data, traits } = desk;
  const { get } = traits;
  const help = h("details", { class: "help" }, h("summary", {}, "Keys and gestures"), KEYS);
  return {
    title: [h("strong", {}, get("title") || (data.duration ? "" : EMPTY)), keyName(traits)],
    strip: [...playbackControls(desk), ...viewControls(desk)],
    below: { legend: isCompared(data) ? [legend()] : [], help },
  };
}

function keyName({ get, on }) {
  const element = h("span", {}, get("key"));
  on(["key"], () => (element.textContent = get("key")));
  return element;
}

function playbackControls(desk) {
  const { traits } = desk;
  const speed = { min: 0.25, max: 2, show: (value) => `${value}×` };
  const elements = [
    traitCheckbox(traits, "Loop", "loop", () => desk.toggleLoop()),
    traitSlider(traits, "Speed", "speed", speed),
  ];
  if ("notes" in traits.get("sounds")) {
    const balance = { min: 0, max: 1, show: balanceText };
    elements.push(traitSlider(traits, "Original ↔ notes", "balance", balance));
  }
  return [...elements, traitCheckbox(traits, "Clicks on beats", "metronome")];
}

function viewControls({ data, editor, timeline, traits }) {
  const labelled = (text, label, onclick) =>
    button(text, onclick, { "aria-label": label, title: label });
  return [
    traitCheckbox(traits, "Follow", "follow"),
    labelled("−", "Zoom out", () => timeline.zoom(1 / 0.7)),
    labelled("+", "Zoom in", () => timeline.zoom(0.7)),
    labelled("All", "Show the whole piece", () => timeline.setView(0, data.duration)),
    ...(editor ? [editor.toggle] : []),
  ];
}

function traitSlider({ get, set, on }, label, name, limits) {
  const change = (value) => set({ [name]: value });
  const control = slider(label, { ...limits, step: 0.05, value: get(name), change });
  on([name], () => control.set(get(name)));
  return control.element;
}

function traitCheckbox({ get, set, on }, text, name, flip = () => set({ [name]: !get(name) })) {
  const input = h("input", { type: "checkbox", onchange: () => flip() });
  const show = () => (input.checked = get(name));
  on([name], show);
  show();
  return h("label", {}, input, text);
}

const isCompared = ({ notes, chords, beats }) =>
  [notes, chords, beats].some((versions) => "truth" in versions);

function legend() {
  const item = (kind, text) => h("span", {}, h("i", { class: `key ${kind}` }), text);
  return h(
    "span",
    { class: "legend" },
    item("found", "found"),
    item("missed", "missed"),
    item("extra", "not in the truth"),
  );
}

const balanceText = (balance) =>
  balance <= 0 ? "original" : balance >= 1 ? "notes" : `${Math.round(100 * balance)} % notes`;

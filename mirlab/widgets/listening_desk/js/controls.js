// What stands above and below the lanes.
import { h, slider } from "../../shared/js/dom.js";
import { KEYS } from "./keys.js";

const EMPTY = "An empty desk: ListeningDesk.of(analysis) fills it";

export function controls({ get, set, on, data, time, loop }) {
  const { duration } = data;

  function bound(label, name, limits, show) {
    const change = (value) => set({ [name]: value });
    const one = slider(label, { ...limits, step: 0.05, show, value: get(name), change });
    on(name, () => one.set(get(name)));
    return one.element;
  }

  function toggle(text, name, act = () => set({ [name]: !get(name) })) {
    const input = h("input", { type: "checkbox", onchange: () => act() });
    const read = () => (input.checked = get(name));
    on(name, read);
    read();
    return h("label", {}, input, text);
  }

  const button = (text, label, onclick) =>
    h("button", { type: "button", "aria-label": label, title: label, onclick }, text);

  const strip = [
    toggle("Loop", "loop", loop),
    bound("Speed", "speed", { min: 0.25, max: 2 }, (speed) => `${speed}×`),
  ];
  if ("notes" in get("sounds")) {
    strip.push(bound("Original ↔ notes", "balance", { min: 0, max: 1 }, side));
  }
  strip.push(
    toggle("Clicks on beats", "metronome"),
    toggle("Follow", "follow"),
    button("−", "Zoom out", () => time.zoom(1 / 0.7)),
    button("+", "Zoom in", () => time.zoom(0.7)),
    button("All", "Show the whole piece", () => time.setView(0, duration)),
  );
  const kind = (name, text) => h("span", {}, h("i", { class: `key ${name}` }), text);
  const compared = [data.notes, data.chords, data.beats].some((one) => "truth" in one);
  const kinds = [
    kind("found", "found"),
    kind("missed", "missed"),
    kind("extra", "not in the truth"),
  ];
  return {
    title: [h("strong", {}, get("title") || (duration ? "" : EMPTY)), get("key")],
    strip,
    below: {
      legend: compared ? [h("span", { class: "legend" }, ...kinds)] : [],
      help: h("details", { class: "help" }, h("summary", {}, "Keys and gestures"), KEYS),
    },
  };
}

const side = (balance) =>
  balance <= 0 ? "original" : balance >= 1 ? "notes" : `${Math.round(100 * balance)} % notes`;

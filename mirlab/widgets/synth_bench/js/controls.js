// The controls of each method: a picture to drag in, and sliders for the rest.
import { h, slider } from "../../shared/js/dom.js";
import { additive, wavetable } from "./bar_controls.js";
import { byRatio, short, strip } from "./parts.js";
import { breath, fm, plucked, subtractive } from "./plot_controls.js";

const builders = { additive, subtractive, fm, plucked, wavetable, breath };

// A slider of a setting; some move by ratios.
function knob(key, [low, high, ratio, unit, name], change) {
  const whole = key === "oscillators";
  const { at, to } = ratio ? byRatio(low, high) : { at: Number, to: whole ? Number : short };
  const control = slider(name, {
    ...(ratio ? { min: 0, max: 1, step: 0.01 } : { min: low, max: high, step: whole ? 1 : (high - low) / 100 }),
    value: low,
    show: (x) => `${short(to(x))} ${unit}`,
    change: (x) => change({ [key]: to(x) }),
  });
  return { element: control.element, set: (value) => control.set(at(value)) };
}

// The panel of a method: {elements, set(settings, note), paint, close}.
export function makeControls(method, title, knobs, change) {
  const sliders = Object.entries(knobs).map(([key, range]) => [key, knob(key, range, change)]);
  const { main, setMain = main.set, extra = [], follow = () => {} } = builders[method](change, title);
  return {
    paint: () => main.paint(),
    close: () => main.close(),
    elements: [h("div", { class: "name" }, title), main.element,
      strip(...extra, ...sliders.map(([, { element }]) => element))],
    set(settings, note) {
      follow(settings);
      setMain(settings, note);
      for (const [key, { set }] of sliders) set(settings[key]);
    },
  };
}

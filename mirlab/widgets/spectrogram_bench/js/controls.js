// The settings of one side: choices and sliders; only those that its transform uses are shown.
import { choice, slider } from "../../shared/js/dom.js";

export function makeControls(words, change) {
  const kinds = Object.entries(words.kinds).map(([key, { name }]) => [key, name]);
  const kind = choice("Transform", kinds, "stft", (value) => change({ kind: value }));
  const scale = choice("Scale", Object.entries(words.scales), "db", (value) => change({ scale: value }));
  const sliders = Object.entries(words.steps).map(([key, { name, values, texts }]) => ({
    key,
    values,
    ...slider(name, {
      min: 0,
      max: values.length - 1,
      step: 1,
      value: 0,
      show: (i) => texts[i],
      change: (i) => change({ [key]: values[i] }),
    }),
  }));
  return {
    elements: [kind.element, scale.element, ...sliders.map(({ element }) => element)],
    set(settings) {
      kind.set(settings.kind);
      scale.set(settings.scale);
      const { uses } = words.kinds[settings.kind];
      for (const { key, values, element, set } of sliders) {
        set(values.indexOf(settings[key]));
        element.hidden = key !== "hop_length" && key !== uses;
      }
    },
  };
}

// Layout of the bench: strips of controls, the lanes, taps and plots.
import { h } from "../../shared/js/dom.js";

const strip = (...children) => h("div", { class: "strip" }, ...children);
const panel = (title, ...children) =>
  h("div", { class: "panel" }, h("div", { class: "name" }, title), ...children);

// The elements of a BeatBench, from top to bottom.
export function layout(bench) {
  const { audioInput, clickControls, playback, ring, soundPicker, tapping, trackerControls, words } = bench;
  return [
    strip(soundPicker.element, ...audioInput.elements, bench.engineLabel),
    strip(...playback.elements, ...clickControls.elements),
    strip(...trackerControls.elements),
    bench.prompts,
    bench.lanesArea,
    h("div", { class: "tiles" },
      panel("Tap along",
        h("div", { class: "tap-row" }, ring.element, tapping.pad),
        strip(...tapping.elements),
        h("p", { class: "help" }, words.calibration)),
      panel("Errors of your taps", bench.histogramArea, bench.reading)),
    panel("Tempo: autocorrelation (grey) and prior (dashed) add up to the fit (blue)", bench.profileArea),
    h("details", { class: "help" }, h("summary", {}, "Tapping, mouse and keys"), words.help),
    bench.announcer,
    bench.status.element,
  ];
}

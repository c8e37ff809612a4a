// Text below the roll: number of notes, posteriors under the pointer, comparison with the reference.
import { clock, h } from "../../shared/js/dom.js";
import { noteName } from "../../shared/js/notes.js";
import { PITCHES } from "./decode.js";

export function readings({ kinds, hop, lowest }) {
  const count = h("span");
  const reading = h("output", { class: "reading", "aria-live": "off" });
  const counts = Object.fromEntries(kinds.map(([kind]) => [kind, h("output")]));
  const score = h("strong");
  const legend = h("span", { class: "legend" }, ...kinds.map(([kind, text, sign]) =>
    h("span", {}, h("i", { class: `key ${kind}` }, sign), text, " ", counts[kind])), score);
  return {
    elements: [count, reading, legend],
    // Shows how many notes there are and how they compare with the reference; gives it in words.
    showCounts(n, isEdited, comparison) {
      count.textContent = `${n} note${n === 1 ? "" : "s"}${isEdited ? ", edited" : ""}`;
      legend.hidden = !comparison;
      if (!comparison) return count.textContent;
      for (const [kind] of kinds) counts[kind].textContent = comparison.counts[kind];
      score.textContent = `F ${comparison.f.toFixed(3)}`;
      return kinds.map(([kind, text]) => `${comparison.counts[kind]} ${text}`).join(", ");
    },
    // Shows the posteriors at a time and a pitch; without a time, nothing.
    showPoint({ frames, posteriors }, t, pitch) {
      const row = Math.round(pitch) - lowest;
      const index = Math.round(t / hop);
      const inside = t !== null && index >= 0 && index < frames && row >= 0 && row < PITCHES;
      const posterior = (head) =>
        (posteriors[(head * PITCHES + row) * frames + index] / 255).toFixed(2);
      reading.textContent = inside
        ? `${clock(t)} · ${noteName(row + lowest)} · onset ${posterior(0)} · sounding ${posterior(1)}` : "";
    },
  };
}

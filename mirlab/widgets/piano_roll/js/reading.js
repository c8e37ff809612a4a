// What is written under the roll: how many notes, what lies under the pointer, how many are right.
import { clock, h } from "../../shared/js/dom.js";
import { noteName } from "../../shared/js/notes.js";
import { PITCHES } from "./decode.js";

export function readings({ kinds, hop, lowest }) {
  const told = h("span");
  const reading = h("output", { class: "reading", "aria-live": "off" });
  const counts = Object.fromEntries(kinds.map(([kind]) => [kind, h("output")]));
  const score = h("strong");
  const legend = h("span", { class: "legend" }, ...kinds.map(([kind, text, sign]) =>
    h("span", {}, h("i", { class: `key ${kind}` }, sign), text, " ", counts[kind])), score);
  return {
    elements: [told, reading, legend],
    // Tells of the notes, and gives it in words.
    tell(count, isEdited, compared) {
      told.textContent = `${count} note${count === 1 ? "" : "s"}${isEdited ? ", edited" : ""}`;
      legend.hidden = !compared;
      if (!compared) return told.textContent;
      for (const [kind] of kinds) counts[kind].textContent = compared.counts[kind];
      score.textContent = `F ${compared.f.toFixed(3)}`;
      return kinds.map(([kind, text]) => `${compared.counts[kind]} ${text}`).join(", ");
    },
    // What was heard at a time and a pitch; no time, no text.
    point({ frames, posteriors }, t, p) {
      const row = Math.round(p) - lowest;
      const index = Math.round(t / hop);
      const inside = t !== null && index >= 0 && index < frames && row >= 0 && row < PITCHES;
      const level = (which) =>
        (posteriors[(which * PITCHES + row) * frames + index] / 255).toFixed(2);
      reading.textContent = inside
        ? `${clock(t)} · ${noteName(row + lowest)} · onset ${level(0)} · sounding ${level(1)}` : "";
    },
  };
}

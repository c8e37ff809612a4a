// Controls of the whole bench: sound, zoom, true notes, prompts.
import { button, choice, h } from "../../shared/js/dom.js";
import { USER_AUDIO } from "./clips.js";

export function toolbar({ get, set }) {
  const picker = h("span");
  const zoom = button("Zoom to the region", () => set({ view: get("region") }));
  const all = button("Show all", () => set({ view: [] }));
  const tick = h("input", { type: "checkbox" });
  tick.addEventListener("change", () => set({ notes_shown: tick.checked }));
  const prompts = get("prompts").map(([text, state]) =>
    button(text, () => set({ view: [], region: [], ...state })));
  const clips = { choice: null }; // made anew when there are others

  function listClips() {
    const names = Object.keys(get("sounds")).map((name) => [name, name]);
    if (get("user_audio_name")) names.push([USER_AUDIO, get("user_audio_name")]);
    clips.choice = choice("Sound", names, get("clip"), (clip) => set({ clip }));
    picker.replaceChildren(clips.choice.element);
  }

  return {
    picker,
    elements: [zoom, all, h("label", {}, tick, "True notes")],
    prompts: h("div", { class: "strip", hidden: !prompts.length }, h("strong", {}, "Try:"), ...prompts),
    listClips,
    setClip: (clip) => clips.choice.set(clip),
    follow() {
      zoom.disabled = !get("region").length;
      all.disabled = !get("view").length;
      tick.checked = get("notes_shown");
    },
  };
}

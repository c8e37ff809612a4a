// The Spectrogram bench: two pictures of one sound; everything follows the traits.
import { button, choice, followTheme, h, status } from "../../shared/js/dom.js";
import { engine } from "../../shared/js/engine.js";
import { intake } from "../../shared/js/audio_input.js";
import { bytes, unpackNotes } from "../../shared/js/notes.js";
import { decode } from "../../shared/js/sound.js";
import { pageEngine } from "./compute.js";
import { panel } from "./panel.js";
import { player } from "./player.js";
import { hertzText } from "./reading.js";

const SIDES = ["left", "right"];
const LONGEST = 10; // s
const OWN = "own";
const EMPTY = "No sound yet: choose a file, drop one here, or record.";

const floats = (view) => // of 16-bit samples
  Float32Array.from(new Int16Array(bytes(view).slice().buffer), (value) => value / 32768);

function render({ model, el }) {
  const root = h("div", { class: "mirlab bench", role: "group", "aria-label": "Spectrogram bench" });
  el.append(root);
  const closers = [];
  const get = (name) => model.get(name);
  const on = (names, call) => {
    for (const name of names) {
      model.on(`change:${name}`, call);
      closers.push(() => model.off(`change:${name}`, call));
    }
  };
  const set = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
  };
  const words = get("_words");
  const said = status(model);
  const voice = h("span", { class: "engine" });
  const spoken = h("span", { role: "status" });
  const samplesOf = keepSamples(get);
  const outdated = new Set(); // sides that show another sound of the reader's
  let awaited = null; // {settings, region, from, id}: what is to be heard once it was computed

  const { show } = pageEngine(samplesOf);
  const { ask, close } = engine(model, { element: voice, busy: said.busy, compute: { show } });
  const eachPanel = (call) => SIDES.forEach((side) => call(panels[side], side));
  const heard = player(root, (t) => eachPanel((one) => one.setNow(t)));
  const panels = Object.fromEntries(SIDES.map((side) => [side, panel(side, words, {
    change: (changes) => set({ [side]: { ...get(side), ...changes } }),
    point: (point, byKey) => {
      eachPanel((one) => one.point(point));
      if (byKey) spoken.textContent = panels[side].reading;
    },
    mark: (region, done) => (done ? set({ region }) : eachPanel((one) => one.drag(region))),
    hear: (region, from) => hear(get(side), region, from),
  })]));
  const takes = intake(root, {
    longest: LONGEST,
    take: ({ name, samples, whole }) => {
      const own_name = whole > LONGEST + 0.05 ? `${name}, the first ${LONGEST} s` : name;
      set({ own_name, own: new DataView(samples.buffer), clip: OWN });
    },
    tell: (text = get("clip") ? "" : EMPTY) => (spoken.textContent = text),
    fail: (text) => model.set("failure", text),
    setRecording: (recording) => recording && heard.stop(),
  });

  // Ask for whatever does not show what the traits say, all in one request: of several only the
  // newest waits, and what an older one was for would be lost.
  function refresh() {
    const clip = get("clip");
    if (!clip) return;
    const stale = SIDES.filter((side) => {
      const shown = get(`_${side}`);
      const wanted = Object.entries(get(side));
      return outdated.has(side) || shown.clip !== clip
        || wanted.some(([name, value]) => shown.settings[name] !== value);
    });
    const sides = Object.fromEntries(stale.map((side) => [side, get(side)]));
    if (stale.length || awaited) ask("show", { clip, sides, sound: awaited });
  }

  function showPicture(side) {
    const answer = get(`_${side}`);
    if (!answer.clip || answer.clip !== get("clip")) return;
    panels[side].show(answer, title());
    root.dataset.updated = performance.now();
  }

  // Play a region alone, from a time on.
  function hear(settings, region, from) {
    heard.stop();
    awaited = { settings, region, from, id: Math.random() };
    spoken.textContent = "";
    refresh();
  }

  // What was waited for has come.
  function playAwaited() {
    const { id, settings, region, from, samples, refused } = get("_sound");
    if (id !== awaited?.id) return;
    awaited = null;
    if (refused) return model.set("failure", refused);
    const part = floats(samples);
    const [low, high] = region.slice(2).map(hertzText);
    const { name } = words.kinds[settings.kind];
    const silent = part.every((value) => !value);
    spoken.textContent = silent ? "silent there" : `${low} to ${high} alone, by ${name}`;
    if (!silent) heard.playPart(part, region, from);
  }

  const title = () => (get("clip") === OWN ? get("own_name") : get("clip"));

  // What lies over the pictures, and which part of them is seen.
  function mark() {
    const [region, view] = [get("region"), get("view")];
    const notes = get("notes_shown") ? unpackNotes(get("notes")[get("clip")]) : [];
    eachPanel((one) => one.mark(notes, region, view));
    zoom.disabled = !region.length;
    all.disabled = !view.length;
    tick.checked = get("notes_shown");
  }

  // Another sound: its notes, its samples and both pictures.
  async function showClip() {
    const clip = get("clip");
    awaited = null;
    heard.stop();
    mark();
    picked.set(clip);
    spoken.textContent = clip ? "" : EMPTY;
    eachPanel((_, side) => showPicture(side));
    refresh();
    try {
      const samples = await samplesOf(clip);
      if (clip === get("clip")) heard.setClip(samples);
    } catch (error) {
      model.set("failure", `${title()} could not be decoded: ${error.message}`);
    }
  }

  const picker = h("span");
  let picked = null;
  function listClips() {
    const names = Object.keys(get("sounds")).map((name) => [name, name]);
    if (get("own_name")) names.push([OWN, get("own_name")]);
    picked = choice("Sound", names, get("clip"), (clip) => set({ clip }));
    picker.replaceChildren(picked.element);
  }

  const tick = h("input", { type: "checkbox" });
  tick.addEventListener("change", () => set({ notes_shown: tick.checked }));
  const prompts = get("prompts").map(([text, state]) =>
    button(text, () => set({ view: [], region: [], ...state })));
  const zoom = button("Zoom to the region", () => set({ view: get("region") }));
  const all = button("Show all", () => set({ view: [] }));
  root.append(
    h("div", { class: "strip" }, picker, ...heard.elements, ...takes.elements, voice),
    h("div", { class: "strip" }, zoom, all, h("label", {}, tick, "True notes"), spoken),
    h("div", { class: "tiles" }, ...SIDES.map((side) => panels[side].element)),
    h("div", { class: "strip", hidden: !prompts.length }, h("strong", {}, "Try:"), ...prompts),
    h("details", { class: "help" }, h("summary", {}, "Mouse and keys"), words.help),
    said.element,
  );

  for (const side of SIDES) {
    const follow = () => panels[side].setSettings(get(side));
    on([side], follow);
    on([`_${side}`], () => {
      outdated.delete(side);
      showPicture(side);
    });
    follow();
  }
  on(SIDES, refresh);
  on(["_sound"], playAwaited);
  on(["sounds", "own_name"], listClips);
  on(["own"], () => {
    if (get("clip") !== OWN) return;
    for (const side of SIDES) outdated.add(side);
    showClip();
  });
  on(["clip", "sounds"], showClip);
  on(["region", "view", "notes", "notes_shown"], mark);
  listClips();
  const unfollow = followTheme(root, () => eachPanel((one) => one.paint()));
  showClip();
  return () => {
    for (const one of [...closers, close, said.close, unfollow, takes.close, heard.close]) one();
    eachPanel((one) => one.close());
  };
}

// Gives the samples of a sound by its name; the last file is not decoded again.
function keepSamples(get) {
  let [last, samples] = [];
  return async (name) => {
    if (name === OWN) return floats(get("own"));
    const file = get("sounds")[name];
    if (!file) return new Float32Array(1);
    if (file !== last) {
      samples = floats((await decode(bytes(file).slice().buffer, LONGEST)).samples);
      last = file;
    }
    return samples;
  };
}

export default { render };

// The Spectrogram bench: two spectrograms of one sound; everything follows the traits.
import { followTheme, h, status } from "../../shared/js/dom.js";
import { engine } from "../../shared/js/engine.js";
import { AudioInput } from "../../shared/js/audio_input.js";
import { unpackNotes } from "../../shared/js/notes.js";
import { modelTraits } from "../../shared/js/traits.js";
import { LONGEST, USER_AUDIO, clipReader, clipTitle } from "./clips.js";
import { pageEngine } from "./compute.js";
import { Panel } from "./panel.js";
import { ClipPlayer } from "./player.js";
import { requests } from "./requests.js";
import { toolbar } from "./toolbar.js";

const SIDES = ["left", "right"];
const EMPTY = "No sound yet: choose a file, drop one here, or record.";

function render({ model, el }) {
  const root = h("div", { class: "mirlab bench", role: "group", "aria-label": "Spectrogram bench" });
  el.append(root);
  const bench = makeBench(model, root);
  layOut(bench);
  observeTraits(bench);
  bench.tools.listClips();
  const stopTheme = followTheme(root, () => eachPanel(bench, (side) => side.paint()));
  showClip(bench);
  return () => {
    for (const name of ["traits", "engine", "status", "input", "playback"]) bench[name].close();
    stopTheme();
    eachPanel(bench, (side) => side.close());
  };
}

// Everything that the bench consists of.
function makeBench(model, root) {
  const traits = modelTraits(model);
  const { get, set } = traits;
  const label = h("span", { class: "engine" });
  const announcement = h("span", { role: "status" });
  const bench = {
    root,
    traits,
    get,
    set,
    label,
    announcement,
    announce: (text) => (announcement.textContent = text),
    fail: (text) => model.set("failure", text),
    status: status(model),
    readClip: clipReader(get),
  };
  const { show } = pageEngine(bench.readClip);
  bench.engine = engine(model, { element: label, busy: bench.status.busy, compute: { show } });
  bench.playback = new ClipPlayer(root, (t) => eachPanel(bench, (side) => side.setPosition(t)));
  bench.requests = requests(bench, SIDES, get("_words"));
  bench.panels = Object.fromEntries(SIDES.map((side) => [side, makePanel(bench, side)]));
  bench.input = makeInput(bench);
  bench.tools = toolbar(bench);
  return bench;
}

function eachPanel({ panels }, call) {
  for (const side of SIDES) call(panels[side], side);
}

function makePanel(bench, side) {
  const { get, set } = bench;
  return new Panel(side, get("_words"), {
    change: (changes) => set({ [side]: { ...get(side), ...changes } }),
    point(cursor, byKey) {
      eachPanel(bench, (each) => each.point(cursor));
      if (byKey) bench.announce(bench.panels[side].reading);
    },
    select(region, isDone) {
      if (isDone) set({ region });
      else eachPanel(bench, (each) => each.previewRegion(region));
    },
    play: (region, from) => bench.requests.play(get(side), region, from),
  });
}

// The user's sound.
function makeInput({ root, get, set, announce, fail, playback }) {
  return new AudioInput(root, {
    longest: LONGEST,
    take({ name, samples, whole }) {
      const user_audio_name = whole > LONGEST + 0.05 ? `${name}, the first ${LONGEST} s` : name;
      set({ user_audio_name, user_audio: new DataView(samples.buffer), clip: USER_AUDIO });
    },
    tell: (text = get("clip") ? "" : EMPTY) => announce(text),
    fail,
    setRecording: (recording) => recording && playback.stop(),
  });
}

function layOut({ root, get, label, announcement, status: { element }, playback, input, panels, tools }) {
  root.append(
    h("div", { class: "strip" }, tools.picker, ...playback.elements, ...input.elements, label),
    h("div", { class: "strip" }, ...tools.elements, announcement),
    h("div", { class: "tiles" }, ...SIDES.map((side) => panels[side].element)),
    tools.prompts,
    h("details", { class: "help" }, h("summary", {}, "Mouse and keys"), get("_words").help),
    element,
  );
}

// Call what shows a trait whenever it changes.
function observeTraits(bench) {
  const { traits: { on }, get, panels } = bench;
  for (const side of SIDES) {
    const follow = () => panels[side].setSettings(get(side));
    on([side], follow);
    on([`_${side}`], () => {
      bench.requests.updated(side);
      showAnswer(bench, side);
    });
    follow();
  }
  on(SIDES, bench.requests.refresh);
  on(["_sound"], bench.requests.playAnswer);
  on(["sounds", "user_audio_name"], bench.tools.listClips);
  on(["user_audio"], () => {
    if (get("clip") !== USER_AUDIO) return;
    bench.requests.outdate();
    showClip(bench);
  });
  on(["clip", "sounds"], () => showClip(bench));
  on(["region", "view", "notes", "notes_shown"], () => showMarks(bench));
}

function showAnswer({ root, get, panels }, side) {
  const answer = get(`_${side}`);
  if (!answer.clip || answer.clip !== get("clip")) return;
  panels[side].show(answer, clipTitle(get));
  root.dataset.updated = performance.now();
}

// What lies over the spectrograms, and which part of them is seen.
function showMarks(bench) {
  const { get } = bench;
  const notes = get("notes_shown") ? unpackNotes(get("notes")[get("clip")]) : [];
  eachPanel(bench, (side) => side.setMarks(notes, get("region"), get("view")));
  bench.tools.follow();
}

// Another sound: its notes, its samples and both spectrograms.
async function showClip(bench) {
  const { get, playback } = bench;
  const clip = get("clip");
  bench.requests.forget();
  playback.stop();
  showMarks(bench);
  bench.tools.setClip(clip);
  bench.announce(clip ? "" : EMPTY);
  for (const side of SIDES) showAnswer(bench, side);
  bench.requests.refresh();
  try {
    const samples = await bench.readClip(clip);
    if (clip === get("clip")) playback.setClip(samples);
  } catch (error) {
    bench.fail(`${clipTitle(get)} could not be decoded: ${error.message}`);
  }
}

export default { render };

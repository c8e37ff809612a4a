// The Piano roll: what a network hears, decoded here, heard, edited and saved; all follows the traits.
import { button, choice, clock, followTheme, h, status } from "../../shared/js/dom.js";
import { engine } from "../../shared/js/engine.js";
import { intake } from "../../shared/js/audio_input.js";
import { bytes } from "../../shared/js/notes.js";
import { RATE } from "../../shared/js/sound.js";
import { decoding, sounds } from "./controls.js";
import { decode } from "./decode.js";
import { NOTHING, opened } from "./inference.js";
import { editor } from "./editor.js";
import { midi, musicxml, save } from "./files.js";
import { compare, pack, unpack } from "./notes.js";
import { player } from "./player.js";
import { predict } from "./predict.js";
import { readings } from "./reading.js";
import { ALL, surface } from "./surface.js";

const LONGEST = 60; // s
const SETTINGS = ["decoder", "onset_threshold", "frame_threshold", "min_seconds"];
const AHEAD = 0.1; // s that an arrow moves the cursor

const ints = (view) => new Int16Array(bytes(view).slice().buffer);
const same = (a, b) => (a === null) === (b === null) && String(bytes(a)) === String(bytes(b));

function render({ model, el }) {
  const root = h("div", { class: "mirlab piano-roll", role: "group", "aria-label": "Piano roll" });
  el.append(root);
  const closers = [];
  const get = (name) => model.get(name);
  const on = (names, call) => names.forEach((name) => {
    model.on(`change:${name}`, call);
    closers.push(() => model.off(`change:${name}`, call));
  });
  const set = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
  };
  const words = get("_words");
  const isOwn = () => get("clip") === "own";
  const seconds = () => (isOwn() ? bytes(get("own")).length / 2 / RATE : get("seconds"));
  const title = () => (isOwn() ? get("own_name") : get("title")) || "notes";
  const said = status(model);
  const voice = h("span", { class: "engine" });
  const spoken = h("div", { class: "unseen", role: "status" });
  const say = (text) => (spoken.textContent = text);
  const texts = readings(words);
  let heard = NOTHING;
  let truth = [];
  let compared = null;
  let writing = null; // what `edited` holds, as this page wrote it
  let [asked, wanted] = [0, 0]; // the ids of what the reader's sound and the score are asked for by
  let [frame, saving, opening] = [0, 0, 0];

  // --- what can be asked for: the kernel answers, or this page
  const net = get("net");
  let hearing = new AbortController(); // of the reader's sound, in this page
  const compute = {
    score: ({ id }) => ({ _score: { id, xml: new TextEncoder().encode(musicxml(notes.notes, get("bpm"), title())) } }),
  };
  if (net.layers) {
    compute.hear = async ({ id }, progress) => {
      const samples = Float32Array.from(ints(get("own")), (value) => value / 32768);
      const began = performance.now();
      const { signal } = hearing;
      try {
        const { runtime, ...found } = await predict(net, samples, progress, signal);
        root.dataset.heard = performance.now() - began;
        root.dataset.runtime = runtime;
        return { own_heard: { ...found, plain: true, id } };
      } catch (error) {
        if (signal.aborted) return {}; // another sound is there
        throw error;
      }
    };
  }
  const { ask, close } = engine(model, { element: voice, busy: said.busy, compute });

  // --- the picture, the notes, the sound
  const notes = editor({
    changed, say, seconds,
    now: () => sound.transport.position,
    middle: () => Math.round((roll.view[2] + roll.view[3]) / 2),
  });
  const ticks = ["spectrogram", "posteriors"].map((name) => {
    const input = h("input", { type: "checkbox", checked: true, onchange: () => roll.paint() });
    return { name, input, element: h("label", {}, input, name === "posteriors" ? "Posteriors" : "Spectrogram") };
  });
  const roll = surface({
    state: () => ({
      heard, words, compared, seconds: seconds(), notes: notes.notes, selected: notes.selected,
      shown: ticks.filter(({ input }) => input.checked).map(({ name }) => name),
    }),
    act: {
      ...notes,
      hover: (t, p) => texts.point(heard, t, p),
      seek,
      key,
      change: (note, fresh) => notes.put(note, fresh),
      view: (view) => {
        clearTimeout(saving);
        saving = setTimeout(() => set({ view }), 300);
      },
    },
  });
  const sound = player(playing, () => ({
    seconds: seconds(), sound: get("sound"), samples: isOwn() ? get("own") : null, notes: notes.notes,
    listen: get("listen"),
  }));

  // The notes have changed, or (with `passing`) only what is seen of them.
  function changed(passing = false) {
    compared = truth.length && !isOwn() ? compare(notes.notes, truth) : null;
    notes.refresh();
    const told = texts.tell(notes.notes.length, notes.isEdited, compared);
    roll.describe(`Spectrogram, posteriors and notes: ${told}`);
    roll.paint();
    root.dataset.updated = performance.now();
    if (passing) return;
    sound.renew();
    const next = notes.isEdited ? pack(notes.notes) : null;
    if (same(next, get("edited"))) return;
    writing = next;
    set({ edited: next });
  }

  function found() {
    const began = performance.now();
    const settings = Object.fromEntries(SETTINGS.map((name) => [name, get(name)]));
    const notes_ = decode(heard, settings, words);
    root.dataset.decoded = performance.now() - began;
    return notes_;
  }

  function again() {
    notes.decoded(found());
    controls.show();
  }

  // Another sound: its posteriors, its notes and its sound.
  async function open() {
    const mine = ++opening;
    const packed = get(isOwn() ? "own_heard" : "heard");
    const waits = isOwn() && packed.id !== asked && asked;
    const ready = waits ? NOTHING : await opened(packed);
    if (mine !== opening) return;
    heard = ready;
    truth = unpack(get("reference"));
    if (sound.transport.playing) sound.transport.pause();
    sound.transport.seek(0);
    const kept = get("edited");
    notes.open(found(), kept === null ? null : unpack(kept));
    controls.show();
    roll.setView(get("view").length ? get("view") : fitting(), false);
    play.disabled = !seconds();
    picker.show();
    follow();
    root.dataset.opened = performance.now();
  }

  // All of it in time, and the pitches that there are.
  function fitting() {
    const all = [...notes.notes, ...truth].map(({ pitch }) => pitch);
    if (!all.length) return [0, seconds() || 1, ...ALL];
    return [0, seconds() || 1, Math.min(...all) - 5, Math.max(...all) + 5];
  }

  function playing() {
    const on = sound.transport.playing;
    play.textContent = on ? "Pause" : "Play";
    play.setAttribute("aria-pressed", on);
    root.dataset.playing = on;
    cancelAnimationFrame(frame);
    follow();
  }

  function follow() {
    const { position, playing: on } = sound.transport;
    roll.setNow(position, on);
    at.textContent = `${clock(position)} of ${clock(seconds())}`;
    if (on) frame = requestAnimationFrame(follow);
  }

  function seek(t) {
    sound.transport.seek(Math.min(Math.max(t, 0), seconds()));
    if (!sound.transport.playing) follow();
  }

  async function toggle() {
    if (!seconds()) return;
    try {
      await sound.transport.toggle();
    } catch (error) {
      sound.transport.ready = undefined;
      model.set("failure", `The sound could not be decoded: ${error.message}`);
    }
  }

  function key(event) {
    const { key: name, shiftKey } = event;
    const [by, rows] = shiftKey ? [10 * AHEAD, 12] : [AHEAD, 2];
    const { position, playing: on } = sound.transport;
    if (!notes.key(event)) {
      const act = !(event.ctrlKey || event.metaKey || event.altKey) && {
        " ": toggle,
        ArrowLeft: () => seek(position - by),
        ArrowRight: () => seek(position + by),
        ArrowUp: () => roll.scroll(0, rows),
        ArrowDown: () => roll.scroll(0, -rows),
        Home: () => seek(0),
        End: () => seek(seconds()),
        "-": () => roll.zoom(1 / 0.7, 1),
        "+": () => roll.zoom(0.7, 1),
        "=": () => roll.zoom(0.7, 1), // + without Shift
        0: () => roll.setView(fitting()),
      }[name];
      if (!act) return;
      act();
      if (name.startsWith("Arrow") && !on) say(at.textContent);
    }
    event.preventDefault();
    event.stopPropagation(); // the notebook would change cells
  }

  // --- controls
  const controls = decoding({ get, set, words });
  const play = button("Play", toggle, { class: "main" });
  const at = h("output");
  const listen = choice("Listen to", words.listen, get("listen"), (value) => set({ listen: value }));
  const picker = sounds({ get, set });
  const takes = intake(root, {
    longest: LONGEST,
    take: ({ name, samples, whole }) => {
      asked = Math.random();
      const own_name = whole > LONGEST + 0.05 ? `${name}, the first ${LONGEST} s` : name;
      const own = new DataView(samples.buffer);
      set({ own_name, own, clip: "own", edited: null, view: [] });
      open();
      hearing.abort();
      hearing = new AbortController();
      ask("hear", { id: asked });
    },
    tell: (text = "") => say(text),
    fail: (text) => model.set("failure", text),
    setRecording: (recording) => recording && sound.transport.playing && sound.transport.pause(),
  });
  const draw = button("Draw", () => {
    const now = draw.getAttribute("aria-pressed") !== "true";
    draw.setAttribute("aria-pressed", now);
    draw.classList.toggle("main", now);
    roll.setDrawing(now);
  }, { "aria-pressed": "false", title: "Drag on the roll to draw notes" });
  const zooms = words.zooms.map(([text, label, time, pitch]) =>
    button(text, () => roll.zoom(time, pitch), { "aria-label": label, title: label }));
  root.append(
    h("div", { class: "strip" }, picker.element, ...takes.elements, voice),
    h("div", { class: "strip" }, play, at, listen.element),
    h("div", { class: "strip" }, ...controls.elements),
    h("div", { class: "strip" }, draw, ...notes.buttons,
      ...zooms, button("All", () => roll.setView(fitting())),
      ...ticks.map(({ element }) => element)),
    roll.area,
    h("div", { class: "strip" }, ...texts.elements),
    h("div", { class: "strip" },
      button("Save MIDI", () => save(midi(notes.notes, get("bpm")), `${title()}.mid`, "audio/midi")),
      button("Save MusicXML", () => ask("score", { id: (wanted = Math.random()) }))),
    h("details", { class: "help" }, h("summary", {}, "Mouse and keys"), words.help),
    spoken,
    said.element,
  );

  on(SETTINGS, again);
  on(["heard", "own_heard", "clip", "reference"], open);
  on(["listen"], () => {
    sound.renew();
    listen.set(get("listen"));
  });
  on(["own_name", "title"], () => picker.show());
  on(["view"], () => {
    const view = get("view");
    if (view.length && String(view) !== String(roll.view)) roll.setView(view, false);
  });
  on(["edited"], () => {
    const now = get("edited");
    if (same(now, writing)) return;
    writing = now;
    if (now === null) again();
    else notes.edited(unpack(now));
  });
  on(["_score"], () => {
    const { id, xml } = get("_score");
    if (id === wanted) save(bytes(xml), `${title()}.musicxml`, "application/vnd.recordare.musicxml+xml");
  });
  writing = get("edited");
  const unfollow = followTheme(root, () => roll.paint());
  open();
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(saving);
    opening++;
    hearing.abort();
    for (const one of [...closers, close, said.close, unfollow, takes.close, sound.close, roll.close]) one();
  };
}

export default { render };

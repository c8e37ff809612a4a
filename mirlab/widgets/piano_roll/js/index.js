// The Piano roll: notes decoded from a network's posteriors, played, edited and saved. The traits
// hold all that outlives the page.
import { choice, followTheme, h, status } from "../../shared/js/dom.js";
import { AudioInput } from "../../shared/js/audio_input.js";
import { save } from "../../shared/js/download.js";
import { bytes } from "../../shared/js/notes.js";
import { RATE } from "../../shared/js/sound.js";
import { modelTraits } from "../../shared/js/traits.js";
import { decoderControls, drawButton, layerToggles, soundPicker, zoomButtons } from "./controls.js";
import { decode } from "./decode.js";
import { NoteEditor } from "./editor.js";
import { musicxml } from "./files.js";
import { NO_PREDICTION, unpackPrediction } from "./inference.js";
import { keyHandler } from "./keys.js";
import { layout } from "./layout.js";
import { compare, isSamePacked, pack, unpack } from "./notes.js";
import { Playback } from "./playback.js";
import { readings } from "./reading.js";
import { requests } from "./requests.js";
import { FULL_RANGE, RollSurface } from "./surface.js";

const MAX_SECONDS = 60; // of the user's sound
const ROUNDING = 0.05; // s that a decoder may add to a sound
const DECODER_TRAITS = ["decoder", "onset_threshold", "frame_threshold", "min_seconds"];
const PITCH_MARGIN = 5; // semitones around the notes when all of them are shown
const SAVE_DELAY = 300; // ms after the last scroll or zoom until the view is saved

class PianoRoll {
  #prediction = NO_PREDICTION;
  #reference = []; // notes
  #comparison = null; // of the notes with the reference
  #savedNotes; // the trait `edited` as this page last wrote or read it
  #openings = 0; // of sounds; an earlier one that is still unpacked is dropped
  #saveTimer = 0;
  #handleKey;
  #stopTheme;

  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.traits = modelTraits(model);
    this.words = model.get("_words");
    this.#savedNotes = model.get("edited");
    this.#createParts();
    this.#createControls();
    root.append(...layout(this));
    this.#observeTraits();
    this.#stopTheme = followTheme(root, () => this.surface.paint());
    this.#open();
  }

  // --- the sound and its name

  get isUserAudio() {
    return this.traits.get("clip") === "user_audio";
  }

  get seconds() {
    const { get } = this.traits;
    return this.isUserAudio ? bytes(get("user_audio")).length / 2 / RATE : get("seconds");
  }

  get title() {
    return this.traits.get(this.isUserAudio ? "user_audio_name" : "title") || "notes";
  }

  // --- the parts, each of which calls back into this object

  #createParts() {
    const { model, root, words } = this;
    this.status = status(model);
    this.announcer = h("div", { class: "unseen", role: "status" });
    this.engineLabel = h("span", { class: "engine" });
    this.requests = requests(model, {
      root,
      label: this.engineLabel,
      busy: this.status.busy,
      musicXml: () => musicxml(this.editor.notes, this.traits.get("bpm"), this.title),
    });
    this.readings = readings(words);
    this.layers = layerToggles(() => this.surface.paint());
    this.editor = new NoteEditor({
      changed: (isPreview) => this.#showNotes(isPreview),
      announce: (text) => this.#announce(text),
      seconds: () => this.seconds,
      position: () => this.playback.position,
      defaultPitch: () => Math.round((this.surface.view[2] + this.surface.view[3]) / 2),
    });
    this.surface = this.#createSurface();
    this.playback = new Playback({
      root,
      source: () => this.#playbackSource(),
      setPlayhead: (seconds, isPlaying) => this.surface.setPlayhead(seconds, isPlaying),
      fail: (text) => this.#fail(text),
    });
  }

  #createSurface() {
    const { editor } = this;
    return new RollSurface({
      state: () => this.#paintedState(),
      actions: {
        select: (note) => editor.select(note),
        previewChange: (...change) => editor.previewChange(...change),
        previewNew: (...note) => editor.previewNew(...note),
        cancelPreview: () => editor.cancelPreview(),
        put: (note, changed) => editor.put(note, changed),
        hover: (seconds, pitch) => this.readings.showPoint(this.#prediction, seconds, pitch),
        seek: (seconds) => this.playback.seek(seconds),
        key: (event) => this.#handleKey(event),
        view: (view) => this.#saveView(view),
      },
    });
  }

  #createControls() {
    const { traits, words, editor, playback, surface } = this;
    const { get, set } = traits;
    const showAll = () => surface.setView(this.#fullView());
    this.#handleKey = keyHandler({
      editor, playback, surface, showAll, announce: (text) => this.#announce(text),
    });
    this.decoderControls = decoderControls({ get, set, words });
    this.soundPicker = soundPicker(traits);
    this.listenChoice = choice("Listen to", words.listen, get("listen"), (value) => set({ listen: value }));
    this.drawButton = drawButton((isOn) => surface.setDrawing(isOn));
    this.zoomButtons = zoomButtons(words.zooms, { zoom: (time, pitch) => surface.zoom(time, pitch), showAll });
    this.audioInput = new AudioInput(this.root, {
      longest: MAX_SECONDS,
      take: (sound) => this.#takeUserAudio(sound),
      tell: (text = "") => this.#announce(text),
      fail: (text) => this.#fail(text),
      setRecording: (isRecording) => isRecording && playback.pause(),
    });
  }

  #announce(text) {
    this.announcer.textContent = text;
  }

  #fail(text) {
    this.model.set("failure", text);
  }

  #paintedState() {
    const { seconds, words } = this;
    const { notes, selected } = this.editor;
    const [prediction, comparison] = [this.#prediction, this.#comparison];
    return { prediction, comparison, seconds, words, notes, selected, layers: this.layers.visible };
  }

  #playbackSource() {
    const { get } = this.traits;
    return {
      seconds: this.seconds,
      sound: get("sound"),
      samples: this.isUserAudio ? get("user_audio") : null,
      notes: this.editor.notes,
      listen: get("listen"),
    };
  }

  // --- what the traits say

  #observeTraits() {
    const { get, on } = this.traits;
    on(DECODER_TRAITS, () => this.#decodeAgain());
    on(["prediction", "user_prediction", "clip", "reference"], () => this.#open());
    on(["listen"], () => {
      this.playback.renew();
      this.listenChoice.set(get("listen"));
    });
    on(["user_audio_name", "title"], () => this.soundPicker.show());
    on(["view"], () => this.#applyView(get("view")));
    on(["edited"], () => this.#applyEditedNotes(get("edited")));
    on(["_score"], () => this.#saveScore(get("_score")));
  }

  // Another sound: its posteriors, its notes and its playback.
  async #open() {
    const { editor, playback, requests, traits } = this;
    const opening = ++this.#openings;
    const packed = traits.get(this.isUserAudio ? "user_prediction" : "prediction");
    const isPending = this.isUserAudio && requests.isPending(packed);
    const prediction = isPending ? NO_PREDICTION : await unpackPrediction(packed);
    if (opening !== this.#openings) return;
    this.#prediction = prediction;
    this.#reference = unpack(traits.get("reference"));
    playback.rewind();
    const edited = traits.get("edited");
    editor.open(this.#decodeNotes(), edited === null ? null : unpack(edited));
    this.decoderControls.show();
    const view = traits.get("view");
    this.surface.setView(view.length ? view : this.#fullView(), false);
    this.soundPicker.show();
    playback.refresh();
    this.root.dataset.opened = performance.now();
  }

  #decodeNotes() {
    const began = performance.now();
    const settings = Object.fromEntries(DECODER_TRAITS.map((name) => [name, this.traits.get(name)]));
    const notes = decode(this.#prediction, settings, this.words);
    this.root.dataset.decoded = performance.now() - began;
    return notes;
  }

  #decodeAgain() {
    this.editor.setDecoded(this.#decodeNotes());
    this.decoderControls.show();
  }

  #applyView(view) {
    if (view.length && String(view) !== String(this.surface.view)) this.surface.setView(view, false);
  }

  #applyEditedNotes(packed) {
    if (isSamePacked(packed, this.#savedNotes)) return;
    this.#savedNotes = packed;
    if (packed === null) this.#decodeAgain();
    else this.editor.setEdited(unpack(packed));
  }

  #saveScore({ id, xml }) {
    if (!this.requests.isLatestScore({ id })) return;
    save(bytes(xml), `${this.title}.musicxml`, "application/vnd.recordare.musicxml+xml");
  }

  // --- what the user does

  // The notes have changed; in a preview only what is seen of them.
  #showNotes(isPreview = false) {
    const { editor, readings, surface } = this;
    const { notes, isEdited } = editor;
    this.#comparison = this.#reference.length && !this.isUserAudio ? compare(notes, this.#reference) : null;
    editor.refresh();
    const summary = readings.showCounts(notes.length, isEdited, this.#comparison);
    surface.describe(`Spectrogram, posteriors and notes: ${summary}`);
    surface.paint();
    this.root.dataset.updated = performance.now();
    if (isPreview) return;
    this.playback.renew();
    this.#saveNotes(isEdited ? pack(notes) : null);
  }

  #saveNotes(packed) {
    if (isSamePacked(packed, this.traits.get("edited"))) return;
    this.#savedNotes = packed;
    this.traits.set({ edited: packed });
  }

  #saveView(view) {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => this.traits.set({ view }), SAVE_DELAY);
  }

  // All of the time, and the pitches that there are.
  #fullView() {
    const pitches = [...this.editor.notes, ...this.#reference].map(({ pitch }) => pitch);
    const end = this.seconds || 1;
    if (!pitches.length) return [0, end, ...FULL_RANGE];
    return [0, end, Math.min(...pitches) - PITCH_MARGIN, Math.max(...pitches) + PITCH_MARGIN];
  }

  // `whole` is the length in s of a sound whose first MAX_SECONDS these samples are.
  #takeUserAudio({ name, samples, whole }) {
    const isCut = whole > MAX_SECONDS + ROUNDING;
    this.requests.renewPrediction();
    this.traits.set({
      user_audio_name: isCut ? `${name}, the first ${MAX_SECONDS} s` : name,
      user_audio: new DataView(samples.buffer),
      clip: "user_audio",
      edited: null,
      view: [],
    });
    this.#open();
    this.requests.predict();
  }

  close() {
    clearTimeout(this.#saveTimer);
    this.#openings++; // drops a sound that is still unpacked
    const { audioInput, playback, requests, status, surface, traits } = this;
    for (const part of [traits, requests, status, audioInput, playback, surface]) part.close();
    this.#stopTheme();
  }
}

function render({ model, el }) {
  const root = h("div", { class: "mirlab piano-roll", role: "group", "aria-label": "Piano roll" });
  el.append(root);
  const roll = new PianoRoll(model, root);
  return () => roll.close();
}

export default { render };

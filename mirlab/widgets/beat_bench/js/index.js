// The Beat bench: a recording, its onset strength, tempogram and beats, with clicks and taps. The page
// computes all of it; the traits hold the settings and the taps.
import { AudioInput } from "../../shared/js/audio_input.js";
import { plot } from "../../shared/js/canvas.js";
import { followTheme, h, NO_SHORTCUTS, status } from "../../shared/js/dom.js";
import { save } from "../../shared/js/download.js";
import { sayEngine } from "../../shared/js/engine.js";
import { bytes } from "../../shared/js/notes.js";
import { decode } from "../../shared/js/tracks.js";
import { modelTraits } from "../../shared/js/traits.js";
import { clickControls, prompts, soundPicker, trackerControls } from "./controls.js";
import { tapScores } from "./errors.js";
import { rulerKeys } from "./keys.js";
import { Lanes, tempogramImage } from "./lanes.js";
import { layout } from "./layout.js";
import { RATE, onsetStrength } from "./novelty.js";
import { Playback } from "./playback.js";
import { drawHistogram, drawProfile } from "./plots.js";
import { Ring } from "./ring.js";
import { Tapping } from "./tapping.js";
import { NO_BEATS, prepare, track } from "./tracking.js";
import { mixClicks, wavFile } from "./wav.js";

const MAX_SECONDS = 60; // of the user's sound
const ROUNDING = 0.05; // s that a decoder may add to a sound
const SETTINGS = ["tempo_prior", "prior_octaves", "tightness", "beats_per_bar"];
const SILENCE = { strength: new Float64Array(), music: [], tempogram: null };

const times = (rows) => rows.map(({ time }) => time);

class BeatBench {
  #samples = new Float32Array();
  #prepared = SILENCE; // what does not depend on the settings
  #found = NO_BEATS; // by the tracker
  #image = null; // of the tempogram
  #scores = { errors: [], mean: 0 };
  #cache = new Map(); // of prepared strengths of this sound, by novelty
  #openings = 0; // of sounds; an earlier one that is still decoded is dropped
  #frame = 0; // in which the beats are tracked anew
  #isClosed = false;
  #stopTheme;
  #lanes = null;
  #shown = {}; // what the lanes draw

  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.traits = modelTraits(model);
    this.words = model.get("_words");
    this.#createParts();
    this.#createControls();
    root.append(...layout(this));
    root.addEventListener("keydown", (event) => this.#key(event));
    this.#observeTraits();
    this.#stopTheme = followTheme(root, () => this.#paint());
    sayEngine(this.engineLabel, "browser"); // with a kernel or without
    this.#open();
  }

  // --- the parts, each of which calls back into this object

  #createParts() {
    const { model, root, traits, words } = this;
    this.status = status(model);
    this.announcer = h("div", { class: "unseen", role: "status" });
    this.engineLabel = h("span", { class: "engine" });
    this.ring = new Ring();
    this.playback = new Playback(root, {
      frame: (position, shown) => this.#showPosition(position, shown),
      restart: (position) => this.tapping?.restart(position),
      fail: (text) => this.#fail(text),
    });
    this.tapping = new Tapping({ traits, playback: this.playback, words });
    this.lanesArea = h("div");
    this.histogramArea = h("div", { class: "plot" });
    this.histogram = plot(this.histogramArea, "Histogram of the errors", (...canvas) =>
      drawHistogram(...canvas, { ...this.#scores, tolerance: words.tolerance, latest: this.#latestError() }));
    this.profileArea = h("div", { class: "plot" });
    this.profile = plot(this.profileArea, "Tempo profile", (...canvas) => drawProfile(...canvas, this.#found));
    this.reading = h("output", { class: "reading", "aria-live": "off" });
  }

  #createControls() {
    const { root, traits, words } = this;
    this.rulerKeys = rulerKeys({ playback: this.playback, lanes: () => this.#lanes });
    this.soundPicker = soundPicker(traits);
    this.trackerControls = trackerControls(traits, words);
    this.clickControls = clickControls(traits, words, () => this.#saveClicks());
    this.prompts = prompts(traits, words);
    this.audioInput = new AudioInput(root, {
      longest: MAX_SECONDS,
      take: (sound) => this.#takeUserAudio(sound),
      tell: (text = "") => (this.announcer.textContent = text),
      fail: (text) => this.#fail(text),
      setRecording: (isOn) => isOn && this.playback.pause(),
    });
  }

  #fail(text) {
    this.model.set("failure", text);
  }

  #key(event) {
    if (!this.tapping.key(event)) return;
    event.preventDefault();
    event.stopPropagation(); // the notebook would change cells
  }

  // --- the sound

  get #isUserAudio() {
    return this.traits.get("clip") === "user_audio";
  }

  async #load() {
    const { get } = this.traits;
    if (this.#isUserAudio) {
      const samples = new Int16Array(bytes(get("user_audio")).slice().buffer);
      return Float32Array.from(samples, (value) => value / 32768);
    }
    const sound = bytes(get("sound"));
    if (!sound.length) return new Float32Array();
    const context = new OfflineAudioContext(1, 1, RATE);
    return decode(context, sound, Math.round(get("seconds") * RATE));
  }

  // Another sound: its playback, its lanes and its beats.
  async #open() {
    const opening = ++this.#openings;
    this.soundPicker.show();
    let samples = new Float32Array();
    try {
      samples = await this.#load();
    } catch (error) {
      this.#fail(`The sound could not be decoded: ${error.message}`);
    }
    if (opening !== this.#openings) return;
    this.#samples = samples;
    this.#cache.clear();
    this.#prepared = SILENCE;
    this.#found = NO_BEATS;
    this.#image = null;
    this.playback.setSound(samples);
    this.playback.setLevel(this.traits.get("click_level"));
    this.#lanes?.close();
    this.#shown = this.#laneData();
    this.#lanes = new Lanes(samples, () => this.#shown, {
      seek: (t) => this.playback.seek(t),
      key: this.rulerKeys,
      setPrior: (bpm) => this.traits.set({ tempo_prior: Math.min(Math.max(bpm, 30), 300) }),
    });
    this.lanesArea.append(this.#lanes.timeline.element);
    this.#lanes.timeline.paint();
    await this.#analyse();
  }

  // The onset strength and what follows from it, for the novelty that the traits name.
  async #analyse() {
    const opening = this.#openings;
    const novelty = this.traits.get("novelty");
    if (!this.#cache.has(novelty) && this.#samples.length) {
      const strength = await onsetStrength(novelty, this.#samples);
      if (opening !== this.#openings) return;
      this.#cache.set(novelty, prepare(strength));
    }
    if (this.#isClosed || novelty !== this.traits.get("novelty")) return;
    this.#prepared = this.#cache.get(novelty) ?? SILENCE;
    this.#image = this.#prepared.tempogram && tempogramImage(this.#prepared.tempogram);
    this.#track();
    this.#lanes.timeline.repaint(["tempogram"]);
    this.root.dataset.opened = performance.now();
  }

  // --- the beats

  #observeTraits() {
    const { get, on } = this.traits;
    on(["sound", "clip", "user_audio", "true_beats"], () => this.#open());
    on(["title", "user_audio_name"], () => this.soundPicker.show());
    on(["novelty"], () => this.#analyse());
    on(SETTINGS, () => (this.#frame ||= requestAnimationFrame(() => this.#track())));
    on(["reference", "taps", "latency"], () => this.#showBeats(["taps"]));
    on(["click_level"], () => {
      this.playback.setLevel(get("click_level"));
      this.#showControls();
    });
  }

  #track() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { get } = this.traits;
    const began = performance.now();
    this.#found = track(this.#prepared, {
      prior: get("tempo_prior"),
      octaves: get("prior_octaves"),
      tightness: get("tightness"),
      perBar: get("beats_per_bar"),
    });
    this.root.dataset.tracked = performance.now() - began;
    this.#showBeats(["strength", "path", "tracked", "taps"]);
  }

  get #trueBeats() {
    if (this.#isUserAudio) return [];
    return this.traits.get("true_beats").map(([time, number]) => ({ time, number }));
  }

  // The beats that are clicked, flashed and compared with the taps.
  get #reference() {
    const isTrue = this.traits.get("reference") === "true" && this.#trueBeats.length;
    return isTrue ? this.#trueBeats : this.#found.beats;
  }

  get #tapTimes() {
    const latency = this.traits.get("latency");
    return this.traits.get("taps").map((tap) => tap - latency);
  }

  #laneData() {
    const { get } = this.traits;
    const trueBeats = this.#trueBeats;
    const { tolerance } = this.words;
    const isMissed = ({ time }) =>
      trueBeats.length > 0 && !trueBeats.some((beat) => Math.abs(beat.time - time) <= tolerance);
    return {
      ...this.#found,
      strength: this.#prepared.strength,
      image: this.#image,
      beats: this.#found.beats.map((beat) => ({ ...beat, isMissed: isMissed(beat) })),
      trueBeats,
      taps: this.#tapTimes.map((time) => ({ time })),
      prior: get("tempo_prior"),
      octaves: get("prior_octaves"),
    };
  }

  #latestError() {
    const index = this.traits.get("taps").indexOf(this.tapping.latest);
    return index < 0 ? null : this.#scores.errors[index] ?? null;
  }

  // Shows the beats and the taps, in these lanes and everywhere else.
  #showBeats(lanes) {
    if (!this.#lanes) return;
    this.#shown = this.#laneData();
    const reference = this.#reference;
    this.playback.setBeats(reference);
    this.ring.setBeats(reference);
    this.#scores = tapScores(this.#tapTimes, times(reference), this.words.tolerance);
    this.tapping.showError(this.#latestError());
    this.tapping.showLatency();
    this.#describe();
    this.#showControls();
    this.#lanes.timeline.repaint(lanes);
    this.histogram.paint();
    this.profile.paint();
    this.ring.show(this.playback.position, this.playback.isPlaying);
    this.root.dataset.updated = performance.now();
  }

  #describe() {
    const { beats, tempo } = this.#found;
    const { f, mean, spread, taps } = this.#scores;
    const ms = (seconds) => `${Math.round(1000 * seconds)} ms`.replace("-", "−");
    const count = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
    const score = `mean ${ms(mean)}, spread ${ms(spread)}, F ${f.toFixed(2)}`;
    this.reading.textContent = this.#scores.errors.length
      ? `${count(taps, "tap")}: ${score} (within ${ms(this.words.tolerance)})`
      : "No taps yet: press Play and tap along.";
    this.histogram.describe(`Histogram of the errors of ${this.reading.textContent}`);
    this.profile.describe(`Tempo profile: ${tempo.toFixed(1)} beats per minute fit best`);
    const prior = Math.round(this.traits.get("tempo_prior"));
    this.#lanes.describe("tempogram", `${tempo.toFixed(1)} bpm (solid), prior ${prior} bpm (dashed)`);
    this.#lanes.describe("tracked", count(beats.length, "beat"));
    this.#lanes.describe("true", count(this.#trueBeats.length, "beat"));
    this.#lanes.describe("taps", count(taps, "tap"));
  }

  #showControls() {
    this.trackerControls.show();
    this.clickControls.show(this.#trueBeats.length > 0);
    this.#lanes?.showTempi();
  }

  #paint() {
    this.#lanes?.timeline.paint();
    for (const part of [this.histogram, this.profile, this.ring]) part.paint();
  }

  #showPosition(position, shown) {
    const { isPlaying } = this.playback;
    this.ring.show(shown, isPlaying); // first, while the layout is known
    this.#lanes?.setPosition(position, isPlaying);
  }

  // --- what the user does

  // `whole` is the length in s of a sound whose first MAX_SECONDS these samples are.
  #takeUserAudio({ name, samples, whole }) {
    const isCut = whole > MAX_SECONDS + ROUNDING;
    this.traits.set({
      user_audio_name: isCut ? `${name}, the first ${MAX_SECONDS} s` : name,
      taps: [],
      user_audio: new DataView(samples.buffer),
      clip: "user_audio",
    });
  }

  #saveClicks() {
    if (!this.#samples.length) return;
    const level = this.traits.get("click_level") * this.words.click_ratio;
    const name = this.traits.get(this.#isUserAudio ? "user_audio_name" : "title") || "recording";
    save(wavFile(mixClicks(this.#samples, this.#reference, level)), `${name} with clicks.wav`, "audio/wav");
  }

  close() {
    this.#isClosed = true;
    this.#openings++; // drops a sound that is still decoded
    cancelAnimationFrame(this.#frame);
    const { audioInput, histogram, playback, profile, ring, status, tapping, traits } = this;
    for (const part of [traits, tapping, status, audioInput, playback, histogram, profile, ring]) part.close();
    this.#lanes?.close();
    this.#stopTheme();
  }
}

function render({ model, el }) {
  const root = h("div", {
    class: "mirlab beat-bench", role: "group", "aria-label": "Beat bench", ...NO_SHORTCUTS,
  });
  el.append(root);
  const bench = new BeatBench(model, root);
  return () => bench.close();
}

export default { render };

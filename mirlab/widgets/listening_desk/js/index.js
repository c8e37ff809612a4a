// The Listening desk: lanes on one timeline, one transport, all following the traits.
import { followTheme, h, status } from "../../shared/js/dom.js";
import { engine } from "../../shared/js/engine.js";
import { noteName, packNotes, unpackNotes } from "../../shared/js/notes.js";
import { clamp } from "../../shared/js/pad.js";
import { Timeline } from "../../shared/js/timeline.js";
import { modelTraits } from "../../shared/js/traits.js";
import { controls } from "./controls.js";
import { correct } from "./correct.js";
import { reading, sounding, unpack, unpackLabels } from "./data.js";
import { Editor } from "./edit.js";
import { loadScore } from "./export.js";
import { keys } from "./keys.js";
import { pitchAt } from "./lanes.js";
import { addLanes, overview } from "./layout.js";
import { Playback } from "./playback.js";

// Traits that the lanes are made from: a change makes the desk anew.
const SOUND = ["duration", "sounds", "waveforms", "spectrogram", "scale"];
const PACKED = ["title", ...SOUND, "sections", "original"];
const LABELS = ["notes", "chords", "beats"]; // these are painted anew
const SAVE_DELAY = 300; // ms after the last scroll or zoom until the view is saved
const SAME_POSITION = 0.02; // s

class Desk {
  #isHovered = false;
  #saveTimer = 0;
  #stopTheme;
  #relabel; // says anew what the lanes show

  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.traits = modelTraits(model);
    this.data = unpack(model);
    this.status = status(model);
    this.engineLabel = h("span", { class: "engine" });
    const isEditable = Object.keys(model.get("original")).length > 0;
    const compute = isEditable ? { correct: (given) => this.#correct(given) } : {};
    this.engine = engine(model, { element: this.engineLabel, compute, busy: this.status.busy });
    this.readout = h("output", { class: "reading", "aria-live": "off" });
    this.announcer = h("div", { class: "unseen", role: "status" });
    this.playback = this.#createPlayback();
    this.timeline = this.#createTimeline();
    this.overview = overview(this.data, (t) => this.#centre(t));
    const { ruler, relabel } = addLanes(this.timeline, this.data, { ...this.traits, key: keys(this) });
    this.ruler = ruler;
    this.#relabel = relabel;
    this.editor = isEditable ? new Editor(this) : null;
    for (const { element } of [this.timeline, this.overview]) {
      element.addEventListener("pointerup", (event) => this.#focusRuler(event));
    }
    this.#observeTraits();
    root.append(...this.#layout());
    this.#stopTheme = followTheme(root, () => this.#repaint());
    this.#showState();
    root.dataset.ready = true;
  }

  #createPlayback() {
    const { root, traits, data } = this;
    const [beats = []] = Object.values(data.beats);
    return new Playback({ root, traits, duration: data.duration, beats }, {
      positionChanged: (seconds) => this.#showPosition(seconds),
      stopped: (seconds) => this.#stopAt(seconds),
      failed: (text) => this.model.set("failure", text),
    });
  }

  #createTimeline() {
    return new Timeline(this.data.duration || 1, {
      seek: (t) => this.playback.seek(t),
      select: (region, isDone) => {
        this.timeline.setRegion(region);
        if (isDone) this.traits.set({ region, loop: true });
      },
      hover: (t, lane, y) => this.#hover(t, lane, y),
      viewChanged: () => this.#showView(),
    });
  }

  // After a click or a drag in a lane the keys work, which the ruler handles.
  #focusRuler({ target }) {
    if (target.closest(".area, .overview")) this.ruler.focus({ preventScroll: true });
  }

  #layout() {
    const { title, strip, below } = controls(this);
    return [
      h("div", { class: "strip" }, ...title, this.engineLabel),
      h("div", { class: "strip" }, this.playback.button, ...strip),
      ...(this.editor ? [this.editor.panel] : []),
      this.overview.element,
      this.timeline.element,
      scorePage(this.traits),
      h("div", { class: "strip" }, this.readout, ...below.legend),
      below.help,
      this.announcer,
      this.status.element,
    ];
  }

  // The pitch at a height of the lane of notes, 0..1 from the top.
  pitchAt(y) {
    return pitchAt(y, this.data);
  }

  // What a kernel answers, computed by the page from the traits of the original.
  async #correct({ corrections }) {
    const { model } = this;
    const { beats, chords, key, meter, tempo } = model.get("original");
    const notes = unpackNotes(model.get("original_notes"));
    const found = correct({ beats, chords, notes, key, meter }, corrections);
    const { spellChord, tempoOfBeats } = await loadScore(model);
    const spelled = found.chords.map(([start, end, label, mark]) =>
      [start, end, spellChord(label, found.key), mark]);
    const versions = { ...found, chords: spelled, notes: packNotes(found.notes) };
    const traits = { key: found.key, meter: found.meter, tempo, corrections };
    if (found.placed && tempo.length) {
      const [times, onsets] = [found.beats.map(([t]) => t), found.notes.map(({ onset }) => onset)];
      const map = tempoOfBeats(times, onsets, found.meter, found.placed);
      traits.tempo = map.times.map((time, i) => [time, map.bpm[i]]);
    }
    for (const name of LABELS) {
      if (name === "notes" && !model.get("original_notes")?.byteLength) continue;
      traits[name] = { ...model.get(name), found: versions[name] };
    }
    return traits;
  }

  // Shows other notes, chords and beats; false if the lanes do not fit them.
  refresh() {
    const { data, playback, timeline } = this;
    const labels = unpackLabels(this.model);
    const names = (versions) => LABELS.map((name) => Object.keys(versions[name]).join()).join(";");
    const isInside = ({ drum, pitch }) => drum || (pitch >= data.low && pitch < data.high);
    const fits = Object.values(labels.notes).flat().every(isInside);
    if (names(labels) !== names(data) || !fits) return false;
    Object.assign(data, labels);
    const [beats = []] = Object.values(data.beats);
    playback.setBeats(beats);
    this.#relabel();
    timeline.paint();
    this.#showPosition(playback.position);
    this.editor?.refresh();
    this.root.dataset.updated = performance.now();
    return true;
  }

  #observeTraits() {
    const { playback, timeline } = this;
    const { get, on } = this.traits;
    on(["muted", "soloed", "levels", "balance", "metronome"], () => playback.applyMix());
    on(["region", "loop"], () => this.#applyRegion());
    on(["speed"], () => playback.setSpeed(get("speed")));
    on(["position"], () => {
      const isMoved = Math.abs(get("position") - playback.position) > SAME_POSITION;
      if (isMoved && !playback.isPlaying) playback.seek(get("position"));
    });
    on(["view"], () => timeline.setView(...get("view")));
  }

  #showState() {
    this.timeline.setView(...this.traits.get("view"));
    this.overview.show(this.timeline.view);
    this.#applyRegion();
    this.#showPosition(this.playback.position);
  }

  #applyRegion() {
    const { get } = this.traits;
    const region = get("region").length ? get("region") : null;
    this.timeline.setRegion(region);
    this.overview.mark(region);
    this.playback.setLoop(region, get("loop"));
  }

  // Loops the region, which is what is seen where none is marked, or plays on.
  toggleLoop() {
    const { get, set } = this.traits;
    const [loop, region] = [get("loop"), get("region")];
    set({ loop: !loop, region: loop || region.length ? region : [...this.timeline.view] });
  }

  // --- the view

  #centre(t) {
    const [start, end] = this.timeline.view;
    const half = (end - start) / 2;
    this.timeline.setView(t - half, t + half);
  }

  #showView() {
    this.overview.show(this.timeline.view);
    clearTimeout(this.#saveTimer);
    if (this.playback.isPlaying) return;
    const save = () => this.traits.set({ view: [...this.timeline.view] });
    this.#saveTimer = setTimeout(save, SAVE_DELAY);
  }

  #repaint() {
    this.timeline.paint();
    this.overview.paint();
  }

  // --- the position

  #showPosition(t) {
    const { isPlaying } = this.playback;
    this.timeline.setNow(t, this.traits.get("follow") && isPlaying);
    this.overview.now(t);
    this.ruler.setAttribute("aria-valuenow", t.toFixed(2));
    const text = reading(this.data, t).join(" · ");
    if (!this.#isHovered && this.readout.textContent !== text) this.readout.textContent = text;
    if (!isPlaying) this.ruler.setAttribute("aria-valuetext", text);
    this.editor?.showPosition(t);
  }

  #stopAt(position) {
    const { data, playback, timeline, traits } = this;
    this.#showPosition(position);
    clearTimeout(this.#saveTimer);
    if (!data.duration || playback.isClosed) return;
    const notes = sounding(data, position).join(" ");
    this.announcer.textContent = [...reading(data, position), notes].join(", ");
    if (traits.get("position") !== position) traits.set({ position, view: [...timeline.view] });
  }

  // Bar, chord and pitch under the pointer; without a time, those of the playhead.
  #hover(t, lane, y) {
    const { data } = this;
    this.#isHovered = t !== null && data.duration > 0;
    if (!this.#isHovered) {
      this.#showPosition(this.playback.position);
      return;
    }
    const words = reading(data, clamp(t, 0, data.duration));
    if (lane.pitch) words.push(pitchText(lane.pitch(y)));
    this.readout.textContent = words.join(" · ");
  }

  close() {
    clearTimeout(this.#saveTimer);
    const { engine, overview, playback, status, timeline, traits } = this;
    for (const part of [playback, timeline, overview, traits, engine, status]) part.close();
    this.#stopTheme();
  }
}

// The first page of the corrected score, once a kernel has engraved it.
function scorePage({ get, on }) {
  const page = h("img", { alt: "Score after the corrections, first page" });
  const element = h("div", { class: "score" }, page);
  const show = () => {
    element.hidden = !get("score");
    if (get("score")) page.src = `data:image/svg+xml,${encodeURIComponent(get("score"))}`;
  };
  on(["score"], show);
  show();
  return element;
}

function pitchText(pitch) {
  const hertz = 440 * 2 ** ((pitch - 69) / 12);
  return `${noteName(Math.round(pitch))} (${hertz.toFixed(hertz < 100 ? 1 : 0)} Hz)`;
}

function render({ model, el }) {
  const root = h("div", { class: "mirlab desk", role: "group", "aria-label": "Listening desk" });
  el.append(root);
  let desk = new Desk(model, root);
  let frame = 0; // in which the desk is made anew, or its labels
  let isPacked = false;
  const rebuild = () => {
    frame = 0;
    const isRefreshed = !isPacked && desk.refresh();
    isPacked = false;
    if (isRefreshed) return;
    desk.close();
    root.replaceChildren();
    desk = new Desk(model, root);
    desk.editor?.refresh();
  };
  const traits = modelTraits(model);
  traits.on([...LABELS, "corrections"], () => (frame ||= requestAnimationFrame(rebuild)));
  traits.on(PACKED, () => {
    isPacked = true;
    frame ||= requestAnimationFrame(rebuild);
  });
  return () => {
    traits.close();
    cancelAnimationFrame(frame);
    desk.close();
  };
}

export default { render };

// One side of the bench: its settings, its spectrogram and the overlay.
import { plot } from "../../shared/js/canvas.js";
import { NO_SHORTCUTS, button, h } from "../../shared/js/dom.js";
import { bytes } from "../../shared/js/notes.js";
import { clamp } from "../../shared/js/pad.js";
import { makeAxis } from "./axis.js";
import { makeControls } from "./controls.js";
import { Gestures } from "./gestures.js";
import { INSET, drawOverlay, drawSpectrogram } from "./paint.js";
import { describe } from "./reading.js";

const RATE = 22050;

// Unpacks a spectrogram of the engine.
function unpack(answer) {
  const doubles = (view) => new Float64Array(bytes(view).slice().buffer);
  return {
    ...answer,
    levels: bytes(answer.levels),
    hop: answer.settings.hop_length / RATE,
    seconds: answer.samples / RATE,
    axis: makeAxis(answer.settings.kind, doubles(answer.frequencies)),
    durations: doubles(answer.durations),
    bandwidths: doubles(answer.bandwidths),
  };
}

// The part of a spectrogram that a view shows: {start, end} in s, {bottom, top} in rows.
function visiblePart({ axis, bins, seconds }, view) {
  const [start, end, low, high] = view;
  const visible = { start: 0, end: seconds, bottom: 0, top: bins };
  if (start < seconds) [visible.start, visible.end] = [start, Math.min(end, seconds)];
  if (view.length && !axis.isChroma) {
    visible.bottom = clamp(axis.row(low), 0, bins - 2);
    visible.top = clamp(axis.row(high), visible.bottom + 2, bins);
  }
  return visible;
}

function makeElements(side, playRegion) {
  return {
    area: h("div", { class: "spectrum" }),
    inside: h("div", {
      class: "inside",
      style: `inset: ${INSET.top}px ${INSET.right}px ${INSET.bottom}px ${INSET.left}px`,
      tabindex: "0",
      role: "application",
      "aria-label": `${side} spectrogram: arrow keys move, Enter plays, M selects, Escape deselects`,
      ...NO_SHORTCUTS,
    }),
    playhead: h("div", { class: "playhead" }),
    refusal: h("div", { class: "refusal", role: "alert" }),
    reading: h("output", { class: "reading", "aria-live": "off" }),
    play: button("Play the region", playRegion),
    inversion: h("span", { class: "help" }),
  };
}

function layOut(side, controls, { area, inside, playhead, refusal, reading, play, inversion }) {
  inside.append(playhead, refusal);
  area.append(inside);
  return h(
    "div",
    { class: "panel", role: "group", "aria-label": `${side} side` },
    h("div", { class: "strip settings" }, ...controls.elements),
    area,
    reading,
    h("div", { class: "strip" }, play, inversion),
  );
}

export class Panel {
  #state = {
    spectrogram: null,
    visible: null, // the visible part of the spectrogram
    view: [],
    position: 0, // s
    cursor: null, // {time, hz}, which holds for spectrograms of other bins, too
    cell: null, // {time, bin} of the cursor in this spectrogram
    notes: [],
    region: [],
  };

  // Callbacks: change(settings) after a change of the controls; point({time, hz}, byKey) when the
  // cursor moves, point(null) when it leaves; select(region, isDone) during and after a drag;
  // play(region, from) to play a region from a time (s).
  constructor(side, words, on) {
    this.words = words;
    this.controls = makeControls(words, on.change);
    this.parts = makeElements(side, () => on.play(this.#state.region, this.#state.region[0]));
    const { area, inside } = this.parts;
    this.base = plot(area, "No spectrogram yet", (...canvas) =>
      this.#state.spectrogram && drawSpectrogram(...canvas, this.#state));
    this.overlay = plot(inside, "Notes, region and uncertainty cell", (context, width, height) =>
      this.#state.spectrogram && drawOverlay(context, width, height, this.#state));
    this.element = layOut(side, this.controls, this.parts);
    this.gestures = new Gestures(inside, this.#state, on);
  }

  get reading() {
    return this.parts.reading.textContent;
  }

  #setView(view) {
    const state = this.#state;
    state.view = view;
    if (!state.spectrogram) return;
    state.visible = visiblePart(state.spectrogram, view);
    this.setPosition(state.position);
  }

  // Puts the playhead at a time in s.
  setPosition(t) {
    const { parts: { inside, playhead } } = this;
    this.#state.position = t;
    if (!this.#state.visible) return;
    const { start, end } = this.#state.visible;
    const x = ((t - start) / (end - start)) * inside.clientWidth;
    playhead.style.transform = `translateX(${x}px)`;
  }

  // Shows an answer of the engine for a clip.
  show(answer, clip) {
    const { levels, refused = "", settings } = answer;
    this.#state.spectrogram = levels ? unpack(answer) : null;
    this.parts.refusal.textContent = refused;
    this.base.describe(refused || `${this.words.kinds[settings.kind].name} of ${clip}`);
    this.#setView(this.#state.view);
    this.gestures.forgetCorner();
    this.point(this.#state.cursor);
    this.base.paint();
  }

  setSettings(settings) {
    this.controls.set(settings);
    const { back } = this.words.kinds[settings.kind];
    this.parts.inversion.textContent = `Regions and bins are resynthesized from ${back}.`;
  }

  // Shows the cursor, which may be over the other side's spectrogram; null hides it.
  point(cursor) {
    const { spectrogram } = this.#state;
    const cell = cursor && spectrogram
      && { time: cursor.time, bin: spectrogram.axis.nearest(cursor.hz) };
    Object.assign(this.#state, { cursor, cell });
    this.parts.reading.textContent = cell ? describe(spectrogram, cell.time, cell.bin) : "";
    this.overlay.paint();
  }

  // Shows a region during a drag.
  previewRegion(region) {
    this.#state.region = region;
    this.overlay.paint();
  }

  setMarks(notes, region, view) {
    Object.assign(this.#state, { notes, region });
    this.parts.play.disabled = !region.length;
    this.#setView(view);
    this.paint();
  }

  paint() {
    this.base.paint();
    this.overlay.paint();
  }

  close() {
    this.base.close();
    this.overlay.close();
  }
}

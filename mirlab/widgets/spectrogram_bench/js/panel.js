// One side of the bench: its settings, its spectrogram and what lies over it.
import { plot } from "../../shared/js/canvas.js";
import { OWN_KEYS, button, h } from "../../shared/js/dom.js";
import { bytes } from "../../shared/js/notes.js";
import { clamp } from "../../shared/js/pad.js";
import { makeAxis } from "./axis.js";
import { makeControls } from "./controls.js";
import { followGestures } from "./gestures.js";
import { INSET, drawOverlay, drawSpectrogram } from "./paint.js";
import { describe } from "./reading.js";

const RATE = 22050;

// A spectrogram as the engine gives it, with what is needed to look into it.
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

// Which part of a spectrogram a view shows: {start, end} in s, {bottom, top} in rows.
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
      "aria-label": `${side} picture: arrow keys move, Enter plays, M marks, Escape unmarks`,
      ...OWN_KEYS,
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

// change(settings) when one was moved; point({time, hz}, byKey) where one looks, point(null) nowhere;
// mark(region, done) while one is dragged and when it is; play(region, from) plays it from a time on.
export function panel(side, words, on) {
  const state = {
    spectrogram: null,
    visible: null, // the part of it that is seen
    view: [],
    now: 0, // s
    cursor: null, // {time, hz}: another spectrogram has other bins there
    cell: null, // {time, bin}: where the cursor lies in this one
    notes: [],
    region: [],
  };
  const controls = makeControls(words, on.change);
  const parts = makeElements(side, () => on.play(state.region, state.region[0]));
  const base = plot(parts.area, "No picture yet", (...canvas) =>
    state.spectrogram && drawSpectrogram(...canvas, state));
  const overlay = plot(parts.inside, "Notes, region and uncertainty cell", (context, width, height) =>
    state.spectrogram && drawOverlay(context, width, height, state));
  const element = layOut(side, controls, parts);
  const gestures = followGestures(parts.inside, state, on);

  function setView(view) {
    state.view = view;
    if (!state.spectrogram) return;
    state.visible = visiblePart(state.spectrogram, view);
    setNow(state.now);
  }

  function setNow(t) {
    state.now = t;
    if (!state.visible) return;
    const { start, end } = state.visible;
    const x = ((t - start) / (end - start)) * parts.inside.clientWidth;
    parts.playhead.style.transform = `translateX(${x}px)`;
  }

  // What the engine answered for this clip.
  function show(answer, clip) {
    const { levels, refused = "", settings } = answer;
    state.spectrogram = levels ? unpack(answer) : null;
    parts.refusal.textContent = refused;
    base.describe(refused || `${words.kinds[settings.kind].name} of ${clip}`);
    setView(state.view);
    gestures.forgetCorner();
    point(state.cursor);
    base.paint();
  }

  function setSettings(settings) {
    controls.set(settings);
    const { back } = words.kinds[settings.kind];
    parts.inversion.textContent = `A region or bin is heard by ${back}.`;
  }

  // Where one looks, on this side or on the other; null for nowhere.
  function point(cursor) {
    const { spectrogram } = state;
    const cell = cursor && spectrogram
      && { time: cursor.time, bin: spectrogram.axis.nearest(cursor.hz) };
    Object.assign(state, { cursor, cell });
    parts.reading.textContent = cell ? describe(spectrogram, cell.time, cell.bin) : "";
    overlay.paint();
  }

  function drag(region) {
    state.region = region;
    overlay.paint();
  }

  function mark(notes, region, view) {
    Object.assign(state, { notes, region });
    parts.play.disabled = !region.length;
    setView(view);
    paint();
  }

  function paint() {
    base.paint();
    overlay.paint();
  }

  function close() {
    base.close();
    overlay.close();
  }

  const reading = () => parts.reading.textContent;
  return { element, reading, show, setSettings, point, drag, mark, setNow, paint, close };
}

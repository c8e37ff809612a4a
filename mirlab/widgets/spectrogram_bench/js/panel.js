// One side of the bench: its settings, its picture, and the mouse, fingers and keys on it.
import { plot } from "../../shared/js/canvas.js";
import { OWN_KEYS, button, choice, h, slider } from "../../shared/js/dom.js";
import { bytes } from "../../shared/js/notes.js";
import { clamp } from "../../shared/js/pad.js";
import { makeAxis } from "./axis.js";
import { INSET, drawOver, drawPicture } from "./paint.js";
import { describe } from "./reading.js";

const CLICK = 4; // px a pointer may move and still click
const BIN_SECONDS = 3; // of a bin that are heard at a click; all of it would take its time to make
const RATE = 22050;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// A picture as the engine gives it, with what is needed to look into it.
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

// change(settings) when one was moved; point({time, hz}, byKey) where one looks, point(null) nowhere;
// mark(region, done) while one is dragged and when it is; hear(region, from) plays it from a time on.
export function panel(side, words, on) {
  let picture = null;
  let seen = null; // what of it is seen: {start, end} in s, {bottom, top} in rows
  let [view, now] = [[], 0];
  const over = { notes: [], region: [], point: null };
  let looked = null; // where, in s and Hz: another picture has other bins there
  let [press, anchor] = [null, null]; // where a drag began, where a key marked the first corner

  const controls = makeControls(words, on.change);
  const playhead = h("div", { class: "playhead" });
  const refusal = h("div", { class: "refusal", role: "alert" });
  const inside = h("div", {
    class: "inside",
    style: `inset: ${INSET.top}px ${INSET.right}px ${INSET.bottom}px ${INSET.left}px`,
    tabindex: "0",
    role: "application",
    "aria-label": `${side} picture: arrow keys move, Enter plays, M marks, Escape unmarks`,
    ...OWN_KEYS,
  });
  const area = h("div", { class: "spectrum" });
  const base = plot(area, "No picture yet", (context, width, height, colours) =>
    picture && drawPicture(context, width, height, colours, picture, seen));
  const front = plot(inside, "Notes, region and uncertainty cell", (context, width, height) =>
    picture && drawOver(context, width, height, picture, seen, over));
  inside.append(playhead, refusal);
  area.append(inside);
  const output = h("output", { class: "reading", "aria-live": "off" });
  const hear = button("Play the region", () => on.hear(over.region, over.region[0]));
  const back = h("span", { class: "help" });
  const element = h(
    "div",
    { class: "panel", role: "group", "aria-label": `${side} side` },
    h("div", { class: "strip settings" }, ...controls.elements),
    area,
    output,
    h("div", { class: "strip" }, hear, back),
  );

  // Which part of the picture the view shows.
  function frame() {
    if (!picture) return;
    const { axis, bins, seconds } = picture;
    const [start, end, low, high] = view;
    seen = { start: 0, end: seconds, bottom: 0, top: bins };
    if (start < seconds) [seen.start, seen.end] = [start, Math.min(end, seconds)];
    if (view.length && !axis.isChroma) {
      seen.bottom = clamp(axis.row(low), 0, bins - 2);
      seen.top = clamp(axis.row(high), seen.bottom + 2, bins);
    }
    setNow(now);
  }

  function setNow(t) {
    now = t;
    if (!seen) return;
    const at = ((t - seen.start) / (seen.end - seen.start)) * inside.clientWidth;
    playhead.style.transform = `translateX(${at}px)`;
  }

  function place(event) {
    const box = inside.getBoundingClientRect();
    const { start, end, bottom, top } = seen;
    const x = clamp((event.clientX - box.left) / box.width);
    const y = clamp((event.clientY - box.top) / box.height);
    const bin = Math.floor(top + y * (bottom - top));
    return { time: start + x * (end - start), bin: Math.min(bin, picture.bins - 1) };
  }

  const look = ({ time, bin }, byKey = false) =>
    on.point({ time, hz: picture.axis.frequencies[bin] }, byKey);
  function play({ time, bin }) {
    const end = Math.min(time + BIN_SECONDS, picture.seconds);
    const start = Math.min(time, end - picture.hop);
    on.hear([start, end, ...picture.axis.edges(bin)], start);
  }

  // The region between two places, in whole bins.
  function between(a, b) {
    const [start, end] = [a.time, b.time].sort((one, other) => one - other);
    const [low, high] = [a.bin, b.bin].sort((one, other) => one - other);
    const { axis, hop } = picture;
    return [start, Math.max(end, start + hop), axis.edges(low)[0], axis.edges(high)[1]];
  }

  function mark(a, b) {
    const region = between(a, b);
    on.mark(region, true);
    on.hear(region, region[0]);
  }

  function down(event) {
    if (event.button || !picture) return;
    inside.setPointerCapture(event.pointerId);
    press = { x: event.clientX, y: event.clientY, ...place(event) };
  }

  function moved(event) {
    if (!picture) return;
    look(place(event));
    if (!press) return;
    press.far ||= Math.hypot(event.clientX - press.x, event.clientY - press.y) > CLICK;
    if (press.far) on.mark(between(press, place(event)), false);
  }

  function up(event) {
    if (press?.far) mark(press, place(event));
    else if (press) play(press);
    press = null;
  }

  function key(event) {
    if (!picture || event.ctrlKey || event.metaKey || event.altKey) return;
    const { start, end, bottom, top } = seen;
    const at = over.point ?? { time: (start + end) / 2, bin: Math.floor((bottom + top) / 2) };
    if (ARROWS[event.key]) {
      const [dx, dy] = ARROWS[event.key].map((way) => way * (event.shiftKey ? 10 : 1));
      const step = Math.max(picture.hop, (end - start) / 400);
      look({
        time: clamp(at.time + dx * step, start, end),
        bin: clamp(at.bin + dy, 0, picture.bins - 1),
      }, true);
    } else if (event.key === "Enter" || event.key === " ") play(at);
    else if (event.key === "m" || event.key === "M") {
      if (anchor) mark(anchor, at);
      else look(at, true);
      anchor = anchor ? null : at;
    } else if (event.key === "Escape") on.mark([], true);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the page would scroll, the notebook change cells
  }

  inside.addEventListener("pointerdown", down);
  inside.addEventListener("pointermove", moved);
  inside.addEventListener("pointerup", up);
  inside.addEventListener("pointercancel", () => (press = null));
  inside.addEventListener("pointerleave", ({ pointerType }) => {
    if (!press && pointerType === "mouse") on.point(null);
  });
  inside.addEventListener("keydown", key);

  return {
    element,
    get reading() {
      return output.textContent;
    },
    // What the engine answered for this clip.
    show(answer, clip) {
      const { levels, refused = "", settings } = answer;
      picture = levels ? unpack(answer) : null;
      refusal.textContent = refused;
      base.describe(refused || `${words.kinds[settings.kind].name} of ${clip}`);
      frame();
      anchor = null;
      this.point(looked);
      base.paint();
    },
    setSettings(settings) {
      controls.set(settings);
      back.textContent = `A region or bin is heard by ${words.kinds[settings.kind].back}.`;
    },
    // Where one looks, on this side or on the other; null for nowhere.
    point(at) {
      looked = at;
      over.point = at && picture && { time: at.time, bin: picture.axis.nearest(at.hz) };
      output.textContent = over.point ? describe(picture, over.point.time, over.point.bin) : "";
      front.paint();
    },
    drag(region) {
      over.region = region;
      front.paint();
    },
    mark(notes, region, shown) {
      Object.assign(over, { notes, region });
      hear.disabled = !region.length;
      view = shown;
      frame();
      this.paint();
    },
    setNow,
    paint() {
      base.paint();
      front.paint();
    },
    close() {
      base.close();
      front.close();
    },
  };
}

// Choices and sliders; only those that matter to the transform are there.
function makeControls(words, change) {
  const kinds = Object.entries(words.kinds).map(([key, { name }]) => [key, name]);
  const kind = choice("Transform", kinds, "stft", (value) => change({ kind: value }));
  const scale = choice("Scale", Object.entries(words.scales), "db", (value) => change({ scale: value }));
  const sliders = Object.entries(words.steps).map(([key, { name, values, texts }]) => {
    const one = slider(name, {
      min: 0,
      max: values.length - 1,
      step: 1,
      value: 0,
      show: (i) => texts[i],
      change: (i) => change({ [key]: values[i] }),
    });
    return { key, values, ...one };
  });
  return {
    elements: [kind.element, scale.element, ...sliders.map(({ element }) => element)],
    set(settings) {
      kind.set(settings.kind);
      scale.set(settings.scale);
      const { uses } = words.kinds[settings.kind];
      for (const { key, values, element, set } of sliders) {
        set(values.indexOf(settings[key]));
        element.hidden = key !== "hop_length" && key !== uses;
      }
    },
  };
}

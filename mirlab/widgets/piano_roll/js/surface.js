// The roll as one touches it: zoom, scroll, seek, and notes under the pointer and the keys.
import { plot } from "../../shared/js/canvas.js";
import { h, OWN_KEYS } from "../../shared/js/dom.js";
import { clamp } from "../../shared/js/pad.js";
import { axes, KEYS_WIDE, painter } from "./picture.js";

const EDGE = 7; // px within which an end is taken
const CLICK = 4; // px a pointer may move and still click
const SHORTEST = 0.1; // s that are seen at least
const FEWEST = 6; // semitones
export const ALL = [20.5, 108.5];

// state() gives what is painted; act holds what is done: seek(t), select(note), preview(note, change)
// while a note is dragged, change(note, fresh) when it is let go, draw(onset, offset, pitch), hover(t,
// pitch), view(view), key(event).
export function surface({ state, act }) {
  const head = h("div", { class: "playhead" });
  const area = h("div", {
    class: "piano-area", tabindex: "0", role: "application", "aria-label": "Piano roll",
    "aria-describedby": "", ...OWN_KEYS, onkeydown: (event) => act.key(event),
  });
  const paint_ = painter();
  const picture = plot(area, "Spectrogram, posteriors and notes", (context, width, height) => {
    paint_(context, width, height, canvas, { ...state(), view });
    place();
  });
  const canvas = area.querySelector("canvas");
  area.append(head);
  let view = [0, 1, ...ALL];
  let [now, drag] = [0, null];
  let drawing = false;

  const at = () => axes(view, area.clientWidth, area.clientHeight);

  function place() {
    const x = at().x(now);
    head.hidden = x < KEYS_WIDE || x > area.clientWidth;
    head.style.transform = `translateX(${x}px)`;
  }

  function setView([start, end, low, high], tell = true) {
    const whole = Math.max(state().seconds, SHORTEST);
    const [span, tall] = [clamp(end - start, SHORTEST, whole), clamp(high - low, FEWEST, ALL[1] - ALL[0])];
    const first = clamp(start, 0, whole - span);
    const bottom = clamp(low, ALL[0], ALL[1] - tall);
    view = [first, first + span, bottom, bottom + tall];
    picture.paint();
    if (tell) act.view(view);
  }

  function zoom(time, pitch, [t, p] = [clamp(now, view[0], view[1]), (view[2] + view[3]) / 2]) {
    const [start, end, low, high] = view;
    const around = (value, centre, factor) => centre + (value - centre) * factor;
    setView([around(start, t, time), around(end, t, time), around(low, p, pitch), around(high, p, pitch)]);
  }

  const scroll = (seconds, semitones) => {
    const [start, end, low, high] = view;
    setView([start + seconds, end + seconds, low + semitones, high + semitones]);
  };

  function point(event) {
    const box = area.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  // The note there, the topmost first, and which part of it.
  function under(x, y) {
    const { x: toX, time, pitch } = at();
    const [t, p] = [time(x), Math.round(pitch(y))];
    const slack = (EDGE / 2) * (time(1) - time(0));
    const note = state().notes.findLast((one) =>
      one.pitch === p && one.onset - slack <= t && t <= one.offset + slack);
    if (!note) return { t, p };
    const [left, right] = [toX(note.onset), toX(note.offset)];
    const reach = Math.min(EDGE, (right - left) / 4 + 1);
    const part = right - x < reach ? "end" : x - left < reach ? "start" : "body";
    return { note, part, t, p };
  }

  area.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const [x, y] = point(event);
    area.setPointerCapture(event.pointerId);
    drag = { ...under(x, y), x, y, view: [...view], id: event.pointerId };
    if (x < KEYS_WIDE) drag.note = undefined;
    if (drag.note) act.select(drag.note);
  });
  area.addEventListener("pointermove", (event) => {
    const [x, y] = point(event);
    const { time, pitch } = at();
    if (!drag) {
      const { note, part } = under(x, y);
      area.style.cursor = !note ? "crosshair" : part === "body" ? "grab" : "ew-resize";
      return act.hover(time(x), pitch(y));
    }
    if (event.pointerId !== drag.id) return;
    if (!drag.moved && Math.hypot(x - drag.x, y - drag.y) <= CLICK) return;
    drag.moved = true;
    const by = [time(x) - drag.t, Math.round(pitch(y)) - drag.p];
    if (drag.note) drag.last = act.preview(drag.note, drag.part, ...by);
    else if (drawing) drag.last = act.preview(null, "draw", drag.t, drag.p, time(x));
    else {
      const [start, end, low, high] = drag.view;
      const scale = [(end - start) / at().wide, (high - low) / at().tall];
      const [dx, dy] = [(drag.x - x) * scale[0], (y - drag.y) * scale[1]];
      setView([start + dx, end + dx, low + dy, high + dy]);
    }
  });
  area.addEventListener("pointerup", () => {
    const done = drag;
    drag = null;
    if (!done) return;
    if (done.last) act.change(done.note, done.last);
    else if (!done.moved && !done.note) {
      act.select(null);
      act.seek(Math.max(done.t, 0));
    }
  });
  area.addEventListener("pointercancel", () => {
    drag = null;
    act.preview(null);
  });
  area.addEventListener("pointerleave", () => drag || act.hover(null));
  area.addEventListener("wheel", (event) => {
    const [x, y] = point(event);
    const { time, pitch } = at();
    const unit = event.deltaMode ? 20 : 1; // lines, or pixels
    const [along, down] = [event.deltaX * unit, event.deltaY * unit];
    const factor = 1.005 ** down;
    const sideways = Math.abs(along) > Math.abs(down);
    if (event.ctrlKey || event.metaKey) zoom(event.shiftKey ? 1 : factor, event.shiftKey ? factor : 1, [time(x), pitch(y)]);
    else if (sideways || event.shiftKey) scroll((sideways ? along : down) * (time(1) - time(0)), 0);
    else return; // the page scrolls
    event.preventDefault();
  }, { passive: false });

  return {
    area,
    paint: picture.paint,
    describe: picture.describe,
    setView,
    zoom,
    scroll,
    get view() {
      return view;
    },
    setDrawing(on) {
      drawing = on;
      area.style.touchAction = on ? "none" : "";
    },
    setNow(t, follow) {
      now = t;
      const [start, end, low, high] = view;
      if (follow && !drag && (t < start || t > end)) {
        setView([t, t + end - start, low, high]);
      } else place();
    },
    close: picture.close,
  };
}

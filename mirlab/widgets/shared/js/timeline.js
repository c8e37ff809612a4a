// One axis of time for many lanes: zoom and scroll by mouse, touch and keyboard, a playhead, a
// marked region. Each lane is painted on a canvas wider than the view, which then only slides.
import { h } from "./dom.js";
import { clamp } from "./pad.js";

const REACH = 2.5; // widths of the view that a canvas holds
const BEHIND = 0.25; // of them to the left of it
const SHORTEST = 0.05; // s that a view shows at least
const CLICK = 4; // px a pointer may move and still click
const HELD = 0.6; // of the view: where the playhead stays once it is followed

// on.seek(t); on.select([start, end], done) while a part is marked and when it is; on.moved() after
// each change of the view; on.hover(t, lane, y) with y in 0..1 from the top, or on.hover(null).
export function timeline(duration, on) {
  const lanes = [];
  const head = h("div", { class: "playhead" });
  const mark = h("div", { class: "mark", hidden: true });
  const over = h("div", { class: "over" }, h("div", { class: "clip" }, mark, head));
  const element = h("div", { class: "lanes" }, over);
  const pointers = new Map(); // fingers and buttons that are down: id to x
  let [view, tape, region] = [[0, duration], null, null];
  let [width, left, now, drag] = [0, 0, 0, null];

  const scale = () => width / (view[1] - view[0]);
  const timeAt = (clientX) => view[0] + (clientX - left) / scale();

  function measure() {
    const area = lanes.find(({ open }) => open)?.area;
    if (!area) return;
    const box = area.getBoundingClientRect();
    [width, left] = [box.width, box.left];
    const inset = box.left - element.getBoundingClientRect().left;
    over.style.left = `${inset}px`;
    over.style.width = `${width}px`;
  }

  // A lane's picture: draw(context, piece, colours) with piece =
  // {from, to} in s, x(t) in pixels, `per` of them a second, and the height.
  function lane({ area, height, draw, name, ruler = false }) {
    const canvas = h("canvas", { role: "img" });
    area.style.height = `${height}px`;
    area.append(canvas);
    const one = { area, canvas, height, draw, name, ruler, open: true };
    lanes.push(one);
    area.addEventListener("pointerdown", (event) => down(event, one));
    area.addEventListener("pointermove", (event) => moved(event, one));
    area.addEventListener("pointerup", (event) => up(event));
    area.addEventListener("pointercancel", (event) => up(event, true));
    area.addEventListener("pointerleave", () => drag || on.hover(null));
    area.addEventListener("wheel", (event) => wheel(event, one), { passive: false });
    return one;
  }

  function paint(wide = true) {
    measure();
    if (!width) return;
    const span = view[1] - view[0];
    const from = wide ? view[0] - BEHIND * span : view[0];
    tape = [from, wide ? from + REACH * span : view[1]]; // what is painted
    for (const one of lanes) if (one.open) paintLane(one);
    place();
  }

  function paintLane({ canvas, height, draw }) {
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(REACH * width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide) canvas.width = wide;
    if (canvas.height !== high) canvas.height = high;
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, wide, high);
    context.font = "11px system-ui, sans-serif";
    const [from, to] = tape;
    const per = scale();
    const piece = { from: Math.max(from, 0), to: Math.min(to, duration), per, height };
    draw(context, { ...piece, x: (t) => (t - from) * per }, colours(canvas));
  }

  // Slide everything to where the view is.
  function place() {
    if (!width || !tape) return;
    const ratio = window.devicePixelRatio || 1;
    const sharp = (px) => Math.round(px * ratio) / ratio;
    const shift = `translateX(${sharp((tape[0] - view[0]) * scale())}px)`;
    for (const { canvas, open } of lanes) if (open) canvas.style.transform = shift;
    head.style.transform = `translateX(${sharp((now - view[0]) * scale())}px)`;
    mark.hidden = !region;
    if (region) {
      mark.style.transform = `translateX(${(region[0] - view[0]) * scale()}px)`;
      mark.style.width = `${(region[1] - region[0]) * scale()}px`;
    }
  }

  function setView(start, end) {
    const span = clamp(end - start, Math.min(SHORTEST, duration), duration);
    const first = clamp(start, 0, duration - span);
    if (first === view[0] && first + span === view[1]) return;
    const zoomed = Math.abs(span - (view[1] - view[0])) > 1e-9;
    view = [first, first + span];
    if (zoomed) paint(false);
    else if (tape && view[0] >= tape[0] && view[1] <= tape[1]) place();
    else paint();
    on.moved();
  }

  const scroll = (seconds) => setView(view[0] + seconds, view[1] + seconds);
  function zoom(factor, around = (view[0] + view[1]) / 2) {
    setView(around + (view[0] - around) * factor, around + (view[1] - around) * factor);
  }

  function down(event, one) {
    if (event.button) return;
    measure();
    one.area.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event.clientX);
    const pans = one.ruler || event.pointerType === "touch";
    drag =
      pointers.size > 1
        ? { ...drag, fingers: true }
        : { x: event.clientX, view: [...view], pans, at: timeAt(event.clientX) };
  }

  function moved(event, one) {
    if (!pointers.has(event.pointerId)) {
      measure();
      const box = one.area.getBoundingClientRect();
      return on.hover(timeAt(event.clientX), one, (event.clientY - box.top) / box.height);
    }
    const before = [...pointers.values()];
    pointers.set(event.pointerId, event.clientX);
    const after = [...pointers.values()];
    if (after.length > 1) {
      const [wide, wider] = [before, after].map(([a, b]) => Math.max(Math.abs(a - b), 20));
      const middle = (before[0] + before[1]) / 2;
      const around = timeAt(middle);
      zoom(wide / wider, around);
      scroll(around - timeAt((after[0] + after[1]) / 2));
      return;
    }
    if (!drag.moved && Math.abs(event.clientX - drag.x) <= CLICK) return;
    drag.moved = true;
    if (drag.pans) {
      const by = (drag.x - event.clientX) / scale();
      setView(drag.view[0] + by, drag.view[1] + by);
    } else {
      const to = clamp(timeAt(event.clientX), 0, duration);
      drag.region = [Math.min(drag.at, to), Math.max(drag.at, to)].map((t) =>
        clamp(t, 0, duration),
      );
      on.select(drag.region, false);
    }
  }

  function up(event, cancelled = false) {
    if (!pointers.delete(event.pointerId)) return;
    if (pointers.size) drag = { ...drag, fingers: true };
    else {
      if (drag.region) on.select(drag.region, true);
      else if (!cancelled && !drag.moved && !drag.fingers) on.seek(clamp(drag.at, 0, duration));
      drag = null;
    }
    // the finger that is left goes on from here
    if (drag) Object.assign(drag, { x: [...pointers.values()][0], view: [...view] });
  }

  // Only what is surely meant for the timeline; all else scrolls the page.
  function wheel(event, one) {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const unit = event.deltaMode ? 20 : 1; // lines, or pixels
    measure();
    if (event.ctrlKey || event.metaKey) zoom(1.005 ** (event.deltaY * unit), timeAt(event.clientX));
    else if (sideways) scroll((event.deltaX * unit) / scale());
    else if (event.shiftKey || one.ruler) scroll((event.deltaY * unit) / scale());
    else return;
    event.preventDefault();
  }

  // The playhead stands at `t`; with `follow` the view goes along.
  function setNow(t, follow) {
    now = t;
    const span = view[1] - view[0];
    if (follow && !drag) {
      if (t < view[0] || t > view[1]) return setView(t - 0.1 * span, t + 0.9 * span);
      if (t > view[0] + HELD * span) {
        const start = Math.min(t - HELD * span, duration - span);
        if (start > view[0]) return setView(start, start + span);
      }
    }
    place();
  }

  const observer = new ResizeObserver(() => paint());
  observer.observe(element);
  return {
    element,
    lane,
    paint,
    zoom,
    scroll,
    setView,
    setNow,
    get view() {
      return view;
    },
    setRegion(next) {
      region = next;
      place();
    },
    close: () => observer.disconnect(),
  };
}

export function colours(element) {
  const style = getComputedStyle(element);
  const names = ["ink", "soft", "line", "accent", "paper", "missed", "extra"];
  return Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  );
}

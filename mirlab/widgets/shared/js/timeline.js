// One axis of time for many lanes: zoom and scroll by mouse, touch and keyboard, a playhead, a
// marked region. Each lane is painted on a canvas wider than the view, which then only slides.
import { h } from "./dom.js";
import { clamp } from "./pad.js";
import { TimelineGestures } from "./timeline_gestures.js";

const CANVAS_VIEWS = 2.5; // widths of the view that a canvas holds
const LEFT_VIEWS = 0.25; // of them to the left of the view
const MIN_SECONDS = 0.05; // of a view
const FOLLOW_AT = 0.6; // of the view: where the playhead stays once it is followed
const PAGE_AT = 0.1; // of the view: where it stands after a jump out of the view

const toDevicePixel = (px) => Math.round(px * devicePixelRatio) / devicePixelRatio;

export class Timeline {
  #lanes = [];
  #view; // [start, end] in s
  #painted = null; // [start, end] in s of what the canvases hold
  #region = null; // [start, end] in s
  #playhead = 0; // s
  #box = { left: 0, width: 0 }; // px, of all lanes' pictures
  #playheadLine = h("div", { class: "playhead" });
  #regionBox = h("div", { class: "mark", hidden: true });
  #overlay;
  #gestures;
  #observer;

  // on.seek(t); on.select([start, end], done) while a part is marked and when it is; on.moved() after
  // each change of the view; on.hover(t, lane, y) with y in 0..1 from the top, or on.hover(null).
  constructor(duration, on) {
    this.duration = duration;
    this.on = on;
    this.#view = [0, duration];
    const clip = h("div", { class: "clip" }, this.#regionBox, this.#playheadLine);
    this.#overlay = h("div", { class: "over" }, clip);
    this.element = h("div", { class: "lanes" }, this.#overlay);
    this.#gestures = new TimelineGestures(this, on);
    this.#observer = new ResizeObserver(() => this.paint());
    this.#observer.observe(this.element);
  }

  close() {
    this.#observer.disconnect();
  }

  // A lane's picture: draw(context, piece, colours) with piece =
  // {from, to} in s, x(t) in pixels, `per` of them a second, and the height.
  lane({ area, height, draw, name, ruler = false }) {
    const canvas = h("canvas", { role: "img" });
    area.style.height = `${height}px`;
    area.append(canvas);
    const lane = { area, canvas, height, draw, name, ruler, open: true };
    this.#lanes.push(lane);
    this.#gestures.listen(lane);
    return lane;
  }

  // --- seconds and pixels

  get pixelsPerSecond() {
    return this.#box.width / (this.#view[1] - this.#view[0]);
  }

  timeAt(clientX) {
    return this.#view[0] + (clientX - this.#box.left) / this.pixelsPerSecond;
  }

  #offset(t) {
    return (t - this.#view[0]) * this.pixelsPerSecond;
  }

  // Where the lanes are on the page, which may have scrolled.
  measure() {
    const area = this.#lanes.find(({ open }) => open)?.area;
    if (!area) return;
    const { left, width } = area.getBoundingClientRect();
    this.#box = { left, width };
    this.#overlay.style.left = `${left - this.element.getBoundingClientRect().left}px`;
    this.#overlay.style.width = `${width}px`;
  }

  // --- painting

  // Paints all lanes, as wide as a canvas or, for a moment that will not last, the view alone.
  paint(isWide = true) {
    this.measure();
    if (!this.#box.width) return;
    const [start, end] = this.#view;
    const span = end - start;
    const from = start - LEFT_VIEWS * span;
    this.#painted = isWide ? [from, from + CANVAS_VIEWS * span] : [start, end];
    for (const lane of this.#lanes) if (lane.open) this.#paintLane(lane);
    this.#slide();
  }

  // Paints lanes whose data have changed, by their names.
  repaint(names) {
    if (!this.#painted) return;
    for (const lane of this.#lanes) if (lane.open && names.includes(lane.name)) this.#paintLane(lane);
  }

  #paintLane({ canvas, height, draw }) {
    const ratio = devicePixelRatio;
    const width = Math.round(CANVAS_VIEWS * this.#box.width * ratio);
    const rows = Math.round(height * ratio);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== rows) canvas.height = rows;
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, rows);
    context.font = "11px system-ui, sans-serif";
    const [start, end] = this.#painted;
    const per = this.pixelsPerSecond;
    const piece = {
      from: Math.max(start, 0), to: Math.min(end, this.duration), per, height,
      x: (t) => (t - start) * per,
    };
    draw(context, piece, colours(canvas));
  }

  // Slides everything to where the view is.
  #slide() {
    if (!this.#box.width || !this.#painted) return;
    const shift = `translateX(${toDevicePixel(this.#offset(this.#painted[0]))}px)`;
    for (const { canvas, open } of this.#lanes) if (open) canvas.style.transform = shift;
    this.#playheadLine.style.transform = `translateX(${toDevicePixel(this.#offset(this.#playhead))}px)`;
    this.#regionBox.hidden = !this.#region;
    if (!this.#region) return;
    const [left, right] = this.#region.map((t) => this.#offset(t));
    this.#regionBox.style.transform = `translateX(${left}px)`;
    this.#regionBox.style.width = `${right - left}px`;
  }

  // --- the view, the playhead and the region

  get view() {
    return this.#view;
  }

  setView(start, end) {
    const { duration } = this;
    const [oldStart, oldEnd] = this.#view;
    const span = clamp(end - start, Math.min(MIN_SECONDS, duration), duration);
    const first = clamp(start, 0, duration - span);
    if (first === oldStart && first + span === oldEnd) return;
    const isZoomed = Math.abs(span - (oldEnd - oldStart)) > 1e-9;
    this.#view = [first, first + span];
    if (isZoomed) this.paint(false);
    else if (this.#isPainted()) this.#slide();
    else this.paint();
    this.on.viewChanged();
  }

  #isPainted() {
    const [start, end] = this.#view;
    return this.#painted && start >= this.#painted[0] && end <= this.#painted[1];
  }

  scroll(seconds) {
    const [start, end] = this.#view;
    this.setView(start + seconds, end + seconds);
  }

  // Around a time, which is else the middle.
  zoom(factor, centre = (this.#view[0] + this.#view[1]) / 2) {
    const [start, end] = this.#view;
    this.setView(centre + (start - centre) * factor, centre + (end - centre) * factor);
  }

  // The playhead stands at `t`; with `follow` the view goes along.
  setNow(t, follow) {
    this.#playhead = t;
    const start = follow && !this.#gestures.isActive ? this.#followedStart(t) : null;
    if (start === null) this.#slide();
    else this.setView(start, start + (this.#view[1] - this.#view[0]));
  }

  // Where the view begins that follows the playhead, or null where it need not move.
  #followedStart(t) {
    const [start, end] = this.#view;
    const span = end - start;
    if (t < start || t > end) return t - PAGE_AT * span;
    const followed = Math.min(t - FOLLOW_AT * span, this.duration - span);
    return followed > start ? followed : null;
  }

  setRegion(region) {
    this.#region = region;
    this.#slide();
  }
}

export function colours(element) {
  const style = getComputedStyle(element);
  const names = ["ink", "soft", "line", "accent", "paper", "missed", "extra"];
  return Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  );
}

// What a mouse, fingers and a wheel do on a timeline: a click seeks, a drag marks a region or, on the
// ruler and by touch, scrolls; two fingers zoom.
import { clamp } from "./pad.js";

const CLICK = 4; // px a pointer may move and still click
const MIN_PINCH = 20; // px between two fingers, nearer ones count as so far apart
const LINE = 20; // px of a line, in which some wheels count
const ZOOM_PER_PIXEL = 1.005; // of the wheel

export class TimelineGestures {
  #pointers = new Map(); // fingers and buttons that are down: id to x
  #drag = null; // {x, view, time, isPan} where it began; {isMoved, isPinch, region} since then

  constructor(timeline, on) {
    this.timeline = timeline;
    this.on = on;
  }

  get isActive() {
    return this.#drag !== null;
  }

  listen(lane) {
    const listen = (name, call, options) => lane.area.addEventListener(name, call, options);
    listen("pointerdown", (event) => this.#pointerDown(event, lane));
    listen("pointermove", (event) => this.#pointerMove(event, lane));
    listen("pointerup", (event) => this.#pointerUp(event));
    listen("pointercancel", (event) => this.#pointerUp(event, true));
    listen("pointerleave", () => this.isActive || this.on.hover(null));
    listen("wheel", (event) => this.#wheel(event, lane), { passive: false });
  }

  #pointerDown({ button, clientX, pointerId, pointerType }, { area, ruler }) {
    if (button) return;
    const { timeline } = this;
    timeline.measure();
    area.setPointerCapture(pointerId);
    this.#pointers.set(pointerId, clientX);
    if (this.#pointers.size > 1) this.#drag.isPinch = true;
    else {
      const isPan = ruler || pointerType === "touch";
      this.#drag = { x: clientX, view: [...timeline.view], time: timeline.timeAt(clientX), isPan };
    }
  }

  #pointerMove(event, lane) {
    const { clientX, pointerId } = event;
    if (!this.#pointers.has(pointerId)) {
      this.#hover(event, lane);
      return;
    }
    const before = [...this.#pointers.values()];
    this.#pointers.set(pointerId, clientX);
    if (before.length > 1) this.#pinch(before, [...this.#pointers.values()]);
    else this.#dragTo(clientX);
  }

  #hover({ clientX, clientY }, lane) {
    this.timeline.measure();
    const box = lane.area.getBoundingClientRect();
    this.on.hover(this.timeline.timeAt(clientX), lane, (clientY - box.top) / box.height);
  }

  // Two fingers zoom and scroll, so that each stays on its time.
  #pinch(before, after) {
    const { timeline } = this;
    const [was, is] = [before, after].map(([a, b]) => ({
      width: Math.max(Math.abs(a - b), MIN_PINCH), middle: (a + b) / 2,
    }));
    const centre = timeline.timeAt(was.middle);
    timeline.zoom(was.width / is.width, centre);
    timeline.scroll(centre - timeline.timeAt(is.middle));
  }

  #dragTo(clientX) {
    const { timeline } = this;
    const drag = this.#drag;
    if (!drag.isMoved && Math.abs(clientX - drag.x) <= CLICK) return;
    drag.isMoved = true;
    if (drag.isPan) {
      const seconds = (drag.x - clientX) / timeline.pixelsPerSecond;
      timeline.setView(drag.view[0] + seconds, drag.view[1] + seconds);
    } else {
      const ends = [drag.time, timeline.timeAt(clientX)].map((t) => clamp(t, 0, timeline.duration));
      drag.region = ends.sort((a, b) => a - b);
      this.on.select(drag.region, false);
    }
  }

  #pointerUp({ pointerId }, isCancelled = false) {
    if (!this.#pointers.delete(pointerId)) return;
    const drag = this.#drag;
    const [x] = this.#pointers.values();
    if (x !== undefined) {
      // the finger that is left goes on from here
      Object.assign(drag, { isPinch: true, x, view: [...this.timeline.view] });
      return;
    }
    if (drag.region) this.on.select(drag.region, true);
    else if (!isCancelled && !drag.isMoved && !drag.isPinch) {
      this.on.seek(clamp(drag.time, 0, this.timeline.duration));
    }
    this.#drag = null;
  }

  // Only what is surely meant for the timeline; all else scrolls the page.
  #wheel(event, { ruler }) {
    const { timeline } = this;
    const unit = event.deltaMode ? LINE : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    timeline.measure();
    if (event.ctrlKey || event.metaKey) {
      timeline.zoom(ZOOM_PER_PIXEL ** dy, timeline.timeAt(event.clientX));
    } else if (Math.abs(dx) > Math.abs(dy)) timeline.scroll(dx / timeline.pixelsPerSecond);
    else if (event.shiftKey || ruler) timeline.scroll(dy / timeline.pixelsPerSecond);
    else return;
    event.preventDefault();
  }
}

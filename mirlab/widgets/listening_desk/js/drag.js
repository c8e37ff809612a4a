// Dragging beats along their lane, by mouse and touch, while the desk is edited.
import { h } from "../../shared/js/dom.js";
import { nearest } from "./beat_grid.js";

const REACH = { mouse: 7, pen: 12, touch: 20 }; // px around a beat

export class BeatDrag {
  #dragged = null; // {time, from, to} of the beat

  // drop(time, to) when a beat was dragged from a time to another, s.
  constructor(desk, drop) {
    Object.assign(this, { desk, drop });
    this.area = desk.timeline.element.querySelector('[data-lane="beats found"] .area');
    if (!this.area) return;
    this.line = h("div", { class: "dragged", hidden: true });
    this.area.append(this.line);
    const listen = (name, call) => this.area.addEventListener(name, call, { capture: true });
    listen("pointerdown", (event) => this.#begin(event));
    listen("pointermove", (event) => this.#dragTo(event));
    listen("pointerup", (event) => this.#finish(event, true));
    listen("pointercancel", (event) => this.#finish(event, false));
  }

  #begin(event) {
    const { timeline, traits, data } = this.desk;
    if (!traits.get("editing") || event.button) return;
    timeline.measure();
    const times = data.beats.found.map(([time]) => time);
    const time = times[nearest(times, timeline.timeAt(event.clientX))];
    const distance = Math.abs(timeline.timeAt(event.clientX) - time) * timeline.pixelsPerSecond;
    if (!(distance <= (REACH[event.pointerType] ?? REACH.mouse))) return;
    event.stopImmediatePropagation();
    this.area.setPointerCapture(event.pointerId);
    this.#dragged = { time, from: event.clientX, to: time };
    this.area.style.touchAction = "none";
    this.#show();
  }

  #dragTo(event) {
    if (!this.#dragged) return;
    event.stopImmediatePropagation();
    const { time, from } = this.#dragged;
    const to = time + (event.clientX - from) / this.desk.timeline.pixelsPerSecond;
    this.#dragged.to = Math.max(Math.round(1e4 * to) / 1e4, 0);
    this.#show();
  }

  #finish(event, isDropped) {
    if (!this.#dragged) return;
    event.stopImmediatePropagation();
    const { time, to } = this.#dragged;
    this.#dragged = null;
    this.line.hidden = true;
    this.area.style.touchAction = "";
    if (isDropped && Math.abs(to - time) > 1e-3) this.drop(time, to);
    else if (isDropped) this.desk.playback.seek(time);
  }

  #show() {
    const { timeline } = this.desk;
    const x = (this.#dragged.to - timeline.view[0]) * timeline.pixelsPerSecond;
    this.line.hidden = false;
    this.line.style.transform = `translateX(${x}px)`;
  }
}

// Mouse, touch and keys on a spectrogram: move the cursor, select regions and play them.
import { clamp } from "../../shared/js/pad.js";

const CLICK = 4; // px a pointer may move and still click
const BIN_SECONDS = 3; // of a bin played by a click; resynthesis of a whole bin would take too long
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// The cell {time, bin} under the pointer.
function cellUnder(event, element, { spectrogram, visible }) {
  const box = element.getBoundingClientRect();
  const { start, end, bottom, top } = visible;
  const x = clamp((event.clientX - box.left) / box.width);
  const y = clamp((event.clientY - box.top) / box.height);
  const bin = Math.floor(top + y * (bottom - top));
  return { time: start + x * (end - start), bin: Math.min(bin, spectrogram.bins - 1) };
}

// The cell that an arrow key leads to; ten steps away with Shift.
function cellBeside({ time, bin }, { key, shiftKey }, { spectrogram, visible: { start, end } }) {
  const [dx, dy] = ARROWS[key].map((direction) => direction * (shiftKey ? 10 : 1));
  const step = Math.max(spectrogram.hop, (end - start) / 400);
  return {
    time: clamp(time + dx * step, start, end),
    bin: clamp(bin + dy, 0, spectrogram.bins - 1),
  };
}

function cellInTheMiddle({ start, end, bottom, top }) {
  return { time: (start + end) / 2, bin: Math.floor((bottom + top) / 2) };
}

const ascending = (...values) => values.sort((a, b) => a - b);

// The region [start, end, low, high] between two cells, in whole bins.
function regionBetween(a, b, { axis, hop }) {
  const [start, end] = ascending(a.time, b.time);
  const [low, high] = ascending(a.bin, b.bin);
  return [start, Math.max(end, start + hop), axis.edges(low)[0], axis.edges(high)[1]];
}

export class Gestures {
  #press = null; // {x, y, isDrag, time, bin} of a pressed pointer and its cell
  #corner = null; // the cell of a region's first corner, marked by a key

  // `shown` is the current state of the panel {spectrogram, visible, cell}; `on` as in Panel.
  constructor(element, shown, on) {
    Object.assign(this, { element, shown, on });
    const listen = (name, call) => element.addEventListener(name, call);
    listen("pointerdown", (event) => this.#pointerDown(event));
    listen("pointermove", (event) => this.#pointerMove(event));
    listen("pointerup", (event) => this.#pointerUp(event));
    listen("pointercancel", () => (this.#press = null));
    listen("pointerleave", ({ pointerType }) => {
      if (!this.#press && pointerType === "mouse") on.point(null);
    });
    listen("keydown", (event) => this.#keyDown(event));
  }

  // Drops a region of which a key has marked only one corner.
  forgetCorner() {
    this.#corner = null;
  }

  // --- what the gestures do

  #moveCursor({ time, bin }, byKey = false) {
    this.on.point({ time, hz: this.shown.spectrogram.axis.frequencies[bin] }, byKey);
  }

  #playBin({ time, bin }) {
    const { spectrogram } = this.shown;
    const end = Math.min(time + BIN_SECONDS, spectrogram.seconds);
    const start = Math.min(time, end - spectrogram.hop);
    this.on.play([start, end, ...spectrogram.axis.edges(bin)], start);
  }

  #selectRegion(a, b) {
    const region = regionBetween(a, b, this.shown.spectrogram);
    this.on.select(region, true);
    this.on.play(region, region[0]);
  }

  #markCorner(cell) {
    const corner = this.#corner;
    if (corner) this.#selectRegion(corner, cell);
    else this.#moveCursor(cell, true);
    this.#corner = corner ? null : cell;
  }

  // --- events

  #pointerDown(event) {
    const { element, shown } = this;
    if (event.button || !shown.spectrogram) return;
    element.setPointerCapture(event.pointerId);
    this.#press = { x: event.clientX, y: event.clientY, ...cellUnder(event, element, shown) };
  }

  #pointerMove(event) {
    const { element, shown, on } = this;
    if (!shown.spectrogram) return;
    const cell = cellUnder(event, element, shown);
    this.#moveCursor(cell);
    const press = this.#press;
    if (!press) return;
    press.isDrag ||= Math.hypot(event.clientX - press.x, event.clientY - press.y) > CLICK;
    if (press.isDrag) on.select(regionBetween(press, cell, shown.spectrogram), false);
  }

  #pointerUp(event) {
    const press = this.#press;
    this.#press = null;
    if (press?.isDrag) this.#selectRegion(press, cellUnder(event, this.element, this.shown));
    else if (press) this.#playBin(press);
  }

  #keyDown(event) {
    const { shown, on } = this;
    if (!shown.spectrogram || event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = shown.cell ?? cellInTheMiddle(shown.visible);
    if (ARROWS[event.key]) this.#moveCursor(cellBeside(cell, event, shown), true);
    else if (event.key === "Enter" || event.key === " ") this.#playBin(cell);
    else if (event.key === "m" || event.key === "M") this.#markCorner(cell);
    else if (event.key === "Escape") on.select([], true);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the page would scroll, and the notebook would change cells
  }
}

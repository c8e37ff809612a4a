// Amplitudes of partials as bars: a drag sets them, the arrow keys select and change one.
import { plot } from "../../shared/js/canvas.js";
import { h, NO_SHORTCUTS } from "../../shared/js/dom.js";
import { clamp } from "../../shared/js/pad.js";

const [KEY_STEP, SHIFT_STEP] = [0.02, 0.1]; // of the height
const LABEL_HEIGHT = 16; // px below the bars

// Bar heights, 0..1, are square roots, so that soft partials are visible.
const heightOf = Math.sqrt;
const amplitudeAt = (height) => Math.round(1000 * height * height) / 1000;

export class Bars {
  #values = [];
  #selected = 0; // index
  #last = null; // [index, height] of the pointer during a drag

  // change(amplitudes) is called when bars are changed.
  constructor(change) {
    this.change = change;
    this.element = h("div", { class: "plot bars", tabindex: "0", role: "slider", "aria-valuemin": 0,
      "aria-valuemax": 1, ...NO_SHORTCUTS });
    this.plot = plot(this.element, "Partials", (...canvas) =>
      drawBars(...canvas, this.#values, this.element.matches(":focus-visible") ? this.#selected : -1));
    const listen = (name, call) => this.element.addEventListener(name, call);
    listen("pointerdown", (event) => this.#pointerDown(event));
    listen("pointermove", (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) this.#drawTo(event);
    });
    listen("keydown", (event) => this.#keyDown(event));
    for (const name of ["focus", "blur"]) listen(name, () => this.paint());
  }

  set(values) {
    this.#values = values;
    this.#select(this.#selected);
  }

  paint() {
    this.plot.paint();
  }

  close() {
    this.plot.close();
  }

  #select(index) {
    const { element } = this;
    this.#selected = clamp(index, 0, this.#values.length - 1);
    const value = this.#values[this.#selected];
    const number = this.#selected + 1;
    element.setAttribute("aria-label", `Partial ${number} of ${this.#values.length}`);
    element.setAttribute("aria-valuenow", value.toFixed(3));
    element.setAttribute("aria-valuetext", `partial ${number}: level ${value.toFixed(2)}`);
    this.paint();
  }

  // The index of the bar and the height, 0..1, under the pointer.
  #point({ clientX, clientY }) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    const index = Math.floor(clamp((clientX - left) / width, 0, 0.9999) * this.#values.length);
    return [index, clamp(1 - (clientY - top) / (height - LABEL_HEIGHT))];
  }

  #pointerDown(event) {
    if (event.button) return;
    this.element.setPointerCapture(event.pointerId);
    this.#last = this.#point(event);
    this.#drawTo(event);
  }

  // Sets all bars between the pointer's last position and the current one.
  #drawTo(event) {
    const [from, start] = this.#last;
    const [to, end] = (this.#last = this.#point(event));
    const values = this.#values.slice();
    const steps = Math.max(Math.abs(to - from), 1);
    for (let step = 0; step <= steps; step++) {
      const fraction = step / steps;
      const index = Math.round(from + fraction * (to - from));
      values[index] = amplitudeAt(from === to ? end : start + fraction * (end - start));
    }
    this.#selected = to;
    this.change(values);
  }

  #keyDown(event) {
    const step = event.shiftKey ? SHIFT_STEP : KEY_STEP;
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const rise = { ArrowUp: step, ArrowDown: -step, Delete: -1, Backspace: -1 }[event.key];
    if (direction) this.#select(this.#selected + direction);
    else if (rise) {
      const height = clamp(heightOf(this.#values[this.#selected]) + rise);
      this.change(this.#values.with(this.#selected, amplitudeAt(height)));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

// `focused` is the index of the highlighted bar, or -1.
function drawBars(context, width, height, colours, values, focused) {
  const barWidth = width / values.length;
  const gap = Math.min(barWidth / 5, 6);
  const floor = height - LABEL_HEIGHT + 2;
  values.forEach((value, i) => {
    const left = i * barWidth + gap / 2;
    const top = (1 - heightOf(value)) * (height - LABEL_HEIGHT);
    context.fillStyle = colours.line;
    context.fillRect(left, floor - 1, barWidth - gap, 1);
    context.fillStyle = i === focused ? colours.ink : colours.accent;
    context.fillRect(left, top, barWidth - gap, floor - top);
    if (barWidth > 14 || i % 4 === 0) {
      context.fillStyle = colours.soft;
      context.fillText(`${i + 1}`, left, height - 2);
    }
  });
}

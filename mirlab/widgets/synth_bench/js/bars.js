// Partials as bars: a drag draws over them, arrow keys choose and move one.
import { plot } from "../../shared/js/canvas.js";
import { OWN_KEYS, h } from "../../shared/js/dom.js";
import { clamp } from "../../shared/js/pad.js";

// The height of an amplitude: soft partials can be seen, too.
const height = Math.sqrt;
const amplitude = (y) => Math.round(1000 * y * y) / 1000;

// change(amplitudes) when bars were moved.
export function bars(change) {
  let [values, at] = [[], 0];
  const element = h("div", { class: "plot bars", tabindex: "0", role: "slider", "aria-valuemin": 0,
    "aria-valuemax": 1, ...OWN_KEYS });
  const { paint, close } = plot(element, "Partials", draw);

  function draw(context, width, plotHeight, colours) {
    const barWidth = width / values.length;
    const focused = element.matches(":focus-visible");
    values.forEach((value, i) => {
      const top = (1 - height(value)) * (plotHeight - 16);
      const gap = Math.min(barWidth / 5, 6);
      context.fillStyle = colours.line;
      context.fillRect(i * barWidth + gap / 2, plotHeight - 15, barWidth - gap, 1);
      context.fillStyle = focused && i === at ? colours.ink : colours.accent;
      context.fillRect(i * barWidth + gap / 2, top, barWidth - gap, plotHeight - 14 - top);
      if (barWidth > 14 || i % 4 === 0) {
        context.fillStyle = colours.soft;
        context.fillText(`${i + 1}`, i * barWidth + gap / 2, plotHeight - 2);
      }
    });
  }

  function say() {
    element.setAttribute("aria-label", `Partial ${at + 1} of ${values.length}`);
    element.setAttribute("aria-valuenow", values[at].toFixed(3));
    element.setAttribute("aria-valuetext", `partial ${at + 1}: level ${values[at].toFixed(2)}`);
  }

  function point(event) {
    const box = element.getBoundingClientRect();
    const i = Math.floor(clamp((event.clientX - box.left) / box.width, 0, 0.9999) * values.length);
    return [i, clamp(1 - (event.clientY - box.top) / (box.height - 16))];
  }

  // All bars between where the pointer was and where it is.
  function draws(event) {
    const [from, start] = element.last;
    const [to, end] = (element.last = point(event));
    const next = values.slice();
    const steps = Math.max(Math.abs(to - from), 1);
    for (let s = 0; s <= steps; s++) {
      const share = s / steps;
      const i = Math.round(from + share * (to - from));
      next[i] = amplitude(from === to ? end : start + share * (end - start));
    }
    at = to;
    change(next);
  }

  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    element.setPointerCapture(event.pointerId);
    element.last = point(event);
    draws(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) draws(event);
  });
  element.addEventListener("keydown", (event) => {
    const size = event.shiftKey ? 0.1 : 0.02;
    const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const up = { ArrowUp: size, ArrowDown: -size, Delete: -1, Backspace: -1 }[event.key];
    if (side) {
      at = clamp(at + side, 0, values.length - 1);
      say();
      paint();
    } else if (up) change(values.with(at, amplitude(clamp(height(values[at]) + up))));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  for (const name of ["focus", "blur"]) element.addEventListener(name, paint);

  return {
    element,
    set(next) {
      values = next;
      at = Math.min(at, values.length - 1);
      say();
      paint();
    },
    paint,
    close,
  };
}

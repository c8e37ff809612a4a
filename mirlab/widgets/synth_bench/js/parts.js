// Small parts: scales of ratios, short numbers, lines in pictures, rows, choices and small buttons.
import { line } from "../../shared/js/canvas.js";
import { button, h } from "../../shared/js/dom.js";
import { clamp } from "../../shared/js/pad.js";

export const short = (value) => Number(value.toPrecision(3));
export const list = (n, of) => Array.from({ length: n }, (_, i) => of(i + 1));

// Equal steps from 0 to 1 are equal ratios from low to high.
export function byRatio(low, high) {
  return {
    at: (value) => Math.log(value / low) / Math.log(high / low),
    to: (x) => clamp(short(low * (high / low) ** clamp(x)), low, high),
  };
}

export function upright(context, x, from, to, colour, width = 2) {
  line(context, [x, x], [from, to], colour, width);
}

export function dashed(context, draw) {
  context.setLineDash([4, 3]);
  draw();
  context.setLineDash([]);
}

export const strip = (...children) => h("div", { class: "strip" }, ...children);
export const group = (name, ...children) =>
  h("span", { class: "strip", role: "group", "aria-label": name }, ...children);
export const small = (text, onclick, name = text) =>
  button(text, onclick, { class: "small", "aria-label": name });

// The pairs of a choice whose values are their own names.
export const named = (names) => names.map((name) => [name, name]);

// Buttons that add one to a list and take one away.
export function counted(add, remove, least, most) {
  const elements = [small("+", add, "Add one"), small("−", remove, "Remove one")];
  return { elements, follow({ length }) {
    elements[0].disabled = length >= most;
    elements[1].disabled = length <= least;
  } };
}

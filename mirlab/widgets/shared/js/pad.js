// Handles on a plot. Each is an HTML element, so that mouse, touch, Tab, arrow keys and screen readers
// can all use it.
import { h, NO_SHORTCUTS } from "./dom.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const FAST = 5; // steps of an arrow key with Shift

// Returns {set(handles)} with handles [{name, text, x, y, cross, step: [dx, dy], move(x, y), remove()}];
// x and y are 0..1 from the lower left corner of `parent`.
export function pad(parent) {
  const elements = [];
  let handles = [];

  function add() {
    const index = elements.length;
    const element = h("button", {
      type: "button",
      class: "handle",
      role: "slider",
      "aria-valuemin": 0,
      "aria-valuemax": 1,
      ...NO_SHORTCUTS,
      onpointerdown: (event) => drag(event, element, parent, (x, y) => handles[index]?.move(x, y)),
      onkeydown: (event) => applyKey(event, handles[index]),
    });
    parent.append(element);
    elements.push(element);
  }

  return {
    set(next) {
      handles = next;
      while (elements.length < next.length) add();
      while (elements.length > next.length) elements.pop().remove();
      next.forEach((handle, index) => show(elements[index], handle));
    },
  };
}

// Calls move(x, y) while the pointer that was pressed on `element` moves.
function drag(event, element, parent, move) {
  if (event.button !== 0) return;
  element.setPointerCapture(event.pointerId);
  const follow = ({ pointerId, clientX, clientY }) => {
    if (pointerId !== event.pointerId) return; // another finger
    const box = parent.getBoundingClientRect();
    move(clamp((clientX - box.left) / box.width), clamp(1 - (clientY - box.top) / box.height));
  };
  const stop = () => element.removeEventListener("pointermove", follow);
  element.addEventListener("pointermove", follow);
  element.addEventListener("lostpointercapture", stop, { once: true });
}

function applyKey(event, { x, y, step, move, remove }) {
  if (STEPS[event.key]) {
    const [dx, dy] = STEPS[event.key];
    const size = event.shiftKey ? FAST : 1;
    move(clamp(x + dx * step[0] * size), clamp(y + dy * step[1] * size));
  } else if ((event.key === "Delete" || event.key === "Backspace") && remove) remove();
  else return;
  event.preventDefault();
  event.stopPropagation(); // the page would scroll, and the notebook would change cells
}

function show(element, { name, text, x, y, cross }) {
  element.style.left = `${100 * x}%`;
  element.style.bottom = `${100 * y}%`;
  element.classList.toggle("cross", Boolean(cross));
  element.setAttribute("aria-label", name);
  element.setAttribute("aria-valuenow", y.toFixed(3));
  element.setAttribute("aria-valuetext", text);
  element.title = `${name}: ${text}`;
}

export function clamp(value, low = 0, high = 1) {
  return Math.min(Math.max(value, low), high);
}

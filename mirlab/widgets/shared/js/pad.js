// Handles on a picture: each a real element, so that mouse, touch, Tab, arrow keys and screen
// readers all reach it.
import { h } from "./dom.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// set(handles): [{name, text, x, y, cross, step: [dx, dy], move(x, y), remove()}], x and y in 0..1
// from the lower left corner.
export function pad(parent) {
  const elements = [];
  let handles = [];

  function drag(event, index) {
    if (event.button !== 0) return;
    const element = elements[index];
    element.setPointerCapture(event.pointerId);
    const move = (now) => {
      if (now.pointerId !== event.pointerId) return; // another finger
      const box = parent.getBoundingClientRect();
      const x = (now.clientX - box.left) / box.width;
      const y = 1 - (now.clientY - box.top) / box.height;
      handles[index]?.move(clamp(x), clamp(y));
    };
    const done = () => element.removeEventListener("pointermove", move);
    element.addEventListener("pointermove", move);
    element.addEventListener("lostpointercapture", done, { once: true }); // let go or taken away
  }

  function key(event, index) {
    const { x, y, step, move, remove } = handles[index];
    if (STEPS[event.key]) {
      const [dx, dy] = STEPS[event.key];
      const size = event.shiftKey ? 5 : 1;
      move(clamp(x + dx * step[0] * size), clamp(y + dy * step[1] * size));
    } else if ((event.key === "Delete" || event.key === "Backspace") && remove) remove();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the page would scroll, the notebook change cells
  }

  function add() {
    const index = elements.length;
    const element = h("button", {
      type: "button",
      class: "handle",
      role: "slider",
      "data-lm-suppress-shortcuts": "true",
      onpointerdown: (event) => drag(event, index),
      onkeydown: (event) => key(event, index),
    });
    parent.append(element);
    elements.push(element);
  }

  return {
    set(next) {
      handles = next;
      while (elements.length < next.length) add();
      while (elements.length > next.length) elements.pop().remove();
      next.forEach(({ name, text, x, y, cross }, index) => {
        const element = elements[index];
        element.style.left = `${100 * x}%`;
        element.style.bottom = `${100 * y}%`;
        element.classList.toggle("cross", Boolean(cross));
        element.setAttribute("aria-label", name);
        element.setAttribute("aria-valuenow", y.toFixed(3));
        element.setAttribute("aria-valuemin", "0");
        element.setAttribute("aria-valuemax", "1");
        element.setAttribute("aria-valuetext", text);
        element.title = `${name}: ${text}`;
      });
    },
  };
}

export function clamp(value, low = 0, high = 1) {
  return Math.min(Math.max(value, low), high);
}

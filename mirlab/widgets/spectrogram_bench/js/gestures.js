// Mouse, fingers and keys on a spectrogram: they move the cursor, mark regions and play.
import { clamp } from "../../shared/js/pad.js";

const CLICK = 4; // px a pointer may move and still click
const BIN_SECONDS = 3; // of a bin that are played at a click; all of it would take its time to make
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

// The cell that an arrow key leads to; with Shift it goes further.
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

// Follow what is done on `element`. `shown` is what it shows {spectrogram, visible, cell}, with the
// values of the moment; `on` is as in panel(). forgetCorner() ends a region that M has begun.
export function followGestures(element, shown, on) {
  const gesture = {
    press: null, // {x, y, isDrag} and the cell: where a pointer went down
    corner: null, // the cell at which a key marked the first corner
  };

  function moveCursor({ time, bin }, byKey = false) {
    on.point({ time, hz: shown.spectrogram.axis.frequencies[bin] }, byKey);
  }

  function playBin({ time, bin }) {
    const { spectrogram } = shown;
    const end = Math.min(time + BIN_SECONDS, spectrogram.seconds);
    const start = Math.min(time, end - spectrogram.hop);
    on.play([start, end, ...spectrogram.axis.edges(bin)], start);
  }

  function markRegion(a, b) {
    const region = regionBetween(a, b, shown.spectrogram);
    on.mark(region, true);
    on.play(region, region[0]);
  }

  function markCorner(cell) {
    const { corner } = gesture;
    if (corner) markRegion(corner, cell);
    else moveCursor(cell, true);
    gesture.corner = corner ? null : cell;
  }

  function pointerDown(event) {
    if (event.button || !shown.spectrogram) return;
    element.setPointerCapture(event.pointerId);
    gesture.press = { x: event.clientX, y: event.clientY, ...cellUnder(event, element, shown) };
  }

  function pointerMove(event) {
    if (!shown.spectrogram) return;
    const cell = cellUnder(event, element, shown);
    moveCursor(cell);
    const { press } = gesture;
    if (!press) return;
    press.isDrag ||= Math.hypot(event.clientX - press.x, event.clientY - press.y) > CLICK;
    if (press.isDrag) on.mark(regionBetween(press, cell, shown.spectrogram), false);
  }

  function pointerUp(event) {
    const { press } = gesture;
    if (press?.isDrag) markRegion(press, cellUnder(event, element, shown));
    else if (press) playBin(press);
    gesture.press = null;
  }

  function keyDown(event) {
    if (!shown.spectrogram || event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = shown.cell ?? cellInTheMiddle(shown.visible);
    if (ARROWS[event.key]) moveCursor(cellBeside(cell, event, shown), true);
    else if (event.key === "Enter" || event.key === " ") playBin(cell);
    else if (event.key === "m" || event.key === "M") markCorner(cell);
    else if (event.key === "Escape") on.mark([], true);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the page would scroll, the notebook change cells
  }

  element.addEventListener("pointerdown", pointerDown);
  element.addEventListener("pointermove", pointerMove);
  element.addEventListener("pointerup", pointerUp);
  element.addEventListener("pointercancel", () => (gesture.press = null));
  element.addEventListener("pointerleave", ({ pointerType }) => {
    if (!gesture.press && pointerType === "mouse") on.point(null);
  });
  element.addEventListener("keydown", keyDown);
  return { forgetCorner: () => (gesture.corner = null) };
}

// Highlights the current bar and notes of the engraved score while the Listening desk plays, and
// seeks the desk to the bar or note that is clicked in the score.
const times = JSON.parse(document.getElementById("score-times").textContent);
const score = document.querySelector(".papers");
const { bars, notes } = readScore();
let highlighted = []; // elements
if (bars.length) {
  makeBarsFocusable();
  score.addEventListener("click", seekToClicked);
  score.addEventListener("keydown", handleKey);
  waitForDesk();
}

// Bars {onset, element} and notes {onset, offset, element} of the shown pages, in order of time (s).
function readScore() {
  const find = (id) => score.querySelector(`[id="${id}"]`);
  const [bars, notes, sounding] = [[], [], new Map()];
  for (const [time, bar, started, ended] of times) {
    for (const id of ended) if (sounding.has(id)) sounding.get(id).offset = time;
    const element = bar && find(bar);
    if (element) bars.push({ onset: time, element });
    for (const id of started) {
      const note = { onset: time, offset: Infinity, element: find(id) };
      if (!note.element) continue; // on a page that is not shown
      sounding.set(id, note);
      notes.push(note);
    }
  }
  return { bars, notes };
}

function makeBarsFocusable() {
  // Screen readers skip the parts of an image, but not those of a group.
  for (const svg of score.querySelectorAll('svg[role="img"]')) svg.setAttribute("role", "group");
  bars.forEach(({ element }, i) => {
    const { x, y, width, height } = element.getBBox();
    const frame = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x, y, width, height, class: "frame" })) {
      frame.setAttribute(name, value);
    }
    element.prepend(frame);
    element.setAttribute("role", "button");
    element.setAttribute("tabindex", i ? -1 : 0);
    element.setAttribute("aria-label", `Play from bar ${i + 1} of ${bars.length}`);
  });
}

// --- highlighting

// Highlights what sounds at `time`; returns the bar's element if the bar is a new one.
function highlight(time) {
  // Before the score begins, its first bar is the current one.
  const bar = bars.findLast(({ onset }) => onset <= time + 1e-3) ?? bars[0];
  const sounding = notes.filter(({ onset, offset }) => onset <= time + 1e-3 && time < offset);
  const elements = [...(bar ? [bar] : []), ...sounding].map(({ element }) => element);
  for (const element of highlighted) {
    if (!elements.includes(element)) element.classList.remove("now");
  }
  for (const element of elements) element.classList.add("now");
  const isNew = bar && !highlighted.includes(bar.element);
  highlighted = elements;
  return isNew ? bar.element : null;
}

// Scrolls to a bar if the score is in view but the bar is not.
function reveal(bar) {
  const area = score.getBoundingClientRect();
  if (area.top >= innerHeight || area.bottom <= 0) return;
  const box = bar.getBoundingClientRect();
  if (box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth) return;
  const reducesMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
  bar.scrollIntoView({ block: "center", behavior: reducesMotion ? "auto" : "smooth" });
}

// --- the desk: its ruler holds the position, and seeks where it is pressed

function getDesk() {
  return document.querySelector("#listen .desk");
}

// Presses a point of an element, at a fraction of its width.
function press(element, fraction) {
  const { left, width, top, height } = element.getBoundingClientRect();
  const point = { clientX: left + fraction * width, clientY: top + height / 2, pointerId: 1 };
  element.setPointerCapture = () => {}; // there is no real pointer to capture
  for (const type of ["pointerdown", "pointerup"]) {
    element.dispatchEvent(new PointerEvent(type, { ...point, pointerType: "mouse" }));
  }
  delete element.setPointerCapture;
}

// The visible range of the desk, [start, width] as fractions of the piece.
function visibleRange(overview) {
  const { left, width } = overview.querySelector(".window").style;
  return [parseFloat(left) / 100, parseFloat(width) / 100];
}

function seek(time) {
  const ruler = getDesk()?.querySelector(".ruler");
  if (!ruler) return;
  const overview = getDesk().querySelector(".overview");
  const fraction = Math.min(time / Number(ruler.getAttribute("aria-valuemax")), 1);
  let [start, width] = visibleRange(overview);
  if (fraction < start || fraction > start + width) {
    press(overview, fraction);
    [start, width] = visibleRange(overview);
  }
  const focused = document.activeElement;
  press(ruler, (fraction - start) / width);
  focused.focus({ preventScroll: true });
}

// --- mouse and keys

function seekToClicked({ target }) {
  const find = (list, selector) =>
    list.find(({ element }) => element === target.closest(selector));
  const clicked = find(notes, ".note") ?? find(bars, ".measure");
  if (clicked) seek(clicked.onset);
}

function handleKey(event) {
  const i = bars.findIndex(({ element }) => element === event.target);
  if (i < 0) return;
  const next = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: bars.length - 1 }[event.key];
  if (event.key === "Enter" || event.key === " ") seek(bars[i].onset);
  else if (bars[next]) {
    bars[i].element.setAttribute("tabindex", -1);
    bars[next].element.setAttribute("tabindex", 0);
    bars[next].element.focus();
  } else return;
  event.preventDefault();
}

function waitForDesk() {
  const ruler = getDesk()?.querySelector(".ruler");
  if (ruler) return followDesk(ruler);
  const observer = new MutationObserver(() => {
    observer.disconnect();
    waitForDesk();
  });
  observer.observe(document.getElementById("listen"), { childList: true, subtree: true });
}

function followDesk(ruler) {
  const update = () => {
    const newBar = highlight(Number(ruler.getAttribute("aria-valuenow")));
    if (newBar && getDesk().dataset.playing === "true") reveal(newBar);
  };
  new MutationObserver(update).observe(ruler, { attributeFilter: ["aria-valuenow"] });
  update();
}

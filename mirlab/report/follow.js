// Leads through the engraved score while the Listening desk plays, and from the score to the sound.
(() => {
  const times = JSON.parse(document.getElementById("score-times").textContent);
  const papers = document.querySelector(".papers");
  const find = (id) => papers.querySelector(`[id="${id}"]`);
  const bars = []; // {at, element}, in the order of time
  const starts = new Map(); // note's element: when it begins
  const notes = []; // {at, until, element}, in the order of time
  const sounding = new Map();
  for (const [at, bar, on, off] of times) {
    for (const id of off) if (sounding.has(id)) sounding.get(id).until = at;
    const element = bar && find(bar);
    if (element) bars.push({ at, element });
    for (const id of on) {
      const note = { at, until: Infinity, element: find(id) };
      if (!note.element) continue; // on a page that is not shown
      sounding.set(id, note);
      starts.set(note.element, at);
      notes.push(note);
    }
  }
  if (!bars.length) return;
  // The parts of an image are hidden from screen readers; those of a group are not.
  for (const svg of papers.querySelectorAll('svg[role="img"]')) svg.setAttribute("role", "group");

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

  let marked = [];
  function show(t) {
    const bar = bars.findLast(({ at }) => at <= t + 1e-3);
    const heard = notes.filter(({ at, until }) => at <= t + 1e-3 && t < until);
    const now = [...(bar ? [bar] : []), ...heard].map(({ element }) => element);
    for (const one of marked) if (!now.includes(one)) one.classList.remove("now");
    for (const one of now) one.classList.add("now");
    const turned = bar && !marked.includes(bar.element);
    marked = now;
    return turned ? bar.element : null;
  }

  // The desk tells its time on its ruler, and goes where its ruler is pressed.
  const desk = () => document.querySelector("#listen .desk");
  const press = (element, share) => {
    const { left, width, top, height } = element.getBoundingClientRect();
    const where = { clientX: left + share * width, clientY: top + height / 2, pointerId: 1 };
    element.setPointerCapture = () => {}; // no real pointer is down
    for (const kind of ["pointerdown", "pointerup"]) {
      element.dispatchEvent(new PointerEvent(kind, { ...where, pointerType: "mouse" }));
    }
    delete element.setPointerCapture;
  };
  function seek(t) {
    const ruler = desk()?.querySelector(".ruler");
    if (!ruler) return;
    const overview = desk().querySelector(".overview");
    const duration = Number(ruler.getAttribute("aria-valuemax"));
    const view = () => {
      const { left, width } = overview.querySelector(".window").style;
      return [parseFloat(left) / 100, parseFloat(width) / 100];
    };
    const share = Math.min(t / duration, 1);
    let [start, width] = view();
    if (share < start || share > start + width) {
      press(overview, share);
      [start, width] = view();
    }
    const before = document.activeElement;
    press(ruler, (share - start) / width);
    before.focus({ preventScroll: true });
  }

  papers.addEventListener("click", (event) => {
    const note = event.target.closest(".note");
    const bar = bars.find(({ element }) => element === event.target.closest(".measure"));
    if (starts.has(note)) seek(starts.get(note));
    else if (bar) seek(bar.at);
  });
  papers.addEventListener("keydown", (event) => {
    const i = bars.findIndex(({ element }) => element === event.target);
    const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: bars.length - 1 }[event.key];
    if (i < 0) return;
    if (event.key === "Enter" || event.key === " ") seek(bars[i].at);
    else if (bars[to]) {
      bars[i].element.setAttribute("tabindex", -1);
      bars[to].element.setAttribute("tabindex", 0);
      bars[to].element.focus();
    } else return;
    event.preventDefault();
  });

  const ready = new MutationObserver(() => {
    const ruler = desk()?.querySelector(".ruler");
    if (!ruler) return;
    ready.disconnect();
    const told = () => {
      const turned = show(Number(ruler.getAttribute("aria-valuenow")));
      const seen = papers.getBoundingClientRect();
      const playing = desk().dataset.playing === "true";
      if (turned && playing && seen.top < innerHeight && seen.bottom > 0) {
        const place = turned.getBoundingClientRect();
        if (place.top < 0 || place.bottom > innerHeight || place.right > innerWidth) {
          const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
          turned.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
        }
      }
    };
    new MutationObserver(told).observe(ruler, { attributeFilter: ["aria-valuenow"] });
    told();
  });
  ready.observe(document.getElementById("listen"), { childList: true, subtree: true });
})();

// Elements, the light or dark theme of the page, and labelled controls.

const DARK = "(prefers-color-scheme: dark)";
// Attributes of elements that handle keys, so that JupyterLab does not use them as shortcuts.
export const NO_SHORTCUTS = { "data-lm-suppress-shortcuts": "true" };

// h("button", {class: "main", onclick}, "Play"): an element with its attributes and children.
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

export function button(text, onclick, attributes = {}) {
  return h("button", { type: "button", onclick, ...attributes }, text);
}

function isDark() {
  const { theme } = document.documentElement.dataset; // the book
  if (theme) return theme === "dark";
  const { jpThemeLight } = document.body.dataset; // JupyterLab
  if (jpThemeLight) return jpThemeLight === "false";
  return matchMedia(DARK).matches;
}

// Keep `root` as dark as the page around it; `changed` is called whenever that flips. Gives a
// function that stops it.
export function followTheme(root, changed) {
  const apply = () => {
    root.classList.toggle("dark", isDark());
    changed();
  };
  const media = matchMedia(DARK);
  const observer = new MutationObserver(apply);
  const filter = { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light"] };
  observer.observe(document.documentElement, filter);
  observer.observe(document.body, filter);
  media.addEventListener("change", apply);
  root.classList.toggle("dark", isDark());
  return () => {
    observer.disconnect();
    media.removeEventListener("change", apply);
  };
}

// A labelled slider.
export function slider(label, { min, max, step, show, value, change }) {
  const output = h("output", {}, show(value));
  const input = h("input", { type: "range", min, max, step, ...NO_SHORTCUTS });
  input.value = value;
  input.setAttribute("aria-valuetext", show(value));
  input.addEventListener("input", () => change(Number(input.value)));
  const set = (now) => {
    input.value = now;
    output.textContent = show(now);
    input.setAttribute("aria-valuetext", show(now));
  };
  return { element: h("label", {}, label, input, output), set };
}

// A labelled choice among [value, text] pairs.
export function choice(label, pairs, value, change) {
  const select = h("select", NO_SHORTCUTS);
  for (const [key, text] of pairs) select.append(h("option", { value: key }, text));
  select.value = value;
  select.addEventListener("change", () => change(select.value));
  return { element: h("label", {}, label, select), set: (now) => (select.value = now) };
}

// A labelled slider that follows a transport and seeks in it. `seconds` gives the sound's length,
// for a transport knows it only once the sound was made. Call follow() when the transport starts
// or stops and when the sound changes; while it plays, follow() keeps on by itself.
export function seekBar(transport, seconds = () => transport.duration) {
  let frame = 0;
  const show = (at) => `${clock(at)} of ${clock(seconds())}`;
  const { element, set } = slider("Position", {
    min: 0, max: 1, step: 0.001, show, value: 0, change: (value) => {
      transport.seek(value);
      follow();
    } });
  const [input, output] = element.querySelectorAll("input, output");
  output.setAttribute("aria-live", "off"); // a screen reader would never stop
  function follow() {
    cancelAnimationFrame(frame);
    input.max = seconds();
    input.step = seconds() / 100; // the arrow keys' step
    set(Math.min(transport.position, seconds()));
    if (transport.playing) frame = requestAnimationFrame(follow);
  }
  return { element, follow, close: () => cancelAnimationFrame(frame) };
}

// Seconds as people read them: 1.25 s, 3:05.2.
export function clock(seconds) {
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const tenths = Math.floor(10 * seconds);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

// Shows the progress and the failure of requests; pass `busy` to the engine.
export function status(model) {
  const bar = h("progress", { max: 1, hidden: true, "aria-label": "Working" });
  const failure = h("div", { class: "failure", role: "alert" });
  const tell = () => (failure.textContent = model.get("failure"));
  const busy = (fraction) => {
    bar.hidden = fraction === null;
    bar.value = fraction ?? 0;
  };
  model.on("change:failure", tell);
  tell();
  return { element: h("div", {}, bar, failure), busy, close: () => model.off("change:failure", tell) };
}

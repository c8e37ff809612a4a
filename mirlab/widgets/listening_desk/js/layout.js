// The lanes of a piece with their heads, and the overview of the whole piece.
import { button, h, NO_SHORTCUTS, slider } from "../../shared/js/dom.js";
import { ruler as drawRuler, waveform as drawWaveform } from "../../shared/js/painters.js";
import { colours } from "../../shared/js/timeline.js";
import * as form from "./form.js";
import * as lanes from "./lanes.js";

// Puts all lanes on the timeline. Gives the ruler, which takes the keys, and relabel(), which says
// what the lanes show when it has changed.
export function addLanes(timeline, data, { key, ...traits }) {
  const ruler = addRuler(timeline, data.duration, key);
  const specs = [
    ...waveformLane(data),
    ...versionLanes(data, { name: "sections", title: "Sections", height: 26 }, form.sections),
    ...spectrogramLane(data),
    ...noteLanes(data),
    ...versionLanes(data, { name: "chords", title: "Chords", height: 26 }, lanes.chords),
    ...versionLanes(data, { name: "beats", title: "Beats", height: 24 }, lanes.beats),
    ...tempoLane(data),
    ...stemLanes(data, traits),
  ];
  const labels = specs.map((spec) => addLane(timeline, traits, spec));
  return { ruler, relabel: () => labels.forEach((label) => label()) };
}

function addRuler(timeline, duration, key) {
  const ruler = h("div", {
    class: "area ruler",
    tabindex: "0",
    role: "slider",
    "aria-label": "Position",
    title: "Position: click, drag, or use the keys below",
    "aria-valuemin": "0",
    "aria-valuemax": duration,
    ...NO_SHORTCUTS,
    onkeydown: key,
  });
  timeline.element.append(h("div", { class: "lane" }, h("div", { class: "head" }, "Time"), ruler));
  timeline
    .lane({ area: ruler, height: 24, draw: drawRuler(), name: "time", ruler: true })
    .canvas.setAttribute("aria-label", "Time ruler");
  return ruler;
}

// A lane {name, title, height, draw}, with `label` for screen readers, `controls` in its head, the
// names of pitches on its `axis` [text, 0..1] and the pitch(y) that the pointer reads.
function addLane(timeline, { get, set, on }, spec) {
  const { name, title, height, draw, label = title, controls = [], axis = [], pitch } = spec;
  const area = h("div", { class: "area" });
  const toggle = () => set({ folded: toggled(get("folded"), name) });
  const fold = button(title, toggle, { class: "fold", title: "Fold away" });
  const head = h("div", { class: "head" }, fold, ...controls);
  timeline.element.append(h("div", { class: "lane", "data-lane": name }, head, area));
  const lane = timeline.lane({ area, height, draw, name });
  lane.pitch = pitch;
  const relabel = () =>
    lane.canvas.setAttribute("aria-label", typeof label === "string" ? label : label());
  relabel();
  for (const [text, at] of axis) {
    area.append(h("span", { class: "octave", style: `bottom: ${100 * at}%` }, text));
  }
  const apply = () => {
    lane.open = !get("folded").includes(name);
    area.hidden = !lane.open;
    fold.setAttribute("aria-expanded", lane.open);
  };
  on(["folded"], () => {
    const wasOpen = lane.open;
    apply();
    if (lane.open !== wasOpen) timeline.paint();
  });
  apply();
  return relabel;
}

// The names without this one, or with it where it was missing.
const toggled = (names, name) =>
  names.includes(name) ? names.filter((other) => other !== name) : [...names, name];

// --- the lanes of the data

function waveformLane({ waveforms, duration }) {
  if (!waveforms.original && duration) return [];
  const draw = drawWaveform(waveforms.original ?? new Int8Array());
  return [{ name: "waveform", title: "Waveform", height: 56, draw }];
}

function spectrogramLane({ tiles, scale }) {
  if (!tiles.length) return [];
  const { lowest, bins, per_semitone: perSemitone } = scale;
  const range = { low: lowest - 0.5 / perSemitone, high: lowest + (bins - 0.5) / perSemitone };
  return [
    {
      name: "spectrogram",
      title: "Spectrogram",
      height: 150,
      draw: lanes.spectrogram(tiles, scale),
      pitch: (y) => lowest + (bins * (1 - y) - 0.5) / perSemitone,
      axis: lanes.octaves(range, 0).filter(([, at]) => at > 0.03),
      label: "Constant-Q spectrogram, C1 to B7",
    },
  ];
}

function noteLanes(data) {
  const { low, high } = data;
  const range = { low, high };
  const height = Object.keys(data.notes).length > 1 ? 110 : 140;
  const draw = (rows) => lanes.roll(rows, range);
  return versionLanes(data, { name: "notes", title: "Notes", height }, draw).map((spec) => ({
    ...spec,
    pitch: (y) => lanes.pitchAt(y, range),
    axis: lanes.octaves(range, 0.5),
  }));
}

// A lane for each version {name: rows} of data[name], painted by draw(rows) as they are then.
function versionLanes(data, { name, title, height }, draw) {
  const versions = Object.keys(data[name]);
  return versions.map((version) => {
    const versionTitle = versions.length > 1 ? `${title}: ${version}` : title;
    const rows = () => data[name][version];
    return {
      name: `${name} ${version}`,
      title: versionTitle,
      height,
      draw: (...canvas) => draw(rows())(...canvas),
      label: () => `${versionTitle}, ${count(rows())}`,
    };
  });
}

// The tempo of the beats that come first, as they are then.
function tempoLane(data) {
  const curve = () => form.tempoCurve(Object.values(data.beats)[0] ?? []);
  if (!curve().length) return [];
  return [
    {
      name: "tempo",
      title: "Tempo",
      height: 44,
      draw: (...canvas) => form.tempo(curve())(...canvas),
      label: () => form.tempoLabel(curve()),
    },
  ];
}

function stemLanes({ waveforms }, traits) {
  const isStem = (name) => name !== "notes" && name !== "original";
  const stems = Object.keys(traits.get("sounds")).filter(isStem);
  return stems.map((name) => ({
    name: `stem ${name}`,
    title: name[0].toUpperCase() + name.slice(1),
    height: 44,
    draw: drawWaveform(waveforms[name] ?? new Int8Array()),
    controls: stemControls(name, traits),
    label: `Waveform of the stem ${name}`,
  }));
}

// What the picture holds, in words.
function count(rows) {
  const marks = [0, 0, 0, 0];
  for (const row of rows) marks[row.mark ?? row.at(-1)]++;
  const [plain, found, missed, extra] = marks;
  if (!found && !missed && !extra) return `${plain} in all`;
  return `${found} found, ${missed} missed, ${extra} not in the truth`;
}

function stemControls(name, traits) {
  const { get, set, on } = traits;
  const level = () => get("levels")[name] ?? 1;
  const volume = slider("", {
    min: 0,
    max: 1,
    step: 0.05,
    value: level(),
    show: (value) => `${Math.round(100 * value)} %`,
    change: (value) => set({ levels: { ...get("levels"), [name]: value } }),
  });
  volume.element.querySelector("input").setAttribute("aria-label", `Level of ${name}`);
  on(["levels"], () => volume.set(level()));
  const mute = stemToggle("M", "Mute", { name, trait: "muted" }, traits);
  const solo = stemToggle("S", "Solo", { name, trait: "soloed" }, traits);
  return [h("span", { class: "controls" }, mute, solo, volume.element)];
}

// A button that puts a stem's name into a trait or takes it out.
function stemToggle(text, title, { name, trait }, { get, set, on }) {
  const toggle = () => set({ [trait]: toggled(get(trait), name) });
  const label = `${title} ${name}`;
  const element = button(text, toggle, { class: "small", "aria-label": label, title });
  const show = () => element.setAttribute("aria-pressed", get(trait).includes(name));
  on([trait], show);
  show();
  return element;
}

// The whole piece, small: where the view, the playhead and the region are. go(t) when touched.
export function overview(data, go) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const [window_, head, marked] = ["window", "playhead", "mark"].map((name) =>
    h("div", { class: name }),
  );
  const element = h(
    "div",
    { class: "overview", title: "The whole piece: click or drag to see another part" },
    canvas,
    marked,
    window_,
    head,
  );
  const { duration, waveforms } = data;
  const draw = drawWaveform(waveforms.original ?? new Int8Array());
  marked.hidden = true;

  function paint() {
    const { clientWidth: width, clientHeight: height } = element;
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    [canvas.width, canvas.height] = [width * ratio, height * ratio];
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.globalAlpha = 0.6;
    const per = width / (duration || 1);
    draw(context, { from: 0, to: duration, x: (t) => t * per, per, height }, colours(canvas));
  }

  const at = (event) => {
    const box = element.getBoundingClientRect();
    go(((event.clientX - box.left) / box.width) * duration);
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    at(event);
  });
  element.addEventListener("pointermove", (event) => event.buttons && at(event));
  const observer = new ResizeObserver(paint);
  observer.observe(element);
  const setExtent = (bar, [start, end]) => {
    bar.style.left = `${(100 * start) / (duration || 1)}%`;
    bar.style.width = `${(100 * (end - start)) / (duration || 1)}%`;
  };
  return {
    element,
    paint,
    show: (view) => setExtent(window_, view),
    now: (t) =>
      (head.style.transform = `translateX(${(element.clientWidth * t) / (duration || 1)}px)`),
    mark: (region) => {
      marked.hidden = !region;
      if (region) setExtent(marked, region);
    },
    close: () => observer.disconnect(),
  };
}

// The lanes that a piece has, each with its head; and the small picture of the whole piece.
import { h, slider } from "../../shared/js/dom.js";
import { colours } from "../../shared/js/timeline.js";
import * as lanes from "./lanes.js";

// Puts all lanes on the timeline. Gives the ruler, which takes the keys.
export function addLanes(time, data, { get, set, on, key }) {
  const ruler = h("div", {
    class: "area ruler",
    tabindex: "0",
    role: "slider",
    "aria-label": "Position",
    title: "Position: click, drag, or use the keys below",
    "aria-valuemin": "0",
    "aria-valuemax": data.duration,
    "data-lm-suppress-shortcuts": "true",
    onkeydown: key,
  });
  time.element.append(h("div", { class: "lane" }, h("div", { class: "head" }, "Time"), ruler));
  time
    .lane({ area: ruler, height: 24, draw: lanes.ruler(), name: "time", ruler: true })
    .canvas.setAttribute("aria-label", "Time ruler");

  function add(name, title, height, draw, { pitch, extra = [], aside = [], about = title } = {}) {
    const area = h("div", { class: "area" });
    const fold = h(
      "button",
      {
        type: "button",
        class: "fold",
        title: "Fold away",
        onclick: () => {
          const folded = get("folded");
          set({
            folded: folded.includes(name)
              ? folded.filter((one) => one !== name)
              : [...folded, name],
          });
        },
      },
      title,
    );
    const element = h(
      "div",
      { class: "lane", "data-lane": name },
      h("div", { class: "head" }, fold, ...extra),
      area,
    );
    time.element.append(element);
    const one = time.lane({ area, height, draw, name });
    one.canvas.setAttribute("aria-label", about);
    for (const [text, at] of aside)
      area.append(h("span", { class: "octave", style: `bottom: ${100 * at}%` }, text));
    one.pitch = pitch;
    const apply = () => {
      one.open = !get("folded").includes(name);
      area.hidden = !one.open;
      fold.setAttribute("aria-expanded", one.open);
    };
    on("folded", () => {
      const before = one.open;
      apply();
      if (one.open !== before) time.paint();
    });
    apply();
  }

  const { waveforms, scale, low, high } = data;
  const parts = Object.keys(get("sounds")).filter(
    (name) => name !== "notes" && name !== "original",
  );
  if (waveforms.original || !data.duration) {
    add("waveform", "Waveform", 56, lanes.waveform(waveforms.original ?? new Int8Array()));
  }
  if (data.picture.length) {
    const pitch = (y) => scale.lowest + (scale.bins * (1 - y) - 0.5) / scale.per_semitone;
    const range = {
      low: scale.lowest - 0.5 / scale.per_semitone,
      high: scale.lowest + (scale.bins - 0.5) / scale.per_semitone,
    };
    const aside = lanes.octaves(range, 0).filter(([, at]) => at > 0.03);
    add("spectrogram", "Spectrogram", 150, lanes.spectrogram(data.picture, scale), {
      pitch,
      aside,
      about: "Constant-Q spectrogram, C1 to B7",
    });
  }
  const stacked = (kind, title, height, draw, more = () => ({})) => {
    const versions = Object.entries(data[kind]);
    for (const [version, rows] of versions) {
      const named = versions.length > 1 ? `${title}: ${version}` : title;
      add(`${kind} ${version}`, named, height, draw(rows), {
        ...more(rows),
        about: `${named}, ${count(rows)}`,
      });
    }
  };
  const rolls = Object.keys(data.notes).length;
  stacked(
    "notes",
    "Notes",
    rolls > 1 ? 110 : 140,
    (rows) => lanes.roll(rows, { low, high }),
    () => ({
      pitch: (y) => lanes.pitchAt(y, { low, high }),
      aside: lanes.octaves({ low, high }, 0.5),
    }),
  );
  stacked("chords", "Chords", 26, lanes.chords);
  stacked("beats", "Beats", 24, lanes.beats);
  for (const name of parts) {
    add(
      `stem ${name}`,
      name[0].toUpperCase() + name.slice(1),
      44,
      lanes.waveform(waveforms[name] ?? new Int8Array()),
      { extra: stemControls(name, { get, set, on }), about: `Waveform of the stem ${name}` },
    );
  }
  return { ruler };
}

// What the picture holds, in words.
function count(rows) {
  const marks = [0, 0, 0, 0];
  for (const row of rows) marks[row.mark ?? row.at(-1)]++;
  const [plain, found, missed, extra] = marks;
  if (!found && !missed && !extra) return `${plain} in all`;
  return `${found} found, ${missed} missed, ${extra} not in the truth`;
}

function stemControls(name, { get, set, on }) {
  const toggle = (text, trait, about) => {
    const button = h(
      "button",
      {
        type: "button",
        class: "small",
        "aria-label": `${about} ${name}`,
        title: about,
        onclick: () => {
          const names = get(trait);
          set({
            [trait]: names.includes(name) ? names.filter((one) => one !== name) : [...names, name],
          });
        },
      },
      text,
    );
    const read = () => button.setAttribute("aria-pressed", get(trait).includes(name));
    on(trait, read);
    read();
    return button;
  };
  const level = () => get("levels")[name] ?? 1;
  const volume = slider("", {
    min: 0,
    max: 1,
    step: 0.05,
    value: level(),
    show: (v) => `${Math.round(100 * v)} %`,
    change: (v) => set({ levels: { ...get("levels"), [name]: v } }),
  });
  volume.element.querySelector("input").setAttribute("aria-label", `Level of ${name}`);
  on("levels", () => volume.set(level()));
  return [
    h(
      "span",
      { class: "controls" },
      toggle("M", "muted", "Mute"),
      toggle("S", "soloed", "Solo"),
      volume.element,
    ),
  ];
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
  const draw = lanes.waveform(waveforms.original ?? new Int8Array());
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
  const place = (one, [start, end]) => {
    one.style.left = `${(100 * start) / (duration || 1)}%`;
    one.style.width = `${(100 * (end - start)) / (duration || 1)}%`;
  };
  return {
    element,
    paint,
    show: (view) => place(window_, view),
    now: (t) =>
      (head.style.transform = `translateX(${(element.clientWidth * t) / (duration || 1)}px)`),
    mark: (region) => {
      marked.hidden = !region;
      if (region) place(marked, region);
    },
    close: () => observer.disconnect(),
  };
}

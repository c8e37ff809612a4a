// The lanes of a recording on one timeline, and what is drawn in them: draw(context, piece, colours)
// draws only what lies in `piece`.
import { palette } from "../../shared/js/colours.js";
import { h, NO_SHORTCUTS } from "../../shared/js/dom.js";
import { pad } from "../../shared/js/pad.js";
import { PEAK_RATE, ruler, stroke, waveform } from "../../shared/js/painters.js";
import { Timeline } from "../../shared/js/timeline.js";
import { HOP, RATE } from "./novelty.js";
import { FRAMES_PER_MINUTE, LAGS } from "./tempo.js";

const [LOWEST, HIGHEST] = [30, 320]; // beats per minute, of the tempogram
const ROWS = 112; // of its image
const POOLED = 2; // frames a column
const TEMPI = [40, 60, 80, 120, 160, 240]; // labelled
const HANDLE = 0.97; // of the width: where the prior's handle stands
const SECONDS = HOP / RATE; // from frame to frame

// How high a tempo stands in the tempogram, 0..1, and back.
const heightOf = (bpm) => Math.log(bpm / LOWEST) / Math.log(HIGHEST / LOWEST);
const tempoAt = (height) => LOWEST * (HIGHEST / LOWEST) ** height;

// Lowest and highest sample of each hundredth of a second, -127..127.
function peaksOf(samples) {
  const step = RATE / PEAK_RATE;
  const highest = samples.reduce((peak, value) => Math.max(peak, Math.abs(value)), 1e-9);
  const peaks = new Int8Array(2 * Math.ceil(samples.length / step));
  for (let i = 0; i < peaks.length / 2; i++) {
    let [low, high] = [Infinity, -Infinity];
    const end = Math.min((i + 1) * step, samples.length);
    for (let k = Math.floor(i * step); k < end; k++) {
      if (samples[k] < low) low = samples[k];
      if (samples[k] > high) high = samples[k];
    }
    peaks[2 * i] = (127 * low) / highest;
    peaks[2 * i + 1] = (127 * high) / highest;
  }
  return peaks;
}

// The tempogram in colour, on a logarithmic axis of tempo; each column from its lowest level to its
// highest, for correlations are large all over where the window has few onsets.
export function tempogramImage({ correlations, frames }) {
  const columns = Math.ceil(frames / POOLED);
  const lags = Array.from({ length: ROWS }, (_, row) =>
    FRAMES_PER_MINUTE / tempoAt(1 - (row + 0.5) / ROWS));
  const canvas = h("canvas", { width: columns, height: ROWS });
  const image = new ImageData(columns, ROWS);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = palette();
  const levels = new Float32Array(ROWS);
  for (let column = 0; column < columns; column++) {
    const frame = column * POOLED * LAGS;
    let [lowest, highest] = [Infinity, -Infinity];
    for (let row = 0; row < ROWS; row++) {
      const at = frame + Math.floor(lags[row]);
      const level = correlations[at] + (lags[row] % 1) * (correlations[at + 1] - correlations[at]);
      levels[row] = level;
      if (level < lowest) lowest = level;
      if (level > highest) highest = level;
    }
    const scale = 255 / Math.max(highest - lowest, 1e-9);
    for (let row = 0; row < ROWS; row++) {
      pixels[row * columns + column] = colours[Math.round(scale * (levels[row] - lowest))];
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// --- painters; `state` is what BeatBench shows

const strength = (state) => (context, piece, colours) => {
  const { strength: values, beats } = state();
  for (const { time } of visible(beats, piece)) {
    stroke(context, piece.x(time), 0, piece.height, colours.line, 2);
  }
  curve(context, piece, values, colours.accent, { isFilled: true });
};

const path = (state) => (context, piece, colours) => {
  const { total, path: frames } = state();
  if (!frames.length) return;
  curve(context, piece, total, colours.soft, {});
  const top = scaleOf(total, piece.height);
  context.beginPath();
  for (const frame of frames) context.lineTo(piece.x(frame * SECONDS), top(total[frame]));
  context.strokeStyle = colours.accent;
  context.lineWidth = 1.5;
  context.stroke();
  context.fillStyle = colours.accent;
  for (const frame of frames) {
    context.beginPath();
    context.arc(piece.x(frame * SECONDS), top(total[frame]), 3, 0, 2 * Math.PI);
    context.fill();
  }
};

const tempi = (state) => (context, { x, height }) => {
  const { image } = state();
  if (!image) return;
  const [left, right] = [x(-0.5 * SECONDS), x((image.width * POOLED - 0.5) * SECONDS)];
  context.drawImage(image, left, 0, right - left, height);
};

// Beats {time, number, isMissed}; downbeats are longer and have a number.
const beats = (rows) => (context, piece, colours) => {
  for (const { time, number, isMissed } of visible(rows(), piece)) {
    const isDown = number === 1;
    const colour = isMissed ? colours.extra : colours.ink;
    const at = piece.x(time);
    if (isMissed) context.setLineDash([3, 2]);
    stroke(context, at, isDown ? 0 : piece.height / 3, piece.height, colour, isDown ? 2.5 : 1.5);
    context.setLineDash([]);
  }
};

const taps = (rows) => (context, piece, colours) => {
  context.fillStyle = colours.accent;
  for (const { time } of visible(rows(), piece)) {
    context.beginPath();
    context.arc(piece.x(time), piece.height / 2, 4, 0, 2 * Math.PI);
    context.fill();
  }
};

const visible = (rows, { from, to }) => rows.filter(({ time }) => time >= from - 1 && time <= to + 1);

// Where a value of a curve stands, in px from the top.
function scaleOf(values, height) {
  let peak = 1e-9;
  for (const value of values) if (value > peak) peak = value;
  return (value) => height - 3 - (Math.max(value, 0) / peak) * (height - 8);
}

function curve(context, { from, to, x, height }, values, colour, { isFilled = false }) {
  const first = Math.max(Math.floor(from / SECONDS) - 1, 0);
  const last = Math.min(Math.ceil(to / SECONDS) + 1, values.length - 1);
  if (last < first) return;
  const top = scaleOf(values, height);
  context.beginPath();
  if (isFilled) context.moveTo(x(first * SECONDS), height);
  for (let t = first; t <= last; t++) context.lineTo(x(t * SECONDS), top(values[t]));
  if (isFilled) {
    context.lineTo(x(last * SECONDS), height);
    context.fillStyle = colour;
    context.fill();
  } else {
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.stroke();
  }
}

// --- the timeline

export class Lanes {
  #readouts = {};
  #handle;
  #tempoLines = [["tempo", "solid"], ["prior", "dashed"], ["low", "dotted"], ["high", "dotted"]].map(
    ([name, style]) => [name, h("div", { class: `tempo-line ${style}` })]);

  // state() gives what is shown: {strength, beats, path, total, image, tempo, prior, octaves, trueBeats,
  // taps}. on: {seek(t), key(event), setPrior(bpm)}.
  constructor(samples, state, on) {
    Object.assign(this, { state, on });
    const duration = samples.length / RATE || 1;
    this.timeline = new Timeline(duration, {
      seek: (t) => {
        on.seek(t);
        this.ruler.focus({ preventScroll: true });
      },
      select() {},
      hover() {},
      viewChanged() {},
    });
    this.ruler = this.#addRuler(duration);
    this.#add("waveform", "Waveform", 46, waveform(peaksOf(samples)));
    this.#add("strength", "Onset strength", 60, strength(state));
    this.#addTempogram();
    this.#add("path", "Total score and path", 60, path(state));
    if (state().trueBeats.length) this.#add("true", "True beats", 22, beats(() => state().trueBeats));
    this.#add("tracked", "Tracked beats", 22, beats(() => state().beats));
    this.#add("taps", "Taps", 22, taps(() => state().taps));
  }

  #addRuler(duration) {
    const area = h("div", {
      class: "area ruler", tabindex: "0", role: "slider", "aria-label": "Position",
      "aria-valuemin": "0", "aria-valuemax": duration, "aria-valuenow": "0",
      ...NO_SHORTCUTS, onkeydown: (event) => this.on.key(event),
    });
    this.timeline.element.append(h("div", { class: "lane" }, h("div", { class: "head" }, "Time"), area));
    const lane = this.timeline.lane({ area, height: 24, draw: ruler(), name: "time", ruler: true });
    lane.canvas.setAttribute("aria-label", "Time ruler");
    return area;
  }

  #add(name, title, height, draw) {
    const area = h("div", { class: "area" });
    const readout = h("output", { "aria-live": "off" });
    const head = h("div", { class: "head" }, h("strong", {}, title), h("br"), readout);
    this.timeline.element.append(h("div", { class: "lane", "data-lane": name }, head, area));
    const lane = this.timeline.lane({ area, height, draw, name });
    this.#readouts[name] = { readout, title, canvas: lane.canvas };
    this.describe(name, "");
    return area;
  }

  #addTempogram() {
    const area = this.#add("tempogram", "Tempogram", 170, tempi(this.state));
    for (const bpm of TEMPI) {
      area.append(h("span", { class: "octave", style: `bottom: ${100 * heightOf(bpm)}%` }, `${bpm}`));
    }
    area.append(...this.#tempoLines.map(([, line]) => line));
    const layer = h("div", { class: "handles" }); // a drag of the handle does not seek
    for (const name of ["pointerdown", "pointermove", "pointerup"]) {
      layer.addEventListener(name, (event) => event.stopPropagation());
    }
    area.append(layer);
    this.#handle = pad(layer);
    this.showTempi();
  }

  // Puts lines where the estimated tempo, the prior and its standard deviation are, and the handle.
  showTempi() {
    const { prior, octaves, tempo } = this.state();
    const tempos = { tempo, prior, low: prior / 2 ** octaves, high: prior * 2 ** octaves };
    for (const [name, line] of this.#tempoLines) {
      line.hidden = !(tempos[name] > LOWEST && tempos[name] < HIGHEST);
      line.style.bottom = `${100 * heightOf(tempos[name])}%`;
    }
    const text = `${Math.round(prior)} bpm, ± ${octaves.toFixed(2)} octaves`;
    const move = (x, y) => this.on.setPrior(tempoAt(y));
    this.#handle.set([{ name: "Prior on the tempogram", text, x: HANDLE, y: heightOf(prior), step: [0, 0.01], move }]);
  }

  // A line under the title of a lane, which also describes its picture.
  describe(name, text) {
    if (!(name in this.#readouts)) return;
    const { readout, title, canvas } = this.#readouts[name];
    readout.textContent = text;
    canvas.setAttribute("aria-label", text ? `${title}: ${text}` : title);
  }

  setPosition(t, isPlaying) {
    this.timeline.setNow(t, isPlaying);
    if (isPlaying) return;
    this.ruler.setAttribute("aria-valuenow", t.toFixed(2));
    this.ruler.setAttribute("aria-valuetext", `${t.toFixed(2)} s`);
  }

  close() {
    this.timeline.close();
    this.timeline.element.remove();
  }
}

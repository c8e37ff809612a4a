// The interactive roll: zoom, scroll, seek, and editing of notes by pointer and keys.
import { plot } from "../../shared/js/canvas.js";
import { h, NO_SHORTCUTS } from "../../shared/js/dom.js";
import { clamp } from "../../shared/js/pad.js";
import { axes, KEYS_WIDTH, painter } from "./paint.js";

const EDGE = 7; // px within which an end is taken
const CLICK = 4; // px a pointer may move and still click
const LINE = 20; // px of a line, in which some wheels count
const ZOOM_PER_PIXEL = 1.005; // of the wheel
const MIN_SECONDS = 0.1; // of a view
const MIN_SEMITONES = 6;
export const FULL_RANGE = [20.5, 108.5]; // MIDI numbers: the piano's keys

export class RollSurface {
  #view = [0, 1, ...FULL_RANGE]; // [start, end, low, high]
  #playhead = 0; // s
  #drag = null; // what a pointer that is down began with
  #isDrawing = false;

  // state() gives what is painted and the length in seconds. actions: seek(t), select(note), hover(t,
  // pitch) or hover(null), view(view), key(event); previewChange, previewNew and cancelPreview of the
  // editor while a note is dragged, put(note, changed) when it is let go.
  constructor({ state, actions }) {
    this.state = state;
    this.actions = actions;
    this.area = h("div", {
      class: "piano-area", tabindex: "0", role: "application", "aria-label": "Piano roll",
      "aria-describedby": "", ...NO_SHORTCUTS, onkeydown: (event) => actions.key(event),
    });
    this.playheadLine = h("div", { class: "playhead" });
    const paintRoll = painter();
    this.plot = plot(this.area, "Spectrogram, posteriors and notes", (context, width, height) => {
      paintRoll(context, width, height, canvas, { ...state(), view: this.#view });
      this.#placePlayhead();
    });
    const canvas = this.area.querySelector("canvas");
    this.area.append(this.playheadLine);
    this.#listen();
  }

  get view() {
    return this.#view;
  }

  paint() {
    this.plot.paint();
  }

  describe(text) {
    this.plot.describe(text);
  }

  close() {
    this.plot.close();
  }

  setDrawing(isOn) {
    this.#isDrawing = isOn;
    this.area.style.touchAction = isOn ? "none" : "";
  }

  // The playhead stands at `t`; with `follow` the view goes along.
  setPlayhead(t, follow) {
    this.#playhead = t;
    const [start, end, low, high] = this.#view;
    if (follow && !this.#drag && (t < start || t > end)) {
      this.setView([t, t + end - start, low, high]);
    } else this.#placePlayhead();
  }

  #placePlayhead() {
    const x = this.#axes().x(this.#playhead);
    this.playheadLine.hidden = x < KEYS_WIDTH || x > this.area.clientWidth;
    this.playheadLine.style.transform = `translateX(${x}px)`;
  }

  // --- the view

  #axes() {
    return axes(this.#view, this.area.clientWidth, this.area.clientHeight);
  }

  setView([start, end, low, high], tell = true) {
    const length = Math.max(this.state().seconds, MIN_SECONDS);
    const span = clamp(end - start, MIN_SECONDS, length);
    const range = clamp(high - low, MIN_SEMITONES, FULL_RANGE[1] - FULL_RANGE[0]);
    const first = clamp(start, 0, length - span);
    const bottom = clamp(low, FULL_RANGE[0], FULL_RANGE[1] - range);
    this.#view = [first, first + span, bottom, bottom + range];
    this.paint();
    if (tell) this.actions.view(this.#view);
  }

  // Around a point [time, pitch], which is else the playhead, in the middle of the pitches.
  zoom(timeFactor, pitchFactor, centre) {
    const [start, end, low, high] = this.#view;
    const [t, pitch] = centre ?? [clamp(this.#playhead, start, end), (low + high) / 2];
    const around = (value, middle, factor) => middle + (value - middle) * factor;
    this.setView([
      around(start, t, timeFactor), around(end, t, timeFactor),
      around(low, pitch, pitchFactor), around(high, pitch, pitchFactor),
    ]);
  }

  scroll(seconds, semitones) {
    this.#shift(this.#view, seconds, semitones);
  }

  #shift([start, end, low, high], seconds, semitones) {
    this.setView([start + seconds, end + seconds, low + semitones, high + semitones]);
  }

  // --- the pointer

  #listen() {
    const listen = (name, call, options) => this.area.addEventListener(name, call, options);
    listen("pointerdown", (event) => this.#pointerDown(event));
    listen("pointermove", (event) => (this.#drag ? this.#dragTo(event) : this.#hover(event)));
    listen("pointerup", () => this.#pointerUp());
    listen("pointercancel", () => {
      this.#drag = null;
      this.actions.cancelPreview();
    });
    listen("pointerleave", () => this.#drag || this.actions.hover(null));
    listen("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #point(event) {
    const box = this.area.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  // The time and the pitch of a point, the topmost note there, and which part of it.
  #hitTest(x, y) {
    const { x: toX, time, pitch: pitchAt } = this.#axes();
    const [t, pitch] = [time(x), Math.round(pitchAt(y))];
    const slack = (EDGE / 2) * (time(1) - time(0));
    const note = this.state().notes.findLast((candidate) =>
      candidate.pitch === pitch && candidate.onset - slack <= t && t <= candidate.offset + slack);
    if (!note) return { t, pitch };
    const [left, right] = [toX(note.onset), toX(note.offset)];
    const reach = Math.min(EDGE, (right - left) / 4 + 1);
    const part = right - x < reach ? "end" : x - left < reach ? "start" : "body";
    return { note, part, t, pitch };
  }

  #pointerDown(event) {
    if (event.button) return;
    const [x, y] = this.#point(event);
    this.area.setPointerCapture(event.pointerId);
    const drag = { ...this.#hitTest(x, y), x, y, view: [...this.#view], id: event.pointerId };
    if (x < KEYS_WIDTH) drag.note = undefined;
    this.#drag = drag;
    if (drag.note) this.actions.select(drag.note);
  }

  #hover(event) {
    const [x, y] = this.#point(event);
    const { time, pitch } = this.#axes();
    const { note, part } = this.#hitTest(x, y);
    this.area.style.cursor = !note ? "crosshair" : part === "body" ? "grab" : "ew-resize";
    this.actions.hover(time(x), pitch(y));
  }

  // Changes the note that was touched, draws one, or moves the view.
  #dragTo(event) {
    const drag = this.#drag;
    const [x, y] = this.#point(event);
    if (event.pointerId !== drag.id) return;
    if (!drag.isMoved && Math.hypot(x - drag.x, y - drag.y) <= CLICK) return;
    drag.isMoved = true;
    const { previewChange, previewNew } = this.actions;
    const { time, pitch, gridWidth, gridHeight } = this.#axes();
    if (drag.note) {
      const [dt, semitones] = [time(x) - drag.t, Math.round(pitch(y)) - drag.pitch];
      drag.changed = previewChange(drag.note, drag.part, dt, semitones);
    } else if (this.#isDrawing) drag.changed = previewNew(drag.t, time(x), drag.pitch);
    else {
      const [start, end, low, high] = drag.view;
      const [perX, perY] = [(end - start) / gridWidth, (high - low) / gridHeight];
      this.#shift(drag.view, (drag.x - x) * perX, (y - drag.y) * perY);
    }
  }

  #pointerUp() {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag) return;
    if (drag.changed) this.actions.put(drag.note, drag.changed);
    else if (!drag.isMoved && !drag.note) {
      this.actions.select(null);
      this.actions.seek(Math.max(drag.t, 0));
    }
  }

  #wheel(event) {
    const [x, y] = this.#point(event);
    const { time, pitch } = this.#axes();
    const unit = event.deltaMode ? LINE : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    const isSideways = Math.abs(dx) > Math.abs(dy);
    if (event.ctrlKey || event.metaKey) {
      const factor = ZOOM_PER_PIXEL ** dy;
      this.zoom(event.shiftKey ? 1 : factor, event.shiftKey ? factor : 1, [time(x), pitch(y)]);
    } else if (isSideways || event.shiftKey) {
      this.scroll((isSideways ? dx : dy) * (time(1) - time(0)), 0);
    } else return; // the page scrolls
    event.preventDefault();
  }
}

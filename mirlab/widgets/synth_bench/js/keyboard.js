// A piano keyboard for mouse, touch, computer keys and MIDI.
import { plot } from "../../shared/js/canvas.js";
import { h, NO_SHORTCUTS } from "../../shared/js/dom.js";
import { noteName } from "../../shared/js/notes.js";
import { clamp } from "../../shared/js/pad.js";
import { drawKeys, pitchAt, pitchesOn } from "./piano_keys.js";

// Positions of the keys, not letters: they are arranged like a piano's in any keyboard layout.
const CODES = ["KeyA", "KeyW", "KeyS", "KeyE", "KeyD", "KeyF", "KeyT", "KeyG", "KeyY", "KeyH", "KeyU",
  "KeyJ", "KeyK", "KeyO", "KeyL", "KeyP", "Semicolon", "Quote"];
const ARROWS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
const [LOWEST, HIGHEST] = [21, 108];

const isPlayKey = ({ key }) => key === " " || key === "Enter";

export class Keyboard {
  #pressed = new Map(); // source (pointer id, code of a key, MIDI note) to its pitch
  #octave = 3;
  #cursor = 60; // pitch
  #spoken = h("span", { class: "unseen", "aria-live": "polite" });

  // Callbacks: down(pitch, velocity or null), up(pitch), octave(change).
  constructor(name, on) {
    this.on = on;
    this.element = h("div", { class: "keyboard", tabindex: "0", role: "application", "aria-label": name,
      ...NO_SHORTCUTS });
    this.plot = plot(this.element, "Piano keys", (...canvas) => drawKeys(...canvas, {
      lowest: this.#lowest,
      pressed: new Set(this.#pressed.values()),
      cursor: this.element.matches(":focus-visible") ? this.#cursor : null,
    }));
    this.element.append(this.#spoken);
    this.#listen();
  }

  get #lowest() {
    return 12 * (this.#octave + 1);
  }

  // A source presses a key; a source holds one key at a time.
  press(source, pitch, velocity = null) {
    if (this.#pressed.get(source) === pitch) return;
    this.release(source);
    if (!(pitch >= LOWEST && pitch <= HIGHEST)) return;
    this.#pressed.set(source, pitch);
    this.#spoken.textContent = noteName(pitch);
    this.on.down(pitch, velocity);
    this.paint();
  }

  release(source) {
    const pitch = this.#pressed.get(source);
    if (!this.#pressed.delete(source)) return;
    if (![...this.#pressed.values()].includes(pitch)) this.on.up(pitch);
    this.paint();
  }

  #releaseAll() {
    for (const source of [...this.#pressed.keys()]) this.release(source);
  }

  #moveCursor(semitones) {
    const pitches = pitchesOn(this.element.clientWidth, this.#lowest);
    this.#cursor = clamp(this.#cursor + semitones, pitches[0], pitches.at(-1));
    this.#spoken.textContent = noteName(this.#cursor);
    this.paint();
  }

  setOctave(octave) {
    if (octave === this.#octave) return;
    this.#releaseAll();
    this.#cursor += 12 * (octave - this.#octave);
    this.#octave = octave;
    this.paint();
  }

  paint() {
    this.plot.paint();
  }

  close() {
    this.#releaseAll();
    this.plot.close();
  }

  // --- events

  #listen() {
    const listen = (name, call) => this.element.addEventListener(name, call);
    listen("pointerdown", (event) => {
      if (event.button) return;
      this.element.setPointerCapture(event.pointerId);
      this.press(event.pointerId, this.#pitchUnder(event));
    });
    listen("pointermove", (event) => {
      const { pointerId } = event; // a pointer can slide from key to key
      if (this.#pressed.has(pointerId)) this.press(pointerId, this.#pitchUnder(event));
    });
    listen("lostpointercapture", ({ pointerId }) => this.release(pointerId));
    listen("keydown", (event) => this.#keyDown(event));
    listen("keyup", (event) => {
      this.release(event.code);
      if (isPlayKey(event)) this.release("cursor");
    });
    listen("focus", () => this.paint());
    listen("blur", () => {
      this.#releaseAll();
      this.paint();
    });
  }

  #pitchUnder({ clientX, clientY }) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return pitchAt(clientX - left, (clientY - top) / height, width, this.#lowest);
  }

  #keyDown(event) {
    const { code, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (CODES.includes(code)) this.press(code, this.#lowest + CODES.indexOf(code));
    else if (code === "KeyZ" || code === "KeyX") this.on.octave(code === "KeyZ" ? -1 : 1);
    else if (ARROWS[key]) this.#moveCursor(ARROWS[key]);
    else if (isPlayKey(event)) this.press("cursor", this.#cursor);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the notebook would take the letters as commands
  }
}

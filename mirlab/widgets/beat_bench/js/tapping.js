// Tapping along: the pad, keys and MIDI; a tap of the song, or of the calibration's metronome.
import { button, h, NO_SHORTCUTS } from "../../shared/js/dom.js";
import { midi } from "../../shared/js/midi.js";
import { Metronome } from "./metronome.js";

const BOUNCE = 0.04; // s: of two taps nearer than this, the second does not count
const HANDLED = 500; // ms after a pointer or key, in which a click is its own
const LIT = 90; // ms that the pad stays lit after a tap

export class Tapping {
  #passStart = 0; // s: taps after it, up to the next tap, are replaced by that
  #handled = -Infinity; // ms, of the last pointer or key on the pad
  #litTimer = 0;
  #text = h("span", {}, "Tap");
  #pad = h("button", {
    type: "button",
    class: "tap-pad",
    ...NO_SHORTCUTS,
    onpointerdown: (event) => this.#press(event),
    onclick: ({ timeStamp }) => timeStamp - this.#handled > HANDLED && this.tap(timeStamp),
  }, this.#text);
  #calibrateButton = button("Calibrate", () => this.#toggleCalibration());
  #clearButton = button("Clear the taps", () => this.traits.set({ taps: [] }));
  #output = h("output", { class: "help", "aria-live": "polite" });

  // playback: {positionAt(stamp), pause()}; words: those of the widget.
  constructor({ traits, playback, words }) {
    Object.assign(this, { traits, playback });
    this.metronome = new Metronome({
      state: (isRunning, text) => this.#showCalibration(isRunning, text),
      measured: (latency) => this.traits.set({ latency }),
    });
    this.midi = midi(words.midi, {
      press: (id, pitch, velocity, stamp) => this.tap(stamp),
      release() {},
    });
    this.pad = this.#pad;
    this.#calibrateButton.title = words.calibration;
    this.elements = [this.#calibrateButton, this.#clearButton, ...this.midi.elements, this.#output];
  }

  // Playback starts or jumps to a position.
  restart(position) {
    this.#passStart = position;
  }

  #press(event) {
    if (event.button) return;
    this.#handled = event.timeStamp;
    this.tap(event.timeStamp);
  }

  // Handles a key; true if it was a tap: letters, and on the pad also Space and Enter.
  key(event) {
    const { altKey, ctrlKey, key, metaKey, repeat, target, timeStamp } = event;
    if (altKey || ctrlKey || metaKey) return false;
    const isOnPad = target === this.#pad && (key === " " || key === "Enter");
    const isLetter = /^\p{L}$/u.test(key) && !target.closest("select, summary, .ruler");
    if (!isOnPad && !isLetter) return false;
    this.#handled = timeStamp;
    if (!repeat) this.tap(timeStamp);
    return true;
  }

  // A tap at a time stamp (ms) of an event.
  tap(stamp) {
    this.#light();
    if (this.metronome.isRunning) {
      this.metronome.tap(stamp);
      return;
    }
    const position = this.playback.positionAt(stamp);
    if (position === null) this.#text.textContent = "Press Play first";
    else if (position - this.#passStart >= BOUNCE) this.#add(position);
  }

  #add(position) {
    const others = this.traits.get("taps").filter((tap) => tap <= this.#passStart || tap > position);
    this.traits.set({ taps: [...others, position].sort((a, b) => a - b) });
    this.#passStart = position;
  }

  // Shows the error of the latest tap, in s; null for none.
  showError(error) {
    this.#clearButton.disabled = !this.traits.get("taps").length;
    if (error === null) this.#text.textContent = "Tap";
    else {
      const ms = Math.round(1000 * error);
      this.#text.textContent = ms ? `${Math.abs(ms)} ms ${ms < 0 ? "early" : "late"}` : "exact";
    }
  }

  get latest() {
    return this.#passStart;
  }

  #light() {
    clearTimeout(this.#litTimer);
    this.#pad.classList.add("lit");
    this.#litTimer = setTimeout(() => this.#pad.classList.remove("lit"), LIT);
  }

  #toggleCalibration() {
    if (this.metronome.isRunning) {
      this.metronome.stop();
      this.#showCalibration(false, "");
      return;
    }
    this.playback.pause();
    this.#pad.focus();
    this.metronome.start();
  }

  #showCalibration(isRunning, text) {
    this.#calibrateButton.textContent = isRunning ? "Stop calibrating" : "Calibrate";
    this.#output.textContent = text;
    if (!text) this.showLatency();
  }

  showLatency() {
    if (this.metronome.isRunning) return;
    const latency = this.traits.get("latency");
    this.#output.textContent = latency
      ? `A latency of ${Math.round(1000 * latency)} ms is subtracted.` : "Not calibrated.";
  }

  close() {
    clearTimeout(this.#litTimer);
    this.metronome.stop();
    this.midi.close();
  }
}

// Audio from the user: a file that is chosen or dropped, or a recording of the microphone.
import { button, clock, h } from "./dom.js";
import { decode, record } from "./sound.js";

const QUIETEST = -60; // dB, the left end of the level meter
const CLIPPING = 0.98; // of full scale

export class AudioInput {
  #input = h("input", { type: "file", accept: "audio/*,video/*", hidden: true });
  #chooseButton = button("Choose a file", () => this.#input.click());
  #recordButton = button("Record", () => (this.#recording ? this.#recording.stop() : this.#record()));
  #meter = levelMeter();
  #requests = 0; // sounds that were read; only the newest is used
  #recording = null;
  #isClosed = false;

  // Files can be dropped anywhere on `root`. Callbacks: take({name, samples, whole}) gets the samples
  // of at most `longest` seconds and the duration of the whole sound in s; tell(text) gets the
  // progress, tell() its end, and fail(text) the reason of a failure; setRecording(isOn) is called when
  // the microphone opens and closes, levelChanged(level) with its level, 0..1, meanwhile.
  constructor(root, { longest, take, tell, fail, setRecording, levelChanged = () => {} }) {
    Object.assign(this, { longest, take, tell, fail, setRecording, levelChanged });
    this.elements = [this.#chooseButton, this.#recordButton, this.#meter.element, this.#input];
    this.#input.addEventListener("change", () => {
      const [file] = this.#input.files;
      if (file) this.#read(file, file.name);
      this.#input.value = ""; // the same file can be chosen again
    });
    acceptDrops(root, (file) => this.#recording || this.#read(file, file.name));
  }

  async #read(file, name) {
    const request = ++this.#requests;
    this.fail("");
    this.tell(`Reading ${name} …`);
    try {
      const sound = await decode(await file.arrayBuffer(), this.longest);
      if (request !== this.#requests || this.#isClosed) return;
      if (!sound.samples.length) throw new Error("no samples");
      this.take({ name, ...sound });
      this.tell();
    } catch {
      if (request !== this.#requests) return;
      this.fail(`This browser cannot decode ${name}. wav, mp3, m4a, ogg and flac usually work.`);
      this.tell();
    }
  }

  async #record() {
    this.fail("");
    this.#recordButton.disabled = true; // while the browser asks for permission
    try {
      this.#recording = await record();
    } catch (error) {
      return this.fail(error.message);
    } finally {
      this.#recordButton.disabled = false;
    }
    this.#showRecording(true);
    this.#followLevel();
    const file = await this.#recording.done;
    this.#recording = null;
    this.#showRecording(false);
    if (!this.#isClosed) this.#read(file, "recording");
  }

  #followLevel() {
    const recording = this.#recording;
    if (!recording) return;
    const [level, seconds] = [recording.level(), recording.seconds()];
    this.#meter.show(level, seconds);
    this.levelChanged(level);
    if (this.#isClosed || seconds >= this.longest) recording.stop();
    else requestAnimationFrame(() => this.#followLevel());
  }

  #showRecording(isOn) {
    this.#recordButton.textContent = isOn ? "Stop" : "Record";
    this.#chooseButton.hidden = isOn;
    this.#meter.element.hidden = !isOn;
    this.setRecording(isOn);
    if (isOn) this.tell("Recording");
  }

  close() {
    this.#isClosed = true;
    this.#recording?.stop();
  }
}

// The level of the microphone, and the duration of the recording so far.
function levelMeter() {
  const bar = h("meter", { min: QUIETEST, max: 0, high: -3, "aria-label": "Level in dB" });
  const text = h("span", { class: "level" });
  const show = (peak, seconds) => {
    const db = Math.max(20 * Math.log10(peak), QUIETEST);
    bar.value = db;
    bar.textContent = `${db.toFixed(0)} dB`;
    text.textContent = `${clock(seconds)}, ${peak > CLIPPING ? "too loud" : `${db.toFixed(0)} dB`}`;
  };
  return { element: h("span", { class: "strip", hidden: true }, bar, text), show };
}

// Calls take(file) with a dropped file; while one is dragged over `root`, a frame is shown.
function acceptDrops(root, take) {
  const handle = (isOver) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation(); // the notebook would open the file
    root.style.outline = isOver ? "2px dashed var(--accent)" : "";
  };
  root.addEventListener("dragover", handle(true));
  root.addEventListener("dragleave", handle(false));
  root.addEventListener("drop", (event) => {
    handle(false)(event);
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  });
}

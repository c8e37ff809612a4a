// Sound input: choose, drop or record a sound, see and play it, and use it in the kernel.
import { plot } from "../../shared/js/canvas.js";
import { followTheme, h, seekBar } from "../../shared/js/dom.js";
import { AudioInput } from "../../shared/js/audio_input.js";
import { RATE } from "../../shared/js/sound.js";
import { Transport } from "../../shared/js/transport.js";
import { drawSound } from "./waveform.js";

const LONGEST = 180; // s; a message to the kernel may have 10 MB

class SoundInput {
  #state = {
    samples: new Int16Array(0),
    peaks: null, // of the waveform; null after a change of the sound
    recording: false,
    levels: [], // of the recording
  };
  #failure = h("div", { class: "failure", role: "alert" });
  #status = h("span", { role: "status" });
  #engine = h("span", { class: "engine" });
  #area = h("div", { class: "plot", style: "cursor: pointer" });
  #read = () => this.#readTraits();

  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.input = new AudioInput(root, {
      longest: LONGEST,
      take: (sound) => this.#take(sound),
      tell: (text = describe(model, this.#state.samples)) => (this.#status.textContent = text),
      fail: (text) => (this.#failure.textContent = text),
      setRecording: (isOn) => this.#setRecording(isOn),
      levelChanged: (level) => {
        this.#state.levels.push(level);
        this.waveform.paint();
      },
    });
    this.waveform = plot(this.#area, "No sound yet", (...canvas) =>
      drawSound(...canvas, this.#state, this.playback.position));
    this.playback = new Playback(root, this.#state, () => this.waveform.paint());
    this.#area.addEventListener("click", ({ offsetX }) =>
      this.playback.playFrom(offsetX / this.#area.clientWidth));
    root.append(
      h("div", { class: "strip" }, ...this.input.elements, ...this.playback.elements, this.#engine),
      this.#area,
      this.#status,
      this.#failure,
    );
    model.on("change:samples", this.#read);
    this.stopTheme = followTheme(root, () => this.waveform.paint());
    this.stopListening = showKernel(model, this.#engine);
    this.#readTraits();
  }

  #take({ name, samples, whole }) {
    this.model.set({ name, samples: new DataView(samples.buffer), whole });
    this.model.save_changes();
  }

  // Shows the sound of the traits, which the page, a cell or another view has set.
  #readTraits() {
    const { model, playback, root, waveform } = this;
    const view = model.get("samples");
    const buffer = view?.buffer?.slice(view.byteOffset, view.byteOffset + view.byteLength);
    const samples = new Int16Array(buffer ?? 0);
    Object.assign(this.#state, { samples, peaks: null });
    playback.setSamples(samples);
    this.#status.textContent = describe(model, samples);
    waveform.describe(samples.length ? `Waveform of ${model.get("name")}` : "No sound yet");
    waveform.paint();
    root.dataset.updated = performance.now();
  }

  #setRecording(recording) {
    Object.assign(this.#state, { recording, levels: [] });
    if (recording) this.playback.stop();
    this.playback.show();
    this.waveform.paint();
  }

  close() {
    this.model.off("change:samples", this.#read);
    for (const part of [this.input, this.playback, this.waveform]) part.close();
    this.stopListening();
    this.stopTheme();
  }
}

function render({ model, el }) {
  const root = h("div", { class: "mirlab", role: "group", "aria-label": "Sound input" });
  el.append(root);
  const view = new SoundInput(model, root);
  return () => view.close();
}

// Plays `state.samples`; hidden while there are none or during a recording.
class Playback {
  #state;
  #frame = 0; // the next animation frame during playback
  #playButton = h("button", { type: "button", class: "main", onclick: () => this.#transport.toggle() },
    "Play");
  #transport = new Transport(() => this.#showState());
  #seekBar;

  // playheadMoved() is called whenever the playhead moves.
  constructor(root, state, playheadMoved) {
    this.#state = state;
    Object.assign(this, { root, playheadMoved });
    this.#transport.sr = RATE;
    this.#transport.setLoop(false);
    this.#seekBar = seekBar(this.#transport, () => this.#seconds);
    this.#seekBar.element.addEventListener("input", () => playheadMoved());
    this.elements = [this.#playButton, this.#seekBar.element];
  }

  get position() {
    return this.#transport.position;
  }

  get #seconds() {
    return this.#state.samples.length / RATE;
  }

  #showState() {
    const { playing } = this.#transport;
    this.#playButton.textContent = playing ? "Pause" : "Play";
    this.#playButton.setAttribute("aria-pressed", playing);
    this.root.dataset.playing = playing;
    this.#seekBar.follow();
    this.#follow();
  }

  #follow() {
    this.playheadMoved();
    cancelAnimationFrame(this.#frame);
    if (this.#transport.playing) this.#frame = requestAnimationFrame(() => this.#follow());
  }

  show() {
    const isHidden = this.#state.recording || !this.#state.samples.length;
    this.#playButton.hidden = this.#seekBar.element.hidden = isHidden;
  }

  stop() {
    if (this.#transport.playing) this.#transport.pause();
  }

  setSamples(samples) {
    this.stop();
    this.#transport.seek(0);
    this.#seekBar.follow();
    const floats = Float32Array.from(samples, (sample) => sample / 32768);
    this.#transport.setSound(() => floats);
    this.show();
  }

  // Plays from a fraction of the sound on.
  async playFrom(fraction) {
    if (!this.#state.samples.length || this.#state.recording) return;
    const position = fraction * this.#seconds;
    if (!this.#transport.playing) await this.#transport.play();
    this.#transport.seek(position);
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.#seekBar.close();
    this.#transport.close();
  }
}

// Shows whether cells can use the sound. Returns a function that stops waiting for the kernel, which
// answers late if it runs a long cell.
function showKernel(model, element) {
  const show = (text, engine) => {
    element.textContent = text;
    element.dataset.engine = engine;
  };
  if (model.widget_manager?.isStatic) {
    show("no kernel: cells cannot use it", "browser");
    return () => {};
  }
  const receive = ({ kind }) => kind === "kernel" && show("cells read it as .audio", "kernel");
  show("waiting for the kernel", "none");
  model.on("msg:custom", receive);
  model.send({ kind: "hello" });
  return () => model.off("msg:custom", receive);
}

// The status line.
function describe(model, samples) {
  const [name, whole, seconds] = [model.get("name"), model.get("whole"), samples.length / RATE];
  if (!seconds) return "No sound yet: choose a file, drop one here, or record.";
  if (whole < seconds + 1) return `${name}: ${clock(seconds)}`;
  return `${name}: the first ${clock(LONGEST)} of ${clock(whole)}, the most that a message to the `
    + "kernel can hold.";
}

// 75 s is 1:15; less than a minute is shown with tenths.
function clock(seconds) {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

export default { render };

// Playback of a whole clip, or of a region of it at its own time in the clip.
import { button, seekBar } from "../../shared/js/dom.js";
import { RATE } from "../../shared/js/sound.js";
import { Transport } from "../../shared/js/transport.js";

const END = 0.01; // s before the end of the clip, from where it starts anew

export class ClipPlayer {
  #clip = new Float32Array(1);
  #frame = 0; // the next animation frame during playback
  #playButton = button("Play", () => this.#toggle(), { class: "main" });
  #transport = new Transport(() => this.#showState());
  #seekBar = seekBar(this.#transport, () => this.#seconds);

  // positionChanged(seconds) is called when the playhead moves.
  constructor(root, positionChanged) {
    Object.assign(this, { root, positionChanged });
    this.#transport.sr = RATE;
    this.#transport.setLoop(false);
    this.#seekBar.element.addEventListener("input", () => this.#follow());
    this.elements = [this.#playButton, this.#seekBar.element];
  }

  get #seconds() {
    return this.#clip.length / RATE;
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
    cancelAnimationFrame(this.#frame);
    this.positionChanged(this.#transport.position);
    if (this.#transport.playing) this.#frame = requestAnimationFrame(() => this.#follow());
  }

  #start(samples, from) {
    this.stop();
    this.#transport.setSound(() => samples);
    this.#transport.seek(from);
    this.#transport.play();
  }

  #toggle() {
    const { playing, position } = this.#transport;
    if (playing) this.#transport.pause();
    else this.#start(this.#clip, position < this.#seconds - END ? position : 0);
  }

  stop() {
    if (this.#transport.playing) this.#transport.pause();
  }

  setClip(samples) {
    this.stop();
    this.#clip = samples;
    this.#playButton.disabled = samples.length < 2;
    this.#transport.seek(0);
    this.#seekBar.follow();
    this.#follow();
  }

  // Plays the sound of a region from the time `from`; see `placeRegion`.
  playRegion(samples, region, from) {
    this.#start(placeRegion(samples, region, this.#clip.length), from);
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.#seekBar.close();
    this.#transport.close();
  }
}

// The sound of a region after silence, so that it plays at its own time in a clip of `length` samples.
// It exceeds the region by the same time on either side, as far as the clip allows.
function placeRegion(samples, [start, end], length) {
  const margin = (samples.length / RATE - (end - start)) / 2;
  const begin = Math.round(Math.max(start - margin, 0) * RATE);
  const silence = Math.max(Math.min(begin, length - samples.length), 0);
  const placed = new Float32Array(silence + samples.length);
  placed.set(samples, silence);
  return placed;
}

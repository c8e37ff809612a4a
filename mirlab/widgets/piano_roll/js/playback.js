// Playback of the roll: the play button, the position beside it, and the playhead.
import { button, clock, h } from "../../shared/js/dom.js";
import { clamp } from "../../shared/js/pad.js";
import { player } from "./player.js";

export class Playback {
  #output = h("output");
  #playButton = button("Play", () => this.toggle(), { class: "main" });
  #player;
  #frame = 0; // the next animation frame during playback

  // source() returns what `player` plays, and its `seconds`; setPlayhead(seconds, isPlaying) follows
  // the position; fail(text) gets the reason if a sound cannot be decoded.
  constructor({ root, source, setPlayhead, fail }) {
    Object.assign(this, { root, source, setPlayhead, fail });
    this.elements = [this.#playButton, this.#output];
    this.#player = player(() => this.#showState(), source);
  }

  get #transport() {
    return this.#player.transport;
  }

  get position() {
    return this.#transport.position;
  }

  get isPlaying() {
    return this.#transport.playing;
  }

  get positionText() {
    return this.#output.textContent;
  }

  #showState() {
    const { isPlaying } = this;
    this.#playButton.textContent = isPlaying ? "Pause" : "Play";
    this.#playButton.setAttribute("aria-pressed", isPlaying);
    this.root.dataset.playing = isPlaying;
    cancelAnimationFrame(this.#frame);
    this.#follow();
  }

  #follow() {
    const { position, isPlaying } = this;
    this.setPlayhead(position, isPlaying);
    this.#output.textContent = `${clock(position)} of ${clock(this.source().seconds)}`;
    if (isPlaying) this.#frame = requestAnimationFrame(() => this.#follow());
  }

  async toggle() {
    if (!this.source().seconds) return;
    try {
      await this.#transport.toggle();
    } catch (error) {
      this.#transport.ready = undefined;
      this.fail(`The sound could not be decoded: ${error.message}`);
    }
  }

  pause() {
    if (this.isPlaying) this.#transport.pause();
  }

  seek(seconds) {
    this.#transport.seek(clamp(seconds, 0, this.source().seconds));
    if (!this.isPlaying) this.#follow();
  }

  // Returns to the start, for another sound.
  rewind() {
    this.pause();
    this.#transport.seek(0);
  }

  // Renders the sound again after a change of the notes.
  renew() {
    this.#player.renew();
  }

  // Shows the duration of the sound, which may be 0.
  refresh() {
    this.#playButton.disabled = !this.source().seconds;
    this.#follow();
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.#player.close();
  }
}

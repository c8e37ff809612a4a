// Playback of the recording with clicks on the beats: the play button, the position, the audio clock.
import { button, clock, h } from "../../shared/js/dom.js";
import { clamp } from "../../shared/js/pad.js";
import { Tracks } from "../../shared/js/tracks.js";
import { audibleTime } from "./clock.js";
import { RATE } from "./novelty.js";

const LONGEST_FRAME = 100; // ms

export class Playback {
  #output = h("output", { "aria-live": "off" });
  #playButton = button("Play", () => this.toggle(), { class: "main", disabled: true });
  #tracks = null;
  #beats = [];
  #level = 0;
  #frame = 0; // the next animation frame while it plays
  #lastStamp = 0; // ms, of the previous frame
  #shownTenth = -1; // of a second, in the text

  // on.frame(position, shown) in every frame while it plays and whenever the position changes: the
  // audible position in s, and that at the time when the frame is on the screen; on.restart(position)
  // when it starts or jumps; on.fail(text).
  constructor(root, on) {
    Object.assign(this, { root, on });
    this.elements = [this.#playButton, this.#output];
  }

  get isPlaying() {
    return this.#tracks?.playing ?? false;
  }

  get duration() {
    return this.#tracks?.duration ?? 0;
  }

  get position() {
    return this.#tracks?.position ?? 0;
  }

  // The position that is audible at a time stamp (ms) of an event; null unless it plays.
  positionAt(stamp) {
    if (!this.isPlaying) return null;
    return this.#tracks.positionAt(audibleTime(this.#tracks.context, stamp));
  }

  setSound(samples) {
    this.#tracks?.close();
    const song = [{ name: "song", group: "song", samples }];
    const duration = samples.length / RATE;
    const options = { sr: RATE, duration, load: async () => song };
    const tracks = new Tracks(() => tracks === this.#tracks && this.#showState(), options);
    this.#tracks = tracks;
    this.setLevel(this.#level);
    this.#scheduleClicks();
    this.#playButton.disabled = !samples.length;
    this.#showState();
  }

  // Beats {time, number} to be clicked.
  setBeats(beats) {
    const isSame = beats.length === this.#beats.length && beats.every(({ time, number }, i) =>
      time === this.#beats[i].time && number === this.#beats[i].number);
    if (isSame) return; // after each tap
    this.#beats = beats;
    this.#scheduleClicks();
  }

  #scheduleClicks() {
    this.#tracks?.setBeats(this.#beats.map(({ time, number }) => ({ time, high: number === 1 })));
  }

  setLevel(level) {
    this.#level = level;
    this.#tracks?.setMix("clicks", level);
  }

  async toggle() {
    if (!this.duration) return;
    try {
      await this.#tracks.toggle();
    } catch (error) {
      this.on.fail(`The sound could not be played: ${error.message}`);
    }
  }

  pause() {
    if (this.isPlaying) this.#tracks.pause();
  }

  seek(seconds) {
    if (!this.#tracks) return;
    const position = clamp(seconds, 0, this.duration);
    this.#tracks.seek(position);
    this.on.restart(position);
    if (!this.isPlaying) this.#showPosition(position, position);
  }

  #showState() {
    const { isPlaying, root } = this;
    this.#playButton.textContent = isPlaying ? "Pause" : "Play";
    this.#playButton.setAttribute("aria-pressed", isPlaying);
    root.dataset.playing = isPlaying;
    cancelAnimationFrame(this.#frame);
    if (isPlaying) {
      this.on.restart(this.position);
      this.#lastStamp = performance.now();
      this.#follow(this.#lastStamp);
    } else this.#showPosition(this.position, this.position);
  }

  // A frame is on the screen about one frame after it is drawn.
  #follow(stamp) {
    const length = Math.min(stamp - this.#lastStamp, LONGEST_FRAME);
    this.#lastStamp = stamp;
    const now = performance.now(); // on a busy machine later than the frame's stamp
    this.#showPosition(this.positionAt(now), this.positionAt(now + length));
    this.#frame = requestAnimationFrame((next) => this.#follow(next));
  }

  // The text changes last and not in every frame, for it makes the browser lay out the page.
  #showPosition(position, shown) {
    this.on.frame(position, shown);
    const tenth = Math.floor(10 * position);
    if (this.isPlaying && tenth === this.#shownTenth) return;
    this.#shownTenth = tenth;
    this.#output.textContent = `${clock(position)} of ${clock(this.duration)}`;
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.#tracks?.close();
  }
}

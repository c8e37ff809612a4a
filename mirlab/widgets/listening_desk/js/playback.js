// Playback of the desk: the play button, the transport, and the playhead, which follows its clock.
import { button } from "../../shared/js/dom.js";
import { clamp } from "../../shared/js/pad.js";
import { Tracks } from "../../shared/js/tracks.js";
import { RATE, real } from "./data.js";
import { loadTracks, mixTracks } from "./tracks.js";

const SLOW = 300; // ms of decoding after which the button says so
const JUMP = 0.1; // s that the drawn playhead may be away from the clock
const CORRECTION = 0.1; // of the distance to the clock, in each frame

export class Playback {
  #isStarting = false;
  #drawn = null; // {seconds, stamp} of the playhead's last frame while it plays
  #frame = 0; // the next animation frame while it plays

  // on.moved(seconds) draws the playhead; on.stopped(seconds) is called as it stops or when it is moved
  // while it stands; on.failed(text) says why the sound cannot be decoded.
  constructor({ root, traits: { get }, duration, beats }, on) {
    Object.assign(this, { root, get, duration, on });
    this.button = button("Play", () => this.toggle(), { class: "main" });
    this.button.disabled = !duration;
    const load = (context) => loadTracks(context, get("sounds"), duration);
    this.transport = new Tracks(() => this.#changed(), { sr: RATE, duration, load });
    this.transport.speed = get("speed");
    this.transport.loop = get("loop");
    this.transport.offset = clamp(get("position"), 0, duration);
    this.setBeats(beats);
    this.applyMix();
  }

  get isPlaying() {
    return this.transport.playing;
  }

  get isClosed() {
    return this.transport.closed;
  }

  get position() {
    return this.transport.position;
  }

  async toggle() {
    const { transport } = this;
    if (transport.playing) return transport.pause();
    if (this.#isStarting || !this.duration) return;
    this.#isStarting = true;
    const timer = setTimeout(() => (this.button.textContent = "Decoding …"), SLOW);
    try {
      await transport.play();
    } catch (error) {
      transport.prepared = undefined;
      this.on.failed(`The sound could not be decoded: ${error.message}`);
    }
    clearTimeout(timer);
    this.#isStarting = false;
    this.#changed();
  }

  seek(seconds) {
    this.transport.seek(clamp(seconds, 0, this.duration));
    this.#drawn = null;
    if (!this.isPlaying) this.#changed();
  }

  // --- what the traits say

  applyMix() {
    const names = ["muted", "soloed", "levels", "balance", "metronome"];
    const settings = Object.fromEntries(names.map((name) => [name, this.get(name)]));
    const mix = mixTracks(Object.keys(this.get("sounds")), settings);
    for (const { name, level, pan } of mix) this.transport.setMix(name, level, pan);
  }

  // The beats that clicks are on.
  setBeats(beats) {
    this.transport.beats = real(beats).map(([time, number]) => ({ time, high: number === "1" }));
  }

  // The region that is looped; all of it when null.
  setLoop(region, isOn) {
    const { transport } = this;
    transport.region = region;
    if (transport.playing || transport.loop !== isOn) transport.setLoop(isOn);
  }

  setSpeed(speed) {
    this.transport.setSpeed(speed);
  }

  // --- the playhead

  #changed() {
    const { button, isPlaying, root } = this;
    button.textContent = isPlaying ? "Pause" : "Play";
    button.setAttribute("aria-pressed", isPlaying);
    root.dataset.playing = isPlaying;
    cancelAnimationFrame(this.#frame);
    this.#drawn = null;
    if (isPlaying) this.#follow();
    else this.on.stopped(this.position);
  }

  // The audio clock moves in steps of a buffer, so the playhead moves by the frames' time and is
  // drawn towards the audio clock.
  #follow(stamp = performance.now()) {
    const audible = this.position;
    let seconds = audible;
    if (this.#drawn) {
      const elapsed = (stamp - this.#drawn.stamp) / 1000;
      const expected = this.#drawn.seconds + elapsed * this.transport.speed;
      const error = audible - expected;
      seconds = Math.abs(error) > JUMP ? audible : expected + CORRECTION * error;
    }
    this.#drawn = { seconds, stamp };
    this.on.positionChanged(seconds);
    this.#frame = requestAnimationFrame((next) => this.#follow(next));
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.transport.close();
  }
}

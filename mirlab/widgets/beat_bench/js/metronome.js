// Calibration: a metronome to tap to. The median of the errors is the latency.
import { CLICKS, click } from "../../shared/js/tracks.js";
import { audibleTime } from "./clock.js";
import { median, tapErrors } from "./errors.js";
import { RATE } from "./novelty.js";

const INTERVAL = 0.6; // s: 100 beats per minute
const COUNT = 16; // clicks
const SKIPPED = 4; // of them, in which one finds the beat
const START = 0.8; // s until the first
const LEAST = 6; // taps that are needed
const LARGEST = 0.5; // s, of a latency

export class Metronome {
  #context = null;
  #clicks = []; // times of the context's clock
  #taps = []; // the same
  #timer = 0;

  // on.state(isRunning, text) as it starts, counts and ends; on.measured(seconds) when it succeeded.
  constructor(on) {
    this.on = on;
  }

  get isRunning() {
    return this.#context !== null;
  }

  async start() {
    const context = new AudioContext({ sampleRate: RATE });
    this.#context = context;
    this.#taps = [];
    this.on.state(true, "Tap with the metronome …");
    await context.resume();
    if (this.#context !== context) return;
    const buffer = context.createBuffer(1, Math.round(0.05 * RATE), RATE);
    buffer.copyToChannel(click(CLICKS[0], RATE), 0);
    const first = context.currentTime + START;
    this.#clicks = Array.from({ length: COUNT }, (_, i) => first + i * INTERVAL);
    for (const time of this.#clicks) {
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(context.destination);
      source.start(time);
    }
    const seconds = START + COUNT * INTERVAL;
    this.#timer = setTimeout(() => this.#finish(), 1000 * seconds);
  }

  tap(stamp) {
    this.#taps.push(audibleTime(this.#context, stamp));
    this.on.state(true, `Tap with the metronome: ${this.#taps.length} of ${COUNT}`);
  }

  #finish() {
    const clicks = this.#clicks.slice(SKIPPED);
    const taps = this.#taps.filter((tap) => tap > clicks[0] - INTERVAL / 2);
    this.stop();
    if (taps.length < LEAST) {
      this.on.state(false, `Only ${taps.length} taps: at least ${LEAST} are needed. Try again.`);
      return;
    }
    const latency = Math.max(-LARGEST, Math.min(LARGEST, median(tapErrors(taps, clicks))));
    this.on.state(false, "");
    this.on.measured(latency);
  }

  // Ends it without a result.
  stop() {
    clearTimeout(this.#timer);
    this.#context?.close();
    this.#context = null;
  }
}

// The ring: a segment for each beat of the bar, the bar's number inside, a flash on the beat. At 130 px
// it is small enough that flashes are safe at any tempo (WCAG 2.3.1, a quarter of 341 x 256 px).
import { plot } from "../../shared/js/canvas.js";
import { h } from "../../shared/js/dom.js";

const FADE = 0.1; // s in which a flash fades to 1/e
const GAP = 0.06; // radians between segments
const WEAK = 0.6; // brightness of a beat that is no downbeat

const stillness = matchMedia("(prefers-reduced-motion: reduce)");

// The index of the last beat up to a time; -1 before the first.
function lastBeat(beats, time) {
  let [low, high] = [0, beats.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (beats[middle].time <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export class Ring {
  #beats = []; // {time, number, bar}
  #perBar = 4;
  #index = -1; // of the current beat
  #light = 0; // 0..1
  #area = h("div", { class: "ring" });
  #plot = plot(this.#area, "Ring: beat and bar", (...canvas) => this.#draw(...canvas));

  get element() {
    return this.#area;
  }

  setBeats(beats) {
    let bar = 0;
    this.#beats = beats.map((beat, i) => {
      if (beat.number === 1 || !i) bar++;
      return { ...beat, bar };
    });
    this.#perBar = Math.max(1, ...beats.map(({ number }) => number));
    this.#index = -2; // drawn anew in any case
  }

  // Shows the beat at a time; it flashes while playing.
  show(time, isPlaying) {
    const index = lastBeat(this.#beats, time);
    const age = index < 0 ? Infinity : time - this.#beats[index].time;
    const strength = this.#beats[index]?.number === 1 ? 1 : WEAK;
    const light = isPlaying && !stillness.matches ? strength * Math.exp(-age / FADE) : 0;
    const isNew = index !== this.#index;
    if (!isNew && Math.abs(light - this.#light) < 0.01) return;
    this.#index = index;
    this.#light = light;
    this.#plot.paint();
    if (!isNew) return;
    this.#area.dataset.light = light.toFixed(2);
    this.#area.dataset.beat = index;
  }

  #draw(context, width, height, { ink, soft, line, accent }) {
    const centre = [width / 2, height / 2];
    const radius = Math.min(width, height) / 2 - 8;
    const { number = 0, bar = 0 } = this.#beats[this.#index] ?? {};
    const turn = (2 * Math.PI) / this.#perBar;
    context.globalAlpha = this.#light;
    context.fillStyle = accent;
    context.beginPath();
    context.arc(...centre, radius - 8, 0, 2 * Math.PI);
    context.fill();
    context.globalAlpha = 1;
    for (let i = 0; i < this.#perBar; i++) {
      const start = i * turn - Math.PI / 2 + GAP / 2;
      context.strokeStyle = i === number - 1 ? accent : line;
      context.lineWidth = i === number - 1 ? 10 : 6;
      context.beginPath();
      context.arc(...centre, radius, start, start + turn - GAP);
      context.stroke();
    }
    context.textAlign = "center";
    context.fillStyle = ink;
    context.font = "600 34px system-ui, sans-serif";
    context.fillText(bar || "–", centre[0], centre[1] + 8);
    context.font = "12px system-ui, sans-serif";
    context.fillStyle = this.#light > 0.3 ? ink : soft;
    context.fillText(number ? `beat ${number}` : "bar", centre[0], centre[1] + 28);
    context.textAlign = "start";
  }

  paint() {
    this.#plot.paint();
  }

  close() {
    this.#plot.close();
  }
}

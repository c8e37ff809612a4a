// The plucked string (mirlab.synthesis.plucked): a delay that feeds back into itself, exactly as long
// as its periods, and the body that it is stretched on.
import { clamp } from "../../shared/js/pad.js";
import { RATE, cubic, finish, lengthOf, turning } from "./voice.js";

const BODY = [[102, 30, 1], [204, 40, 1], [420, 60, 0.5]]; // Hz, width in Hz, strength
const ONSET = 0.002; // s
const STEADY = 0.99999;
const SHORTEST = 20; // samples of a loop
const { PI, sin, cos, exp, hypot, atan2, min, floor, ceil } = Math;

// What taps do to a frequency of this period, the first of them so many samples ahead of time 0.
function response(taps, period, ahead = 0) {
  let [re, im] = [0, 0];
  taps.forEach((tap, n) => {
    const angle = ((-2 * PI) / period) * (n - ahead);
    re += tap * cos(angle);
    im += tap * sin(angle);
  });
  return [re, im];
}

function phaseDelay(taps, period, near) {
  const [re, im] = response(taps, period, near);
  return near - (atan2(im, re) * period) / (2 * PI);
}

// The loop of a string: its delay in whole samples and five taps after it.
export function loop({ t60, dullness }, hz) {
  const turns = ceil((SHORTEST * hz) / RATE); // periods that go round together
  const period = RATE / hz;
  const wanted = turns * period - phaseDelay([1 - dullness, dullness], period, dullness);
  let length = wanted;
  for (let i = 0; i < 8; i++) {
    const part = length - floor(length);
    length = wanted - (phaseDelay(cubic(part), period, 1 + part) - 1 - part);
  }
  const line = cubic(length - floor(length));
  const rawTaps = [...line, 0].map((tap, n) => (1 - dullness) * tap + dullness * (line[n - 1] ?? 0));
  const decayGain = 10 ** ((-3 * turns * period) / (t60 * RATE)) / hypot(...response(rawTaps, period));
  const gain = min(decayGain, STEADY);
  return { turns, delay: floor(length) - 1, taps: rawTaps.map((tap) => Math.fround(gain * tap)) };
}

// What fills the loop at first: partials of the plectrum and the place, whose phases are random.
function pluck(y, { softness, position }, note, turns, doubles) {
  const length = min(floor((turns * RATE) / note.hz), y.length);
  const bins = floor(length / 2) + 1;
  const phases = doubles(bins);
  for (let bin = 1; bin < bins; bin++) {
    const k = bin / turns;
    if (k % 1) continue;
    const half = 2 * bin === length; // that partial has no mirror image, and no sine
    const colour = ((half ? 1 : 2) * sin(PI * k * position) * k ** -(softness + note.softness)) / length;
    const [re, im] = [cos, sin].map((f) => colour * f(2 * PI * phases[bin]));
    turning(y, length, [re, half ? 0 : im], (2 * PI * bin) / length);
  }
}

// Add what the body's resonances make of the string.
function resonate(y, body) {
  const dry = y.slice();
  for (const [hz, width, strength] of BODY) {
    const radius = exp((-PI * width) / RATE);
    const turn = (2 * PI * hz) / RATE;
    const gain = ((body * strength * 2 * PI * width) / RATE) * radius * sin(turn);
    const [first, second] = [2 * radius * cos(turn), -(radius ** 2)];
    let [last, older] = [0, 0];
    for (let i = 1; i < y.length; i++) {
      const now = gain * dry[i - 1] + first * last + second * older;
      [older, last] = [last, now];
      y[i] += now;
    }
  }
}

export function plucked(settings, note, { doubles }) {
  const y = new Float64Array(lengthOf(note, settings.release));
  const { turns, delay, taps } = loop(settings, note.hz);
  pluck(y, settings, note, turns, doubles);
  const [a, b, c, d, e] = taps;
  const at = (i) => (i < 0 ? 0 : y[i]);
  for (let i = 0, j = -delay; i < y.length; i++, j++) {
    y[i] += a * at(j) + b * at(j - 1) + c * at(j - 2) + d * at(j - 3) + e * at(j - 4);
  }
  if (settings.body) resonate(y, settings.body);
  const held = note.duration * RATE;
  for (let i = 0; i < y.length; i++) {
    y[i] *= clamp(1 - (i - held) / (settings.release * RATE)) * min(i / (ONSET * RATE), 1);
  }
  return finish(y, note);
}

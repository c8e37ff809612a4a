// The form of a piece: its sections with their letters, and its tempo over time.
import { MISSED } from "./data.js";

const HUE_STEP = 137.5; // degrees from letter to letter: no two of the first dozen look alike
const SMOOTHED = 4; // beats on each side, over which the tempo is taken
const NUMBER_STEP = 300; // px between the numbers of the tempo
const MIN_RANGE = 0.1; // of the median tempo: how much the lane shows above and below it, at least

// Sections [start, end, letter, mark] as coloured fields with their letters.
export const sections = (rows) => {
  const letters = [...new Set(rows.map(([, , letter]) => letter))];
  return (context, { from, to, x, height }, { ink, line }) => {
    for (const [start, end, letter] of rows) {
      if (start > to || end < from) continue;
      const [left, right] = [x(start), x(end)];
      const hue = (letters.indexOf(letter) * HUE_STEP + 210) % 360;
      context.fillStyle = `hsl(${hue} 65% 50% / 0.3)`;
      context.fillRect(left, 0, right - left, height);
      context.fillStyle = line;
      context.fillRect(left, 0, 1, height);
      context.fillStyle = ink;
      const at = Math.max(left, x(Math.max(from, 0))) + 4;
      if (at + context.measureText(letter).width < right) {
        context.fillText(letter, at, height / 2 + 4);
      }
    }
  };
};

// Points [time, beats per minute] of the tempo, from beats [time, number, mark]: the mean over up to
// eight beats, so that the timing of single beats does not hide the tempo. Empty below three beats.
export function tempoCurve(beats) {
  const times = beats.filter(([, , mark]) => mark !== MISSED).map(([time]) => time);
  if (times.length < 3) return [];
  return times.map((time, i) => {
    const [first, last] = [Math.max(i - SMOOTHED, 0), Math.min(i + SMOOTHED, times.length - 1)];
    return [time, (60 * (last - first)) / (times[last] - times[first])];
  });
}

// What the lane shows, in words.
export function tempoLabel(curve) {
  if (!curve.length) return "Tempo curve, no beats";
  const tempi = curve.map(([, bpm]) => Math.round(bpm));
  return `Tempo curve, ${Math.min(...tempi)} to ${Math.max(...tempi)} beats per minute`;
}

// The lowest and the highest tempo that the lane shows.
function tempoRange(curve) {
  const tempi = curve.map(([, bpm]) => bpm).sort((a, b) => a - b);
  const median = tempi[Math.floor(tempi.length / 2)];
  return {
    low: Math.min(tempi[0], median * (1 - MIN_RANGE)),
    high: Math.max(tempi.at(-1), median * (1 + MIN_RANGE)),
  };
}

export const tempo =
  (curve) =>
  (context, { from, to, x, height }, { accent, line, soft }) => {
    if (!curve.length) return;
    const { low, high } = tempoRange(curve);
    const y = (bpm) => height - 4 - ((bpm - low) / (high - low)) * (height - 8);
    for (const bpm of [low, high]) {
      context.fillStyle = line;
      context.fillRect(x(from), y(bpm), x(to) - x(from), 1);
      context.fillStyle = soft;
      for (let at = x(0) + 3; at < x(to); at += NUMBER_STEP) {
        context.fillText(`${Math.round(bpm)}`, at, bpm === low ? y(bpm) - 3 : y(bpm) + 11);
      }
    }
    context.strokeStyle = accent;
    context.lineWidth = 2;
    context.beginPath();
    for (const [time, bpm] of curve) context.lineTo(x(time), y(bpm));
    context.stroke();
  };

// Where the next or the previous section begins, seen from a time; that time if there is none.
export function sectionStart(versions, t, direction) {
  const starts = (Object.values(versions)[0] ?? []).map(([start]) => start);
  if (direction > 0) return starts.find((start) => start > t + 0.01) ?? t;
  return starts.findLast((start) => start < t - 0.5) ?? t; // twice in a row leads one further back
}

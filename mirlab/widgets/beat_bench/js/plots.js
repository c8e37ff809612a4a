// Two plots: the histogram of the taps' errors, and the profile of the tempo.
import { label, line } from "../../shared/js/canvas.js";

const BIN = 0.01; // s
const EDGE = 0.2; // s: what is beyond counts in the outermost bins
const [LOWEST, HIGHEST] = [30, 320]; // beats per minute
const SPAN = 4; // of the log fit, from the top to the bottom of the plot
const BOTTOM = 16; // px for the axis

// The errors (s) of taps in bins, the mean as a line, the tolerance shaded.
export function drawHistogram(context, width, height, colours, { errors, mean, latest, tolerance }) {
  const x = (seconds) => width / 2 + (seconds / EDGE) * (width / 2 - 4);
  const base = height - BOTTOM;
  context.fillStyle = colours.line;
  context.globalAlpha = 0.5;
  context.fillRect(x(-tolerance), 0, x(tolerance) - x(-tolerance), base);
  context.globalAlpha = 1;
  const binOf = (error) => Math.floor(Math.min(Math.max(error, -EDGE), EDGE - 1e-9) / BIN);
  const counts = new Map();
  for (const error of errors) counts.set(binOf(error), (counts.get(binOf(error)) ?? 0) + 1);
  const tallest = Math.max(4, ...counts.values());
  for (const [bin, count] of counts) {
    const top = base - (count / tallest) * (base - 14);
    const isLatest = latest !== null && bin === binOf(latest);
    context.fillStyle = isLatest ? colours.ink : colours.accent;
    context.fillRect(x(bin * BIN) + 0.5, top, x(BIN) - x(0) - 1, base - top);
  }
  line(context, [x(0), x(0)], [0, base], colours.soft, 1);
  if (errors.length) line(context, [x(mean), x(mean)], [0, base], "#e0245e", 2);
  for (const ms of [-200, -100, 0, 100, 200]) {
    const text = ms < 0 ? `−${-ms}` : `${ms}`;
    const at = x(ms / 1000);
    label(context, text, at - context.measureText(text).width / 2, height - 4, colours.soft, width);
  }
  label(context, "early", 4, 11, colours.soft, width);
  label(context, "late (ms)", width, 11, colours.soft, width);
}

// Periodicity, prior and their sum over the tempo, with the best tempo marked.
export function drawProfile(context, width, height, colours, { profile, tempo }) {
  if (!profile) return;
  const { tempi, periodicity, prior, fit } = profile;
  const x = (bpm) => (Math.log(bpm / LOWEST) / Math.log(HIGHEST / LOWEST)) * width;
  const base = height - BOTTOM;
  const shown = [...tempi.keys()].filter((lag) => tempi[lag] >= LOWEST && tempi[lag] < HIGHEST);
  const highest = (values) => Math.max(...shown.map((lag) => values[lag]));
  const xs = shown.map((lag) => x(tempi[lag]));
  const curve = (values, top, colour, thickness) => {
    const ys = shown.map((lag) => 12 + ((top - values[lag]) / SPAN) * (base - 12));
    line(context, xs, ys, colour, thickness);
  };
  for (const bpm of [40, 60, 80, 120, 160, 240]) {
    line(context, [x(bpm), x(bpm)], [0, base], colours.line, 1);
    label(context, `${bpm}`, x(bpm) - 8, height - 4, colours.soft, width);
  }
  context.save();
  context.beginPath();
  context.rect(0, 0, width, base);
  context.clip();
  curve(periodicity, highest(periodicity), colours.soft, 1);
  context.setLineDash([4, 3]);
  curve(prior, 0, colours.ink, 1);
  context.setLineDash([]);
  curve(fit, highest(fit), colours.accent, 2);
  line(context, [x(tempo), x(tempo)], [0, base], "#e0245e", 2);
  context.restore();
  label(context, `${tempo.toFixed(1)} bpm`, x(tempo) + 4, base - 6, colours.ink, width);
}

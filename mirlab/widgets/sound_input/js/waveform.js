// The picture of a sound: its waveform, the levels while it is recorded, or where to drop one.
import { RATE } from "../../shared/js/sound.js";

// Draw {samples, recording, levels}; the playhead stands at `position` (s). The waveform's peaks are
// kept as `peaks`, which is null for another sound.
export function drawSound(context, width, height, colours, state, position) {
  if (state.recording) return drawLevels(context, width, height, colours, state.levels);
  if (!state.samples.length) return drawEmpty(context, width, height, colours);
  const columns = Math.floor(width);
  if (state.peaks?.length !== 2 * columns) state.peaks = findPeaks(state.samples, columns);
  context.fillStyle = colours.accent;
  for (let x = 0; x < columns; x++) {
    const [low, high] = [state.peaks[2 * x], state.peaks[2 * x + 1]];
    context.fillRect(x, (0.5 - high / 2) * height, 1, Math.max(((high - low) / 2) * height, 1));
  }
  const playhead = Math.min((position * RATE) / state.samples.length, 1);
  context.fillStyle = colours.ink;
  context.fillRect(playhead * (width - 2), 0, 2, height);
}

// Smallest and largest value, -1..1, of each of `columns` parts, one after the other.
function findPeaks(samples, columns) {
  const peaks = new Float32Array(2 * columns);
  for (let x = 0; x < columns; x++) {
    const start = Math.floor((x * samples.length) / columns);
    const end = Math.max(Math.floor(((x + 1) * samples.length) / columns), start + 1);
    let [low, high] = [32767, -32768];
    for (let i = start; i < end; i++) {
      low = Math.min(low, samples[i]);
      high = Math.max(high, samples[i]);
    }
    peaks.set([low / 32768, high / 32768], 2 * x);
  }
  return peaks;
}

// The newest levels, one a column, the last at the right edge.
function drawLevels(context, width, height, colours, levels) {
  context.fillStyle = colours.accent;
  const shown = levels.slice(-Math.floor(width));
  shown.forEach((level, i) => {
    const barHeight = Math.max(level * height, 1);
    context.fillRect(width - shown.length + i, (height - barHeight) / 2, 1, barHeight);
  });
}

function drawEmpty(context, width, height, colours) {
  context.strokeStyle = colours.line;
  context.setLineDash([6, 5]);
  context.strokeRect(1, 1, width - 2, height - 2);
  context.setLineDash([]);
  context.fillStyle = colours.soft;
  context.font = "14px system-ui, sans-serif";
  context.textAlign = "center";
  context.fillText("Drop a sound here", width / 2, height / 2 + 5);
  context.textAlign = "start";
}

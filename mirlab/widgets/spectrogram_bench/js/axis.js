// The frequency axis of a spectrogram: from Hz to rows and back. Row k is bin k's; its middle is k + 1/2,
// and rows are counted from below.
import { noteName } from "../../shared/js/notes.js";

const LABEL_GAP = 14; // pixels between two labels

export const midi = (f) => 69 + 12 * Math.log2(f / 440);
export const hertz = (pitch) => 440 * 2 ** ((pitch - 69) / 12);

export function makeAxis(kind, f) {
  const last = f.length - 1;
  const isChroma = kind === "chroma";

  // The row at a frequency, which lies evenly between the bins beside it.
  function row(hz) {
    if (isChroma) return (((12 * Math.log2(hz / f[0]) + 0.5) % 12) + 12) % 12;
    let [low, high] = [0, last];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (f[middle] <= hz) low = middle;
      else high = middle;
    }
    return low + (hz - f[low]) / (f[high] - f[low]) + 0.5;
  }

  // The rows between two frequencies: [first, last] once, or twice where pitch classes wrap around.
  function span(low, high) {
    if (!isChroma) return [[row(low), row(high)]];
    const width = 12 * Math.log2(high / Math.max(low, 1e-3));
    if (width >= 12) return [[0, 12]];
    const from = row(low);
    return [[from, Math.min(from + width, 12)], ...(from + width > 12 ? [[0, from + width - 12]] : [])];
  }

  // From where to where a bin reaches, in Hz: half of the way to its neighbours.
  function edges(bin) {
    const below = f[bin - 1] ?? 2 * f[0] - f[1];
    const above = f[bin + 1] ?? 2 * f[last] - f[last - 1];
    return [Math.max((below + f[bin]) / 2, 0), (f[bin] + above) / 2];
  }

  const nearest = (hz) => Math.min(Math.max(Math.floor(row(hz)), 0), last);
  return { isChroma, bins: last + 1, frequencies: f, row, span, edges, nearest };
}

// What stands beside the rows of what is seen, so many pixels high: [row, text].
export function labels({ isChroma, row, frequencies: f }, { bottom, top }, height) {
  if (isChroma) return Array.from(f, (_, i) => [i + 0.5, className(i)]);
  const lowest = Math.max(f[Math.floor(bottom)], 8);
  const octaves = Math.log2(f[Math.ceil(top) - 1] / lowest);
  const close = [1, 2, 3, 4, 6].find((step) => (height * step) / (12 * octaves) > LABEL_GAP);
  const step = octaves < 3 && close ? close : 12; // Cs, or notes between them too
  const found = [];
  let free = -Infinity; // from above: octaves crowd in the bass of a linear picture
  for (let pitch = 132; pitch > 0; pitch -= step) {
    const at = row(hertz(pitch));
    const y = (height * (top - at)) / (top - bottom);
    if (hertz(pitch) < lowest || y < Math.max(free, 5) || y > height - 5) continue;
    found.push([at, `${noteName(pitch)} ${hertz(pitch).toFixed(0)}`]);
    free = y + LABEL_GAP;
  }
  return found;
}

// C, C sharp, ... of a bin of a chroma.
export const className = (bin) => noteName(60 + bin).slice(0, -1);

// Painters that lanes of a timeline share: painter(data) gives draw(context, piece, colours), which draws
// only what lies in `piece`.

export const PEAK_RATE = 100; // pairs of lowest and highest a second
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

// Seconds as 1:05.3.
export function clock(seconds) {
  const tenths = Math.floor(10 * seconds + 1e-6);
  const [minutes, rest] = [Math.floor(tenths / 600), tenths % 600];
  return `${minutes}:${String(Math.floor(rest / 10)).padStart(2, "0")}.${rest % 10}`;
}

export const ruler =
  () =>
  (context, { from, to, x, per, height }, { soft, line }) => {
    const step = STEPS.find((s) => s * per >= 60) ?? 1200;
    context.fillStyle = soft;
    for (let k = Math.ceil(from / step); k * step <= to; k++) {
      const at = x(k * step);
      stroke(context, at, 0, height, line);
      const text = step < 1 ? `${(k * step).toFixed(2)} s` : clock(k * step).slice(0, -2);
      context.fillText(text, at + 3, height - 5);
    }
  };

export const waveform =
  (pairs) =>
  (context, { from, to, x, per, height }, { accent }) => {
    context.fillStyle = accent;
    const middle = height / 2;
    const group = Math.max(1, Math.floor(PEAK_RATE / per)); // pairs under one pixel
    const first = Math.floor((from * PEAK_RATE) / group) * group;
    const last = Math.min(to * PEAK_RATE, pairs.length / 2);
    const width = Math.max((group * per) / PEAK_RATE, 1);
    for (let i = first; i < last; i += group) {
      let [low, high] = [127, -127];
      for (let k = i; k < Math.min(i + group, pairs.length / 2); k++) {
        low = Math.min(low, pairs[2 * k]);
        high = Math.max(high, pairs[2 * k + 1]);
      }
      const top = middle - (high / 127) * middle;
      context.fillRect(x(i / PEAK_RATE), top, width, Math.max(((high - low) / 127) * middle, 1));
    }
  };

// A vertical line.
export function stroke(context, x, top, bottom, colour, width = 1) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, bottom);
  context.stroke();
}

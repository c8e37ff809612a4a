// The same answers as the kernel's, computed in the page.
import * as maths from "./transforms/transforms.js";

// load(clip) gives a clip's samples. The answers are those of `SpectrogramBench.answer_show`.
export function pageEngine(load) {
  const pause = () => new Promise((resume) => setTimeout(resume)); // the sliders may move meanwhile

  async function show({ clip, sides, sound }) {
    const y = await load(clip);
    const answer = {};
    for (const [side, settings] of Object.entries(sides)) {
      await pause();
      answer[`_${side}`] = { clip, settings, ...refusable(() => drawn(y, settings)) };
    }
    if (sound) answer._sound = { ...sound, ...refusable(() => alone(y, sound)) };
    return answer;
  }

  return { show };
}

function drawn(y, settings) {
  const { power, bins, frames, frequencies, durations, bandwidths } = maths.transform(y, settings);
  const scaled = maths.scaled(power, settings.scale);
  const levels = new Uint8Array(scaled.length); // `from` is far slower
  for (let i = 0; i < levels.length; i++) levels[i] = Math.round(255 * scaled[i]);
  return { samples: y.length, bins, frames, levels, frequencies, durations, bandwidths };
}

// 16-bit samples that reach full scale; the transport sets the level.
function alone(y, { settings, region: [start, end, low, high] }) {
  const made = maths.resynthesize(y, settings, { start, end, low, high });
  const peak = made.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  return { samples: Int16Array.from(made, (value) => Math.round((32767 * value) / peak)) };
}

// The answer, or the error message, so that the other side is still drawn.
function refusable(answer) {
  try {
    return answer();
  } catch (error) {
    return { refused: error.message };
  }
}

// The recording with clicks, as a WAV file.
import { CLICKS, CLICK_PEAK, click } from "../../shared/js/tracks.js";
import { RATE } from "./novelty.js";

const PEAK = 0.9;

const highest = (samples) => samples.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);

// Adds a click on each beat {time, number}; `level` is the peak of a click where that of the recording
// is 1. The result has a peak of 0.9.
export function mixClicks(samples, beats, level) {
  const scale = 1 / Math.max(highest(samples), 1e-9);
  const mix = samples.map((value) => scale * value);
  const sounds = CLICKS.map((f) => click(f, RATE));
  const gain = level / CLICK_PEAK;
  for (const { time, number } of beats) {
    const start = Math.round(time * RATE);
    const sound = sounds[Number(number === 1)];
    for (let i = 0; i < sound.length && start + i < mix.length; i++) mix[start + i] += gain * sound[i];
  }
  const peak = Math.max(highest(mix), 1e-9);
  return mix.map((value) => (PEAK * value) / peak);
}

// A WAV file of 16-bit samples, one channel.
export function wavFile(samples) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (offset, letters) =>
    [...letters].forEach((letter, i) => view.setUint8(offset + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, RATE, true);
  view.setUint32(28, 2 * RATE, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((value, i) => view.setInt16(44 + 2 * i, Math.round(32767 * value), true));
  return view.buffer;
}

// Text for a point of a spectrogram.
import { noteName } from "../../shared/js/notes.js";
import { className, midi } from "./axis.js";

const RANGE = 80; // dB from the darkest to the brightest
const BEND = 1e4; // of log1p: the loudest power over the one at which it bends

// dB under the loudest cell, of a level 0..1 on a scale.
export function decibels(level, scale) {
  if (scale === "db") return RANGE * (level - 1);
  if (scale === "log1p") return 10 * Math.log10(Math.expm1(level * Math.log1p(BEND)) / BEND);
  return (scale === "amplitude" ? 20 : 10) * Math.log10(level);
}

export function levelText(byte, scale) {
  const below = byte ? "" : "<";
  const least = scale === "db" ? 0 : 0.5 / 255;
  const level = Math.round(decibels(Math.max(byte / 255, least), scale)) || 0; // no -0
  return `${below}${level} dB`.replace("-", "−");
}

const short = (value, whole) => value.toFixed(value < whole ? 1 : 0);
export const hertzText = (f) => `${short(f, 1000)} Hz`;

// A note and how far it is off: A4 +3 cents.
export function noteText(f) {
  const pitch = midi(f);
  const cents = Math.round(100 * (pitch - Math.round(pitch)));
  const sign = cents < 0 ? "−" : "+";
  return `${noteName(Math.round(pitch))} ${sign}${Math.abs(cents)} cents`;
}

// How far the bin smears a click in time and a sine in frequency.
export function cellText({ durations, bandwidths }, bin) {
  const [ms, hz] = [1000 * durations[bin], bandwidths[bin]];
  return `${short(ms, 10)} ms × ${short(hz, 10)} Hz`;
}

export function describe(spectrogram, time, bin) {
  const { axis, settings, frames, levels, hop } = spectrogram;
  const f = axis.frequencies[bin];
  const frame = Math.min(Math.round(time / hop), frames - 1);
  const level = levelText(levels[bin * frames + frame], settings.scale);
  const frequencyText = axis.isChroma
    ? `${className(bin)} in every octave`
    : `${hertzText(f)} · ${f > 15 ? noteText(f) : "no note"}`;
  return `${time.toFixed(3)} s · ${frequencyText} · ${level} · ${cellText(spectrogram, bin)}`;
}

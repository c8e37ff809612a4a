// Polyphonic playback: notes start at once and fade when their key is released; chords cannot clip.
import { FADE, SAFE_PEAK } from "../../shared/js/transport.js";
import { RATE } from "./voice.js";

const LOUDEST = 10 ** (-1 / 20); // the peak of a note of velocity 127, as the methods give it
const MAX_VOICES = 16; // notes at once; the oldest makes room
const ROOM = 8; // what the limiter takes, over full scale
const SOON = 0.006; // s: the sound card's next round
const KNEE = 0.6; // up to here it changes nothing

// Rounded off above the knee, under full scale whatever comes.
function limiter(context) {
  const points = 8193;
  const curve = Float32Array.from({ length: points }, (_, i) => {
    const x = ((2 * i) / (points - 1) - 1) * ROOM;
    const over = Math.max(Math.abs(x) - KNEE, 0);
    return over ? Math.sign(x) * (KNEE + 0.38 * Math.tanh(over / 0.38)) : x;
  });
  const lower = new GainNode(context, { gain: 1 / ROOM });
  lower.connect(new WaveShaperNode(context, { curve })).connect(context.destination);
  return lower;
}

// Put samples into a graph, also an OfflineAudioContext's. `peak` is what their 1 becomes; they
// begin at the time `at`, and so far in.
export function sound(context, into, samples, peak, at = 0, from = 0) {
  const buffer = context.createBuffer(1, samples.length, RATE);
  buffer.copyToChannel(samples, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  const gain = new GainNode(context, { gain: peak });
  source.connect(gain).connect(into);
  source.start(at, from);
  return { source, gain };
}

export const NOTE_PEAK = SAFE_PEAK / LOUDEST;
export { limiter };

export function player() {
  let [context, into] = [null, null];
  const voices = new Set();

  function stop(voice, seconds) {
    if (!voices.delete(voice)) return;
    const { gain } = voice.gain;
    const now = context.currentTime + SOON;
    gain.cancelScheduledValues(now);
    gain.setValueAtTime(gain.value, now);
    gain.linearRampToValueAtTime(0, now + seconds);
    voice.source.stop(now + seconds + 0.01);
  }

  function open() {
    context ??= new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
    into ??= limiter(context);
    context.resume();
  }

  return {
    open,
    // Play samples now; gives a function that lets go of them, with a release in s. `ended` is
    // called when they end. They may go on `after` others that begin alike: those fade into them.
    start(samples, { peak = NOTE_PEAK, ended, after } = {}) {
      open();
      if (voices.size >= MAX_VOICES) stop(voices.values().next().value, FADE);
      const at = context.currentTime + SOON;
      const begun = after?.begun ?? at;
      const voice = sound(context, into, samples, peak, at, at - begun);
      voices.add(voice);
      voice.source.onended = () => {
        voices.delete(voice);
        ended?.();
      };
      if (after) {
        voice.gain.gain.setValueAtTime(0, at).linearRampToValueAtTime(peak, at + FADE);
        after(FADE);
      }
      return Object.assign((seconds = FADE) => stop(voice, Math.max(seconds, FADE)), { begun });
    },
    close() {
      voices.clear();
      context?.close();
    },
  };
}

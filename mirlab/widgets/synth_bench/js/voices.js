// Notes by the settings of the moment, and the voices of the keys that are held.
import { envelopesOf } from "./envelopes.js";
import { play } from "./methods.js";

const BEGUN = 0.8; // s of a held key that are made at once
const HELD = 6; // s for which it sounds at most
const PAUSE = 300; // ms until that is made: most notes are short
const CACHED = 40; // notes

// Gives a function that makes a note by a method; the same note is not made twice.
export function noteCache(model, noise) {
  const cache = new Map();
  return (method, note) => {
    const settings = model.get("settings")[method];
    const key = JSON.stringify([method, settings, note.pitch, note.velocity, note.duration]);
    const samples = cache.get(key) ?? play(method, settings, note, noise);
    cache.delete(key);
    cache.set(key, samples); // the newest is the last to be forgotten
    if (cache.size > CACHED) cache.delete(cache.keys().next().value);
    return samples;
  };
}

// The sound of keys: down(pitch, velocity) and up(pitch). start() is the player's.
export function keyVoices(model, makeNote, start) {
  const voices = new Map(); // {stop, timer} of the pitches that are held
  return {
    isSounding: () => voices.size > 0,
    // the beginning sounds at once; the whole is made meanwhile, and goes on from there
    down(pitch, velocity) {
      const samples = (duration) => makeNote(model.get("method"), { pitch, velocity, duration });
      const voice = { stop: start(samples(BEGUN)) };
      voice.timer = setTimeout(() => {
        voice.stop = start(samples(HELD), { after: voice.stop });
      }, PAUSE);
      voices.set(pitch, voice);
    },
    up(pitch) {
      const method = model.get("method");
      const { stop, timer } = voices.get(pitch);
      const [envelopes] = envelopesOf(method, model.get("settings")[method]);
      const [[, { release }]] = envelopes; // the first is always heard
      clearTimeout(timer);
      stop(release);
      voices.delete(pitch);
    },
  };
}

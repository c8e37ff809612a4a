// The sounds of the bench by name, and their samples.
import { bytes } from "../../shared/js/notes.js";
import { decode } from "../../shared/js/sound.js";

export const LONGEST = 10; // s
export const USER_AUDIO = "user_audio"; // the name of the reader's sound

export const floats = (view) => // of 16-bit samples
  Float32Array.from(new Int16Array(bytes(view).slice().buffer), (value) => value / 32768);

// Gives the samples of a clip by its name; the last file is not decoded again.
export function clipReader(get) {
  const last = { file: null, samples: null };
  return async (name) => {
    if (name === USER_AUDIO) return floats(get("user_audio"));
    const file = get("sounds")[name];
    if (!file) return new Float32Array(1);
    if (file !== last.file) {
      last.samples = floats((await decode(bytes(file).slice().buffer, LONGEST)).samples);
      last.file = file;
    }
    return last.samples;
  };
}

// What a clip is called in the page.
export const clipTitle = (get) => (get("clip") === USER_AUDIO ? get("user_audio_name") : get("clip"));

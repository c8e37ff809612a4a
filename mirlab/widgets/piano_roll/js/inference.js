// Unpacks the network's output, from this page or from Python, for the plot and the decoders.
import { bytes } from "../../shared/js/notes.js";

export const NO_PREDICTION = { frames: 0, posteriors: new Uint8Array(), spectrogram: new Uint8Array() };

async function inflate(view) {
  const stream = new Blob([bytes(view)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Unpacks a prediction of data.py or of this page.
export async function unpackPrediction(packed) {
  if (!packed.frames) return NO_PREDICTION;
  const [posteriors, spectrogram] = await Promise.all(["posteriors", "spectrogram"].map((name) =>
    (packed.plain ? bytes(packed[name]) : inflate(packed[name]))));
  return { frames: packed.frames, posteriors, spectrogram };
}

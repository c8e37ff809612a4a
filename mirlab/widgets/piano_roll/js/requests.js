// Requests of the roll that take time, answered by the kernel or by this page: the posteriors of the
// user's sound, and the notes as MusicXML.
import { engine } from "../../shared/js/engine.js";
import { bytes } from "../../shared/js/notes.js";
import { predict } from "./predict.js";

const FULL_SCALE = 32768; // of 16-bit samples

const to16Bit = (view) => new Int16Array(bytes(view).slice().buffer);

// The engine writes its label into `label` and its progress to busy(fraction). musicXml() gives the
// notes as a file's text; `root` takes the time and the runtime of a prediction in this page.
export function requests(model, { root, label, busy, musicXml }) {
  const latest = { prediction: 0, score: 0 }; // ids; an answer to an earlier one is ignored
  const net = model.get("net");
  let abort = new AbortController(); // of the prediction in this page

  async function predictHere({ id }, progress) {
    const samples = Float32Array.from(to16Bit(model.get("user_audio")), (value) => value / FULL_SCALE);
    const began = performance.now();
    const { signal } = abort;
    try {
      const { runtime, ...prediction } = await predict(net, samples, progress, signal);
      root.dataset.predicted = performance.now() - began;
      root.dataset.runtime = runtime;
      return { user_prediction: { ...prediction, plain: true, id } };
    } catch (error) {
      if (signal.aborted) return {}; // there is a newer sound
      throw error;
    }
  }

  const score = ({ id }) => ({ _score: { id, xml: new TextEncoder().encode(musicXml()) } });
  const compute = net.layers ? { score, predict: predictHere } : { score };
  const { request, close } = engine(model, { element: label, busy, compute });
  return {
    // Makes earlier predictions out of date, before the user's new sound is in the traits.
    renewPrediction() {
      latest.prediction = Math.random();
      abort.abort();
      abort = new AbortController();
    },
    predict: () => request("predict", { id: latest.prediction }),
    isPending: ({ id }) => latest.prediction !== 0 && id !== latest.prediction,
    exportScore() {
      latest.score = Math.random();
      request("score", { id: latest.score });
    },
    isLatestScore: ({ id }) => id === latest.score,
    close() {
      abort.abort();
      close();
    },
  };
}

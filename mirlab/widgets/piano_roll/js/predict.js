// Posteriors of a sound in a page without a kernel: a worker computes the network's input and, where
// the page comes without onnxruntime-web or without the network's ONNX file, runs the network, too.
import { findNetwork, loadModel } from "../../shared/js/inference.js";

// Frames that onnxruntime takes at once, an even number as the network takes two at a time, and how
// many more the network looks at on either side.
const SLICE = 800;
const LOOK = 40;

// The network's input, rows of `frames` numbers, in slices.
function cut({ spectrograms, frames }) {
  const rows = spectrograms.flatMap((spectrogram) =>
    Array.from({ length: spectrogram.length / frames }, (_, row) =>
      spectrogram.subarray(row * frames, (row + 1) * frames)));
  return Array.from({ length: Math.ceil(frames / SLICE) }, (_, k) => {
    const start = k * SLICE;
    const from = Math.max(0, start - LOOK);
    const width = Math.min(start + SLICE + LOOK, frames) - from;
    const data = new Float32Array(rows.length * width);
    rows.forEach((row, i) => data.set(row.subarray(from, from + width), i * width));
    const dims = [1, spectrograms.length, rows.length / spectrograms.length, width];
    return { start, skipped: start - from, feeds: { input: { data, dims } } };
  });
}

// The posteriors (head, pitch, frame) that an ONNX model gives for the network's input.
async function runModel(model, input, options) {
  const { frames } = input;
  const slices = cut(input);
  let found;
  let k = 0;
  for await (const { posteriors } of model.stream(slices.map(({ feeds }) => feeds), options)) {
    const { start, skipped } = slices[k++];
    const width = posteriors.dims.at(-1);
    const rows = posteriors.data.length / width;
    found ??= new Float32Array(rows * frames);
    const count = Math.min(SLICE, frames - start);
    for (let row = 0; row < rows; row++) {
      const from = row * width + skipped;
      found.set(posteriors.data.subarray(from, from + count), row * frames + start);
    }
  }
  return found;
}

// Prediction for samples at the network's rate: {frames, posteriors, spectrogram, runtime}; the runtime
// is "onnxruntime" or "javascript". progress(fraction) reports the progress. An abort of the signal
// stops the computation and rejects with its reason; all memory is released in any case.
export async function predict({ script, onnx, ...net }, samples, progress, signal) {
  signal.throwIfAborted();
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const worker = new Worker(address); // a page on a disk may not start one of type "module"
  const file = onnx && findNetwork(onnx);
  // loaded while the worker computes the first input; null when that fails
  const loading = file ? loadModel(file).catch(() => null) : Promise.resolve(null);
  let runtime = "javascript";

  async function run(input) {
    const [first, last] = input.share;
    const onProgress = (done) => progress(first + done * (last - first));
    try {
      const model = await loading;
      const posteriors = model && await runModel(model, input, { onProgress, signal });
      if (model) runtime = "onnxruntime";
      return posteriors;
    } catch {
      return null; // the worker runs the network, unless all is aborted
    }
  }

  const prediction = new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    worker.onerror = ({ message }) => reject(new Error(message ?? "the browser refused to work"));
    worker.onmessage = async ({ data: { done, input, found, failure } }) => {
      if (found) resolve({ ...found, runtime });
      else if (failure) reject(new Error(failure));
      else if (input) worker.postMessage({ posteriors: await run(input) });
      else progress(done);
    };
    worker.postMessage({ net, samples });
  });
  return prediction.finally(() => {
    worker.terminate();
    URL.revokeObjectURL(address);
    loading.then((model) => model?.close()); // also when that comes late
  });
}

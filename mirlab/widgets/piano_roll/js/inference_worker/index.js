// From sound to posteriors in a worker, which the Piano roll starts when a reader without a kernel
// brings a sound. It is sent {net, samples}, and sends {done} (0..1) on its way, {input} when the
// network is to be run, which is answered by {posteriors} (null: it runs the network itself), and
// {found} or {failure} at the end.
import { predict } from "./predict.js";

let answer;

function runInPage(input) {
  postMessage({ input });
  return new Promise((resolve) => (answer = resolve));
}

onmessage = async ({ data: { net, samples, posteriors } }) => {
  if (!net) return answer(posteriors);
  try {
    postMessage({ found: await predict(samples, net, (done) => postMessage({ done }), runInPage) });
  } catch (error) {
    postMessage({ failure: error.message });
  }
};

// Worker that computes posteriors of the user's audio in a page without a kernel. It receives
// {net, samples} and sends {done} (0..1) as progress, {input} when the network should run, which is
// answered by {posteriors} (null: the worker runs the network itself), and finally {found} or
// {failure}.
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

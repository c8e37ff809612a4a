// The page's own ears, in a worker: the Piano roll loads them only when a reader without a kernel
// brings a sound. It is sent {net, samples}, and sends {done} (0..1) on its way, then {found}.
import { hear } from "./predict.js";

onmessage = ({ data: { net, samples } }) => {
  const found = hear(samples, net, (done) => postMessage({ done }));
  postMessage({ found });
};

// Networks in the page: onnxruntime-web in a worker, which a page starts when one is first needed.

// Where onnxruntime-web lies, as the book's pages say in their head; null where it does not.
function runtimeAddress() {
  const tag = document.querySelector('meta[name="mirlab-onnxruntime"]');
  return tag && new URL(tag.content, document.baseURI).href;
}

// Where a network lies that was exported as the file `name` when the book was built; null in a page
// without onnxruntime-web.
export function findNetwork(name) {
  const address = runtimeAddress();
  return address && new URL(`../networks/${name}`, address).href;
}

// Runs in the worker, so it uses nothing from outside; a message has an id, a kind and arguments.
function serve() {
  const sessions = new Map();
  let loading;

  async function loadRuntime(address) {
    const ort = await import(`${address}ort.wasm.bundle.min.mjs`);
    ort.env.wasm.wasmPaths = { wasm: `${address}ort-wasm-simd-threaded.wasm` };
    ort.env.wasm.numThreads = 1; // more need special headers, and gain nothing for small nets
    return ort;
  }

  const answers = {
    async open({ id, address, model }) {
      const ort = await (loading ??= loadRuntime(address));
      const options = { executionProviders: ["wasm"] };
      sessions.set(id, await ort.InferenceSession.create(model, options));
    },
    async run({ session, feeds }) {
      const { Tensor } = await loading;
      const inputs = Object.entries(feeds).map(([name, { data, dims }]) => {
        const type = data instanceof BigInt64Array ? "int64" : "float32";
        return [name, new Tensor(type, data, dims)];
      });
      const outputs = await sessions.get(session).run(Object.fromEntries(inputs));
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { data, dims }]) => [name, { data, dims }]),
      );
    },
    async close({ session }) {
      await sessions.get(session).release();
      sessions.delete(session);
    },
  };

  let queue = Promise.resolve(); // onnxruntime runs one session at a time
  self.onmessage = ({ data: message }) => {
    queue = queue.then(async () => {
      try {
        self.postMessage({ id: message.id, result: await answers[message.kind](message) });
      } catch (error) {
        self.postMessage({ id: message.id, error: error.message });
      }
    });
  };
}

let worker = null;
let open = 0; // models that use the worker
let number = 0;
const waiting = new Map(); // what to call with the answer to a request, by its id

function startWorker() {
  const script = new Blob([`(${serve})()`], { type: "text/javascript" });
  const address = URL.createObjectURL(script);
  worker = new Worker(address); // a page on a disk may not start one of type "module"
  URL.revokeObjectURL(address);
  worker.onerror = fail;
  worker.onmessage = ({ data: { id, result, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  };
}

// What the browser refuses (a page on a disk may load nothing) is said of every open request.
function fail({ message = "the browser refused to work" }) {
  for (const { reject } of waiting.values()) reject(new Error(message));
  waiting.clear();
}

function stopWorker() {
  worker?.terminate();
  worker = null;
}

function request(kind, given) {
  const id = ++number;
  const answer = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  worker.postMessage({ id, kind, ...given });
  return { id, answer };
}

// Wait for a promise, but no longer than until a signal aborts.
function unlessAborted(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

// Load an ONNX model from an address or from its bytes (a Uint8Array). Gives
//   run(feeds, { signal }): the outputs for one set of inputs,
//   stream(slices, { onProgress, signal }): those for each of an array of inputs, one by one,
//   close(): gives the memory back; the worker ends with the last model.
// Inputs and outputs are {name: {data, dims}}, data a Float32Array (or a BigInt64Array). After an
// abort the slice that is being computed is dropped and none follows.
export async function loadModel(model) {
  const address = runtimeAddress();
  if (!address) throw new Error("this page comes without onnxruntime-web, which runs the network");
  if (!open++) startWorker();
  const source = model instanceof Uint8Array ? model : new URL(model, document.baseURI).href;
  const { id: session, answer } = request("open", { address, model: source });
  let closed = false;

  function finish() {
    if (!--open) stopWorker();
  }

  await answer.catch((error) => {
    finish();
    throw error;
  });

  async function run(feeds, { signal } = {}) {
    if (closed) throw new Error("this model was closed");
    signal?.throwIfAborted();
    return unlessAborted(request("run", { session, feeds }).answer, signal);
  }

  async function* stream(slices, { onProgress = () => {}, signal } = {}) {
    for (const [k, feeds] of slices.entries()) {
      yield await run(feeds, { signal });
      onProgress((k + 1) / slices.length);
    }
  }

  async function close() {
    if (closed) return;
    closed = true;
    await request("close", { session }).answer;
    finish();
  }

  return { run, stream, close };
}

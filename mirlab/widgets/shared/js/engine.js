// Request engine: the kernel answers if there is one, otherwise the page or the stored answers.

const PATIENCE = 1500; // ms in which an idle kernel answers
const SHOWN = 300; // ms after which progress is shown

// Shows in `element` which engine computes: "kernel", "browser" or "baked". Results are baked when a
// page is built; in a notebook, they are those of a kernel that does not answer (yet).
export function sayEngine(element, engine, { device = "", isNotebook = false } = {}) {
  const texts = {
    kernel: `computed by the kernel (${device})`,
    browser: "computed by your browser",
    baked: isNotebook ? "saved results: the kernel does not answer" : "computed when this page was built",
  };
  element.textContent = texts[engine];
  element.dataset.engine = engine;
}

// Creates the request engine of a widget. request(name, given) sets the traits of the answer, computed
// by the kernel, by compute[name](given, progress) in the page (which may be async), or taken from
// the answers stored by `bake`. One request runs at a time, and only the newest one waits.
// busy(fraction) is called 300 ms after an unanswered request and whenever it progresses; busy(null)
// when no request runs. Errors are set as the trait `failure`. stored(name) returns the arguments of
// the stored answers; `ready` resolves to the name of the first engine. A kernel that answers late
// takes over; `hasKernel()` says whether one has answered.
export function engine(model, options) {
  const requests = new RequestEngine(model, options);
  return {
    request: (name, given) => requests.request(name, given),
    ready: requests.ready,
    stored: (name) => requests.stored(name).map(([given]) => given),
    hasKernel: () => requests.hasKernel,
    close: () => requests.close(),
  };
}

class RequestEngine {
  #viewId = Math.random().toString(36).slice(2); // every view of the model gets all messages
  #count = 0; // of requests to the kernel
  #device = null; // of the kernel, once it has answered
  #running = null; // the kernel's request: {id, finish}
  #next = null; // the newest request that waits: [name, given]
  #unanswered = null; // the same, of a request that was not stored
  #isWorking = false;
  #isBusyShown = false;
  #isClosed = false;
  #busyTimer = 0;
  #kernelTimer = 0; // until the kernel counts as missing
  #setReady;
  #onMessage = (message) => this.#receive(message);

  constructor(model, { element, compute = {}, busy = () => {} }) {
    Object.assign(this, { model, element, compute, busy });
    this.ready = new Promise((resolve) => (this.#setReady = resolve));
    const fallback = Object.keys(compute).length ? "browser" : "baked";
    if (model.widget_manager?.isStatic) {
      this.#start(fallback);
      return;
    }
    this.#kernelTimer = setTimeout(() => this.#start(fallback), PATIENCE);
    model.on("msg:custom", this.#onMessage);
    model.send({ kind: "hello" });
  }

  #start(name) {
    clearTimeout(this.#kernelTimer);
    this.#sayEngine(name);
    this.#setReady(name);
  }

  #sayEngine(name) {
    const isNotebook = !this.model.widget_manager?.isStatic;
    sayEngine(this.element, name, { device: this.#device ?? "", isNotebook });
  }

  get hasKernel() {
    return this.#device !== null;
  }

  stored(name) {
    return this.model.get("baked")?.[name] ?? [];
  }

  request(name, given = {}) {
    this.#next = [name, given];
    if (!this.#isWorking) this.#work();
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#busyTimer);
    clearTimeout(this.#kernelTimer);
    this.model.off("msg:custom", this.#onMessage);
  }

  async #work() {
    this.#isWorking = true;
    while (this.#next && !this.#isClosed) {
      this.#isBusyShown = false;
      this.#busyTimer = setTimeout(() => {
        this.#isBusyShown = true;
        this.busy(0);
      }, SHOWN);
      await this.ready;
      const [name, given] = this.#next;
      this.#next = this.#unanswered = null;
      if (this.#isClosed) break;
      await this.#answer(name, given);
      clearTimeout(this.#busyTimer);
    }
    this.#isWorking = false;
    if (!this.#isClosed) this.busy(null);
  }

  #answer(name, given) {
    if (this.#device !== null) return this.#askKernel(name, given);
    return name in this.compute ? this.#compute(name, given) : this.#lookUp(name, given);
  }

  #askKernel(name, given) {
    return new Promise((finish) => {
      const id = `${this.#viewId}:${++this.#count}`;
      this.#running = { id, finish };
      this.model.send({ kind: "request", id, name, arguments: given });
    });
  }

  async #compute(name, given) {
    this.#sayEngine("browser");
    try {
      this.#setTraits(await this.compute[name](given, (fraction) => this.#progress(fraction)));
    } catch (error) {
      this.#setTraits({ failure: `This could not be computed: ${error.message}` });
    }
  }

  #lookUp(name, given) {
    this.#sayEngine("baked");
    const wanted = key(given);
    const answer = this.stored(name).find(([stored]) => key(stored) === wanted);
    if (answer) {
      this.#setTraits(answer[1]);
      return;
    }
    this.#unanswered = [name, given];
    const failure = "This result was not stored, and no kernel answers.";
    this.#setTraits({ failure });
  }

  #setTraits(traits) {
    if (!this.#isClosed) this.model.set({ failure: "", ...traits });
  }

  #progress(fraction) {
    if (this.#isBusyShown && !this.#isClosed) this.busy(fraction);
  }

  #receive({ kind, device, id, fraction }) {
    if (kind === "kernel") {
      this.#device = device;
      this.#start("kernel");
      if (this.#unanswered) this.request(...this.#unanswered);
    } else if (id === this.#running?.id) {
      if (kind === "progress") this.#progress(fraction);
      if (kind === "done" || kind === "dropped") this.#running.finish();
    }
  }
}

// Canonical JSON of arguments, independent of the order of their keys.
function key(value) {
  return JSON.stringify(value, (_, part) =>
    part && Object.getPrototypeOf(part) === Object.prototype
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part);
}

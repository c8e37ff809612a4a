// Who computes: the kernel when one answers, this page when it can, else what was stored.

const PATIENCE = 1500; // milliseconds in which a kernel that is free has answered
const SHOWN = 300; // milliseconds of work after which it is said

// Say in `element` which engine speaks: "kernel", "browser" or "baked".
export function sayEngine(element, engine, device = "") {
  const words = {
    kernel: `computed by the kernel (${device})`,
    browser: "computed by your browser",
    baked: "computed when this page was built",
  };
  element.textContent = words[engine];
  element.dataset.engine = engine;
}

// The one way in which a widget asks for what takes time: ask(name, given) has the answer's traits
// set, by the kernel, or by compute[name](given, progress) in the page (it may be async), or from
// the answers that `bake` stored. One request runs at a time; while it does only the newest waits.
// busy(fraction) is called 300 ms after a request that is not yet answered and at each sign of
// progress since; busy(null) when nothing is being worked on. What goes wrong is put into the
// trait `failure`. stored(name) gives the arguments of the stored answers; `ready` the name of the
// engine that was found first. A kernel that was busy and answers later takes over.
export function engine(model, { element, compute = {}, busy = () => {} }) {
  const own = Math.random().toString(36).slice(2); // another view's answers are heard here, too
  const without = Object.keys(compute).length ? "browser" : "baked";
  let number = 0;
  let device = null;
  let running = null; // the kernel's: its id, and what to call when it is done
  let next = null;
  let missed = null; // what nobody could answer
  let working = false;
  let closed = false;
  let shown = false;
  let timer = 0;

  const stored = (name) => model.get("baked")?.[name] ?? [];
  const progress = (fraction) => shown && !closed && busy(fraction);

  function byKernel(name, given) {
    return new Promise((finish) => {
      running = { id: `${own}:${++number}`, finish };
      model.send({ kind: "request", id: running.id, name, arguments: given });
    });
  }

  async function byPage(name, given) {
    sayEngine(element, "browser");
    try {
      take(await compute[name](given, progress));
    } catch (error) {
      take({ failure: `This could not be computed: ${error.message}` });
    }
  }

  function byStore(name, given) {
    sayEngine(element, "baked");
    const wanted = key(given);
    const found = stored(name).find(([kept]) => key(kept) === wanted);
    if (found) return take(found[1]);
    missed = [name, given];
    take({ failure: "This was not stored when the page was built, and no kernel answers." });
  }

  const take = (traits) => closed || model.set({ failure: "", ...traits });

  async function work() {
    working = true;
    while (next && !closed) {
      shown = false;
      timer = setTimeout(() => {
        shown = true;
        busy(0);
      }, SHOWN);
      await ready;
      const [name, given] = next;
      next = missed = null;
      if (closed) break;
      await (device !== null ? byKernel : name in compute ? byPage : byStore)(name, given);
      clearTimeout(timer);
    }
    working = false;
    if (!closed) busy(null);
  }

  function ask(name, given = {}) {
    next = [name, given];
    if (!working) work();
  }

  function heard(message) {
    if (message.kind === "kernel") {
      device = message.device;
      found("kernel");
      if (missed) ask(...missed);
    } else if (message.id === running?.id) {
      if (message.kind === "progress") progress(message.fraction);
      if (message.kind === "done" || message.kind === "dropped") running.finish();
    }
  }

  let found; // called when it is known who speaks
  let patience = 0;
  const ready = new Promise((resolve) => {
    found = (name) => {
      clearTimeout(patience);
      sayEngine(element, name, device ?? "");
      resolve(name);
    };
    if (model.widget_manager?.isStatic) return found(without);
    patience = setTimeout(found, PATIENCE, without);
    model.on("msg:custom", heard);
    model.send({ kind: "hello" });
  });

  return {
    ask,
    ready,
    stored: (name) => stored(name).map(([given]) => given),
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(patience);
      model.off("msg:custom", heard);
    },
  };
}

// The same text for the same arguments, in whatever order they come.
function key(value) {
  return JSON.stringify(value, (_, part) =>
    part && Object.getPrototypeOf(part) === Object.prototype
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part);
}

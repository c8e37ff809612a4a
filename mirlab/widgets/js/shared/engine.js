// Who computes: the kernel when one answers, this page when it can, else what was stored.

// Whether a kernel answers within `patience` ms: its device, or null.
export function kernel(model, patience = 1500) {
  if (model.widget_manager?.isStatic) return Promise.resolve(null);
  return new Promise((resolve) => {
    const finish = (device) => {
      clearTimeout(timer);
      model.off("msg:custom", heard);
      resolve(device);
    };
    const heard = (message) => message.kind === "kernel" && finish(message.device);
    const timer = setTimeout(() => finish(null), patience);
    model.on("msg:custom", heard);
    model.send({ kind: "hello" });
  });
}

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

// Find out which engine there is, and say it; gives its name.
export async function chooseEngine(model, element, inBrowser) {
  const device = await kernel(model);
  const engine = device ? "kernel" : inBrowser ? "browser" : "baked";
  sayEngine(element, engine, device);
  return engine;
}

// Ask the kernel, one request at a time; while one runs only the newest waits. busy(fraction) is
// called 300 ms after a request that is not yet answered and at each sign of progress since;
// busy(null) when nothing is being worked on.
export function asker(model, busy) {
  let number = 0;
  let running = null;
  let next = null;
  let timer = 0;
  let shown = false;

  function send([name, given]) {
    running = ++number;
    shown = false;
    timer = setTimeout(() => {
      shown = true;
      busy(0);
    }, 300);
    model.send({ kind: "request", id: running, name, arguments: given });
  }

  function heard(message) {
    if (message.id !== running || running === null) return;
    if (message.kind === "progress" && shown) busy(message.fraction);
    if (message.kind !== "done" && message.kind !== "dropped") return;
    clearTimeout(timer);
    running = null;
    const waiting = next;
    next = null;
    if (waiting) send(waiting);
    else busy(null);
  }

  model.on("msg:custom", heard);
  return {
    ask(name, given = {}) {
      if (running === null) send([name, given]);
      else next = [name, given];
    },
    close: () => model.off("msg:custom", heard),
  };
}

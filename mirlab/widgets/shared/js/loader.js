// The end of every instrument's bundle, whose own code `instrument(require)` evaluates (see the
// Makefile): it loads the script that the instruments of a page share.

// The modules of index.js. Their script is a model of the page, named by the hash of its content,
// so that instruments of two versions on one page get each their own.
async function load(model) {
  const id = model.get("_shared").replace("IPY_MODEL_", "");
  const loaded = (globalThis.mirlabShared ??= {});
  loaded[id] ??= fetchModules(model.widget_manager, id).catch((error) => {
    delete loaded[id]; // the next view tries again
    throw error;
  });
  return loaded[id];
}

async function fetchModules(manager, id) {
  const found = await Promise.resolve(manager.get_model(id)).catch(() => null);
  if (!found) throw new Error("the script that mirlab's widgets share is not in this page");
  const address = URL.createObjectURL(new Blob([found.get("script")], { type: "text/javascript" }));
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

const nameOf = (path) => path.match(/(\w+)\.js$/)[1];
let ready;

export default {
  async render(context) {
    try {
      const modules = await load(context.model);
      ready ??= instrument((path) => modules[nameOf(path)]);
    } catch (error) {
      context.el.textContent = `This widget could not start: ${error.message}. Run its cell again.`;
      throw error;
    }
    return ready.render(context);
  },
};

// anywidget's npm package is an AMD module: it calls define(), which this catches.
globalThis.define = (dependencies, factory) => {
  globalThis.mirlabAmdFactory = factory;
};

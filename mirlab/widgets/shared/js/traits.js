// The traits of a widget model, read, written and observed.

// get(name) gives a trait; set({name: value}) changes traits and saves them; on(names, call) calls
// whenever one of them changes, until close().
export function modelTraits(model) {
  const observers = [];
  return {
    get: (name) => model.get(name),
    set(values) {
      for (const [name, value] of Object.entries(values)) model.set(name, value);
      model.save_changes();
    },
    on(names, call) {
      for (const name of names) {
        model.on(`change:${name}`, call);
        observers.push([`change:${name}`, call]);
      }
    },
    close: () => observers.forEach(([event, call]) => model.off(event, call)),
  };
}

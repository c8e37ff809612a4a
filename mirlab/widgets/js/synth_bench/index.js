import { h } from "../shared/dom.js";
import { sayEngine } from "../shared/engine.js";

function render({ model, el }) {
  const engine = h("span", { class: "engine" });
  const root = h("div", { class: "mirlab", role: "group", "aria-label": "Synth bench" }, h("canvas"), engine);
  el.append(root);
  sayEngine(engine, "browser");
}

export default { render };

// Shows the widgets of a page that has no kernel: the models are rebuilt from the state that was
// stored in the page. One file: no RequireJS, no other host, no second request.
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";
import { MessageLoop } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import "./amd-shim.js";
import "anywidget";
import styles from "./build/styles.txt";

const anywidget = globalThis.mirlabAmdFactory(base);
delete globalThis.define; // or a later script would take the page for an AMD one
delete globalThis.mirlabAmdFactory;

const MODULES = {
  "@jupyter-widgets/base": base,
  "@jupyter-widgets/controls": controls,
  anywidget,
};
const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';

class StaticManager extends ManagerBase {
  isStatic = true; // the widgets ask this, to know at once that no kernel will answer
  views = new Set();

  _get_comm_info() {
    return Promise.resolve({});
  }

  _create_comm() {
    const comm = { on_close() {}, on_msg() {}, close() {}, send: () => "" };
    return Promise.resolve(comm);
  }

  loadClass(name, module) {
    const found = MODULES[module]?.[name];
    return found ? Promise.resolve(found) : Promise.reject(new Error(`${module} is not here`));
  }

  async show(model, element) {
    const view = await this.create_view(model);
    Widget.attach(view.luminoWidget, element);
    this.views.add(view);
    view.once("remove", () => this.views.delete(view));
  }
}

async function showAll() {
  const manager = new StaticManager();
  const resized = Widget.ResizeMessage.UnknownSize;
  window.addEventListener("resize", () =>
    manager.views.forEach((view) => MessageLoop.postMessage(view.luminoWidget, resized)),
  );
  const models = [];
  for (const state of document.querySelectorAll(STATE)) {
    models.push(...(await manager.set_state(JSON.parse(state.textContent))));
  }
  for (const tag of document.querySelectorAll(VIEW)) {
    const { model_id: id } = JSON.parse(tag.textContent);
    const model = models.find((candidate) => candidate.model_id === id);
    if (!model) continue; // its cell cleared it
    const element = document.createElement("div");
    element.className = "widget-subarea";
    tag.before(element);
    try {
      await manager.show(model, element);
    } catch (error) {
      element.textContent = `This widget could not start: ${error.message}`;
      console.error(error);
    }
  }
  document.documentElement.dataset.widgets = "ready";
}

const style = document.createElement("style");
style.textContent = styles;
document.head.append(style);
if (document.readyState === "complete") showAll();
else window.addEventListener("load", showAll);

"""What is used for long: nothing is left of a bench that was closed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mirlab.widgets import Instrument, SignalBench, SynthBench
from mirlab.widgets.shared.base import HERE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
SPY = """() => {
    window.contexts = [];
    const Context = window.AudioContext;
    window.AudioContext = class extends Context {
        constructor(...given) { super(...given); contexts.push(this); }
    };
}"""
# The bench on a model of the page's own, so that everything that it holds on to can be counted.
HELD = """async ([address, name, changed]) => {
    const { default: bench } = await import(`${address}/${name}/js/index.js`);
    const counts = { model: 0, page: 0, observers: 0, frames: 0 };
    for (const target of [window, document, document.body, MediaQueryList.prototype]) {
        const { addEventListener: on, removeEventListener: off } = target;
        target.addEventListener = function (...given) { counts.page++; on.apply(this, given); };
        target.removeEventListener = function (...given) { counts.page--; off.apply(this, given); };
    }
    for (const Kind of [ResizeObserver, MutationObserver]) {
        const { observe, disconnect } = Kind.prototype;
        const live = new Set();
        Kind.prototype.observe = function (...given) {
            if (!live.has(this)) counts.observers++;
            live.add(this);
            observe.apply(this, given);
        };
        Kind.prototype.disconnect = function () {
            if (live.delete(this)) counts.observers--;
            disconnect.call(this);
        };
    }
    const contexts = [];
    const Context = AudioContext;
    window.AudioContext = class extends Context {
        constructor(...given) { super(...given); contexts.push(this); }
    };
    const { requestAnimationFrame: ask, cancelAnimationFrame: cancel } = window;
    const waiting = new Set();
    window.requestAnimationFrame = (call) => {
        const id = ask((now) => { waiting.delete(id); call(now); });
        waiting.add(id);
        return id;
    };
    window.cancelAnimationFrame = (id) => { waiting.delete(id); cancel(id); };
    const STATE = %s;
    const listeners = new Set();
    const model = {
        get: (name) => STATE[name],
        set: (name, value) => { STATE[name] = value; listeners.forEach(([event, heard]) =>
            event === 'change:' + name && heard()); },
        save_changes() {},
        on: (event, heard) => listeners.add([event, heard]),
        off: (event, heard) => listeners.forEach((one) =>
            one[0] === event && one[1] === heard && listeners.delete(one)),
    };
    const count = () => ({ ...counts, model: listeners.size, frames: waiting.size,
        open: contexts.filter(({ state }) => state !== 'closed').length });
    const pause = (time) => new Promise((resume) => setTimeout(resume, time));
    const found = [];
    for (let round = 0; round < 3; round++) {
        const el = document.body.appendChild(document.createElement('div'));
        const close = bench.render({ model, el });
        await pause(100);
        el.querySelector('.main').click();
        await pause(300);
        model.set(changed, 4 + round);
        const during = count();
        close();
        el.remove();
        await pause(300);
        found.push([during, count()]);
    }
    return found;
}"""


@pytest.mark.parametrize(
    ("bench", "name", "changed"),
    [(SignalBench(), "signal_bench", "bits"), (SynthBench(), "synth_bench", "velocity")],
)
def test_nothing_is_left_of_a_closed_bench(
    bench: Instrument,
    name: str,
    changed: str,
    tmp_path: Path,
    serve: Callable[[Path], str],
    open_page: Callable[..., Opened],
) -> None:
    shutil.copytree(HERE.parent, tmp_path / "js")
    (tmp_path / "empty.html").write_text("<!DOCTYPE html><link rel=icon href=data:,><body>")
    address = serve(tmp_path)
    page, problems = open_page(f"{address}/empty.html")
    inner = {trait: getattr(bench, trait, None) for trait in ("_words", "_noise")}
    state = json.dumps({**bench.state(), **inner, "failure": ""})
    for during, after in page.evaluate(HELD % state, [f"{address}/js", name, changed]):
        assert all(during.values()), during  # otherwise there was nothing to see
        assert not any(after.values()), after
    assert not problems


def test_running_a_cell_again_closes_the_bench_before(
    run_notebook: Callable[[str], Opened],
) -> None:
    page, problems = run_notebook("tests/widgets/signal_bench.ipynb")
    page.evaluate(SPY)
    page.get_by_role("button", name="Play").last.click()
    page.wait_for_function("() => contexts[0]?.state === 'running'")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function("() => contexts[0].state === 'closed'")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    assert page.locator("div.mirlab").count() == 1
    assert not problems

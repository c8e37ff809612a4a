"""What is used for long: nothing is left of a widget that was closed."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import pytest

from mirlab import widgets
from mirlab.widgets import Instrument, ListeningDesk, SoundInput, SpectrogramBench
from mirlab.widgets.shared.base import HERE
from tests.browser.bench_page import PIECE
from tests.browser.desk_piece import piece
from tests.browser.roll_page import roll
from tests.pages import WIDGETS, package

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
SPY = """() => {
    window.contexts = [];
    const Context = window.AudioContext;
    window.AudioContext = class extends Context {
        constructor(...given) { super(...given); contexts.push(this); }
    };
}"""
# The widget on a model of the page's own, so that everything that it holds on to can be counted.
HELD = """async ([address, name, state]) => {
    const { default: widget } = await import(`${address}/${name}/js/index.js`);
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
    const traits = JSON.parse(state, (_, value) => value?.base64 === undefined ? value
        : new DataView(Uint8Array.from(atob(value.base64), (c) => c.charCodeAt()).buffer));
    const listeners = new Set();
    const fire = (wanted) => [...listeners].forEach(([event, call]) => event === wanted && call());
    const model = {
        widget_manager: { isStatic: true },
        get: (name) => traits[name],
        set: (name, value) => { traits[name] = value; fire(`change:${name}`); },
        save_changes() {},
        on: (event, call) => listeners.add([event, call]),
        off: (event, call) => listeners.forEach((pair) =>
            pair[0] === event && pair[1] === call && listeners.delete(pair)),
    };
    const count = () => ({ ...counts, model: listeners.size, frames: waiting.size,
        open: contexts.filter(({ state }) => state !== 'closed').length });
    const pause = (time) => new Promise((resume) => setTimeout(resume, time));
    const play = (el) => [...el.querySelectorAll('button.main')].find(
        (button) => button.textContent.startsWith('Play') && !button.disabled && !button.hidden);
    const found = [];
    for (let round = 0; round < 3; round++) {
        const el = document.body.appendChild(document.createElement('div'));
        const close = widget.render({ model, el });
        for (let tries = 0; !play(el); tries++) {
            if (tries === 200) throw new Error('no Play button: give it a sound in GIVEN');
            await pause(50);
        }
        await pause(100);
        play(el).click();
        await pause(300);
        const during = count();
        for (const name of Object.keys(traits)) if (name[0] !== '_') fire(`change:${name}`);
        close();
        el.remove();
        await pause(300);
        found.push([during, count()]);
    }
    return found;
}"""
# Widgets that make no sound without being given one; others are made without arguments.
GIVEN: dict[str, Callable[[], Instrument]] = {
    "ListeningDesk": lambda: ListeningDesk.of(piece()),
    "PianoRoll": roll,
    "SoundInput": lambda: SoundInput(name="sine", samples=bytes(2 * 22050), whole=1),
    "SpectrogramBench": lambda: SpectrogramBench.of(PIECE),
}


def traits_of(widget: Instrument) -> str:
    """The traits that a page has of a widget, as JSON."""
    inherited = set(anywidget.AnyWidget.class_traits())
    state = widget.get_state(
        [name for name in widget.class_traits(sync=True) if name not in inherited]
    )
    del state["_shared"]
    return json.dumps(state, default=lambda data: {"base64": b64encode(data).decode()})


@pytest.mark.parametrize("name", WIDGETS)
def test_nothing_is_left_of_a_closed_widget(
    name: str,
    tmp_path: Path,
    serve: Callable[[Path], str],
    open_page: Callable[..., Opened],
) -> None:
    widget = GIVEN.get(name, getattr(widgets, name))()
    shutil.copytree(HERE.parent, tmp_path / "js")
    (tmp_path / "empty.html").write_text("<!DOCTYPE html><link rel=icon href=data:,><body>")
    address = serve(tmp_path)
    page, problems = open_page(f"{address}/empty.html")
    given = [f"{address}/js", package(name), traits_of(widget)]
    for during, after in page.evaluate(HELD, given):
        del during["frames"]  # between two of them there is none
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

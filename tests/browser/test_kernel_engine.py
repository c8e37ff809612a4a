"""The three engines: who computes, how fast, and what becomes of a failure."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets

from mirlab.widgets import Instrument
from mirlab.widgets.shared.base import HERE, runtime_script

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
SHOWS = "level => document.querySelector('canvas[data-level]')?.dataset.level === String(level)"
# Milliseconds from asking to the new image of 1 MB, fifteen times.
REACTION = """async () => {
    const times = [];
    for (let level = 1; level <= 15; level++) {
        const start = performance.now();
        requestImage('paint', { level });
        const shown = () => document.querySelector('canvas[data-level]')?.dataset.level;
        while (shown() !== String(level)) await new Promise(requestAnimationFrame);
        times.push(performance.now() - start);
    }
    return times;
}"""


def test_the_kernel_paints(run_notebook: Callable[[str], Opened]) -> None:
    page, problems = run_notebook("tests/widgets/kernel_image.ipynb")
    page.wait_for_function("() => window.requestImage")
    assert "kernel (CPU)" in page.locator("[data-engine=kernel]").inner_text()

    times = page.evaluate(REACTION)
    assert np.median(times) < 3 * 100, times
    assert page.locator(".busy[data-shown]").count() == 0  # nothing took 300 ms

    # of many requests the last one wins, and a slow one says that it works
    page.evaluate("requestImage('paint', { level: 100, pause: 0.6 })")
    for level in range(101, 111):
        page.evaluate("level => requestImage('paint', { level })", level)
    page.wait_for_function(SHOWS, arg=110)
    assert page.locator(".busy[data-shown]").count() == 1

    page.evaluate("requestImage('paint', { level: 300 })")
    page.get_by_text("ValueError: too bright").wait_for()
    page.evaluate("requestImage('paint', { level: 42 })")
    page.wait_for_function(SHOWS, arg=42)
    assert not problems


# A widget of one image; its page asks by `requestImage`, and does COMPUTE itself.
SCRIPT = """
async function render({ model, el }) {
    const { engine } = await import(location.origin + '/shared/engine.js');
    const { h, status } = await import(location.origin + '/shared/dom.js');
    const [canvas, element] = [h('canvas'), h('span')];
    const statusLine = status(model);
    el.append(h('div', { class: 'mirlab' }, canvas, element, statusLine.element));
    const show = () => {
        const image = model.get('image');
        if (image.byteLength) canvas.dataset.level = image.getUint8(0);
    };
    model.on('change:image', show);
    show();
    const running = engine(model, { element, busy: statusLine.busy, compute: COMPUTE });
    window.engineName = await running.ready;
    window.requestImage = running.request;
    window.storedAnswers = () => running.stored('paint');
    window.closeEngine = running.close;
}
export default { render };
"""
IN_PAGE = """{ paint: async ({ level, pause = 0 }, progress) => {
    (window.painted ??= []).push(level);
    if (level > 255) throw new RangeError('too bright');
    await new Promise((resume) => setTimeout(resume, pause / 2));
    progress(0.5);
    await new Promise((resume) => setTimeout(resume, pause / 2));
    return { image: new DataView(new Uint8Array(12).fill(level).buffer) };
} }"""


class Image(Instrument):
    """A grey image that Python paints for the page to keep."""

    _esm = SCRIPT.replace("COMPUTE", "{}")
    image = traitlets.Bytes(b"").tag(sync=True)

    def answer_paint(
        self, progress: Callable[[float], None], *, level: float, tint: str = ""
    ) -> dict[str, Any]:
        """Paint all of it in one grey."""
        return {"image": bytes([int(level)] * 12)}


class PageImage(Image):
    """One that the page can paint as well."""

    _esm = SCRIPT.replace("COMPUTE", IN_PAGE)


@pytest.fixture
def static(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[[str], Opened]:
    """Open a page without a kernel, from a folder that has the shared JavaScript."""
    shutil.copytree(HERE / "js", tmp_path / "shared")
    address = serve(tmp_path)

    def opened(html: str) -> Opened:
        (tmp_path / "page.html").write_text(html, "utf-8")
        page, problems = open_page(f"{address}/page.html")
        page.wait_for_function("() => window.closeEngine")
        return page, problems

    return opened


def test_without_a_kernel_what_was_stored_is_shown(static: Callable[[str], Opened]) -> None:
    image = Image(image=bytes([7] * 12))
    image.bake("paint", [{"level": 20, "tint": "é"}, {"level": 30}, {"tint": "", "level": 40.0}])
    page, problems = static(image.to_html())
    page.wait_for_function(SHOWS, arg=7)
    assert page.evaluate("engineName") == "baked"
    assert page.get_by_text("computed when this page was built").count() == 1
    offered = page.evaluate("storedAnswers()")
    assert [given["level"] for given in offered] == [20, 30, 40]

    page.evaluate("requestImage('paint', { tint: 'é', level: 20 })")  # in another order
    page.wait_for_function(SHOWS, arg=20)
    page.evaluate("requestImage('paint', { level: 31 })")
    page.get_by_role("alert").get_by_text("This result was not stored").wait_for()
    assert page.evaluate(SHOWS, 20)  # what was there stays
    page.evaluate("requestImage('sing')")
    for given in offered:
        page.evaluate("given => requestImage('paint', given)", given)
    page.wait_for_function(SHOWS, arg=40)
    page.wait_for_function("() => !document.querySelector('[role=alert]').textContent")
    assert not problems


def test_without_a_kernel_the_page_computes(static: Callable[[str], Opened]) -> None:
    image = PageImage()
    image.bake("paint", [{"level": 9}])  # the page is asked first
    page, problems = static(image.to_html())
    assert page.evaluate("engineName") == "browser"
    page.evaluate("requestImage('paint', { level: 9 })")
    page.wait_for_function(SHOWS, arg=9)
    assert page.evaluate("painted") == [9]
    bar = page.get_by_role("progressbar")
    assert bar.count() == 0  # it took no 300 ms

    page.evaluate("requestImage('paint', { level: 10, pause: 1600 })")
    for level in range(11, 21):
        page.evaluate("level => requestImage('paint', { level })", level)
    bar.wait_for()
    page.wait_for_function("() => document.querySelector('progress').value === 0.5")
    page.wait_for_function(SHOWS, arg=20)
    assert page.evaluate("painted") == [9, 10, 20]  # the latest won
    bar.wait_for(state="hidden")

    page.evaluate("requestImage('paint', { level: 300 })")
    page.get_by_role("alert").get_by_text("too bright").wait_for()
    page.evaluate("requestImage('paint', { level: 42 })")
    page.wait_for_function(SHOWS, arg=42)
    assert page.get_by_role("alert").inner_text() == ""

    # a closed one leaves the image alone, whatever was under way
    page.evaluate("requestImage('paint', { level: 50, pause: 400 })")
    page.evaluate("closeEngine()")
    page.wait_for_timeout(600)
    assert page.evaluate("painted").pop() == 50
    assert page.evaluate(SHOWS, 42)
    assert bar.count() == 0
    assert not problems


def test_a_page_holds_several_widgets_and_one_runtime(static: Callable[[str], Opened]) -> None:
    first, second = (Image(image=bytes([level] * 12)) for level in (1, 2))
    pieces = [first.fragment(), "<h1>between</h1>", second.fragment(), runtime_script()]
    page, problems = static("<!DOCTYPE html><link rel=icon href=data:,>" + "".join(pieces))
    page.wait_for_function(SHOWS, arg=1)
    page.locator("canvas[data-level='2']").wait_for()
    order = "() => Array.from(document.querySelectorAll('h1, canvas'), (e) => e.dataset.level ?? 0)"
    assert page.evaluate(order) == ["1", 0, "2"]
    assert not problems


# A model whose kernel is deaf for a while: it answers only when the test says so.
LATE = """async () => {
    const { engine } = await import(location.origin + '/shared/engine.js');
    const listeners = new Set(), state = { baked: {}, failure: '' };
    window.sent = [];
    window.say = (message) => [...listeners].forEach((call) => call(message));
    window.listening = () => listeners.size;
    window.state = state;
    const model = {
        get: (name) => state[name],
        set: (traits) => Object.assign(state, traits),
        send: (message) => sent.push(message),
        on: (_, call) => listeners.add(call),
        off: (_, call) => listeners.delete(call),
    };
    window.element = document.createElement('span');
    window.late = engine(model, { element });
    late.request('paint', { level: 5 });
    return late.ready;
}"""


def test_a_kernel_that_answers_late_takes_over(static: Callable[[str], Opened]) -> None:
    page, _ = static(Image().to_html())
    assert page.evaluate(LATE) == "baked"  # after a second and a half
    page.wait_for_function("() => state.failure.startsWith('This result was not stored')")
    # a model without a static manager is one of a notebook, which nobody has built
    assert page.evaluate("element.textContent") == "saved results: the kernel does not answer"
    page.evaluate("say({ kind: 'kernel', device: 'CPU' })")
    assert page.evaluate("element.dataset.engine") == "kernel"
    hello, request = page.evaluate("sent")  # what could not be answered is asked again
    assert (hello["kind"], request["arguments"]) == ("hello", {"level": 5})
    # another view's request of the same number is not taken for this one's
    page.evaluate("late.request('paint', { level: 6 })")
    page.evaluate("say({ kind: 'done', id: 1 })")
    assert page.evaluate("sent.length") == 2
    page.evaluate("id => say({ kind: 'done', id })", request["id"])
    page.wait_for_function("() => sent.length === 3")
    page.evaluate("late.close()")
    assert page.evaluate("listening()") == 0

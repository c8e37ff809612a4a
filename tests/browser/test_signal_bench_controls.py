"""Every way to drive the Signal bench: mouse, touch, keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirlab.widgets import SignalBench

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
SOON = 250  # milliseconds in which a picture follows and a sound starts, with slack

# Every source that starts: its speed, whether it loops, where it begins, and when that was.
SPY = """
window.contexts = [];
window.started = [];
window.frames = 0;
const Context = window.AudioContext;
window.AudioContext = class extends Context {
    constructor(...given) { super(...given); contexts.push(this); }
};
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when, offset, ...rest) {
    const { loop, buffer, playbackRate } = this;
    const { duration } = buffer;
    started.push({ loop, duration, offset, speed: playbackRate.value, at: performance.now() });
    return start.call(this, when, offset, ...rest);
};
const ask = window.requestAnimationFrame;
window.requestAnimationFrame = (call) => { frames++; return ask.call(window, call); };
"""
POSITION = "() => Number(document.querySelector('[aria-valuetext*=\" of \"]').value)"


@pytest.fixture
def static(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Write a bench to one file and open it; what it plays is noted."""
    address = serve(tmp_path)

    def opened(context: dict[str, Any] | None = None, **state: Any) -> Opened:
        page = SignalBench(**state).to_html()
        page = page.replace("<body>", f"<body><script>{SPY}</script>", 1)
        (tmp_path / "bench.html").write_text(page, "utf-8")
        shown, problems = open_page(f"{address}/bench.html", **(context or {}))
        shown.wait_for_selector("html[data-widgets=ready]", state="attached")
        assert not problems
        return shown, problems

    return opened


def slide(page: Any, name: str, key: str, times: int = 1) -> None:
    slider = page.get_by_role("slider", name=name)
    slider.focus()
    for _ in range(times):
        page.keyboard.press(key)


def text(page: Any, name: str) -> str:
    return str(page.get_by_role("slider", name=name).get_attribute("aria-valuetext"))


def drag(page: Any, name: str, x: float, y: float) -> None:
    """Drag a handle by pixels: right and up."""
    handle = page.get_by_role("slider", name=name)
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] + x, at[1] - y, steps=5)
    page.mouse.up()
    page.wait_for_timeout(SOON)


def test_speed_is_heard_and_the_bar_follows(static: Callable[..., Opened]) -> None:
    page, problems = static(partials=[[1, 1]], fundamental=440)
    slide(page, "Speed", "ArrowLeft", 10)
    assert text(page, "Speed") == "0.5×"
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => started.length")
    assert page.evaluate("started.at(-1).speed") == 0.5
    passed = page.evaluate(
        f"""async () => {{
            const position = {POSITION};
            while (!position()) await new Promise(requestAnimationFrame);
            const [from, begin] = [position(), contexts[0].currentTime];
            await new Promise((resume) => setTimeout(resume, 500));
            return (position() - from) / (contexts[0].currentTime - begin);
        }}"""
    )
    assert passed == pytest.approx(0.5, abs=0.1)
    slide(page, "Speed", "End")
    page.wait_for_function("() => started.at(-1).speed === 2")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(SOON)
    before = page.evaluate("[frames, document.querySelector('.mirlab').dataset.updated]")
    page.wait_for_timeout(300)
    after = page.evaluate("[frames, document.querySelector('.mirlab').dataset.updated]")
    assert after == before  # a paused bench asks for no frame
    assert not problems


def test_without_loop_it_stops_at_the_end(static: Callable[..., Opened]) -> None:
    page, problems = static(loop=False, envelope=[0, 0, 1, 0])  # a second
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Play").wait_for()
    (source,) = page.evaluate("started")
    assert not source["loop"]
    took = page.evaluate("() => performance.now()") - source["at"]
    assert 950 < took < 3000
    assert page.evaluate(POSITION) == 0
    page.get_by_role("button", name="Play").click()  # and once more, from the start
    page.wait_for_function("() => started.length === 2")
    assert page.evaluate("started[1].offset") == 0
    page.get_by_label("Loop").check()
    page.wait_for_function("() => started.at(-1).loop")
    page.wait_for_timeout(1200)
    assert page.get_by_role("button", name="Pause").count() == 1
    assert not problems


def test_seek_by_keyboard_and_mouse(static: Callable[..., Opened]) -> None:
    page, problems = static(envelope=[0, 0, 1, 0])
    assert text(page, "Position") == "0.00 s of 1.00 s"
    slide(page, "Position", "ArrowRight", 5)
    at = page.evaluate(POSITION)
    assert 0 < at < 0.1
    bar = page.get_by_role("slider", name="Position")
    box = bar.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.evaluate(POSITION) == pytest.approx(0.5, abs=0.02)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => started.length")
    assert page.evaluate("started[0].offset") == pytest.approx(0.5, abs=0.02)
    slide(page, "Position", "Home")
    page.wait_for_function("() => started.at(-1).offset < 0.02")
    page.get_by_role("button", name="Pause").click()
    slide(page, "Position", "PageUp")
    assert page.evaluate(POSITION) > 0
    page.get_by_role("button", name="From the start").click()
    assert page.evaluate(POSITION) == 0
    assert not problems


def test_pole_and_zero_by_mouse(static: Callable[..., Opened]) -> None:
    page, problems = static(pole=[0.5, 0.5], zero=[0.5, 0.25])
    drag(page, "Pole", 0, 20)
    radius, angle = _point(page, "Pole")
    assert radius > 0.6 and angle == pytest.approx(11025, rel=0.02)
    assert page.get_by_role("checkbox", name="Filter").is_checked()  # one wants to hear it
    drag(page, "Zero", -60, 10)
    radius, angle = _point(page, "Zero")
    assert angle > 8000
    drag(page, "Pole", 0, 400)  # far out of the picture
    radius, _ = _point(page, "Pole")
    assert 1 < radius <= 1.2
    assert page.get_by_role("img", name="unstable").count() == 1
    drag(page, "Pole", 0, -40)
    assert page.get_by_role("img", name="unstable").count() == 0
    assert not problems


def _point(page: Any, name: str) -> tuple[float, float]:
    """A pole's (zero's) radius and frequency in Hz."""
    words = text(page, name).split()
    return float(words[1]), float(words[3]) * (1000 if words[4] == "kHz" else 1)


def test_the_envelope_by_mouse(static: Callable[..., Opened]) -> None:
    page, problems = static(envelope=[0.1, 0.1, 0.5, 0.1])
    across = page.locator(".plot").nth(3).bounding_box()["width"]
    second = across / 1.5  # pixels: the picture shows a second and the longest release
    drag(page, "Attack", 0.1 * second, -30)
    assert float(text(page, "Attack").split()[0]) == pytest.approx(0.2, abs=0.011)
    drag(page, "Decay and sustain", 0.1 * second, 150 * 0.25)
    decay, sustain = text(page, "Decay and sustain").replace(" s to", "").split()
    assert float(decay) == pytest.approx(0.2, abs=0.011)
    assert float(sustain) == pytest.approx(0.75, abs=0.02)
    drag(page, "Release", 0.2 * second, 0)
    assert float(text(page, "Release").split()[0]) == pytest.approx(0.3, abs=0.011)
    assert text(page, "Position").endswith("of 1.30 s")  # it lasts longer now
    drag(page, "Release", -across, 0)
    assert text(page, "Release") == "0.00 s"
    drag(page, "Attack", across, 0)
    assert text(page, "Attack") == "0.50 s"
    assert not problems


PHONE = {"has_touch": True, "is_mobile": True, "viewport": {"width": 360, "height": 600}}


def swipe(page: Any, x: float, y: float, right: float, up: float) -> None:
    """One finger put down at x, y, moved in small steps and taken away, as the screen tells it."""
    screen = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": first, "y": other} for first, other in points]
        screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    touch("touchStart", (x, y))
    for part in np.linspace(0.1, 1, 10):
        touch("touchMove", (x + part * right, y - part * up))
    touch("touchEnd")
    page.wait_for_timeout(SOON)


@pytest.mark.parametrize(
    ("name", "right", "up"), [("Partial 2", 20, 40), ("Decay and sustain", 0, -60), ("Pole", 0, 40)]
)
def test_a_finger_moves_the_handle_and_not_the_page(
    static: Callable[..., Opened], name: str, right: float, up: float
) -> None:
    page, problems = static(PHONE, partials=[[1, 1], [4, 0.5]], pole=[0.5, 0.5])
    handle = page.get_by_role("slider", name=name)
    handle.evaluate("element => element.scrollIntoView({ block: 'center' })")
    before, words, scrolled = handle.bounding_box(), text(page, name), page.evaluate("scrollY")
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    swipe(page, x, y, right, up)
    after = handle.bounding_box()
    assert page.evaluate("scrollY") == scrolled
    assert text(page, name) != words
    assert before["y"] - after["y"] == pytest.approx(up, abs=3)
    # beside the handle, on the picture, the same finger scrolls the page
    swipe(page, 340, y - 20, 0, 150)
    assert page.evaluate("scrollY") > scrolled + 50
    assert not problems


FOCUSABLE = """() => Array.from(document.querySelectorAll('button, input, select'), (element) =>
    element.ariaLabel || element.closest('label')?.firstChild.textContent
    || element.textContent || element.closest('label').textContent)"""
FOCUSED = """() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
        inside: Boolean(element.closest('.mirlab')),
        name: element.ariaLabel || element.closest('label')?.firstChild?.textContent
            || element.textContent || element.closest('label')?.textContent,
        kind: element.getAttribute('role') || element.type || element.localName,
        outlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
        seen: box.top > -1 && box.bottom < innerHeight + 1
            && box.left > -1 && box.right < innerWidth + 1,
    };
}"""
# All that the reader sees of the state: the pictures and what the controls say.
LOOK = """() => [
    ...Array.from(document.querySelectorAll('canvas'), (canvas) => canvas.toDataURL()),
    ...Array.from(document.querySelectorAll('.mirlab [aria-valuetext]'), (e) => e.ariaValueText),
    ...Array.from(document.querySelectorAll('.mirlab [aria-pressed]'), (e) => e.ariaPressed),
    JSON.stringify(started),
].join()"""


@pytest.mark.parametrize("width", [1280, 360])
def test_every_control_by_keyboard_alone(static: Callable[..., Opened], width: int) -> None:
    page, problems = static(
        {"viewport": {"width": width, "height": 700}}, loop=False, zero=[0.8, 0.5]
    )
    expected = page.evaluate(FOCUSABLE)
    reached = []
    for _ in range(len(expected)):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUSED)
        assert now["inside"] and now["outlined"] and now["seen"], now
        reached.append(now["name"])
        if now["name"] == "Loop":
            # it changes what the next source does
            page.keyboard.press("Space")
            assert page.get_by_label("Loop").is_checked()
            continue
        look = page.evaluate(LOOK)
        for key in _keys(now["kind"], now["name"]):
            page.keyboard.press(key)
            page.wait_for_timeout(SOON)
            changed = page.evaluate(LOOK)
            assert changed != look, (now["name"], key)
            look = changed
    assert reached == expected
    page.keyboard.press("Tab")
    assert not page.evaluate(FOCUSED)["inside"]  # no trap
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED)["name"] == reached[-1]
    assert not problems


def _keys(kind: str, name: str) -> list[str]:
    """The keys that have to change something."""
    if name == "Position":
        return ["ArrowRight", "PageUp"]
    if name in ("Attack", "Release"):
        return ["ArrowRight", "ArrowLeft"]
    if name.startswith("Partial"):
        return ["ArrowLeft", "ArrowRight", "ArrowDown", "ArrowUp"]
    if kind == "slider":
        return ["ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp"]
    if kind == "range":
        return ["ArrowLeft", "ArrowRight"]
    if kind == "select-one":
        return ["ArrowDown"]
    if kind == "checkbox":
        return ["Space", "Space"]
    return ["Enter", "Enter"] if name == "Play" else ["Enter"]


# Record the boxes of the labels of each canvas, from its last clearing on.
LABELS = """() => {
    window.labels = new Map();
    const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        labels.set(this.canvas, []);
        return clearRect.apply(this, box);
    };
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        const { width } = this.measureText(text);
        labels.get(this.canvas)?.push({ text, left: x, right: x + width, top: y - 9, bottom: y });
        return fillText.call(this, text, x, y);
    };
}"""
OVERPRINTED = """() => [...labels.values()].flatMap((boxes) => boxes.flatMap((a, i) =>
    boxes.slice(i + 1)
        .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
        .map((b) => [a.text, b.text])))"""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("fundamental", "sample_rate"), [(220, 44100), (1500, 5000), (1760, 2000)])
def test_labels_do_not_overprint(
    static: Callable[..., Opened], fundamental: float, sample_rate: int, width: int
) -> None:
    small = {"viewport": {"width": 500, "height": 900}}
    page, problems = static(small, fundamental=fundamental, sample_rate=sample_rate, filtered=True)
    page.evaluate(LABELS)
    page.set_viewport_size({"width": width, "height": 900})  # a new size is drawn anew
    page.wait_for_function("() => labels.size === 6", timeout=20_000)
    assert page.evaluate("() => [...labels.values()].flat().length") > 15
    assert page.evaluate(OVERPRINTED) == []
    assert not problems

"""Every way to control the Listening desk: mouse, wheel, keyboard, touch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.desk_piece import playhead, ruler

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]


def shown(page: Any) -> tuple[float, float]:
    """Start and length of the view, as fractions of the piece."""
    script = (
        "() => (s => [s.left, s.width].map(parseFloat))(document.querySelector('.window').style)"
    )
    left, width = page.evaluate(script)
    return left / 100, width / 100


def test_play_and_pause_by_mouse(desk: Callable[..., Opened], screenshots: Path) -> None:
    page, problems = desk(viewport={"width": 1280, "height": 1100})
    play = page.get_by_role("button", name="Play", exact=True)
    play.click()
    page.wait_for_function(
        "() => document.querySelector('.ruler').getAttribute('aria-valuenow') > 1"
    )
    page.screenshot(path=screenshots / "desk_light_1280.png", full_page=True)
    page.get_by_role("button", name="Pause").click()
    assert playhead(page) > 1
    # on pause a screen reader announces the position
    status = page.locator(".desk [role=status]").inner_text()
    assert "bar 1" in status and "C:maj" in status and "D4" in status
    assert page.locator("[data-engine=baked]").count() == 1
    assert not problems


def test_click_seeks_and_drag_marks_a_loop(desk: Callable[..., Opened]) -> None:
    page, problems = desk(viewport={"width": 1280, "height": 1100})
    box = page.locator("[data-lane=waveform] .area").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.click(box["x"] + box["width"] / 2, middle)
    assert playhead(page) == pytest.approx(6, abs=0.05)
    page.mouse.move(box["x"] + box["width"] / 4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 3, middle, steps=4)
    page.mouse.up()
    assert page.get_by_label("Loop", exact=True).is_checked()
    page.locator(".lanes .mark").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(  # 6 s is after the region, so playback starts at 3 s
        "() => (at => at > 3.2 && at < 4)(document.querySelector('.ruler').ariaValueNow)"
    )
    page.wait_for_timeout(1000)  # one repetition
    assert 2.99 < playhead(page) < 4.01
    assert not problems


@pytest.mark.parametrize("target", ["[data-lane=waveform] .area", ".ruler", ".overview"])
def test_after_a_drag_plus_and_minus_zoom(desk: Callable[..., Opened], target: str) -> None:
    page, problems = desk(viewport={"width": 1280, "height": 1100})
    page.get_by_role("button", name="Zoom in").click()
    box = page.locator(target).bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.8 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], middle, steps=4)
    page.mouse.up()
    start, length = shown(page)
    page.keyboard.press("+")
    closer, shorter = shown(page)
    assert shorter == pytest.approx(0.7 * length, rel=0.01)
    assert start - 0.01 <= closer <= start + length  # a part of what was visible
    page.keyboard.press("-")
    assert shown(page)[1] == pytest.approx(length, rel=0.01)
    assert not problems


def test_hovering_reads_time_chord_and_pitch(desk: Callable[..., Opened]) -> None:
    page, _ = desk(viewport={"width": 1280, "height": 1100})
    box = page.locator("[data-lane='notes truth'] .area").bounding_box()
    # the roll of C4 to G#4 has two more rows on either side: 58 to 70 from bottom to top
    y = box["y"] + box["height"] * (1 - (60.5 - 58) / 12)
    page.mouse.move(box["x"] + box["width"] * 0.75, y)
    text = page.locator(".reading").inner_text()
    assert text.startswith("0:09.0") and "A:min" in text and "C4 (262 Hz)" in text


def test_keys_seek_zoom_scroll_and_toggle(desk: Callable[..., Opened]) -> None:
    page, problems = desk(viewport={"width": 1280, "height": 1100})
    ruler(page).focus()
    page.keyboard.press("ArrowRight")
    assert playhead(page) == pytest.approx(0.3, abs=0.01)
    page.keyboard.press("ArrowLeft")
    assert playhead(page) == 0
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert shown(page) == pytest.approx((0, 0.49), abs=0.01)
    page.keyboard.press("Shift+ArrowRight")
    assert shown(page) == pytest.approx((0.098, 0.49), abs=0.01)
    page.keyboard.press("End")
    assert playhead(page) == pytest.approx(12)
    assert sum(shown(page)) == pytest.approx(1, abs=0.01)
    page.keyboard.press("-")
    assert shown(page)[1] == pytest.approx(0.7, abs=0.01)
    page.keyboard.press("0")
    assert shown(page) == pytest.approx((0, 1), abs=0.01)
    page.keyboard.press("Home")
    for letter, label in (("l", "Loop"), ("f", "Follow"), ("m", "Clicks on beats")):
        box = page.get_by_label(label, exact=True)
        before = box.is_checked()
        page.keyboard.press(letter)
        assert box.is_checked() != before, label
    page.keyboard.press("Escape")
    assert not page.get_by_label("Loop", exact=True).is_checked()
    assert page.locator(".lanes .mark").is_hidden()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    assert not problems


def test_tab_reaches_all_controls(desk: Callable[..., Opened]) -> None:
    page, _ = desk(viewport={"width": 1280, "height": 1100})
    reached = set()
    page.locator("body").click(position={"x": 2, "y": 2})
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("""() => { const e = document.activeElement;
            return e.ariaLabel || e.closest('label')?.textContent || e.textContent }""")
        )
    for name in ("Play", "Loop", "Zoom in", "Position", "Waveform", "Mute low", "Solo high"):
        assert any(name in text for text in reached), (name, reached)


def test_the_wheel_scrolls_sideways_and_zooms_with_control(desk: Callable[..., Opened]) -> None:
    page, _ = desk(viewport={"width": 1280, "height": 500})
    box = page.locator("[data-lane=waveform] .area").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function("() => parseFloat(document.querySelector('.window').style.width) < 60")
    start, width = shown(page)
    assert start + width / 2 == pytest.approx(0.5, abs=0.02)  # around the pointer
    page.mouse.wheel(100, 0)
    page.wait_for_function(
        "before => parseFloat(document.querySelector('.window').style.left) > before",
        arg=100 * start,
    )
    view = shown(page)
    page.mouse.wheel(0, 300)  # scrolls the page
    page.wait_for_function("() => document.scrollingElement.scrollTop > 0")
    assert shown(page) == view


def test_swipe_scrolls_pinch_zooms_and_tap_seeks(desk: Callable[..., Opened]) -> None:
    page, problems = desk(viewport={"width": 800, "height": 1100}, has_touch=True)
    box = page.locator("[data-lane=spectrogram] .area").bounding_box()
    x, y, across = box["x"], box["y"] + 40, box["width"]
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *places: float) -> None:
        points = [{"x": x + across * at, "y": y, "id": i} for i, at in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", 0.4, 0.6)
    for i in range(1, 6):
        fingers("touchMove", 0.4 - 0.04 * i, 0.6 + 0.04 * i)
    fingers("touchEnd")
    start, width = shown(page)
    assert width == pytest.approx(1 / 3, abs=0.06)
    assert start + width / 2 == pytest.approx(0.5, abs=0.05)
    fingers("touchStart", 0.8)
    for i in range(1, 6):
        fingers("touchMove", 0.8 - 0.1 * i)
    fingers("touchEnd")
    assert shown(page)[0] > start + 0.1
    assert playhead(page) == 0
    fingers("touchStart", 0.5)
    fingers("touchEnd")
    start, width = shown(page)
    assert playhead(page) == pytest.approx(12 * (start + width / 2), abs=0.1)
    assert not problems


def test_lanes_fold_and_stems_mute(desk: Callable[..., Opened]) -> None:
    page, problems = desk(viewport={"width": 1280, "height": 1100})
    lane = page.locator("[data-lane=spectrogram]")
    fold = lane.get_by_role("button", name="Spectrogram")
    fold.click()
    assert lane.locator(".area").is_hidden()
    assert fold.get_attribute("aria-expanded") == "false"
    fold.press("Enter")
    assert lane.locator(".area").is_visible()
    # the gain of each stem, in the order of the stems
    page.evaluate("""() => {
        const made = window.GainNode;
        window.gains = [];
        window.GainNode = function (context, options) {
            const node = new made(context, options);
            window.gains.push(node);
            return node;
        };
    }""")
    page.get_by_role("button", name="Solo high").click()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('.desk').dataset.playing === 'true'")
    # the first gain is the master's, then low, high and notes
    assert page.evaluate("() => gains.slice(1, 4).map(node => node.gain.value)") == [0, 1, 0]
    page.get_by_role("button", name="Solo high").click()
    page.get_by_role("button", name="Mute high").click()
    page.wait_for_function("() => gains[1].gain.value > 0.98 && gains[2].gain.value < 0.02")
    page.get_by_label("Original ↔ notes").fill("1")
    page.wait_for_function("() => gains[1].gain.value < 0.02 && gains[3].gain.value > 0.98")
    assert not problems


def test_half_speed_plays_half_as_fast(desk: Callable[..., Opened]) -> None:
    page, problems = desk(viewport={"width": 1280, "height": 1100})
    page.get_by_label("Speed").fill("0.5")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('.desk').dataset.playing === 'true'")
    distance = page.evaluate("""async () => {
        const at = () => Number(document.querySelector('.ruler').ariaValueNow);
        await new Promise(go => setTimeout(go, 300));
        const [start, before] = [at(), performance.now()];
        await new Promise(go => setTimeout(go, 2000));
        return (at() - start) / (performance.now() - before) * 1000;
    }""")
    assert distance == pytest.approx(0.5, abs=0.05)
    assert not problems

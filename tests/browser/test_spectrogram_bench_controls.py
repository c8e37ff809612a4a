"""The Spectrogram bench by mouse and keyboard: reading values, playing regions, true notes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser.bench_page import RATE, SPY, change, cqt_row, inside, loudest, played, spot

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
SAFE = 10 ** (-12 / 20)


def reading(page: Any, side: str) -> str:
    text: str = page.get_by_role("group", name=f"{side} side").locator(".reading").inner_text()
    return text


def test_hovering_reads_both_spectrograms(
    open_bench: Callable[..., Opened], screenshots: Path
) -> None:
    page, problems = open_bench()
    assert page.locator("[data-engine=browser]").count() == 1
    page.mouse.move(*spot(page, "right", 1.5, cqt_row(440), 252))
    page.wait_for_function("() => document.querySelector('.reading').textContent")
    # a window of 52 periods of 440 Hz, 0.1183 s: 0.364 of it long, 1.44 of its inverse wide
    assert reading(page, "right").endswith("440.0 Hz · A4 +0 cents · 0 dB · 43 ms × 12 Hz")
    assert 1.49 < float(reading(page, "right").split()[0]) < 1.51
    left = reading(page, "left").split(" · ")  # the same point in an STFT: bin 41, 441.4 Hz
    assert left[1:] == ["441.4 Hz", "A4 +6 cents", "0 dB", "34 ms × 16 Hz"]
    page.mouse.move(*spot(page, "right", 1.5, cqt_row(1760), 252))
    page.wait_for_function(
        "() => document.querySelectorAll('.reading')[1].textContent.includes('A6')"
    )
    assert "1760 Hz · A6 +0 cents · −" in reading(page, "right")
    page.locator(".mirlab").screenshot(path=screenshots / "spectrogram_bench_hover.png")
    # with fewer bins, the same point is read
    left_side = page.get_by_role("group", name="left side")
    change(page, lambda: left_side.get_by_label("Transform").select_option("chroma"))
    assert " · A in every octave · " in reading(page, "left")
    page.mouse.move(0, 0)
    page.wait_for_function("() => !document.querySelector('.reading').textContent")
    assert not problems


def test_a_click_plays_the_bin_alone(open_bench: Callable[..., Opened]) -> None:
    page, problems = open_bench()
    page.evaluate(SPY)
    for count, (side, row, bins, f) in enumerate(
        [("right", cqt_row(1760), 252, 1760), ("left", 41.5, 1025, 440)], 1
    ):
        page.mouse.click(*spot(page, side, 1.2, row, bins))
        sound = played(page, count)
        assert sound["offset"] == pytest.approx(1.2, abs=0.02)
        assert loudest(sound["samples"], 1.8) == pytest.approx(f, abs=2)
        assert sound["gain"] * np.abs(sound["samples"]).max() == pytest.approx(SAFE, rel=1e-3)
    page.get_by_text("alone, by STFT").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play", exact=True).click()
    whole = played(page, 3)
    assert len(whole["samples"]) == 3 * RATE
    assert not problems


def test_a_dragged_region_plays_alone_on_either_side(open_bench: Callable[..., Opened]) -> None:
    page, problems = open_bench()
    page.evaluate(SPY)
    page.mouse.move(*spot(page, "right", 1, cqt_row(1500), 252))
    page.mouse.down()
    page.mouse.move(*spot(page, "right", 2, cqt_row(2000), 252), steps=5)
    page.mouse.up()
    sound = played(page, 1)
    assert sound["offset"] == pytest.approx(1, abs=0.02)
    y = np.asarray(sound["samples"])
    assert 2 * RATE <= y.size < 2.3 * RATE
    assert not y[: round(0.8 * RATE)].any()  # the region, and the support of its cells
    assert loudest(y, 1.5) == pytest.approx(1760, abs=1)
    spectrum = np.abs(np.fft.rfft(y[RATE : 2 * RATE] * np.hanning(RATE)))
    assert 20 * np.log10(spectrum[435:446].max() / spectrum.max()) < -40
    page.get_by_role("group", name="left side").get_by_role("button", name="Play the reg").click()
    again = played(page, 2)
    assert loudest(again["samples"], 1.5) == pytest.approx(1760, abs=2)
    page.get_by_text("alone, by STFT").wait_for()

    page.get_by_role("button", name="Zoom to the region").click()
    box = inside(page, "right").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("() => document.querySelectorAll('.reading')[1].textContent")
    assert float(reading(page, "right").split()[0]) == pytest.approx(1.5, abs=0.02)
    assert "A6" in reading(page, "right") or "G♯6" in reading(page, "right")
    page.get_by_role("button", name="Show all").click()
    assert page.get_by_role("button", name="Show all").is_disabled()
    assert not problems


def test_the_keyboard_alone_chooses_reads_and_plays(open_bench: Callable[..., Opened]) -> None:
    page, problems = open_bench()
    page.evaluate(SPY)
    right = page.get_by_role("group", name="right side")
    right.get_by_label("Transform").focus()
    change(page, lambda: page.keyboard.press("ArrowUp"))  # the transform before CQT
    assert right.get_by_label("Transform").input_value() == "gammatone"
    page.get_by_role("img", name="Gammatone of two").wait_for()
    assert right.get_by_label("Window").is_hidden()
    assert right.get_by_label("Bins per octave").is_hidden()
    for key in ("ArrowDown", "ArrowDown"):
        change(page, partial(page.keyboard.press, key))
    right.get_by_label("Bins per octave").focus()
    change(page, lambda: page.keyboard.press("ArrowLeft"))
    assert right.get_by_label("Bins per octave").get_attribute("aria-valuetext") == "24"

    page.keyboard.press("Tab")  # from the last control into the spectrogram
    page.locator(".inside:focus").wait_for()
    page.keyboard.press("ArrowRight")
    before = reading(page, "right")
    for key in ("Shift+ArrowUp", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert reading(page, "right") != before
    assert page.locator("[role=status]").inner_text() == reading(page, "right")
    hertz = float(reading(page, "right").split(" · ")[1].split()[0])
    page.keyboard.press("Enter")
    played(page, 1)
    page.get_by_text("alone, by Variable-Q (VQT)").wait_for()
    page.keyboard.press("m")
    for key in ("Shift+ArrowLeft", "Shift+ArrowDown", "m"):
        page.keyboard.press(key)
    played(page, 2)
    ends = page.locator("[role=status]").inner_text().split()
    assert float(ends[0]) < hertz / 2 ** (9 / 24) and float(ends[3]) > hertz
    page.keyboard.press("Escape")
    assert right.get_by_role("button", name="Play the region").is_disabled()
    assert not problems


def pixels(page: Any, side: str, times: list[float], row: float) -> list[int]:
    """Brightness of the layer over a spectrogram, at some times in one row of 252."""
    script = """(area, [times, row]) => {
        const canvas = area.querySelector('canvas');
        const y = Math.round((1 - row / 252) * canvas.height);
        return times.map((t) => {
            const { data } = canvas.getContext('2d').getImageData(
                Math.round((t / 3) * canvas.width), y - 6, 1, 12);
            return Math.max(...data);
        });
    }"""
    found: list[int] = inside(page, side).evaluate(script, [times, row])
    return found


def test_true_notes_are_drawn_over_the_spectrograms(open_bench: Callable[..., Opened]) -> None:
    page, problems = open_bench()
    at = [0.25, 1.5, 2.75]  # A4 sounds from 0.5 to 2.5 s
    assert pixels(page, "right", at, cqt_row(440)) == [0, pytest.approx(255, abs=20), 0]
    assert min(pixels(page, "right", at, cqt_row(1760))) > 0
    page.get_by_label("True notes").uncheck()
    assert pixels(page, "right", at, cqt_row(440)) == [0, 0, 0]
    assert not problems

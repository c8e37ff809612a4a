"""The Spectrogram bench as one uses it: in a page without a kernel and in JupyterLab."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from benchmarks.widgets.browser import await_kernel, in_kernel
from mirlab import Audio, Notes
from mirlab.widgets import SpectrogramBench

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
RATE = 22050
SAFE = 10 ** (-12 / 20)
UPDATED = "() => document.querySelector('.mirlab.bench').dataset.updated"
# Both pictures are drawn: what their canvases say is no longer what they said at first.
DRAWN = """() => [...document.querySelectorAll('.bench .spectrum > canvas')].every(
    (canvas) => canvas.ariaLabel !== 'No picture yet')"""
# What is sent to the loudspeaker: samples, gain, and where in them it begins.
SPY = """() => {
    window.played = [];
    const start = AudioBufferSourceNode.prototype.start;
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
        if (this instanceof AudioBufferSourceNode) this.level = to.gain.value;
        return connect.call(this, to, ...rest);
    };
    AudioBufferSourceNode.prototype.start = function (when, offset, ...rest) {
        const samples = Array.from(this.buffer.getChannelData(0));
        played.push({ samples, offset, gain: this.level });
        return start.call(this, when, offset, ...rest);
    };
}"""


def sine(f: float, seconds: float, level: float = 0.3) -> Audio:
    return Audio(level * np.sin(2 * np.pi * f * np.arange(round(seconds * RATE)) / RATE), RATE)


PIECE = SimpleNamespace(
    name="two",
    audio=sine(440, 3) + sine(1760, 3, 0.2),
    notes=Notes([0.5, 0], [2.5, 3], [69, 93]),
)


def loudest(samples: Any, at: float) -> float:
    """The frequency of the strongest partial in the 0.37 s around a time."""
    middle = round(at * RATE)
    y = np.asarray(samples)[middle - 4096 : middle + 4096]
    spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size), 8 * y.size))
    return float(spectrum.argmax() * RATE / (8 * y.size))


@pytest.fixture
def static(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Write a bench to one file and open it."""
    address = serve(tmp_path)

    def opened(sounds: Any = PIECE, context: dict[str, Any] | None = None, **state: Any) -> Opened:
        bench = SpectrogramBench.of(sounds)
        for name, value in state.items():
            setattr(bench, name, value)
        bench.to_html(tmp_path / "bench.html")
        page, problems = open_page(f"{address}/bench.html", **(context or {}))
        page.wait_for_function(DRAWN)
        return page, problems

    return opened


def inside(page: Any, side: str) -> Any:
    return page.get_by_role("group", name=f"{side} side").locator(".inside")


def change(page: Any, act: Callable[[], Any]) -> None:
    """Do what draws a picture anew, and wait for it."""
    before = page.evaluate(UPDATED)
    act()
    page.wait_for_function(f"before => ({UPDATED})() !== before", arg=before)


def spot(page: Any, side: str, time: float, row: float, bins: int) -> tuple[float, float]:
    """Where on the screen a place of a 3-s picture lies."""
    area = inside(page, side)
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    return box["x"] + time / 3 * box["width"], box["y"] + (1 - row / bins) * box["height"]


def cqt_row(f: float) -> float:
    """The row of the CQT of 36 bins an octave from 55 Hz."""
    return 36 * math.log2(f / 55) + 0.5


def played(page: Any, count: int) -> dict[str, Any]:
    page.wait_for_function("count => played.length >= count", arg=count)
    sound: dict[str, Any] = page.evaluate("() => played.at(-1)")
    return sound


def reading(page: Any, side: str) -> str:
    text: str = page.get_by_role("group", name=f"{side} side").locator(".reading").inner_text()
    return text


def test_hover_reads_both_pictures(static: Callable[..., Opened], screenshots: Path) -> None:
    page, problems = static()
    assert page.locator("[data-engine=browser]").count() == 1
    page.mouse.move(*spot(page, "right", 1.5, cqt_row(440), 252))
    page.wait_for_function("() => document.querySelector('.reading').textContent")
    # a window of 52 waves of 440 Hz, 0.1183 s: 0.364 of it long, 1.44 of its inverse wide
    assert reading(page, "right").endswith("440.0 Hz · A4 +0 cents · 0 dB · 43 ms × 12 Hz")
    assert 1.49 < float(reading(page, "right").split()[0]) < 1.51
    left = reading(page, "left").split(" · ")  # the same place in an STFT: bin 41, 441.4 Hz
    assert left[1:] == ["441.4 Hz", "A4 +6 cents", "0 dB", "34 ms × 16 Hz"]
    page.mouse.move(*spot(page, "right", 1.5, cqt_row(1760), 252))
    page.wait_for_function(
        "() => document.querySelectorAll('.reading')[1].textContent.includes('A6')"
    )
    assert "1760 Hz · A6 +0 cents · −" in reading(page, "right")
    page.locator(".mirlab").screenshot(path=screenshots / "spectrogram_bench_hover.png")
    # with fewer bins, the same place is read
    left_side = page.get_by_role("group", name="left side")
    change(page, lambda: left_side.get_by_label("Transform").select_option("chroma"))
    assert " · A in every octave · " in reading(page, "left")
    page.mouse.move(0, 0)
    page.wait_for_function("() => !document.querySelector('.reading').textContent")
    assert not problems


def test_a_click_plays_the_bin_alone(static: Callable[..., Opened]) -> None:
    page, problems = static()
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


def test_a_dragged_region_plays_alone_on_either_side(static: Callable[..., Opened]) -> None:
    page, problems = static()
    page.evaluate(SPY)
    page.mouse.move(*spot(page, "right", 1, cqt_row(1500), 252))
    page.mouse.down()
    page.mouse.move(*spot(page, "right", 2, cqt_row(2000), 252), steps=5)
    page.mouse.up()
    sound = played(page, 1)
    assert sound["offset"] == pytest.approx(1, abs=0.02)
    y = np.asarray(sound["samples"])
    assert 2 * RATE <= y.size < 2.3 * RATE
    assert not y[: round(0.8 * RATE)].any()  # the region's own time, and what its cells hear
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


def test_with_the_keyboard_alone(static: Callable[..., Opened]) -> None:
    page, problems = static()
    page.evaluate(SPY)
    right = page.get_by_role("group", name="right side")
    right.get_by_label("Transform").focus()
    change(page, lambda: page.keyboard.press("ArrowUp"))  # the one before CQT
    assert right.get_by_label("Transform").input_value() == "gammatone"
    page.get_by_role("img", name="Gammatone of two").wait_for()
    assert right.get_by_label("Window").is_hidden()
    assert right.get_by_label("Bins per octave").is_hidden()
    for key in ("ArrowDown", "ArrowDown"):
        change(page, partial(page.keyboard.press, key))
    right.get_by_label("Bins per octave").focus()
    change(page, lambda: page.keyboard.press("ArrowLeft"))
    assert right.get_by_label("Bins per octave").get_attribute("aria-valuetext") == "24"

    page.keyboard.press("Tab")  # from the last control into the picture
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
    """How bright what lies over a picture is, at some times in a row of 252."""
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


def test_true_notes_lie_over_the_pictures(static: Callable[..., Opened]) -> None:
    page, problems = static()
    at = [0.25, 1.5, 2.75]  # A4 sounds from 0.5 to 2.5 s
    assert pixels(page, "right", at, cqt_row(440)) == [0, pytest.approx(255, abs=20), 0]
    assert min(pixels(page, "right", at, cqt_row(1760))) > 0
    page.get_by_label("True notes").uncheck()
    assert pixels(page, "right", at, cqt_row(440)) == [0, 0, 0]
    assert not problems


def test_what_a_transform_refuses_is_said_and_the_rest_goes_on(
    static: Callable[..., Opened],
) -> None:
    page, problems = static({"short": sine(440, 0.3), "two": PIECE})
    right = page.get_by_role("group", name="right side")
    alert = right.get_by_role("alert")
    alert.get_by_text("fewer than the longest window").wait_for()
    page.get_by_role("img", name="fewer than the longest window").wait_for()
    right.get_by_label("Transform").select_option("mel")
    page.get_by_role("img", name="Mel of short").wait_for()
    assert alert.inner_text() == ""
    page.get_by_label("Sound").select_option("two")
    page.get_by_role("img", name="Mel of two").wait_for()
    assert not problems


def test_a_file_of_the_readers_own(static: Callable[..., Opened], tmp_path: Path) -> None:
    page, problems = static()
    page.evaluate(SPY)
    file = sine(660, 12, 0.05).save(tmp_path / "mine.wav")
    change(page, lambda: page.locator("input[type=file]").set_input_files(file))
    page.get_by_role("img", name="CQT) of mine.wav, the first 10 s").wait_for()
    assert page.get_by_label("Sound").input_value() == "own"
    page.get_by_role("button", name="Play", exact=True).click()
    sound = played(page, 1)
    assert len(sound["samples"]) == 10 * RATE
    assert loudest(sound["samples"], 5) == pytest.approx(660, abs=0.5)
    text = tmp_path / "shopping.txt"
    text.write_text("milk, bread")
    page.locator("input[type=file]").set_input_files(text)
    page.get_by_role("alert").get_by_text("shopping.txt is no sound").wait_for()
    page.get_by_label("Sound").select_option("two")
    page.get_by_role("img", name="CQT) of two").wait_for()
    assert not problems


def test_prompts_and_every_transform(static: Callable[..., Opened]) -> None:
    page, problems = static(None)
    prompts = page.locator(".strip", has_text="Try:").get_by_role("button")
    for index in range(prompts.count()):
        change(page, prompts.nth(index).click)
        assert page.get_by_role("alert").all_inner_texts() == ["", "", ""]
    expect(page.get_by_label("Sound")).not_to_have_value("piano")
    left = page.get_by_role("group", name="left side").get_by_label("Transform")
    for kind in ("hcqt", "wavelet", "chroma", "gammatone", "reassigned", "vqt", "mel", "stft"):
        change(page, partial(left.select_option, kind))
    assert page.get_by_role("alert").all_inner_texts() == ["", "", ""]
    assert not problems


def test_an_empty_bench_waits_for_a_sound(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    SpectrogramBench().to_html(tmp_path / "empty.html")
    page, problems = open_page(f"{serve(tmp_path)}/empty.html")
    page.get_by_text("No sound yet").wait_for()
    assert page.get_by_role("button", name="Play", exact=True).is_disabled()
    page.locator("input[type=file]").set_input_files(sine(440, 2).save(tmp_path / "a.wav"))
    page.get_by_role("img", name="STFT of a.wav").wait_for()
    assert not problems


def test_static_fits_any_screen(
    static: Callable[..., Opened], screenshots: Path, looks: Callable[..., Any]
) -> None:
    page, problems = static(None)
    for scheme, width in looks(page):
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert page.locator(".mirlab.dark").count() == (scheme == "dark")
        left, right = (inside(page, side).bounding_box() for side in ("left", "right"))
        assert (left["y"] == right["y"]) == (width == 1280)
        name = f"spectrogram_bench_{scheme}_{width}.png"
        page.screenshot(path=screenshots / name, full_page=True)
    assert not problems


def test_live_in_jupyterlab(
    run_notebook: Callable[[str], Opened], tmp_path: Path, screenshots: Path
) -> None:
    page, problems = run_notebook("tests/widgets/spectrogram_bench.ipynb")
    page.wait_for_function(DRAWN)
    page.locator("[data-engine=kernel]").get_by_text("kernel (CPU)").wait_for()
    page.evaluate(SPY)
    slider = page.get_by_role("group", name="left side").get_by_label("Window")
    slider.focus()
    change(page, lambda: page.keyboard.press("ArrowRight"))
    await_kernel(page, "print(bench.left['n_fft'], bench._left.get('bins'))", "4096 2049\n")
    page.mouse.click(*spot(page, "right", 1, 120, 252))
    played(page, 1)
    page.locator(".mirlab").screenshot(path=screenshots / "spectrogram_bench_lab.png")

    file = sine(523.25, 2).save(tmp_path / "mine.wav")
    change(page, lambda: page.locator("input[type=file]").set_input_files(file))
    page.get_by_role("img", name="CQT) of mine.wav").wait_for()
    measure = (
        "import json, numpy as np\ny, sr = bench.audio\n"
        "peak = np.abs(np.fft.rfft(y * np.hanning(y.size))).argmax() * sr / y.size\n"
        "print(json.dumps([bench.own_name, sr, y.size, float(peak)]))"
    )
    name, sr, size, peak = json.loads(in_kernel(page, measure))
    assert (name, sr, size) == ("mine.wav", RATE, 2 * RATE)
    assert peak == pytest.approx(523.25, abs=0.5)
    # and the other way: what a cell sets is shown
    change(page, lambda: in_kernel(page, "bench.right = {'kind': 'chroma'}"))
    page.get_by_role("img", name="Chroma of mine.wav").wait_for()
    assert not problems

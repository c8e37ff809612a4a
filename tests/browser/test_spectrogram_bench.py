"""The Spectrogram bench: its sounds, its transforms, an empty bench, and the kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from benchmarks.widgets.browser import await_kernel, in_kernel
from mirlab.widgets import SpectrogramBench
from tests.browser.bench_page import (
    DRAWN,
    PIECE,
    RATE,
    SPY,
    change,
    inside,
    loudest,
    played,
    sine,
    spot,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]


def test_a_refused_sound_gives_a_message_and_the_bench_goes_on(
    open_bench: Callable[..., Opened],
) -> None:
    page, problems = open_bench({"short": sine(440, 0.3), "two": PIECE})
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


def test_a_users_file_is_shown_and_played(
    open_bench: Callable[..., Opened], tmp_path: Path
) -> None:
    page, problems = open_bench()
    page.evaluate(SPY)
    file = sine(660, 12, 0.05).save(tmp_path / "mine.wav")
    change(page, lambda: page.locator("input[type=file]").set_input_files(file))
    page.get_by_role("img", name="CQT) of mine.wav, the first 10 s").wait_for()
    assert page.get_by_label("Sound").input_value() == "user_audio"
    page.get_by_role("button", name="Play", exact=True).click()
    sound = played(page, 1)
    assert len(sound["samples"]) == 10 * RATE
    assert loudest(sound["samples"], 5) == pytest.approx(660, abs=0.5)
    text = tmp_path / "shopping.txt"
    text.write_text("milk, bread")
    page.locator("input[type=file]").set_input_files(text)
    page.get_by_role("alert").get_by_text("This browser cannot decode shopping.txt").wait_for()
    page.get_by_label("Sound").select_option("two")
    page.get_by_role("img", name="CQT) of two").wait_for()
    assert not problems


def test_prompts_and_all_transforms_work(open_bench: Callable[..., Opened]) -> None:
    page, problems = open_bench(None)
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


def test_a_bench_without_arguments_shows_an_example(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    SpectrogramBench().to_html(tmp_path / "example.html")
    page, problems = open_page(f"{serve(tmp_path)}/example.html")
    page.get_by_role("img", name="STFT of piano").wait_for()
    page.get_by_role("img", name="Constant-Q (CQT) of piano").wait_for()
    assert page.get_by_role("button", name="Play", exact=True).is_enabled()
    assert not problems


def test_an_empty_bench_waits_for_a_sound(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    SpectrogramBench(sounds={}).to_html(tmp_path / "empty.html")
    page, problems = open_page(f"{serve(tmp_path)}/empty.html")
    page.get_by_text("No sound yet").wait_for()
    assert page.get_by_role("button", name="Play", exact=True).is_disabled()
    page.locator("input[type=file]").set_input_files(sine(440, 2).save(tmp_path / "a.wav"))
    page.get_by_role("img", name="STFT of a.wav").wait_for()
    assert not problems


def test_static_fits_any_screen(
    open_bench: Callable[..., Opened], screenshots: Path, looks: Callable[..., Any]
) -> None:
    page, problems = open_bench(None)
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
        "print(json.dumps([bench.user_audio_name, sr, y.size, float(peak)]))"
    )
    name, sr, size, peak = json.loads(in_kernel(page, measure))
    assert (name, sr, size) == ("mine.wav", RATE, 2 * RATE)
    assert peak == pytest.approx(523.25, abs=0.5)
    # and a value set in a cell is shown
    change(page, lambda: in_kernel(page, "bench.right = {'kind': 'chroma'}"))
    page.get_by_role("img", name="Chroma of mine.wav").wait_for()
    assert not problems

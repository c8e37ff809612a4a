"""The Beat bench as one uses it: without a kernel, tapped along, and live in JupyterLab."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from benchmarks.widgets.browser import await_kernel, in_kernel
from mirlab import Audio
from mirlab.rhythm import click_track
from mirlab.widgets import BeatBench
from mirlab.widgets.beat_bench.data import tap_scores
from tests.browser.beat_page import (
    BEATS,
    FLASHES,
    OPENED,
    RATE,
    SPY,
    TAP,
    UPDATED,
    bench,
    lane,
    reading,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]


@pytest.fixture
def static(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Write a bench to one file and open it."""
    address = serve(tmp_path)

    def opened(widget: BeatBench | None = None, **context: Any) -> Opened:
        (widget or bench()).to_html(tmp_path / "beats.html")
        page, problems = open_page(f"{address}/beats.html", **context)
        page.wait_for_function(OPENED)
        page.evaluate(SPY)
        return page, problems

    return opened


def change(page: Any, act: Callable[[], Any]) -> None:
    """Do something that draws the beats anew, and wait until they are."""
    before = page.evaluate(UPDATED)
    act()
    page.wait_for_function(f"before => ({UPDATED})() !== before", arg=before)


def control(page: Any, name: str) -> Any:
    return page.locator("label", has_text=name).locator("input")


def play(page: Any) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => window.started.some(({ length }) => length > 1)")


def test_prior_and_tightness_move_the_beats(static: Callable[..., Opened]) -> None:
    page, problems = static()
    assert page.locator("[data-engine=browser]").count() == 1
    assert lane(page, "tempogram").startswith("117.5 bpm (solid), prior 120 bpm")
    assert lane(page, "tracked") == f"{len(bench().beats)} beats"
    # by a prompt, by the keyboard, and by dragging the handle on the tempogram
    change(page, page.get_by_role("button", name="Half the tempo").click)
    half = bench(tempo_prior=45.0, prior_octaves=0.4)
    assert lane(page, "tempogram").startswith(f"{half.tempo:.1f} bpm (solid), prior 45 bpm")
    assert lane(page, "tracked") == f"{len(half.beats)} beats" != f"{len(bench().beats)} beats"
    control(page, "Tempo prior").focus()
    change(page, lambda: page.keyboard.press("ArrowRight"))
    assert "prior 46 bpm" in lane(page, "tempogram")
    handle = page.get_by_role("slider", name="Prior on the tempogram")
    before = handle.bounding_box()
    handle.hover()
    page.mouse.down()
    change(page, lambda: page.mouse.move(before["x"] + 12, before["y"] - 80, steps=3))
    page.mouse.up()
    assert float(handle.get_attribute("aria-valuetext").split(" bpm")[0]) > 90
    assert handle.bounding_box()["y"] == pytest.approx(before["y"] - 92, abs=3)
    assert page.locator(".beat-bench").get_attribute("data-playing") == "false"
    handle.focus()
    change(page, lambda: page.keyboard.press("ArrowDown"))
    change(page, page.get_by_role("button", name="The defaults").click)
    change(page, lambda: page.get_by_label("Beats per bar").select_option("3"))
    control(page, "Tightness").focus()
    page.keyboard.press("Home")
    page.wait_for_function("() => document.activeElement.ariaValueText === '1'")
    change(page, lambda: page.get_by_label("Novelty").select_option("complex"))
    assert lane(page, "tempogram").startswith("117.5 bpm")
    assert not problems


def test_the_clicks_are_on_the_beats_and_follow_the_settings(static: Callable[..., Opened]) -> None:
    page, problems = static()
    play(page)
    clicks = """() => {
        const song = started.find(({ length }) => length > 1);
        return started.filter(({ length, source }) => length < 0.1 && !source.stopped)
            .map(({ when }) => when - song.when + song.offset);
    }"""
    assert page.evaluate(clicks) == pytest.approx(BEATS.tolist(), abs=1e-3)
    # the tracked beats at half the tempo, while it plays
    page.get_by_label("Clicks and taps on").select_option("tracked")
    page.evaluate("() => { started.splice(1); }")
    change(page, page.get_by_role("button", name="Half the tempo").click)
    half = bench(tempo_prior=45.0, prior_octaves=0.4).beats.intervals[:, 0]
    found = page.evaluate(clicks)
    assert 5 < len(found) <= half.size
    np.testing.assert_allclose(found, half[-len(found) :], atol=1e-3)
    page.get_by_role("button", name="Pause").click()
    assert not problems


def test_the_ring_flashes_on_the_beat(static: Callable[..., Opened], screenshots: Path) -> None:
    page, problems = static()
    play(page)
    late, light, frame = np.array(page.evaluate(FLASHES, [BEATS.tolist(), 6.2])).T
    print(f"{np.round(late)} ms after the beat, frames of {np.round(frame)} ms")
    assert late.size >= 10
    assert abs(np.median(late)) < 40  # on a busy machine; on an idle one, a frame
    assert light.max() > 0.8
    page.screenshot(path=screenshots / "beat_bench_playing.png", full_page=True)
    assert not problems


def test_nothing_flashes_for_those_who_prefer_reduced_motion(
    static: Callable[..., Opened],
) -> None:
    page, problems = static(reduced_motion="reduce")
    play(page)
    late, light, _ = np.array(page.evaluate(FLASHES, [BEATS.tolist(), 3.2])).T
    assert late.size >= 4  # the number of the beat is still shown
    assert light.max() == 0
    assert not problems


def test_taps_are_compared_with_the_beats(static: Callable[..., Opened], screenshots: Path) -> None:
    page, problems = static()
    pad = page.get_by_role("button", name="Tap", exact=True)
    pad.click()
    page.get_by_role("button", name="Press Play first").wait_for()
    play(page)
    pressed = np.array(page.evaluate(TAP, [(BEATS[2:9] + 0.02).tolist(), " "]))
    expected, found = tap_scores(pressed, BEATS), reading(page)
    print(found, expected)
    assert found["taps"] == 7 and lane(page, "taps") == "7 taps"
    assert found["mean"] == pytest.approx(1000 * expected["mean"], abs=20)  # of two clocks
    page.screenshot(path=screenshots / "beat_bench_taps.png", full_page=True)
    # a passage that is played again is tapped anew; letters tap wherever the focus is
    page.get_by_role("slider", name="Position").press("Home")
    again = page.evaluate(TAP, [(BEATS[3:6] - 0.15).tolist(), "j"])
    expected = tap_scores(np.array([pressed[0], *again, *pressed[4:]]), BEATS)
    found = reading(page)
    assert found["taps"] == 7
    assert found["mean"] == pytest.approx(1000 * expected["mean"], abs=20)
    page.get_by_role("button", name="Clear the taps").click()
    page.get_by_text("No taps yet").wait_for()
    assert not problems


def test_mouse_and_touch_tap_once_each(static: Callable[..., Opened]) -> None:
    page, problems = static(has_touch=True)
    play(page)
    page.wait_for_function("() => songPosition() > 0.6")
    page.locator(".tap-pad").click()
    page.wait_for_timeout(300)
    page.locator(".tap-pad").tap()
    page.wait_for_timeout(300)
    page.locator(".tap-pad").press("Enter")
    page.wait_for_timeout(300)
    page.locator(".tap-pad").evaluate("pad => pad.click()")  # as a screen reader does
    assert reading(page)["taps"] == 3 or reading(page)["taps"] == 4
    assert not problems


def test_the_calibration_measures_the_latency(static: Callable[..., Opened]) -> None:
    page, problems = static()
    page.get_by_role("button", name="Calibrate", exact=True).click()
    page.wait_for_function("() => window.started.length === 16")
    page.evaluate("""async () => {
        const clicks = started.map(({ when }) => when);
        const { context } = started[0];
        const now = () => context.currentTime - (context.outputLatency || context.baseLatency || 0);
        for (const click of clicks.slice(2)) {
            while (now() < click + 0.12) await new Promise((go) => setTimeout(go));
            document.querySelector('.tap-pad').dispatchEvent(
                new KeyboardEvent('keydown', { key: ' ', bubbles: true, cancelable: true }));
        }
    }""")
    line = page.get_by_text("A latency of")
    line.wait_for()
    latency = int(line.inner_text().split()[3])
    print(f"latency {latency} ms")
    assert latency == pytest.approx(120, abs=25)
    # too few taps give none
    page.get_by_role("button", name="Calibrate", exact=True).click()
    page.get_by_text("Only 0 taps").wait_for(timeout=20000)
    page.get_by_role("button", name="Calibrate", exact=True).click()
    page.get_by_role("button", name="Stop calibrating").click()
    page.get_by_text(f"A latency of {latency} ms").wait_for()
    assert not problems


def test_the_saved_file_is_the_click_track_of_python(
    static: Callable[..., Opened], tmp_path: Path
) -> None:
    widget = bench(click_level=0.8)
    page, problems = static(widget)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save with clicks").click()
    assert download.value.suggested_filename == "clicks with clicks.wav"
    download.value.save_as(tmp_path / "saved.wav")
    saved = Audio.load(tmp_path / "saved.wav")
    expected = widget.click_track()
    assert (saved.sr, saved.y.shape) == (expected.sr, expected.y.shape)
    np.testing.assert_allclose(saved.y, expected.y, atol=0.003)
    assert not problems


def test_clicks_are_laid_under_a_users_file(static: Callable[..., Opened], tmp_path: Path) -> None:
    page, problems = static()
    file = click_track(np.arange(0.4, 14, 0.6), duration=14).save(tmp_path / "mine.wav")
    change(page, lambda: page.locator("input[type=file]").set_input_files(file))
    page.get_by_text("of 14.00 s").wait_for()
    page.wait_for_function(
        "() => document.querySelector('[data-lane=tempogram] output').textContent.startsWith('99')"
    )
    assert not page.get_by_label("Clicks and taps on").is_visible()  # the true beats are unknown
    assert page.locator('[data-lane="true"]').count() == 0
    play(page)
    page.wait_for_function("() => songPosition() > 1")
    page.get_by_role("button", name="Pause").click()
    (tmp_path / "text.wav").write_text("no sound")
    page.locator("input[type=file]").set_input_files(tmp_path / "text.wav")
    page.get_by_text("This browser cannot decode").wait_for()
    page.get_by_label("Sound").select_option("given")
    page.get_by_text("of 12.00 s").wait_for()
    assert not problems


def test_an_empty_bench_and_silence_say_so(static: Callable[..., Opened], tmp_path: Path) -> None:
    page, problems = static(BeatBench(sound=b""))
    page.get_by_text("No sound yet").wait_for()
    assert page.get_by_role("button", name="Play", exact=True).is_disabled()
    silence = Audio(np.zeros(2 * RATE), RATE).save(tmp_path / "silence.wav")
    page.locator("input[type=file]").set_input_files(silence)
    page.get_by_text("of 2.00 s").wait_for()
    page.wait_for_timeout(200)
    assert lane(page, "tracked") == "0 beats"
    assert not problems


def test_static_fits_any_screen(
    static: Callable[..., Opened], screenshots: Path, looks: Callable[..., Any]
) -> None:
    page, problems = static(BeatBench(taps=[1.02, 1.58, 2.12, 2.7, 3.24, 3.83], latency=0.1))
    for scheme, width in looks(page):
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert page.locator(".mirlab.dark").count() == (scheme == "dark")
        page.screenshot(path=screenshots / f"beat_bench_{scheme}_{width}.png", full_page=True)
    assert not problems


def test_live_in_jupyterlab(run_notebook: Callable[[str], Opened], screenshots: Path) -> None:
    page, problems = run_notebook("tests/widgets/beat_bench.ipynb")
    page.wait_for_function(OPENED)
    page.evaluate(SPY)
    control(page, "Tempo prior").focus()
    change(page, lambda: page.keyboard.press("ArrowRight"))
    await_kernel(page, "print(bench.tempo_prior)", "121.0\n")
    # the numbers of the page are those of the kernel
    tempo, beats = json.loads(
        in_kernel(page, "import json; print(json.dumps([bench.tempo, len(bench.beats)]))")
    )
    assert lane(page, "tempogram").startswith(f"{tempo:.1f} bpm")
    assert lane(page, "tracked") == f"{beats} beats"
    times = json.loads(in_kernel(page, "print(bench.reference_beats.intervals[:, 0].tolist())"))
    play(page)
    pressed = np.array(page.evaluate(TAP, [[time + 0.02 for time in times[3:8]], "k"]))
    page.get_by_role("button", name="Pause").click()
    await_kernel(page, "print(len(bench.taps))", "5\n")
    scores = json.loads(in_kernel(page, "print(json.dumps(bench.scores))"))
    shown = reading(page)
    assert shown["mean"] == round(1000 * scores["mean"])
    assert shown["f"] == round(scores["f"], 2)
    assert scores["mean"] == pytest.approx(tap_scores(pressed, np.array(times))["mean"], abs=0.02)
    page.locator(".mirlab").screenshot(path=screenshots / "beat_bench_lab.png")
    # and what a cell sets is shown
    change(page, lambda: in_kernel(page, "bench.taps = []; bench.tightness = 1.0"))
    page.get_by_text("No taps yet").wait_for()
    expect(control(page, "Tightness")).to_have_attribute("aria-valuetext", "1")
    assert not problems

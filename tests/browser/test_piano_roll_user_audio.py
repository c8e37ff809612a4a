"""The Piano roll finds the notes of the user's own sound in the page, as the kernel does."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirlab import Audio
from mirlab.examples import load
from mirlab.transcription.detector import NoteDetector
from mirlab.widgets import PianoRoll
from mirlab.widgets.piano_roll.net import export_net
from tests.browser.roll_page import HOP, OPENED, RATE, notes_of, sound

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
PREDICTED = """() => {
    const root = document.querySelector('.piano-roll');
    return Number(root.dataset.predicted) || 0;
}"""


def test_the_page_finds_the_notes_that_the_kernel_finds(
    open_roll: Callable[..., Opened], tiny: NoteDetector, piano_file: Path, tmp_path: Path
) -> None:
    page, problems = open_roll(PianoRoll.of(sound(), model=tiny))
    began = time.perf_counter()
    page.locator("input[type=file]").set_input_files(piano_file)
    page.wait_for_function(PREDICTED)
    page.wait_for_function(
        "() => !document.querySelector('.piano-roll').textContent.includes('5 n')"
    )
    seconds = time.perf_counter() - began
    found = notes_of(page, tmp_path)
    kernel = PianoRoll.of(sound(), model=tiny)
    samples = np.round(32767 * Audio.load(piano_file).y[0]).astype("<i2")
    kernel.user_audio, kernel.clip = samples.tobytes(), "user_audio"
    kernel.user_prediction = kernel.answer_predict(lambda fraction: None, id=1)["user_prediction"]
    expected = kernel.notes
    net_ms = page.evaluate(PREDICTED)
    print(f"{len(found)} notes of 30 s in {seconds:.1f} s, {net_ms:.0f} ms in the net")
    assert len(expected) > 100
    ours, theirs = (np.lexsort((notes.onset, notes.pitch)) for notes in (found, expected))
    np.testing.assert_array_equal(found.pitch[ours], expected.pitch[theirs])
    np.testing.assert_allclose(found.onset[ours], expected.onset[theirs], atol=HOP)
    assert seconds < 15
    assert not problems


def test_onnxruntime_and_a_page_from_disk_find_the_kernels_notes(
    add_onnxruntime: Callable[[Path], str],
    serve: Callable[[Path], str],
    open_page: Callable[..., Opened],
    tiny: NoteDetector,
    tmp_path: Path,
    screenshots: Path,
) -> None:
    kernel = PianoRoll.of(sound())
    tag, page_file = add_onnxruntime(tmp_path), tmp_path / "page.html"
    page_file.write_text(kernel.to_html().replace("<head>", f"<head>{tag}"), "utf-8")
    (tmp_path / "networks").mkdir()
    export_net(tiny, tmp_path / "networks")
    page, problems = open_page(f"{serve(tmp_path)}/page.html")
    page.wait_for_function(OPENED)
    clip = load("piano").audio.mono().resample(RATE).slice(0, 5)
    clip.save(tmp_path / "mine.wav")
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.wav")
    page.wait_for_function(PREDICTED)
    assert page.locator(".piano-roll").get_attribute("data-runtime") == "onnxruntime"
    samples = np.round(32767 * Audio.load(tmp_path / "mine.wav").y[0]).astype("<i2")
    kernel.user_audio, kernel.clip = samples.tobytes(), "user_audio"
    kernel.user_prediction = kernel.answer_predict(lambda fraction: None, id=1)["user_prediction"]
    page.get_by_text(f"{len(kernel.notes)} notes").wait_for()
    assert len(kernel.notes) > 10
    page.get_by_text("0.00 s of 5.00 s").wait_for()
    assert not page.locator(".legend").is_visible()  # the true notes are unknown
    page.locator(".mirlab").screenshot(path=screenshots / "piano_roll_onnxruntime.png")
    assert not problems
    page.goto(page_file.as_uri())  # a page opened from disk may load no other file
    page.wait_for_function(OPENED)
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.wav")
    page.wait_for_function(PREDICTED)
    assert page.locator(".piano-roll").get_attribute("data-runtime") == "javascript"
    page.get_by_text(f"{len(kernel.notes)} notes").wait_for()


def test_silence_has_no_notes_and_text_is_refused(
    open_roll: Callable[..., Opened], tmp_path: Path
) -> None:
    page, problems = open_roll()
    Audio(np.zeros(2 * RATE), RATE).save(tmp_path / "silence.wav")
    page.locator("input[type=file]").set_input_files(tmp_path / "silence.wav")
    page.wait_for_function(PREDICTED)
    page.get_by_text("0 notes").wait_for()
    (tmp_path / "text.wav").write_text("no sound")
    page.locator("input[type=file]").set_input_files(tmp_path / "text.wav")
    page.get_by_text("This browser cannot decode").wait_for()
    assert not problems

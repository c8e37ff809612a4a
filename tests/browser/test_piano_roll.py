"""The Piano roll: decoding, error marks, editing, listening and files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.widgets import latency
from benchmarks.widgets.browser import in_kernel
from mirlab.evaluation import note_scores
from mirlab.widgets.piano_roll import data
from tests.browser.roll_page import OPENED, RATE, TRUTH, notes_of, roll, saved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
SAFE = 10 ** (-12 / 20)
PAUSE = """() => {
    const play = document.querySelector('.piano-roll button.main');
    if (play.textContent === 'Pause') play.click();
}"""


def where(page: Any, t: float, pitch: float) -> tuple[float, float]:
    """Screen position of a time and pitch, if the roll shows all of FOUND and TRUTH."""
    area = page.locator(".piano-area")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    low, high, seconds = 48 - 5, 84 + 5, 3.2
    x = 36 + t / seconds * (box["width"] - 36)
    return box["x"] + x, box["y"] + (high - pitch) / (high - low) * (box["height"] - 18)


def click(page: Any, t: float, pitch: float) -> None:
    page.mouse.click(*where(page, t, pitch))


def drag(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*where(page, *start))
    page.mouse.down()
    page.mouse.move(*where(page, *end), steps=4)
    page.mouse.up()


def test_a_new_threshold_is_drawn_within_120_ms(tmp_path: Path, chromium: Any) -> None:
    times = latency.roll_static(chromium, tmp_path, presses=12)["mirlab"]
    print(f"median {np.median(times):.0f} ms of {np.round(times)}")
    assert np.median(times) < 120


def test_a_threshold_changes_the_notes_on_the_screen(open_roll: Callable[..., Opened]) -> None:
    page, problems = open_roll(roll(decoder="peaks"))
    assert page.locator("[data-engine=browser]").count() == 1
    page.get_by_text("5 notes").wait_for()
    slider = page.get_by_role("slider", name="Shortest")
    slider.fill("0.3")
    page.get_by_text("4 notes").wait_for()  # the extra note lasts 0.2 s
    slider.fill("0.03")
    for decoder in data.DECODERS:
        page.get_by_label("Decoder").select_option(decoder)
        page.get_by_text("5 notes").wait_for()
        onset = page.get_by_role("slider", name="Onset")
        assert onset.is_disabled() == (decoder == "thresholds")  # which has no onset threshold
    assert not problems


def test_errors_are_marked_and_counted_as_mir_eval_does(
    open_roll: Callable[..., Opened], screenshots: Path
) -> None:
    widget = roll()
    page, problems = open_roll(widget)
    legend = page.locator(".legend")
    counts = [output.inner_text() for output in legend.locator("output").all()]
    assert counts == ["2", "1", "1", "1", "1"]  # right, missing, extra, wrong time, wrong pitch
    f = note_scores(TRUTH, widget.notes)["onset_f"]
    assert legend.locator("strong").inner_text() == f"F {f:.3f}"
    assert "1 wrong pitch" in page.locator(".piano-area canvas").get_attribute("aria-label")
    page.locator(".mirlab").screenshot(path=screenshots / "piano_roll.png")
    assert not problems


def test_notes_are_dragged_split_joined_deleted_drawn_and_undone(
    open_roll: Callable[..., Opened], tmp_path: Path
) -> None:
    page, problems = open_roll()
    before = notes_of(page, tmp_path)
    drag(page, (1.4, 64), (1.2, 66))  # move the late note
    after = notes_of(page, tmp_path)
    assert after.pitch.tolist() == [84, 60, 66, 79, 48]
    assert after.onset[2] == pytest.approx(1.0, abs=0.03)
    drag(page, (2.898, 48), (2.7, 48))  # move an end
    assert notes_of(page, tmp_path).offset[-1] == pytest.approx(2.7, abs=0.03)
    click(page, 2.6, 60)  # sets the cursor
    click(page, 2.6, 48)
    page.get_by_role("button", name="Split").click()
    assert (notes_of(page, tmp_path).pitch == 48).sum() == 2
    page.get_by_role("button", name="Join").click()
    assert (notes_of(page, tmp_path).pitch == 48).sum() == 1
    page.get_by_role("button", name="Delete").click()
    assert len(notes_of(page, tmp_path)) == 4
    page.get_by_role("button", name="Draw").click()
    drag(page, (2.0, 72), (2.4, 72))
    drawn = notes_of(page, tmp_path)
    assert drawn.pitch[-1] == 72 and drawn.onset[-1] == pytest.approx(2.0, abs=0.03)
    page.get_by_text("5 notes, edited").wait_for()
    page.get_by_role("slider", name="Sounding").fill("0.35")  # decodes again
    page.get_by_text("edited").wait_for(state="detached")
    page.get_by_role("button", name="Undo").click()  # restores the edits
    np.testing.assert_array_equal(notes_of(page, tmp_path).pitch, drawn.pitch)
    for _ in range(6):
        page.get_by_role("button", name="Undo").click()
    np.testing.assert_allclose(notes_of(page, tmp_path).onset, before.onset)
    page.get_by_role("button", name="Redo").click()
    assert notes_of(page, tmp_path).pitch.tolist() == [84, 60, 66, 79, 48]
    assert not problems


def test_keys_select_edit_undo_and_draw(open_roll: Callable[..., Opened], tmp_path: Path) -> None:
    page, problems = open_roll()
    page.locator(".piano-area").focus()
    press = page.keyboard.press
    press("n")  # 84 at 0.2
    press("n")  # 60 at 0.5
    for key in ("ArrowUp", "Shift+ArrowRight", "]"):
        press(key)
    shifted = notes_of(page, tmp_path)
    assert shifted.pitch.tolist() == [84, 61, 64, 79, 48]
    assert shifted.onset[1] == pytest.approx(0.6, abs=0.03)
    page.locator(".piano-area").focus()
    press("Delete")
    press("Control+z")
    press("Control+Shift+z")
    page.get_by_text("4 notes, edited").wait_for()
    press("Home")
    press("ArrowRight")
    press("d")
    page.get_by_text("5 notes, edited").wait_for()
    assert "Drawn" in page.locator(".unseen").inner_text()
    press("Escape")
    press("Control+z")
    page.get_by_text("4 notes, edited").wait_for()
    assert not problems


def test_original_and_notes_play_alone_or_left_and_right(
    open_roll: Callable[..., Opened],
) -> None:
    page, problems = open_roll()
    page.wait_for_timeout(200)
    assert page.evaluate("() => played.length") == 0  # nothing plays by itself
    for listen in ("original", "notes", "both"):
        page.get_by_label("Listen to").select_option(listen)
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function("() => played.length")
        started = page.evaluate("() => played.pop()")
        left, right = np.array(started["ears"])
        assert started["gain"] * max(abs(left).max(), abs(right).max()) == pytest.approx(
            SAFE, rel=1e-3
        )
        # the note 84, at 0.2 s, is not in the original
        alone = slice(round(0.22 * RATE), round(0.4 * RATE))
        levels = [np.sqrt(np.mean(ear[alone] ** 2)) for ear in (left, right)]
        silent = {"original": [True, True], "notes": [False, False], "both": [True, False]}
        assert [level < 1e-3 for level in levels] == silent[listen]
        page.evaluate(PAUSE)
    click(page, 1.6, 55)  # seeks
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => played.length")
    assert page.evaluate("() => played.pop().offset") == pytest.approx(1.6, abs=0.03)
    assert not problems


def test_midi_and_musicxml_contain_the_notes(
    open_roll: Callable[..., Opened], tmp_path: Path
) -> None:
    music21 = pytest.importorskip("music21")
    widget = roll(bpm=90.0)
    page, problems = open_roll(widget)
    found, expected = notes_of(page, tmp_path), widget.notes
    np.testing.assert_array_equal(found.pitch, expected.pitch)
    np.testing.assert_array_equal(found.velocity, expected.velocity)
    np.testing.assert_allclose(found.onset, expected.onset, atol=1e-3)
    np.testing.assert_allclose(found.offset, expected.offset, atol=1e-3)
    assert found.tempo_map.bpm[0] == pytest.approx(90, rel=1e-4)
    text = saved(page, "Save MusicXML", tmp_path).decode()
    score = music21.converter.parseData(text, format="musicxml")
    written = {
        (round(4 * float(note.getOffsetInHierarchy(score))), pitch.midi)
        for note in score.recurse().notes
        if not (note.tie and note.tie.type != "start")
        for pitch in note.pitches
    }
    step = 60 / 90 / 4
    wanted = zip(np.round(expected.onset / step).astype(int), expected.pitch, strict=True)
    assert written == {(int(a), int(b)) for a, b in wanted}
    assert not problems


def test_static_fits_any_screen(
    open_roll: Callable[..., Opened], looks: Callable[..., Any], screenshots: Path
) -> None:
    page, problems = open_roll()
    for scheme, width in looks(page):
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        page.screenshot(path=screenshots / f"piano_roll_{width}_{scheme}.png", full_page=True)
    assert not problems


def test_live_in_jupyterlab(
    run_notebook: Callable[[str], Opened], piano_file: Path, tmp_path: Path, screenshots: Path
) -> None:
    page, problems = run_notebook("tests/widgets/piano_roll.ipynb")
    page.wait_for_function(OPENED)
    page.locator("[data-engine=kernel]").wait_for()
    count = int(in_kernel(page, "print(len(roll.notes))"))
    page.get_by_text(f"{count} notes").wait_for()
    page.locator(".mirlab").screenshot(path=screenshots / "piano_roll_live.png")
    page.get_by_role("slider", name="Onset").fill("0.9")
    page.wait_for_timeout(500)
    fewer = int(in_kernel(page, "print(len(roll.notes))"))
    assert 0 < fewer < count
    page.get_by_text(f"{fewer} note").first.wait_for()
    page.locator(".piano-area").focus()
    page.keyboard.press("d")
    page.wait_for_timeout(500)
    assert int(in_kernel(page, "print(len(roll.notes))")) == fewer + 1
    in_kernel(page, "roll.edited = None")
    page.get_by_text("edited").wait_for(state="detached")
    assert b"<score-partwise" in saved(page, "Save MusicXML", tmp_path)
    page.locator("input[type=file]").set_input_files(piano_file)
    page.wait_for_function(
        "() => document.querySelector('.piano-roll select').value === 'user_audio'"
    )
    code = "print(roll.user_prediction.get('frames', 0))"
    for _ in range(60):
        page.wait_for_timeout(1000)
        if int(in_kernel(page, code)):
            break
    assert int(in_kernel(page, code)) == 1 + 30 * RATE // 256
    assert json.loads(in_kernel(page, "print(len(roll.user_audio))")) == 2 * 30 * RATE
    count = int(in_kernel(page, "print(len(roll.notes))"))
    assert count > 50
    page.get_by_text(f"{count} notes").wait_for()
    assert not problems

"""The Piano roll as one uses it: in a page without a kernel and in JupyterLab."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.widgets import latency
from benchmarks.widgets.browser import in_kernel
from mirlab import Audio, Notes
from mirlab.evaluation import note_scores
from mirlab.examples import load
from mirlab.transcription.detector import NoteDetector
from mirlab.widgets import PianoRoll
from mirlab.widgets.piano_roll import data as data
from mirlab.widgets.piano_roll.net import export_net

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
RATE = 22050
HOP = 256 / RATE
SAFE = 10 ** (-12 / 20)
OPENED = "() => document.querySelector('.piano-roll')?.dataset.opened"
TRUTH = Notes([0.5, 1.0, 1.5, 2.0, 2.5], [0.9, 1.4, 1.9, 2.4, 2.9], [60, 64, 67, 72, 48], 90)
# Right: 60. Late: 64 at 1.2. An octave off: 67 as 79. Missing: 72. Extra: 84. Right: 48.
HEARD = Notes(
    [0.5, 1.2, 1.5, 0.2, 2.5], [0.9, 1.6, 1.9, 0.4, 2.9], [60, 64, 79, 84, 48], [90, 80, 70, 60, 99]
)
SPY = """() => {
    window.played = [];
    const { start } = AudioBufferSourceNode.prototype;
    const { connect } = AudioNode.prototype;
    AudioNode.prototype.connect = function (to, ...rest) {
        if (this instanceof AudioBufferSourceNode) this.gain = to.gain;
        return connect.call(this, to, ...rest);
    };
    GainNode.prototype.level = null;
    const { linearRampToValueAtTime: ramp } = AudioParam.prototype;
    AudioParam.prototype.linearRampToValueAtTime = function (value, ...rest) {
        this.goal = value;
        return ramp.call(this, value, ...rest);
    };
    AudioBufferSourceNode.prototype.start = function (when, offset) {
        const ears = [0, 1].map((ear) => Array.from(this.buffer.getChannelData(ear)));
        played.push({ ears, offset, gain: this.gain.goal });
        return start.call(this, when, offset);
    };
}"""
PAUSE = """() => {
    const play = document.querySelector('.piano-roll button.main');
    if (play.textContent === 'Pause') play.click();
}"""


def posteriors(notes: Notes, seconds: float, noise: float = 0.0) -> np.ndarray:
    """What a well-taught network would say of notes, with noise; shape (4, 88, frames)."""
    rng = np.random.default_rng(0)
    frames = np.arange(1 + round(seconds * RATE) // 256)
    posteriors = rng.uniform(0, 1, (4, 88, frames.size)) ** 3 * noise
    for row, start, end, velocity in zip(
        notes.pitch - 21, notes.onset / HOP, notes.offset / HOP, notes.velocity, strict=True
    ):
        inside = (frames >= start - 1) & (frames <= end)
        onset = np.clip(1 - abs(frames - start) / 3, 0, 1)
        posteriors[0, row] = np.maximum(posteriors[0, row], onset)
        posteriors[1, row, inside] = 0.9 - noise * rng.uniform(0, 0.6, inside.sum())
        offset = np.clip(1 - abs(frames - end) / 3, 0, 1)
        posteriors[2, row] = np.maximum(posteriors[2, row], offset)
        posteriors[3, row, inside] = velocity / 127
    return posteriors.astype(np.float32)


class Told(NoteDetector):
    """A detector of random weights for the reader's sound, that is told the notes of the other."""

    def __init__(self, notes: Notes = HEARD) -> None:
        torch.manual_seed(3)
        super().__init__()
        self.notes = notes
        for part in self.modules():
            if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
                nn.init.normal_(part.running_mean, 0, 0.3)
                nn.init.uniform_(part.running_var, 0.5, 2)
        for level in self.net.stack.levels:  # of dB
            level.running_mean.fill_(-60)
            level.running_var.fill_(300)
        nn.init.normal_(self.net.heads.weight, 0, 1.5)
        nn.init.zeros_(self.net.heads.bias)  # type: ignore[arg-type]
        self.eval()

    def posteriors(self, audio: Audio) -> np.ndarray:
        return posteriors(self.notes, audio.duration)


def sound(notes: Notes = TRUTH, seconds: float = 3.2) -> Audio:
    y = np.zeros(round(seconds * RATE))
    for onset, offset, hz in zip(notes.onset, notes.offset, notes.hz, strict=True):
        t = np.arange(round((offset - onset) * RATE)) / RATE
        y[round(onset * RATE) :][: t.size] += 0.3 * np.sin(2 * np.pi * hz * t) * np.exp(-4 * t)
    return Audio(y, RATE)


def roll(**state: Any) -> PianoRoll:
    piece = SimpleNamespace(name="five", audio=sound(), notes=TRUTH)
    return PianoRoll.of(piece, model=Told(), **state)


@pytest.fixture
def static(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Write a roll to one file and open it."""
    address = serve(tmp_path)

    def opened(widget: PianoRoll | None = None, **context: Any) -> Opened:
        (widget or roll()).to_html(tmp_path / "roll.html")
        page, problems = open_page(f"{address}/roll.html", **context)
        page.wait_for_function(OPENED)
        page.evaluate(SPY)
        return page, problems

    return opened


def where(page: Any, t: float, pitch: float) -> tuple[float, float]:
    """A place of the roll on the screen, when it shows all of HEARD and TRUTH."""
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


def saved(page: Any, button: str, tmp_path: Path) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    target = tmp_path / "saved"
    download.value.save_as(target)
    return target.read_bytes()


def notes_of(page: Any, tmp_path: Path) -> Notes:
    return Notes.from_midi(saved(page, "Save MIDI", tmp_path))


def test_the_picture_follows_a_threshold_within_120_ms(tmp_path: Path, chromium: Any) -> None:
    times = latency.roll_static(chromium, tmp_path, presses=12)["mirlab"]
    print(f"median {np.median(times):.0f} ms of {np.round(times)}")
    assert np.median(times) < 120


def test_a_threshold_changes_the_notes_on_the_screen(static: Callable[..., Opened]) -> None:
    page, problems = static(roll(decoder="peaks"))
    assert page.locator("[data-engine=browser]").count() == 1
    page.get_by_text("5 notes").wait_for()
    slider = page.get_by_role("slider", name="Shortest")
    slider.fill("0.3")
    page.get_by_text("4 notes").wait_for()  # the extra one lasts 0.2 s
    slider.fill("0.03")
    for decoder in data.DECODERS:
        page.get_by_label("Decoder").select_option(decoder)
        page.get_by_text("5 notes").wait_for()
        onset = page.get_by_role("slider", name="Onset")
        assert onset.is_disabled() == (decoder == "thresholds")  # which asks for none
    assert not problems


def test_errors_are_marked_and_counted_as_mir_eval_does(
    static: Callable[..., Opened], screenshots: Path
) -> None:
    widget = roll()
    page, problems = static(widget)
    legend = page.locator(".legend")
    counts = [output.inner_text() for output in legend.locator("output").all()]
    assert counts == ["2", "1", "1", "1", "1"]  # right, missing, extra, wrong time, wrong pitch
    f = note_scores(TRUTH, widget.notes)["onset_f"]
    assert legend.locator("strong").inner_text() == f"F {f:.3f}"
    assert "1 wrong pitch" in page.locator(".piano-area canvas").get_attribute("aria-label")
    page.locator(".mirlab").screenshot(path=screenshots / "piano_roll.png")
    assert not problems


def test_notes_are_dragged_split_joined_deleted_drawn_and_undone(
    static: Callable[..., Opened], tmp_path: Path
) -> None:
    page, problems = static()
    before = notes_of(page, tmp_path)
    drag(page, (1.4, 64), (1.2, 66))  # a late note, moved
    after = notes_of(page, tmp_path)
    assert after.pitch.tolist() == [84, 60, 66, 79, 48]
    assert after.onset[2] == pytest.approx(1.0, abs=0.03)
    drag(page, (2.898, 48), (2.7, 48))  # an end
    assert notes_of(page, tmp_path).offset[-1] == pytest.approx(2.7, abs=0.03)
    click(page, 2.6, 60)  # the cursor
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
    page.get_by_role("slider", name="Sounding").fill("0.35")  # decoded anew
    page.get_by_text("edited").wait_for(state="detached")
    page.get_by_role("button", name="Undo").click()  # brings the edits back
    np.testing.assert_array_equal(notes_of(page, tmp_path).pitch, drawn.pitch)
    for _ in range(6):
        page.get_by_role("button", name="Undo").click()
    np.testing.assert_allclose(notes_of(page, tmp_path).onset, before.onset)
    page.get_by_role("button", name="Redo").click()
    assert notes_of(page, tmp_path).pitch.tolist() == [84, 60, 66, 79, 48]
    assert not problems


def test_the_keys_do_all_of_it(static: Callable[..., Opened], tmp_path: Path) -> None:
    page, problems = static()
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


def test_original_and_notes_are_heard_alone_and_left_and_right(
    static: Callable[..., Opened],
) -> None:
    page, problems = static()
    page.wait_for_timeout(200)
    assert page.evaluate("() => played.length") == 0  # never by itself
    for listen in ("original", "notes", "both"):
        page.get_by_label("Listen to").select_option(listen)
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function("() => played.length")
        started = page.evaluate("() => played.pop()")
        left, right = np.array(started["ears"])
        assert started["gain"] * max(abs(left).max(), abs(right).max()) == pytest.approx(
            SAFE, rel=1e-3
        )
        # the note 84, at 0.2 s, is nowhere in the original
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


def test_the_files_hold_the_notes(static: Callable[..., Opened], tmp_path: Path) -> None:
    music21 = pytest.importorskip("music21")
    widget = roll(bpm=90.0)
    page, problems = static(widget)
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


OWN = """() => {
    const root = document.querySelector('.piano-roll');
    return Number(root.dataset.heard) || 0;
}"""


def test_a_readers_sound_gets_the_notes_that_the_kernel_finds(
    static: Callable[..., Opened], tiny: NoteDetector, piano_file: Path, tmp_path: Path
) -> None:
    page, problems = static(PianoRoll.of(sound(), model=tiny))
    began = time.perf_counter()
    page.locator("input[type=file]").set_input_files(piano_file)
    page.wait_for_function(OWN)
    page.wait_for_function(
        "() => !document.querySelector('.piano-roll').textContent.includes('5 n')"
    )
    seconds = time.perf_counter() - began
    found = notes_of(page, tmp_path)
    kernel = PianoRoll.of(sound(), model=tiny)
    samples = np.round(32767 * Audio.load(piano_file).y[0]).astype("<i2")
    kernel.own, kernel.clip = samples.tobytes(), "own"
    kernel.own_heard = kernel.answer_hear(lambda fraction: None, id=1)["own_heard"]
    expected = kernel.notes
    print(f"{len(found)} notes of 30 s in {seconds:.1f} s, {page.evaluate(OWN):.0f} ms in the net")
    assert len(expected) > 100
    ours, theirs = (np.lexsort((notes.onset, notes.pitch)) for notes in (found, expected))
    np.testing.assert_array_equal(found.pitch[ours], expected.pitch[theirs])
    np.testing.assert_allclose(found.onset[ours], expected.onset[theirs], atol=HOP)
    assert seconds < 15
    assert not problems


def test_with_onnxruntime_and_from_a_disk_a_page_finds_the_notes_of_the_kernel(
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
    page.wait_for_function(OWN)
    assert page.locator(".piano-roll").get_attribute("data-runtime") == "onnxruntime"
    samples = np.round(32767 * Audio.load(tmp_path / "mine.wav").y[0]).astype("<i2")
    kernel.own, kernel.clip = samples.tobytes(), "own"
    kernel.own_heard = kernel.answer_hear(lambda fraction: None, id=1)["own_heard"]
    page.get_by_text(f"{len(kernel.notes)} notes").wait_for()
    assert len(kernel.notes) > 10
    page.get_by_text("0.00 s of 5.00 s").wait_for()
    assert not page.locator(".legend").is_visible()  # the true notes are unknown
    page.locator(".mirlab").screenshot(path=screenshots / "piano_roll_onnxruntime.png")
    assert not problems
    page.goto(page_file.as_uri())  # from the disk, where a page may load nothing
    page.wait_for_function(OPENED)
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.wav")
    page.wait_for_function(OWN)
    assert page.locator(".piano-roll").get_attribute("data-runtime") == "javascript"
    page.get_by_text(f"{len(kernel.notes)} notes").wait_for()


def test_silence_has_no_notes(static: Callable[..., Opened], tmp_path: Path) -> None:
    page, problems = static()
    Audio(np.zeros(2 * RATE), RATE).save(tmp_path / "silence.wav")
    page.locator("input[type=file]").set_input_files(tmp_path / "silence.wav")
    page.wait_for_function(OWN)
    page.get_by_text("0 notes").wait_for()
    (tmp_path / "text.wav").write_text("no sound")
    page.locator("input[type=file]").set_input_files(tmp_path / "text.wav")
    page.get_by_text("is no sound that this browser can read").wait_for()
    assert not problems


def test_it_fits_and_shows(
    static: Callable[..., Opened], looks: Callable[..., Any], screenshots: Path
) -> None:
    page, problems = static()
    for scheme, width in looks(page):
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        page.screenshot(path=screenshots / f"piano_roll_{width}_{scheme}.png", full_page=True)
    assert not problems


def test_live_the_kernel_knows_the_notes_and_hears(
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
    page.wait_for_function("() => document.querySelector('.piano-roll select').value === 'own'")
    code = "print(roll.own_heard.get('frames', 0))"
    for _ in range(60):
        page.wait_for_timeout(1000)
        if int(in_kernel(page, code)):
            break
    assert int(in_kernel(page, code)) == 1 + 30 * RATE // 256
    assert json.loads(in_kernel(page, "print(len(roll.own))")) == 2 * 30 * RATE
    count = int(in_kernel(page, "print(len(roll.notes))"))
    assert count > 50
    page.get_by_text(f"{count} notes").wait_for()
    assert not problems

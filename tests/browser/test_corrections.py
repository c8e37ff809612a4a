"""Corrections on the Listening desk: the page derives what Python does; controls and files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirlab.analysis import Analysis, Corrections, CorrectionsError, correct
from mirlab.core import Notes, Segments
from mirlab.core.midi_files import read_meters
from mirlab.report import save_report
from mirlab.score.musicxml import musicxml
from mirlab.widgets import ListeningDesk
from mirlab.widgets.shared.base import HERE
from tests.browser.desk_piece import playhead, ruler
from tests.report.pieces import piece

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
Call = Callable[..., Any]
CALL = """async ([address, ...given]) => {
    const js = address + '/listening_desk/js/';
    const { correct } = await import(js + 'correct.js');
    try {
        return correct(...given);
    } catch (error) {
        return { error: error.message };
    }
}"""


@pytest.fixture(scope="module")
def call(chromium: Any) -> Iterator[Call]:
    """Call a module of the desk in a page."""
    from benchmarks.widgets.browser import opened, serving

    with (
        serving(HERE.parent) as address,
        opened(chromium, f"{address}/shared/js/fft.js") as (page, _),
    ):
        yield lambda *given: page.evaluate(CALL, [address, *given])


def state(analysis: Analysis) -> dict[str, Any]:
    """What the page corrects, from the same numbers as Python."""
    notes = analysis.notes
    assert notes is not None
    columns = (notes.onset, notes.offset, notes.pitch, notes.velocity)
    names = ("onset", "offset", "pitch", "velocity")
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {
        "beats": [
            [t, label, 0]
            for t, label in zip(
                analysis.beats.intervals[:, 0].tolist(), analysis.beats.labels, strict=True
            )
        ],
        "chords": [
            [*span, label, 0]
            for span, label in zip(
                analysis.chords.intervals.tolist(), analysis.chords.labels, strict=True
            )
        ],
        "notes": [{**dict(zip(names, row, strict=True)), "mark": 0, "drum": 0} for row in rows],
        "key": analysis.key,
        "meter": "/".join(map(str, analysis.meter)),
    }


def random_operation(rng: np.random.Generator, analysis: Analysis) -> dict[str, Any]:
    """An operation that may fit the analysis."""
    beats = analysis.beats.intervals[:, 0]
    time = round(float(rng.uniform(0, beats[-1] + 1)), 4)
    beat = float(rng.choice(beats))
    notes = analysis.notes
    assert notes is not None
    i = int(rng.integers(len(notes)))
    note = {"op": "note", "onset": float(notes.onset[i]), "pitch": int(notes.pitch[i])}
    choices: list[dict[str, Any]] = [
        {"op": "tempo", "factor": str(rng.choice(["2", "1/2", "3/2", "2/3"]))},
        {"op": "bar_line", "time": time},
        {"op": "bar_line", "time": beat},
        {"op": "meter", "meter": str(rng.choice(["2/4", "3/4", "4/4", "6/8"]))},
        {"op": "key", "key": "G minor"},
        {"op": "chord", "start": time, "end": time + 1.5, "label": "G:7"},
        {**note, "action": "delete"},
        {**note, "action": "change", "to": {"pitch": 70}},
        {"op": "note", "action": "add", "onset": time, "offset": time + 0.4, "pitch": 50},
        {"op": "beat", "action": "move", "time": beat, "to": round(beat + 0.08, 4)},
        {"op": "beat", "action": "add", "time": time},
        {"op": "beat", "action": "delete", "time": beat},
    ]
    return choices[int(rng.integers(len(choices)))]


def test_the_page_derives_what_python_does(call: Call) -> None:
    """Sixty pieces with six operations at random; the same are refused."""
    refused = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        original = found = piece(count=24, first=1 + seed % 4, lead=0.25 * (seed % 5))
        if seed % 3 == 0:  # bars of several lengths
            labels = [
                str(n) for n in (1, 2, 3, 4, 1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 5, *([1, 2] * 4), 1)
            ]
            original = found = replace(original, beats=Segments(original.beats.intervals, labels))
        operations: list[dict[str, Any]] = []
        reason = ""
        for _ in range(6):
            operations.append(random_operation(rng, found))
            try:
                found = correct(original, Corrections(operations))
            except CorrectionsError as error:
                reason = str(error)
                break
        page = call(state(original), operations)
        if reason:
            refused += 1
            number = f"correction {len(operations)} "
            assert page["error"].startswith(number) and reason.startswith(number), operations
            continue
        agree(page, state(found), operations)
    assert 0 < refused < 30


def agree(page: dict[str, Any], python: dict[str, Any], operations: list[dict[str, Any]]) -> None:
    """Assert that two states are the same but for rounding errors."""
    assert (page["key"], page["meter"]) == (python["key"], python["meter"])
    assert [row[1] for row in page["beats"]] == [row[1] for row in python["beats"]], operations
    times = [[row[0] for row in found["beats"]] for found in (page, python)]
    np.testing.assert_allclose(*times, atol=1e-9, err_msg=str(operations))
    assert [row[2] for row in page["chords"]] == [row[2] for row in python["chords"]], operations
    spans = [[row[:2] for row in found["chords"]] for found in (page, python)]
    np.testing.assert_allclose(*spans, atol=1e-9)
    names = ("onset", "offset", "pitch", "velocity")
    notes = [
        sorted(tuple(note[name] for name in names) for note in found["notes"])
        for found in (page, python)
    ]
    np.testing.assert_allclose(*notes, atol=1e-9)


# --- the controls


@pytest.fixture
def open_desk(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Open the desk of an analysis with its corrections shown."""
    address = serve(tmp_path)

    def opened(analysis: Analysis | None = None, **context: Any) -> Opened:
        desk = ListeningDesk.of(analysis or piece(count=24, first=1))
        desk.to_html(tmp_path / "desk.html")
        page, problems = open_page(f"{address}/desk.html", **context)
        page.wait_for_selector("html[data-widgets=ready]", state="attached")
        page.get_by_role("button", name="Edit", exact=True).click()
        return page, problems

    return opened


def settled(page: Any, count: int) -> None:
    """Wait until so many corrections are shown."""
    page.wait_for_selector(f".desk[data-corrections='{count}']")


def label(page: Any, lane: str) -> str:
    """What a lane says it shows."""
    return str(page.locator(f"[data-lane='{lane} found'] canvas").get_attribute("aria-label"))


def saved(page: Any, name: str) -> bytes:
    """The file that a button saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(download.value.path()).read_bytes()


def test_tempo_meter_and_key_are_corrected_undone_and_saved(
    open_desk: Callable[..., Opened], screenshots: Path, looks: Callable[..., Any]
) -> None:
    page, problems = open_desk()
    assert "24 in all" in label(page, "beats")
    page.get_by_role("button", name="Twice as many beats").click()
    settled(page, 1)
    page.get_by_role("img", name="Beats, 48 in all").wait_for()
    page.get_by_label("Meter").select_option("3/4")
    page.get_by_label("Key").select_option("G minor")
    settled(page, 3)
    assert "tempo ×2, meter 3/4, key G minor" in page.locator(".corrections").inner_text()
    for scheme, width in looks(page):
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        page.screenshot(path=screenshots / f"desk_edit_{scheme}_{width}.png", full_page=True)
    found = json.loads(saved(page, "Save corrections.json"))
    expected = [
        {"op": "tempo", "factor": "2"},
        {"op": "meter", "meter": "3/4"},
        {"op": "key", "key": "G minor"},
    ]
    assert found == {"corrections": expected}
    again = correct(piece(count=24, first=1), Corrections(expected))
    lines = saved(page, "Save beats").decode().splitlines()
    assert [line.split("\t")[2] for line in lines] == list(again.beats.labels)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    settled(page, 1)
    page.get_by_role("button", name="Redo").click()
    settled(page, 2)
    assert page.get_by_label("Meter").input_value() == "3/4"
    assert not problems


def score_text(analysis: Analysis) -> str:
    """The MusicXML of an analysis, without the version of mirlab."""
    assert analysis.notes is not None
    title = analysis.name.replace("_", " ")
    text = musicxml(analysis.notes, key=analysis.key, meter=None, bars=analysis.bars, title=title)
    return re.sub(r"<software>mirlab [^<]*", "<software>mirlab", text)


def test_midi_and_musicxml_are_those_of_the_corrected_analysis(
    open_desk: Callable[..., Opened], tmp_path: Path
) -> None:
    page, problems = open_desk()
    original = piece(count=24, first=1)
    assert saved(page, "Save MusicXML").decode() == score_text(original)
    page.get_by_role("button", name="Half as many beats").click()
    page.get_by_label("Meter").select_option("3/4")
    page.get_by_label("Key").select_option("Db major")
    settled(page, 3)
    corrections = json.loads(saved(page, "Save corrections.json"))["corrections"]
    found = correct(original, Corrections(corrections))
    assert saved(page, "Save MusicXML").decode() == score_text(found)
    assert found.notes is not None
    found.notes.save(tmp_path / "python.mid", bars=found.bars)
    (tmp_path / "page.mid").write_bytes(saved(page, "Save MIDI"))
    assert read_meters(tmp_path / "page.mid") == read_meters(tmp_path / "python.mid")
    python, written = (Notes.from_midi(tmp_path / f"{name}.mid") for name in ("python", "page"))
    np.testing.assert_allclose(written.onset, python.onset, atol=1e-6)
    np.testing.assert_array_equal(written.pitch, python.pitch)
    assert not problems


def test_chords_are_spelled_in_the_corrected_key(open_desk: Callable[..., Opened]) -> None:
    original = piece(count=24, first=1, chords=("Ab:maj", "C:7"), key="Eb major")
    page, problems = open_desk(original)
    page.get_by_label("Key").select_option("E major")
    settled(page, 1)
    found = correct(original, Corrections([{"op": "key", "key": "E major"}]))
    expected = [row[2] for row in ListeningDesk.of(found).chords["found"]]
    lines = saved(page, "Save chords").decode().splitlines()
    assert [line.split("\t")[2] for line in lines] == expected == ["G#:maj", "C:7"]
    assert not problems


def test_a_bar_line_by_key_and_a_beat_by_mouse(open_desk: Callable[..., Opened]) -> None:
    page, problems = open_desk(viewport={"width": 1280, "height": 1200})
    ruler(page).focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    at = playhead(page)
    page.keyboard.press("b")
    settled(page, 1)
    (operation,) = json.loads(saved(page, "Save corrections.json"))["corrections"]
    assert operation["op"] == "bar_line" and operation["time"] == pytest.approx(at, abs=0.01)
    box = page.locator("[data-lane='beats found'] .area").bounding_box()
    per_second = box["width"] / piece(count=24).audio.duration  # all of it is seen
    x, y = box["x"] + 5.5 * per_second, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.1 * per_second, y, steps=5)
    page.mouse.up()
    settled(page, 2)
    operation = json.loads(saved(page, "Save corrections.json"))["corrections"][1]
    assert operation["time"] == pytest.approx(5.5, abs=1e-3)
    assert operation["to"] == pytest.approx(5.6, abs=0.02)
    assert not problems


def test_a_chord_is_renamed_a_note_changed_and_deleted(open_desk: Callable[..., Opened]) -> None:
    page, problems = open_desk(viewport={"width": 1280, "height": 1200})
    ruler(page).focus()
    page.keyboard.press("Home")
    chord = page.get_by_label("Chord", exact=True)
    assert chord.input_value() == "F:maj"
    chord.fill("D:min7")
    chord.press("Enter")
    settled(page, 1)
    chord.fill("nonsense")
    chord.press("Enter")
    page.get_by_text("nonsense is no chord").wait_for()
    page.get_by_label("Beat [s]").wait_for()
    lane = page.locator("[data-lane='notes found'] .area").bounding_box()
    seconds = piece(count=24).audio.duration
    page.mouse.click(lane["x"] + lane["width"] * 0.7 / seconds, lane["y"] + lane["height"] / 2)
    page.get_by_role("button", name="Semitone up").click()
    settled(page, 2)
    page.get_by_role("button", name="Delete note").click()
    settled(page, 3)
    operations = json.loads(saved(page, "Save corrections.json"))["corrections"]
    assert operations[0] == {"op": "chord", "start": 0, "end": 3, "label": "D:min7"}
    assert operations[1]["to"] == {"pitch": 61} and operations[2]["pitch"] == 61
    assert "23 in all" in label(page, "notes")
    assert len(correct(piece(count=24, first=1), Corrections(operations)).notes or []) == 23
    assert not problems


def test_the_report_has_the_corrected_files(
    tmp_path: Path, open_page: Callable[..., Opened]
) -> None:
    analysis = piece(count=24, first=1)
    save_report(analysis, tmp_path / "report.html")
    page, problems = open_page((tmp_path / "report.html").as_uri(), offline=True)
    page.wait_for_selector("html[data-widgets=ready]", state="attached")
    beats = page.locator("#files a[download$=' beats.lab']")
    before = beats.get_attribute("href")
    outdated = page.locator("#score .outdated")
    assert outdated.is_hidden()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("button", name="Half as many beats").click()
    outdated.wait_for()
    with page.expect_download() as download:
        beats.click()
    lines = Path(download.value.path()).read_text().splitlines()
    found = correct(analysis, Corrections([{"op": "tempo", "factor": "1/2"}]))
    assert [line.split("\t")[2] for line in lines] == list(found.beats.labels)
    with page.expect_download() as download:
        page.locator("#files a[download$=' score.musicxml']").click()
    assert Path(download.value.path()).read_text("utf-8") == score_text(found)
    page.get_by_role("button", name="Undo").click()
    outdated.wait_for(state="hidden")
    assert beats.get_attribute("href") == before
    assert not problems


def test_a_kernel_engraves_the_score_after_a_correction(
    run_notebook: Callable[[str], Opened], screenshots: Path
) -> None:
    page, problems = run_notebook("tests/widgets/corrections.ipynb")
    page.locator("[data-engine=kernel]").wait_for()
    score = page.get_by_alt_text("Score after the corrections, first page")
    assert score.is_hidden()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Key").select_option("E major")
    settled(page, 1)
    score.wait_for()
    page.wait_for_function("() => document.querySelector('.score img').naturalWidth > 0")
    first = score.get_attribute("src")
    page.locator(".score").screenshot(path=screenshots / "desk_score.png")
    page.get_by_label("Meter").select_option("3/4")
    page.get_by_role("button", name="Half as many beats").click()  # does not wait for the score
    settled(page, 3)
    page.wait_for_function(
        "before => document.querySelector('.score img').src !== before", arg=first
    )
    assert page.get_by_label("Chord", exact=True).input_value() == "G#:maj"
    assert not problems


def test_only_an_analysis_without_a_reference_is_edited(
    desk: Callable[..., Opened],
) -> None:
    page, problems = desk()
    assert page.get_by_role("button", name="Edit", exact=True).count() == 0
    assert not problems


def test_beats_of_no_bar_are_refused_in_words(open_desk: Callable[..., Opened]) -> None:
    analysis = piece(count=24, first=1)
    page, problems = open_desk(analysis)
    for _ in range(3):
        page.get_by_role("button", name="Twice as many beats").click()
    page.get_by_text("less than 0.1 s apart").wait_for()
    settled(page, 2)
    assert not problems

"""Corrections: their form, their file, and what they change."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.analysis import Analysis, Corrections, CorrectionsError, correct, save_analysis
from mirlab.analysis.corrections import FORMS
from mirlab.cli.batch import Job, with_corrections
from mirlab.core import AudioError, Notes, Segments, TempoMap
from mirlab.report import chord_sheet, report_html
from mirlab.score.musicxml import musicxml
from tests.report.pieces import piece

EACH: list[dict[str, Any]] = [
    {"op": "tempo", "factor": "2"},
    {"op": "bar_line", "time": 2.0},
    {"op": "meter", "meter": "3/4"},
    {"op": "key", "key": "G minor"},
    {"op": "chord", "start": 1.0, "end": 2.0, "label": "G:7"},
    {"op": "note", "action": "add", "onset": 1.1, "offset": 1.4, "pitch": 90},
    {"op": "note", "action": "delete", "onset": 0.5, "pitch": 60},
    {"op": "note", "action": "change", "onset": 1.0, "pitch": 61, "to": {"pitch": 72}},
    {"op": "beat", "action": "move", "time": 1.0, "to": 1.1},
    {"op": "beat", "action": "add", "time": 1.3},
    {"op": "beat", "action": "delete", "time": 1.3},
]

PIECE = piece()


def downbeats(analysis: Analysis) -> list[float]:
    """Times of the first beats of the bars."""
    return [
        float(t)
        for t, n in zip(analysis.beats.intervals[:, 0], analysis.beats.labels, strict=True)
        if n == "1"
    ]


def test_each_operation_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert {operation["op"] for operation in EACH} == set(FORMS)
    corrections = Corrections(EACH)
    again = Corrections.load(corrections.save(tmp_path / "corrections.json"))
    assert again == corrections and len(again.describe()) == len(EACH)
    assert json.loads((tmp_path / "corrections.json").read_text()) == {"corrections": EACH}
    assert Corrections.load(Corrections().save(tmp_path / "none.json")) == Corrections()
    assert len(corrections.undo()) == len(EACH) - 1 and Corrections().undo() == Corrections()


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"op": "speed"}, "correction 1 (speed): op must be one of tempo"),
        ({}, "correction 1 (no op): op must be one of"),
        ({"op": ["tempo"]}, "op must be one of"),
        ({"op": "tempo", "factor": "4"}, "correction 1 (tempo): factor must be one of 2, 1/2"),
        ({"op": "tempo", "factor": 2}, "factor must be text"),
        ({"op": "tempo", "factor": "2", "times": 3}, "it has no 'times'"),
        ({"op": "bar_line"}, "time is missing"),
        ({"op": "bar_line", "time": -1}, "time must be from 0 to"),
        ({"op": "bar_line", "time": float("nan")}, "time must be from 0 to"),
        ({"op": "meter", "meter": "5/8"}, "meter must be one of 2/4, 3/4, 4/4, 5/4"),
        ({"op": "key", "key": "H minor"}, "the key must be like"),
        ({"op": "chord", "start": 1, "end": 2, "label": "Z"}, "unknown chord 'Z'"),
        ({"op": "chord", "start": 2, "end": 1, "label": "C"}, "end after it begins"),
        ({"op": "note", "onset": 1, "pitch": 60}, "action must be one of add, delete, change"),
        ({"op": "note", "action": "delete", "onset": 1, "pitch": 128}, "pitch must be from 0 to"),
        ({"op": "note", "action": "change", "onset": 1, "pitch": 6, "to": {"key": 1}}, "no 'key'"),
        ({"op": "beat", "action": "move", "time": 1}, "to is missing"),
    ],
)
def test_an_operation_that_is_none_is_named(
    operation: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(CorrectionsError) as caught:
        Corrections([operation])
    assert message in str(caught.value) and "\n" not in str(caught.value)
    if operation.get("time") != operation.get("time"):
        return  # JSON has no NaN
    file = tmp_path / "corrections.json"
    file.write_text(json.dumps({"corrections": [operation]}))
    with pytest.raises(CorrectionsError) as caught:
        Corrections.load(file)
    assert str(file) in str(caught.value) and message in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"corrections": 3}', '{"corrections": [1]}'])
def test_a_file_that_is_none_is_named(text: str, tmp_path: Path) -> None:
    file = tmp_path / "corrections.json"
    file.write_text(text)
    with pytest.raises(CorrectionsError, match=r"corrections\.json"):
        Corrections.load(file)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


@given(st.sampled_from(EACH), st.data())
def test_wrong_values_give_one_error(operation: dict[str, Any], data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(list(operation)))
    changed = operation | {entry: data.draw(json_values)}
    try:
        found = correct(PIECE, Corrections([changed]))
    except CorrectionsError as reason:
        message = str(reason)
    else:
        assert found.corrections.operations == (changed,)
        return
    assert message.startswith("correction 1") and "\n" not in message


def test_each_operation_changes_what_it_names_alone() -> None:
    original = piece()
    names = ("beats", "notes", "meter", "key", "chords")
    for operation, changed in zip(
        EACH[:10],
        [{"beats", "notes"}, {"beats", "notes"}, {"beats", "notes", "meter"}, {"key"}, {"chords"},
         *[{"notes"}] * 3, *[{"beats", "notes"}] * 2],
        strict=True,
    ):  # fmt: skip
        found = correct(original, Corrections([operation]))
        differing = {n for n in names if getattr(found, n) is not getattr(original, n)}
        assert differing == changed, operation
        assert found.audio is original.audio and found.original is original
        save_as_score(found)


def save_as_score(analysis: Analysis) -> str:
    """The MusicXML of an analysis."""
    assert analysis.notes is not None
    return musicxml(analysis.notes, key=analysis.key, meter=None, bars=analysis.bars)


def test_corrections_follow_each_other_and_are_undone() -> None:
    original = piece(count=20)
    first, second = Corrections(EACH[:2]), Corrections(EACH[2:9])
    stepwise = correct(correct(original, first), second)
    at_once = correct(original, first + second)
    np.testing.assert_array_equal(stepwise.beats.intervals, at_once.beats.intervals)
    assert stepwise.beats.labels == at_once.beats.labels
    assert save_as_score(stepwise) == save_as_score(at_once)
    assert stepwise.corrections == first + second and stepwise.original is original
    undone = correct(original, (first + Corrections(EACH[2:3])).undo())
    assert save_as_score(undone) == save_as_score(correct(original, first))


def test_one_bar_line_repairs_the_phase_of_a_song() -> None:
    original = piece(first=3, count=32)
    found = correct(original, Corrections([{"op": "bar_line", "time": 0.55}]))
    np.testing.assert_allclose(downbeats(found), 0.5 + 2 * np.arange(8))


def test_a_bar_line_in_the_middle_makes_one_short_bar_in_the_score_and_the_sheet() -> None:
    original = piece(first=1, count=16, lead=0.0)
    found = correct(original, Corrections([{"op": "bar_line", "time": 3.0}]))  # beat 6
    text = save_as_score(found)
    assert text.count("<measure") == 5
    beats = [int(part.partition("<")[0]) for part in text.split("<beats>")[1:]]
    assert beats == [4, 2, 4]  # where the meter changes
    assert chord_sheet(found).count("|") > chord_sheet(original).count("|")


def test_chords_and_notes_are_replaced() -> None:
    found = correct(piece(), Corrections(EACH[4:8]))
    assert found.chords.at([0.9, 1.5, 2.1]) == ["F:maj", "G:7", "F:maj"]
    assert found.chords.durations.sum() == pytest.approx(piece().chords.durations.sum())
    assert found.notes is not None
    assert 90 in found.notes.pitch and 72 in found.notes.pitch
    assert not {60, 61} & set(found.notes.pitch[:2].tolist())


def test_bends_stay_with_their_notes() -> None:
    original = piece()
    notes = Notes(
        [0.5, 1.0], [1.0, 1.5], [60, 61], bends=[[(0.5, 0.3)], []], tempo_map=TempoMap(0, 120)
    )
    analysis = correct(
        replace_notes(original, notes),
        Corrections(
            [{"op": "note", "action": "change", "onset": 0.5, "pitch": 60, "to": {"pitch": 65}}]
        ),
    )
    assert analysis.notes is not None and analysis.notes.bends is not None
    assert analysis.notes.bend_at(0, 0.7) == 0.3 and analysis.notes.pitch[0] == 65


def replace_notes(analysis: Analysis, notes: Notes | None) -> Analysis:
    """The analysis with other notes."""
    return replace(analysis, notes=notes)


def test_what_was_corrected_is_sure() -> None:
    found = correct(piece(), Corrections([EACH[0], *EACH[2:4]]))
    assert found.meter_sure and found.tempo_confidence == found.key_confidence == 1


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"op": "bar_line", "time": 900}, "correction 2 (bar_line): there is no beat near"),
        ({"op": "note", "action": "delete", "onset": 0.5, "pitch": 99}, "no such note"),
        ({"op": "chord", "start": 900, "end": 901, "label": "C"}, "after the end"),
        ({"op": "beat", "action": "delete", "time": 0.77}, "no beat at this time"),
    ],
)
def test_what_does_not_fit_is_named_with_its_number(
    operation: dict[str, Any], message: str
) -> None:
    with pytest.raises(CorrectionsError) as caught:
        correct(piece(), Corrections([{"op": "key", "key": "C major"}, operation]))
    assert message in str(caught.value)


def test_without_beats_or_notes_they_cannot_be_corrected() -> None:
    with pytest.raises(CorrectionsError, match="no beats were found"):
        correct(piece(count=0, chords=("N",)), Corrections(EACH[:1]))
    with pytest.raises(CorrectionsError, match="not analysed"):
        correct(replace_notes(piece(), None), Corrections(EACH[5:6]))


@pytest.mark.slow
def test_the_files_and_the_report_have_the_corrections(tmp_path: Path) -> None:
    found = correct(piece(count=20), Corrections(EACH[1:4]))
    files, _ = save_analysis(found, tmp_path)
    assert tmp_path / "corrections.json" in files
    assert Corrections.load(tmp_path / "corrections.json") == found.corrections
    assert json.loads((tmp_path / "analysis.json").read_text())["corrections"] == EACH[1:4]
    assert "bar line at 0:02.0, meter 3/4, key G minor" in report_html(found, tmp_path)
    save_analysis(piece(), tmp_path)  # what somebody made by hand is not removed
    assert Corrections.load(tmp_path / "corrections.json") == found.corrections


def test_a_song_of_three_minutes_is_derived_anew_at_once(tmp_path: Path) -> None:
    """1,800 notes take 0.2 s of an idle core; other work on the machine slows it down."""
    rng = np.random.default_rng(0)
    times = 1 + 0.5 * np.arange(361) + rng.normal(0, 0.01, 361)
    beats = Segments(np.column_stack([times[:-1], times[1:]]), ["1", "2", "3", "4"] * 90)
    original = replace(piece(), beats=beats)
    onset = np.sort(rng.integers(0, 1440, 1800)) / 8 + rng.normal(1, 0.01, 1800)
    pitch = rng.normal(62, 8, 1800).astype(int)
    assert original.notes is not None
    original = replace_notes(
        original, Notes(onset, onset + rng.exponential(0.3, 1800) + 0.1, pitch)
    )
    corrections = Corrections([*EACH[:5], {"op": "tempo", "factor": "1/2"}])
    seconds = []
    for _ in range(3):
        began = time.process_time()
        found = correct(original, corrections)
        save_as_score(found)
        assert found.notes is not None
        found.notes.save(tmp_path / "a.mid")
        chord_sheet(found)
        seconds.append(time.process_time() - began)
    assert min(seconds) < 0.6


def test_the_command_line_finds_the_corrections_of_each_recording(tmp_path: Path) -> None:
    jobs = [Job(Path(f"{name}.wav"), tmp_path / name) for name in ("a", "b")]
    for folder in (tmp_path / "a", tmp_path / "b", tmp_path / "none"):
        folder.mkdir()
    file = Corrections(EACH[:1]).save(tmp_path / "a/corrections.json")
    assert [job.corrections for job in with_corrections(jobs, tmp_path)] == [file, None]
    assert with_corrections(jobs[1:], file)[0].corrections == file
    with pytest.raises(AudioError, match="one file for 2 recordings"):
        with_corrections(jobs, file)
    with pytest.raises(AudioError, match=r"contains no a/corrections\.json"):
        with_corrections(jobs, tmp_path / "none")

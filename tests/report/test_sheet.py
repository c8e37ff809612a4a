"""The chord sheet: chord names, bars and beats."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.analysis import save_analysis
from mirlab.core import Segments
from mirlab.report import (
    bars,
    chord_name,
    chord_sheet,
)
from tests.report.pieces import piece


def test_the_chord_sheet_of_a_known_piece() -> None:
    sheet = chord_sheet(piece(chords=("F:maj", "C:7", "N")))
    assert sheet.splitlines() == [
        "my song",
        "F major, 120 beats per minute, 4/4",
        "",
        "   0 |          F  |",
        "   1 | F  .  .  .  | C7 .  .  .  | C7          |",
    ]


def test_without_beats_chords_are_listed_with_their_times() -> None:
    sheet = chord_sheet(piece(count=0, chords=("F:maj", "A:min"), key=None))
    assert sheet.splitlines()[1:] == ["no key, no beat, no meter", "", "0:00  F", "0:03  Am"]


@pytest.mark.parametrize(
    ("label", "fifths", "name"),
    [
        ("C:maj", None, "C"),
        ("C", None, "C"),
        ("A#:min", -2, "Bbm"),
        ("A#:min", 5, "A#m"),
        ("Bb:min7", None, "Bbm7"),
        ("G#:hdim7", 3, "G#m7b5"),
        ("D:maj/3", 2, "D/F#"),
        ("C:min/b3", -3, "Cm/Eb"),
        ("G:maj6(9)", 0, "G6(9)"),
        ("C:(1,5)", 0, "C(1,5)"),
        ("N", 0, "N.C."),
        ("X", 0, "X"),
        ("C:wild", 0, "C:wild"),
    ],
)
def test_chord_names_follow_label_and_key(label: str, fifths: int | None, name: str) -> None:
    assert chord_name(label, fifths) == name


@given(
    chords=st.lists(st.sampled_from(["C:maj", "C#:min", "G:7", "N"]), min_size=1, max_size=8),
    lead=st.floats(0, 9),
    first=st.integers(1, 4),
    count=st.integers(2, 40),
)
def test_the_sheet_names_the_chord_on_every_beat(
    chords: list[str], lead: float, first: int, count: int
) -> None:
    made = piece(chords=tuple(chords), lead=lead, first=first, count=count)
    sheet = bars(made)
    assert all(len(bar.beats) == 4 for bar in sheet)
    numbers = [bar.number for bar in sheet]
    assert numbers == list(range(numbers[0], numbers[0] + len(sheet))) and numbers[0] >= 0
    read, last = [], ""
    for bar in sheet:
        named = [beat for beat in bar.beats if beat]
        assert named[0] != "."
        for beat in named:
            last = last if beat == "." else beat
            read.append(last)
    fifths = -1  # of F major
    middles = made.beats.intervals.mean(axis=1)
    assert read == [chord_name(label, fifths) for label in made.chords.at(middles)]


@pytest.mark.parametrize("lead", [0.5, 1.0, 4.5])
@pytest.mark.parametrize("first", [1, 3])
def test_bars_are_numbered_as_in_the_score(lead: float, first: int, tmp_path: Path) -> None:
    made = piece(lead=lead, first=first)
    save_analysis(made, tmp_path)
    root = ElementTree.parse(tmp_path / "score.musicxml").getroot()
    begun = [m for m in root.iter("measure") if m.find(".//pitch") is not None]
    assert [int(m.get("number", "")) for m in begun][:3] == [bar.number for bar in bars(made)][:3]


def test_sections_are_named_at_their_bars() -> None:
    made = piece(count=32, chords=("C:maj", "F:maj", "G:maj", "C:maj"))
    assert bars(made)[1].start == 1  # after the pick-up; a bar lasts two seconds
    form = Segments([(0, 6.2), (6.2, 12.5), (12.5, 16)], ["A", "B", "A"])
    letters = [bar.section for bar in bars(replace(made, sections=form))]
    assert letters == ["A", "", "", "", "B", "", "", "A", ""]
    whole = Segments([(0, 16)], ["A"])
    assert not any(bar.section for bar in bars(replace(made, sections=whole)))

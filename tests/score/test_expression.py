"""Expression marks: dynamics, pedal and slides, as read by music21."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from music21 import converter, dynamics

from mirlab.core.notes import Notes
from mirlab.core.tempo import TempoMap
from mirlab.score.engraving import engrave
from mirlab.score.expression import LEVELS
from mirlab.score.musicxml import write_musicxml

BEAT_A_SECOND = TempoMap([0.0], [60.0])
BEND = np.linspace(0, 1, 11)  # where curves have their points, in shares of a note


def quarters(velocity: Any, **fields: Any) -> Notes:
    """One pitch in quarters at one beat a second."""
    count = np.size(velocity)
    onset = np.arange(float(count))
    return Notes(onset, onset + 1, 60, velocity, tempo_map=BEAT_A_SECOND, **fields)


def levels(path: Path) -> list[tuple[float, str]]:
    """Quarter notes and level of the dynamics that music21 reads."""
    score = converter.parse(path, format="musicxml", forceSource=True)
    return [
        (float(mark.getOffsetInHierarchy(score)), mark.value)
        for mark in score.recurse().getElementsByClass(dynamics.Dynamic)
    ]


@pytest.mark.parametrize(("level", "velocity"), LEVELS.items())
def test_a_lasting_change_of_level_is_written_once(
    level: str, velocity: int, tmp_path: Path
) -> None:
    other, loud = ("ff", LEVELS["ff"]) if velocity < 70 else ("pp", LEVELS["pp"])
    wavering = np.tile([velocity, velocity - 5, velocity + 4, velocity], 6)
    notes = quarters(np.r_[wavering, np.full(24, loud)])
    path = write_musicxml(notes, tmp_path / "a.musicxml")
    assert levels(path) == [(0.0, level), (24.0, other)]
    assert len(re.findall(r'class="dynam"', engrave(path))) == 2


def test_one_loud_bar_is_not_a_change_of_level(tmp_path: Path) -> None:
    notes = quarters(np.r_[np.full(16, 64), np.full(4, 80), np.full(16, 64)])
    assert levels(write_musicxml(notes, tmp_path / "a.musicxml")) == [(0.0, "mp")]


def test_the_first_note_has_a_level(tmp_path: Path) -> None:
    notes = Notes([2.0, 3.0, 8.0], [3.0, 4.0, 9.0], 60, [50, 46, 49], tempo_map=BEAT_A_SECOND)
    path = write_musicxml(notes, tmp_path / "a.musicxml", downbeat=1)
    assert levels(path) == [(1.0, "p")]  # since the downbeat, with which the score begins


def test_equal_velocities_give_no_dynamics(tmp_path: Path) -> None:
    assert levels(write_musicxml(quarters(np.full(8, 80)), tmp_path / "a.musicxml")) == []
    empty = Notes.empty(tempo_map=BEAT_A_SECOND)
    assert levels(write_musicxml(empty, tmp_path / "b.musicxml")) == []


def pedal_marks(path: Path) -> list[tuple[float, str]]:
    """Quarter notes and kind of every pedal mark, from the text of the file."""
    score = path.read_text("utf-8")
    divisions = int(re.findall(r"<divisions>(\d+)", score)[0])
    found = []
    for i, bar in enumerate(score.split("<measure ")[1:]):
        for kind, offset in re.findall(r'<pedal type="(\w+)".*?<offset>(\d+)<', bar, re.DOTALL):
            found.append((4 * i + int(offset) / divisions, kind))
    return found


def test_each_pedal_press_is_a_line(tmp_path: Path) -> None:
    pedal = [(0.02, 1.9, 0), (2.1, 4.0, 0), (5.05, 6.4, 0)]
    path = write_musicxml(quarters(np.full(8, 80), pedal=pedal), tmp_path / "a.musicxml")
    assert pedal_marks(path) == [
        (0.0, "start"),
        (2.0, "stop"),
        (2.0, "start"),
        (4.0, "stop"),
        (5.0, "start"),
        (6.5, "stop"),
    ]
    score = converter.parse(path, format="musicxml", forceSource=True)
    assert len(score.recurse().getElementsByClass("PedalMark")) == 3
    assert len(re.findall(r'class="pedal"', engrave(path))) == 6  # ends count, too


def test_a_short_pedal_press_is_not_written(tmp_path: Path) -> None:
    pedal = [(1.0, 1.1, 0)]
    path = write_musicxml(quarters(np.full(4, 80), pedal=pedal), tmp_path / "a.musicxml")
    assert pedal_marks(path) == []


def slid(path: Path) -> list[list[str]]:
    """The articulations of each note that music21 reads."""
    score = converter.parse(path, format="musicxml", forceSource=True)
    return [[mark.name for mark in note.articulations] for note in score.recurse().notes]


@pytest.mark.parametrize(
    ("bend", "marks"),
    [
        (np.minimum(0, BEND * 10 - 1.5), ["scoop"]),
        (np.maximum(0, 1.5 - BEND * 10), ["plop"]),
        (np.minimum(0, 7.5 - BEND * 10), ["falloff"]),
        (np.maximum(0, BEND * 10 - 7.5), ["doit"]),
        (0.5 * np.sin(BEND * 40), []),  # vibrato
        (1.5 * np.sin(BEND * 40), []),  # as wide as a trill
        (np.full(11, 0.4), []),  # out of tune
    ],
)
def test_slides_are_detected(bend: np.ndarray, marks: list[str], tmp_path: Path) -> None:
    curves = [np.zeros((0, 2)), np.column_stack([1 + BEND, bend])]
    notes = quarters([80, 80], bends=curves)
    assert slid(write_musicxml(notes, tmp_path / "a.musicxml")) == [[], marks]


def test_a_tied_note_is_slid_into_at_its_beginning_and_out_of_at_its_end(tmp_path: Path) -> None:
    bend = np.minimum(0, np.minimum(BEND * 10 - 1.5, 7.5 - BEND * 10))
    curve = np.column_stack([3 + 2 * BEND, bend])
    notes = Notes([3.0], [5.0], 60, bends=[curve], tempo_map=BEAT_A_SECOND)
    assert slid(write_musicxml(notes, tmp_path / "a.musicxml")) == [["scoop"], ["falloff"]]

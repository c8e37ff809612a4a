"""Bars: from changes of meter and from numbered beats; MIDI files keep them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.core import Bars, Notes, NotesError, Segments, TempoMap
from mirlab.core.midi_files import read_meters

counts = st.lists(st.integers(1, 7), min_size=1, max_size=12)


def beats(labels: list[int]) -> Segments:
    """A beat per second."""
    return Segments([(i, i + 1) for i in range(len(labels))], [str(n) for n in labels])


@given(counts, st.integers(0, 6), st.integers(0, 20), st.booleans())
def test_bars_of_numbered_beats_begin_at_the_downbeats(
    per_bar: list[int], pickup: int, first: int, compound: bool
) -> None:
    pickup = min(pickup, per_bar[0] - 1)
    labels = [*range(per_bar[0] - pickup + 1, per_bar[0] + 1)]
    labels += [n for count in per_bar for n in range(1, count + 1)]
    unit = 1.5 if compound else 1.0
    bars = Bars.from_beats(beats(labels), first=first * unit, compound=compound)
    found = bars.until(unit * (first + len(labels)))
    downbeats = first + pickup + np.r_[0, np.cumsum(per_bar[:-1])]
    written = [bar for bar in found if bar.start >= (first + pickup) * unit]
    assert [bar.start for bar in written] == list(downbeats * unit)
    numerators = [bar.numerator // (3 if compound else 1) for bar in written]
    assert numerators[:-1] == per_bar[:-1]
    assert numerators[-1] >= per_bar[-1]  # the music may end before the bar does
    assert {bar.denominator for bar in found} == {8 if compound else 4}
    assert 0 <= found[0].start < per_bar[0] * unit  # whole bars before the first beat, too
    assert all(bar.end == following.start for bar, following in zip(found, found[1:], strict=False))


@pytest.mark.parametrize(
    ("labels", "changes"),
    [
        ([1, 2], [(0, 2, 4)]),
        ([4, 1], [(1, 4, 4)]),
        ([3, 4], [(-2, 4, 4)]),
        ([2], [(-1, 2, 4)]),
        ([4, 1, 2, 3, 4, 1, 2, 3, 1, 2], [(1, 4, 4), (5, 3, 4)]),
        ([1, 2, 3, 4, 5, 1, 2], [(0, 5, 4)]),
        ([1, 2, 3, 1, 2, 3, 4], [(0, 3, 4), (3, 4, 4)]),
    ],
)
def test_incomplete_bars(labels: list[int], changes: list[tuple[float, int, int]]) -> None:
    assert list(Bars.from_beats(beats(labels)).changes) == changes


def test_bars_before_the_first_change_and_short_bars() -> None:
    bars = Bars([(7, 3, 4), (11, 4, 4)])
    assert bars.until(14) == [(1, 3, 4), (4, 3, 4), (7, 3, 4), (10, 1, 4), (11, 4, 4)]
    assert bars.until(0) == [(1, 3, 4)]
    assert Bars([(-3, 4, 4)]).until(4) == [(1, 4, 4)]
    assert Bars([(0, 6, 8), (1.5, 9, 8)]).until(2) == [(0, 3, 8), (1.5, 9, 8)]
    assert Bars(bars) == bars


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([], "need a meter"),
        (3, "a list such as"),
        ("4/4", "a list such as"),
        ([(0, 4)], "must be"),
        ([(0, 4, 3)], "must be"),
        ([(0, 0, 4)], "must be"),
        ([(np.inf, 4, 4)], "must be"),
        ([(0, "4", 4)], "must be numbers"),
        ([(4, 4, 4), (0, 3, 4)], "must increase"),
        ([(0, 4, 4), (2.5, 3, 4)], "4/4 cannot end at 2.5"),
    ],
)
def test_wrong_bars_are_refused_in_a_line(changes: Any, message: str) -> None:
    with pytest.raises(NotesError, match=message):
        Bars(changes)


@pytest.mark.parametrize("label", ["", "0", "x", "1.5", "-1"])
def test_beats_without_a_number_are_refused(label: str) -> None:
    with pytest.raises(NotesError, match="must be labelled"):
        Bars.from_beats(Segments([(0, 1)], [label]))
    with pytest.raises(NotesError, match="need beats"):
        Bars.from_beats(Segments([], []))


@given(counts, st.integers(0, 6), st.booleans(), st.sampled_from([0.0, -0.25]))
def test_midi_files_keep_the_bar_lines(
    tmp_path_factory: pytest.TempPathFactory,
    per_bar: list[int],
    pickup: int,
    compound: bool,
    begin: float,
) -> None:
    """Beats of uneven length; the recording may begin between two beats."""
    pickup = min(pickup, per_bar[0] - 1)
    labels = [*range(per_bar[0] - pickup + 1, per_bar[0] + 1)]
    labels += [n for count in per_bar for n in range(1, count + 1)]
    unit = 1.5 if compound else 1.0
    lengths = 0.4 + 0.2 * np.arange(len(labels)) % 0.37
    edges = begin + np.r_[0, np.cumsum(lengths)]
    tempo = TempoMap(edges[:-1], 60 * unit / lengths)
    onset = np.maximum(edges[:-1], 0)
    notes = Notes(onset, edges[1:], 60, tempo_map=tempo)
    bars = Bars.from_beats(beats(labels), compound=compound)
    path = notes.save(tmp_path_factory.mktemp("midi") / "a.mid", bars=bars)
    length = len(labels) * unit
    written = bars.until(length)
    lines = [0.0] * (pickup > 0) + [bar.start for bar in written]
    read = Bars(read_meters(path)).until(length)
    assert [bar.start for bar in read] == lines
    assert [bar.meter for bar in read[pickup > 0 :]] == [bar.meter for bar in written]
    back = Notes.from_midi(path)
    assert back.tempo_map is not None
    on_beat = back.tempo_map.beats(back.onset[1:])
    assert on_beat == pytest.approx(unit * np.arange(1, len(labels)), abs=0.01)


def test_a_midi_file_names_the_part_of_a_bar_before_the_first_bar_line(tmp_path: Path) -> None:
    notes = Notes(np.arange(9) / 2, np.arange(1, 10) / 2, 60, tempo_map=TempoMap(0, 120))
    path = notes.save(tmp_path / "a.mid", bars=Bars([(1, 4, 4), (5, 3, 4)]))
    assert read_meters(path) == [(0, 1, 4), (1, 4, 4), (5, 3, 4)]
    path = notes.save(tmp_path / "a.mid", bars=Bars([(0.5, 4, 4)]))
    assert read_meters(path) == [(0, 1, 8), (0.5, 4, 4)]
    with pytest.raises(NotesError, match="bars must be Bars, not list"):
        notes.save(tmp_path / "a.mid", bars=[(0, 4, 4)])  # type: ignore[arg-type]

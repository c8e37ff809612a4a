"""Beat grids: tempo, bar lines and beats changed by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.analysis.beat_grid import BY_HAND, COUNTED, BeatGrid, CorrectionsError
from mirlab.core import Segments


def grid(count: int = 16, first: int = 1, per_bar: int = 4, period: float = 0.5) -> BeatGrid:
    """A grid of `count` beats from 1 s on; the first has the number `first`."""
    times = 1 + period * np.arange(count + 1)
    labels = [str((first - 1 + i) % per_bar + 1) for i in range(count)]
    return BeatGrid.from_segments(
        Segments(np.column_stack([times[:-1], times[1:]]), labels), per_bar
    )


@st.composite
def grids(draw: st.DrawFn) -> BeatGrid:
    """Beats at any tempo, with bar lines anywhere."""
    gaps = draw(st.lists(st.floats(0.25, 1), min_size=4, max_size=30))
    count = len(gaps)
    kinds = [0, 0, 0, COUNTED, BY_HAND]
    lines = np.array(draw(st.lists(st.sampled_from(kinds), min_size=count, max_size=count)))
    lines[draw(st.integers(0, count - 1))] = COUNTED
    counts = np.where(lines > 0, draw(st.sampled_from([2, 3, 4])), 0)
    return BeatGrid(np.cumsum(gaps), lines, counts, np.zeros(count, bool))


def test_the_labels_of_the_beats_are_those_given() -> None:
    for first in (1, 2, 3, 4):
        labels = grid(first=first).beats().labels
        assert labels == tuple(str((first - 1 + i) % 4 + 1) for i in range(16))


def test_a_bar_that_is_cut_short_stays() -> None:
    labels = ("3", "1", "2", "3", "1", "2", "1", "2", "3", "1")
    times = np.arange(11.0)
    beats = Segments(np.column_stack([times[:-1], times[1:]]), labels)
    assert BeatGrid.from_segments(beats, 3).beats().labels == labels


@given(st.lists(st.integers(1, 7), min_size=2, max_size=12))
def test_bars_of_any_lengths_keep_their_labels(lengths: list[int]) -> None:
    numbers = [i + 1 for length in lengths for i in range(length)]
    times = np.arange(len(numbers) + 1.0)
    beats = Segments(np.column_stack([times[:-1], times[1:]]), [str(n) for n in numbers])
    assert BeatGrid.from_segments(beats, 4).beats().labels == beats.labels


def test_a_passage_in_another_meter_keeps_it() -> None:
    labels = [*"1234" * 2, *"123" * 3, *"1234" * 2]
    times = np.arange(len(labels) + 1.0)
    found = BeatGrid.from_segments(Segments(np.column_stack([times[:-1], times[1:]]), labels), 4)
    doubled = "".join(found.with_tempo(Fraction(2)).beats().labels)
    assert doubled == "1234" * 4 + "123" * 6 + "1234" * 4
    later = "".join(found.with_bar_line(12.1).beats().labels)
    assert later == "1234" * 2 + "123" + "1" + "123" * 1 + "12" + "1234" * 2
    assert set(found.with_count(2).numbers.tolist()) == {1, 2}


def test_twice_the_tempo_halves_every_beat() -> None:
    doubled = grid(4).with_tempo(Fraction(2))
    np.testing.assert_allclose(doubled.times, 1 + 0.25 * np.arange(8))
    assert doubled.beats().labels == ("1", "2", "3", "4") * 2


def test_half_the_tempo_keeps_the_downbeats() -> None:
    halved = grid(9, first=4).with_tempo(Fraction(1, 2))  # 4 1 2 3 4 1 2 3 4
    np.testing.assert_allclose(halved.times, 1.5 + np.arange(4))
    assert halved.numbers.tolist() == [1, 2, 3, 4]


def test_three_beats_in_the_time_of_two() -> None:
    tripled = grid(4).with_tempo(Fraction(3, 2))
    np.testing.assert_allclose(tripled.times, 1 + np.arange(6) / 3)
    np.testing.assert_allclose(tripled.with_tempo(Fraction(2, 3)).times, grid(4).times)


@given(grids(), st.sampled_from([Fraction(2), Fraction(3, 2)]))
def test_a_faster_tempo_can_be_taken_back_where_bars_are_whole(
    beats: BeatGrid, factor: Fraction
) -> None:
    first = np.arange(beats.times.size) == 0
    whole = BeatGrid(beats.times, first * COUNTED, first * 4, beats.placed)
    try:
        again = whole.with_tempo(factor).with_tempo(1 / factor)
    except CorrectionsError:  # the beats would be too close
        return
    even = beats.times.size // 2 * 2 if factor != 2 else beats.times.size
    np.testing.assert_allclose(
        again.times[: even : 1 if factor == 2 else 2], beats.times[: even : 1 if factor == 2 else 2]
    )


@given(grids(), st.floats(0, 1), st.integers(0, 2))
def test_what_is_done_leaves_a_grid_that_is_counted_from_its_bar_lines(
    beats: BeatGrid, position: float, kind: int
) -> None:
    time = beats.times[0] + position * (beats.times[-1] - beats.times[0])
    changed = (
        beats.with_bar_line(time),
        beats.with_tempo(Fraction(1, 2)) if beats.times.size > 8 else beats,
        beats.with_beat_deleted(beats.times[int(position * (beats.times.size - 1))]),
    )[kind]
    assert np.all(np.diff(changed.times) > 0) and changed.lines.any()
    assert changed.lines.shape == changed.times.shape == changed.placed.shape
    numbers = changed.numbers
    assert np.all(numbers[changed.lines > 0] == 1)
    follows = (numbers[1:] == numbers[:-1] + 1) | (numbers[1:] == 1)
    assert np.all(follows | (changed.lines[1:] > 0))
    if kind == 0:
        assert changed.lines[np.abs(changed.times - time).argmin()] == BY_HAND


def test_a_bar_line_counts_to_the_next_one_by_hand() -> None:
    once = grid(16).with_bar_line(4.5)  # beat 7, a 4
    assert once.numbers.tolist() == [1, 2, 3, 4, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4, 1]
    twice = once.with_bar_line(3.1)  # beat 4, a 1 already: it holds what was before
    assert twice.numbers.tolist() == once.numbers.tolist()
    earlier = once.with_bar_line(2.0)
    assert earlier.numbers.tolist() == [3, 4, 1, 2, 3, 4, 1, 1, 2, 3, 4, 1, 2, 3, 4, 1]


def test_a_bar_line_in_the_first_bar_renumbers_what_is_before() -> None:
    assert grid(8).with_bar_line(2.02).numbers.tolist() == [3, 4, 1, 2, 3, 4, 1, 2]
    assert grid(8, first=2).with_bar_line(1.5).numbers.tolist() == [4, 1, 2, 3, 4, 1, 2, 3]


def test_a_bar_line_between_beats_shifts_them_by_half() -> None:
    all_shifted = grid(8).with_bar_line(1.72)
    np.testing.assert_allclose(all_shifted.times, 0.75 + 0.5 * np.arange(9))
    assert all_shifted.numbers.tolist() == [3, 4, 1, 2, 3, 4, 1, 2, 3]
    later = grid(12).with_bar_line(4.22)
    np.testing.assert_allclose(later.times[:7], 1 + 0.5 * np.arange(7))
    np.testing.assert_allclose(later.times[7:], 4.25 + 0.5 * np.arange(6))
    assert later.numbers.tolist() == [1, 2, 3, 4, 1, 2, 3, 1, 2, 3, 4, 1, 2]


def test_beats_are_moved_added_and_deleted() -> None:
    changed = grid(8).with_beat_moved(1.5, 1.62)
    assert changed.times[1] == 1.62 and changed.placed.tolist() == [False, True] + [False] * 6
    added = grid(8).with_beat_added(1.25)
    assert added.numbers.tolist() == [1, 2, 3, 4, 1, 2, 3, 4, 1]
    deleted = grid(8).with_beat_deleted(2.0)
    assert deleted.numbers.tolist() == [1, 2, 3, 4, 1, 2, 3]
    first = grid(8).with_beat_deleted(1.0)
    assert first.times[0] == 1.5 and first.numbers.tolist() == [1, 2, 3, 4, 1, 2, 3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g: g.with_bar_line(0.2), "no beat near"),
        (lambda g: g.with_bar_line(6.0), "no beat near"),
        (lambda g: g.with_beat_moved(1.1, 1.2), "no beat at this time"),
        (lambda g: g.with_beat_moved(1.5, 2.1), "between its neighbours"),
        (lambda g: g.with_beat_added(1.51), "there is a beat"),
        (lambda g: g.with_tempo(Fraction(1, 8)), "fewer"),
        (lambda g: g.with_tempo(Fraction(8)), "apart"),
        (lambda g: BeatGrid.from_segments(Segments([(0, 1)], ["1"]), 4), "no beats"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(change, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CorrectionsError, match=message):
        change(grid(8))

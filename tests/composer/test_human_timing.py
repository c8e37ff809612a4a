"""Human timing and odd meters of pieces."""

from dataclasses import replace

import numpy as np
import pytest

from mirlab.composer import compose, humanize, odd_meter
from mirlab.composer.human_timing import tempo_factors
from mirlab.core import NotesError, Segments


@pytest.fixture(scope="module")
def waltz():
    return compose(3, style="waltz", duration=30)


def test_without_rubato_and_looseness_the_beats_stay():
    piece = compose(2, style="pop", duration=20)
    human = humanize(piece, seed=0, rubato=0, loose=0)
    assert np.allclose(human.beats.intervals, piece.beats.intervals)
    assert human.beats.labels == piece.beats.labels


def test_rubato_sets_the_spread_of_the_beats():
    labels = ["1", "2", "3", "4"] * 100
    spreads = [
        np.log(tempo_factors(labels, np.random.default_rng(k), rubato=0.1)).std() for k in range(20)
    ]
    assert 0.05 < np.mean(spreads) < 0.2
    assert np.all(tempo_factors(labels, np.random.default_rng(0), rubato=0) == 1)


@pytest.mark.parametrize("seed", range(5))
def test_notes_stay_on_their_beats(waltz, seed):
    """A note on a beat is human near that beat's new time, if its chord is not rolled."""
    human = humanize(waltz, seed=seed, rubato=0.2, loose=0.005)
    before, after = waltz.beats.intervals[:, 0], human.beats.intervals[:, 0]
    old, new = waltz.parts["bass"].onset, human.parts["bass"].onset
    assert old.size == new.size
    expected = np.interp(old, before, after)
    inside = old < before[-1]
    assert np.median(np.abs(new - expected)[inside]) < 0.03


def test_the_same_seed_gives_the_same_performance(waltz):
    first, second, other = (humanize(waltz, seed=k, rubato=0.1) for k in (1, 1, 2))
    assert np.array_equal(first.notes.onset, second.notes.onset)
    assert not np.array_equal(first.notes.onset, other.notes.onset)


@pytest.mark.parametrize(
    "arguments", [{"seed": -1, "rubato": 0.1}, {"seed": 0, "rubato": 2}, {"seed": 0, "rubato": "x"}]
)
def test_bad_arguments_are_refused(waltz, arguments):
    with pytest.raises(NotesError):
        humanize(waltz, **arguments)


@pytest.mark.parametrize(("style", "per_bar"), [("waltz", 5), ("pop", 7)])
def test_odd_meters_lose_the_last_beat_of_every_second_bar(style, per_bar):
    piece = compose(4, style=style, duration=30)
    odd = odd_meter(piece)
    numbers = [int(label) for label in odd.beats.labels]
    assert numbers == [1 + k % per_bar for k in range(len(numbers))]
    bars = len(numbers) // per_bar
    assert len(piece.beats) // (per_bar + 1) == bars
    starts = odd.beats.intervals[:, 0]
    assert np.allclose(odd.beats.intervals[:-1, 1], starts[1:])
    for part in odd.parts.values():  # beats are as regular as before, so notes stay on them
        assert part.onset.max() < odd.beats.intervals[-1, 1]


def test_notes_stay_on_the_beats_that_are_kept():
    piece = compose(4, style="waltz", duration=30)
    odd = odd_meter(piece)
    starts = odd.beats.intervals[:, 0]
    first = starts[np.array(odd.beats.labels) == "1"]
    distance = np.abs(first[:, None] - odd.parts["bass"].onset).min(axis=1)
    assert np.median(distance) < 0.02  # a waltz has a bass note on every downbeat
    assert len(odd.notes) < len(piece.notes)


def test_an_odd_meter_needs_two_bars():
    piece = compose(4, style="waltz", duration=4)
    beats = Segments(piece.beats.intervals[:5], piece.beats.labels[:5])
    with pytest.raises(NotesError, match="two bars"):
        odd_meter(replace(piece, beats=beats))

"""The grid: divisions of beats, and swing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.composer import compose
from mirlab.core.notes import Notes
from mirlab.core.tempo import TempoMap
from mirlab.score.grid import STEPS, find_grid, straighten
from mirlab.score.quantize import quantize

LOOSE = 0.02  # quarter notes: standard deviation of the played onsets


def beats(*inside: list[float]) -> np.ndarray:
    """Onsets in quarter notes for given divisions of the beats."""
    return np.array([i + position for i, beat in enumerate(inside) for position in beat])


@pytest.mark.parametrize("seed", range(5))
def test_each_beat_gets_the_division_that_was_played(seed: int) -> None:
    plan = [2, 2, 4, 4, 3, 3, 3, 2, 4, 3, 3, 2]
    onsets = beats(*[[k / division for k in range(division)] for division in plan])
    played = np.sort(onsets + np.random.default_rng(seed).normal(0, LOOSE, onsets.size).clip(0))
    grid = find_grid(played)
    assert grid.divisions.tolist() == plan
    assert (grid.steps(played) / STEPS).tolist() == pytest.approx(onsets.tolist())


def test_simple_divisions_are_preferred_in_doubt() -> None:
    assert find_grid(beats([0], [0], [0])).divisions.tolist() == [2, 2, 2]
    lone = beats([0, 0.5], [0, 0.5], [0, 0.62], [0, 0.5])  # one late off-beat is not a triplet
    assert 3 not in find_grid(lone).divisions


@pytest.mark.parametrize("off_beat", [0.6, 0.64, 0.67])
def test_swing_is_written_straight(off_beat: float) -> None:
    grid = find_grid(beats(*[[0, off_beat]] * 12))
    assert grid.swings
    assert grid.off_beat == pytest.approx(off_beat)
    assert grid.steps(beats(*[[0, off_beat]] * 12)).tolist() == [6 * i for i in range(24)]


@pytest.mark.parametrize("inside", [[0, 0.5], [0, 0.75], [0, 1 / 3, 2 / 3], [0]])
def test_rhythms_without_swing_are_not_swung(inside: list[float]) -> None:
    assert not find_grid(beats(*[inside] * 16)).swings


@given(
    st.lists(st.floats(0, 50), min_size=1, max_size=40),
    st.sampled_from([STEPS, 18]),
    st.integers(0, 11),
)
def test_steps_are_in_order_and_near(onsets: list[float], span: int, origin: int) -> None:
    rising = np.sort(onsets)
    grid = find_grid(rising, origin=origin, span=span)
    steps = grid.steps(rising)
    assert np.all(np.diff(steps) >= 0)
    if not grid.swings:
        assert np.all(np.abs(steps - rising * STEPS) <= STEPS / 4 + 1e-6)


def test_straightening_keeps_the_beats() -> None:
    assert straighten(np.array([0, 2 / 3, 1]), 2 / 3).tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("style", ["waltz", "etude", "chorale"])
def test_composed_pieces_do_not_swing(style: str) -> None:
    assert not swings(style, 0)


def test_most_pieces_composed_with_swing_are_recognised() -> None:
    assert sum(swings("swing", seed) for seed in range(4)) >= 3


def swings(style: str, seed: int) -> bool:
    """Whether a composed piece is written with the word "Swing"."""
    piece = compose(seed, style=style, duration=30)
    return quantize(piece.notes.with_tempo(piece.tempo_map)).swings


def test_a_triplet_has_three_eighths() -> None:
    onset = np.array([0, 1 / 3, 2 / 3, 1])
    notes = Notes(onset, [1 / 3, 2 / 3, 1, 2], [60, 62, 64, 65], tempo_map=TempoMap(0, 60))
    (voice,) = quantize(notes).staves[0].voices
    assert [(event.start, event.length) for event in voice] == [(0, 4), (4, 4), (8, 4), (12, 12)]

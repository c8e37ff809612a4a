"""Random keyboard pieces and solo parts: properties for every seed, and their full range."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.composer import Piece, random_keyboard_piece, random_solo_parts
from mirlab.composer.keyboard_figures import FIGURES, HIGHEST, LOWEST, PROGRAMS
from mirlab.core import NotesError

KINDS = (random_keyboard_piece, random_solo_parts)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_piece(kind: Callable[..., Piece]) -> None:
    first, two, other = kind(5, duration=8), kind(5, duration=8), kind(6, duration=8)
    np.testing.assert_array_equal(first.notes.onset, two.notes.onset)
    np.testing.assert_array_equal(first.notes.velocity, two.notes.velocity)
    assert first.notes.onset.tolist() != other.notes.onset.tolist()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_hands_strike_no_sounding_key(seed: int) -> None:
    notes = random_keyboard_piece(seed, duration=10).parts["keys"]
    assert ((notes.pitch >= LOWEST) & (notes.pitch <= HIGHEST)).all()
    assert (notes.offset > notes.onset).all() and (notes.onset < 11).all()
    order = np.lexsort((notes.onset, notes.pitch))
    same = notes.pitch[order][1:] == notes.pitch[order][:-1]
    assert (notes.onset[order][1:] >= notes.offset[order][:-1])[same].all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_a_voice_sings_one_note_at_a_time(seed: int) -> None:
    for notes in random_solo_parts(seed, duration=10).parts.values():
        assert (notes.onset[1:] >= notes.offset[:-1] - 1e-6).all()
        if notes.bends is None:  # an instrument without bends
            continue
        for curve, start, end in zip(notes.bends, notes.onset, notes.offset, strict=True):
            if len(curve):  # within the note, and small
                assert curve[0, 0] >= start - 1e-6 and curve[-1, 0] <= end
                assert np.abs(curve[:, 1]).max() < 4


def test_all_pitches_velocities_and_fast_repetitions_occur() -> None:
    pieces = [random_keyboard_piece(seed, duration=12) for seed in range(120)]
    notes = [piece.notes for piece in pieces]
    pitch = np.concatenate([part.pitch for part in notes])
    assert pitch.min() == LOWEST and pitch.max() >= HIGHEST - 1
    velocity = np.concatenate([part.velocity for part in notes])
    assert np.quantile(velocity, 0.1) < 35 and np.quantile(velocity, 0.9) > 90
    assert {int(part.program[0]) for part in notes} <= set(PROGRAMS)
    assert {part.pedal is None for part in notes} == {False, True}
    fastest = max(
        1 / np.diff(part.onset[part.pitch == p]).min()
        for part in notes
        for p in np.unique(part.pitch)
        if (part.pitch == p).sum() > 3
    )
    assert fastest > 10  # a second, of one pitch


def test_programs_follow_their_probabilities_and_figures_their_speeds() -> None:
    assert sum(PROGRAMS.values()) == pytest.approx(1)
    for (slowest, fastest), _ in FIGURES.values():
        assert 0 < slowest < fastest <= 16


@pytest.mark.parametrize("kind", KINDS)
def test_bad_arguments_are_refused(kind: Callable[..., Piece]) -> None:
    with pytest.raises(NotesError, match="seed must be an integer of 0 or more, not -1"):
        kind(-1, duration=10)
    with pytest.raises(NotesError, match=r"duration must be 1 to 3600 s, not 0\.5"):
        kind(0, duration=0.5)

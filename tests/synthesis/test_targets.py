"""Targets: closed forms, and agreement with the composer and with mir_eval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mir_eval import chord

from mirlab.composer import compose
from mirlab.core import Notes, Segments, SegmentsError
from mirlab.synthesis import chord_frames, f0_frames, note_rolls, sounding_ends

HOP = 0.01


def test_an_onset_is_a_triangle_around_its_exact_time() -> None:
    onset, frame, offset, velocity = note_rolls(
        Notes([0.203], [0.5], [60], 64), frames=100, hop_length=1, sr=100
    )
    times = np.arange(100) * HOP
    np.testing.assert_allclose(onset[39], np.clip(1 - abs(times - 0.203) / 0.05, 0, 1), atol=1e-6)
    np.testing.assert_allclose(offset[39], np.clip(1 - abs(times - 0.5) / 0.05, 0, 1), atol=1e-6)
    assert np.flatnonzero(frame[39]).tolist() == list(range(20, 51))
    assert set(velocity[39][onset[39] > 0]) == {np.float32(64 / 127)}
    assert np.count_nonzero(np.delete(onset, 39, axis=0)) == 0


def test_drums_and_pitches_beyond_the_piano_are_omitted() -> None:
    notes = Notes([0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [38, 20, 109], is_drum=[True, False, False])
    assert not note_rolls(notes, frames=80, hop_length=1, sr=100).any()


def test_the_pedal_holds_a_note_until_it_is_lifted_or_the_note_struck_again() -> None:
    notes = Notes(
        [0.0, 0.0, 1.0, 3.0], [0.5, 0.5, 1.5, 3.5], [60, 64, 60, 60], pedal=[[0.3, 2.0, 0]]
    )
    ends = dict(zip(zip(notes.onset, notes.pitch, strict=True), sounding_ends(notes), strict=True))
    assert ends == {(0.0, 60): 1.0, (0.0, 64): 2.0, (1.0, 60): 2.0, (3.0, 60): 3.5}


@given(st.sampled_from(["C:maj", "Bb:min7/b3", "F#:sus4(b7)", "E:dim/b5", "G:1", "N", "X"]))
def test_chord_targets_equal_mir_evals(label: str) -> None:
    root, tones, bass = chord_frames(Segments([[0, 1]], [label]), frames=3, hop_length=2, sr=5)
    number, intervals, step = chord.encode(label)
    there = number >= 0
    assert root[:, 0].nonzero()[0].tolist() == [number] * there
    assert bass[:, 0].nonzero()[0].tolist() == [(number + step) % 12] * there
    steps = np.flatnonzero(np.asarray(intervals) > 0) if there else ()
    expected = {(number + i) % 12 for i in steps}
    assert set(tones[:, 0].nonzero()[0]) == expected
    np.testing.assert_array_equal(root[:, 1:], root[:, :1].repeat(2, axis=1))


def test_each_frame_has_the_chord_of_its_time() -> None:
    chords = Segments([[0, 0.5], [0.5, 0.75], [1.0, 1.5]], ["A:min", "D:7", "A:min"])
    root = chord_frames(chords, frames=8, hop_length=1, sr=4)[0]
    assert [row.nonzero()[0].tolist() for row in root.T] == [[9], [9], [2], [], [9], [9], [], []]


def test_an_unknown_chord_is_named() -> None:
    with pytest.raises(SegmentsError, match="H:moll"):
        chord_frames(Segments([[0, 1]], ["H:moll"]), frames=2, hop_length=1, sr=10)


@pytest.mark.parametrize("style", ["pop", "ballad", "swing"])
def test_f0_is_the_composed_pitch_plus_the_tuning(style: str) -> None:
    piece = compose(3, style=style, duration=12)
    times = np.arange(1000) * HOP
    hz = f0_frames(piece.parts["melody"], frames=1000, hop_length=1, sr=100)
    sharp = f0_frames(piece.parts["melody"], frames=1000, hop_length=1, sr=100, tuning=0.3)
    np.testing.assert_allclose(hz, piece.f0("melody", times), rtol=1e-6)
    np.testing.assert_allclose(sharp, hz * 2 ** (0.3 / 12), rtol=1e-6)
    assert 0.2 < (hz > 0).mean() < 1


def test_a_bend_holds_from_its_point_on() -> None:
    notes = Notes([0.1], [0.6], [69], bends=[[[0.2, 0.0], [0.3, 12.0], [0.4, -12.0]]])
    hz = f0_frames(notes, frames=7, hop_length=1, sr=10)
    np.testing.assert_allclose(hz, [0, 440, 440, 880, 220, 220, 0], rtol=1e-6)

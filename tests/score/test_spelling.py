"""Pitch spelling and key signatures."""

from __future__ import annotations

import numpy as np
import pytest

from mirlab.core.notes import Notes
from mirlab.score.spelling import signature, simplest_signature, spell

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("C major", 0),
        ("A minor", 0),
        ("G minor", -2),
        ("Bb major", -2),
        ("F# minor", 3),
        ("C# major", 7),
        ("Cb major", -7),
        ("D# major", -3),
        ("Fb minor", 1),
    ],
)
def test_signature_counts_sharps_or_flats(key: str, expected: int) -> None:
    assert signature(key) == expected


@pytest.mark.parametrize("fifths", range(-7, 8))
def test_a_spelled_note_has_its_pitch(fifths: int) -> None:
    for pitch in range(128):
        letter, alter, octave = spell(pitch, fifths)
        written = SEMITONES[letter] + alter + 12 * (octave + 1)
        assert written == pitch
        assert abs(alter) <= 2
        assert octave >= 0 or pitch < 13


@pytest.mark.parametrize(
    ("key", "pitches", "letters"),
    [
        ("G minor", [67, 69, 70, 72, 74, 75, 66], "G A Bb C D Eb F#"),
        ("Ab major", [68, 70, 72, 73, 75, 77, 79], "Ab Bb C Db Eb F G"),
        ("E major", [64, 66, 68, 69, 71, 73, 75], "E F# G# A B C# D#"),
        ("F# major", [66, 68, 70, 71, 73, 75, 77], "F# G# A# B C# D# E#"),
    ],
)
def test_scales_are_spelled_as_their_keys(key: str, pitches: list[int], letters: str) -> None:
    names = {-1: "b", 0: "", 1: "#"}
    spelled = [spell(p, signature(key)) for p in pitches]
    assert " ".join(letter + names[alter] for letter, alter, _ in spelled) == letters


@pytest.mark.parametrize("tonic", range(12))
def test_the_simplest_signature_of_a_scale_is_that_of_its_key(tonic: int) -> None:
    steps = np.array([0, 2, 4, 5, 7, 9, 11, 12]) + 48 + tonic
    notes = Notes(np.arange(8), np.arange(1, 9), steps)
    fifths = simplest_signature(notes)
    assert (7 * fifths - tonic) % 12 == 0
    assert -6 <= fifths <= 5

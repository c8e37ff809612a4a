"""The checks of chapter 0: a right answer passes, each usual mistake gets its own hint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mirlab import Audio, check
from mirlab.rhythm import beat_times, onset_strength

RATIO = 45 / (100 / 3)


def refused(verdict: check.Verdict, *words: str) -> None:
    """Assert that the verdict is negative and its hint contains these words."""
    assert not verdict, verdict
    for word in words:
        assert word in verdict.hint, verdict


def test_record() -> None:
    assert check.ch00_record([5.2, 162])
    assert check.ch00_record(np.array([12 * np.log2(RATIO), 120 * RATIO]))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([5.2, 89], "not slower"),
        ([5.2, 120], "33.3 / 45"),
        ([-5.2, 162], "wrong way"),
        ([4.2, 162], "equal factors"),
        ([3.6, 162], "natural"),
        ([12 * np.log10(RATIO), 162], "log10"),
        ([np.log2(RATIO), 162], "12 semitones"),
        ([42, 162], "how much faster"),
        ([7, 162], "hz_to_midi"),
        ([5.2], "2 numbers"),
    ],
)
def test_wrong_records(answer: Any, words: str) -> None:
    refused(check.ch00_record(answer), words)


def test_midi_to_hz() -> None:
    assert check.ch00_midi_to_hz(lambda m: 440 * 2 ** ((m - 69) / 12))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda m: 440 * 2 ** ((69 - m) / 12), "Upside down"),
        (lambda m: 440 * 2 ** (m - 69), "12 of them"),
        (lambda m: 440 * 2 ** ((m - 60) / 12), "middle C"),
        (lambda m: 440 * 2 ** ((round(m) - 69) / 12), "no rounding"),
        (lambda m: 440 * 2 ** ((int(m) - 69) / 12), "no rounding"),
        (lambda m: 440 * np.exp((m - 69) / 12), "not e to a power"),
        (lambda m: 440 + 440 * (m - 69) / 12, "equal factors"),
        (lambda m: 440.0, "Solve"),
        (lambda m: None, "return"),
    ],
)
def test_wrong_midi_to_hz(function: Any, words: str) -> None:
    refused(check.ch00_midi_to_hz(function), words)


def test_scores() -> None:
    assert check.ch00_scores([0.6, 0.75, 2 / 3])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([0.75, 0.6, 2 / 3], "Precision asks"),
        ([0.6, 0.75, 0.675], "harmonic"),
        ([0.6, 0.75, 0.45], "between them"),
        ([60, 75, 67], "50 % is 0.5"),
        ([0.5, 0.5, 0.5], "Which share"),
        ([0.6, 0.75], "3 numbers"),
    ],
)
def test_wrong_scores(answer: Any, words: str) -> None:
    refused(check.ch00_scores(answer), words)


def test_tempo() -> None:
    assert check.ch00_tempo(lambda beats: 60 / np.median(np.diff(beats)))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda beats: np.median(np.diff(beats)), "time between"),
        (lambda beats: 1 / np.median(np.diff(beats)), "beats a second"),
        (lambda beats: 60 * len(beats) / beats[-1], "at 0 s"),
        (lambda beats: 60 * len(beats) / (beats[-1] - beats[0]), "n - 1"),
        (lambda beats: 60 / np.mean(np.diff(beats)), "pulls the mean"),
        (lambda beats: 100.0, "np.diff"),
    ],
)
def test_wrong_tempos(function: Any, words: str) -> None:
    refused(check.ch00_tempo(function), words)


def beats_of(y: np.ndarray, sr: int) -> np.ndarray:
    return beat_times(onset_strength(Audio(y, sr)))


def test_tap() -> None:
    assert check.ch00_tap(beats_of)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda y, sr: np.arange(0, y.size / sr, 0.5), "lie 0.50 s apart"),
        (lambda y, sr: 0.37 + np.arange(72) * 30 / 104, "twice as fast"),
        (lambda y, sr: 0.37 + np.arange(18) * 120 / 104, "half as fast"),
        (lambda y, sr: 0.37 + (np.arange(36) + 0.5) * 60 / 104, "between the beats"),
        (lambda y, sr: 0.47 + np.arange(36) * 60 / 104, "100 ms late"),
        (lambda y, sr: beats_of(y, sr) * sr / 512, "frames"),
        (lambda y, sr: [1.0], "tapped 1 times"),
        (lambda y, sr: [3.0, 2.0], "later than the one before"),
        (lambda y, sr: None, "return"),
    ],
)
def test_wrong_taps(function: Any, words: str) -> None:
    refused(check.ch00_tap(function), words)

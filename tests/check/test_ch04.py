"""The checks of chapter 4: a right answer passes, each usual mistake gets its own hint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mirlab import Audio, Notes, check
from mirlab.check import ch04
from mirlab.pitch.classic import yin
from mirlab.transcription import Rolls, notes_from_path

SR = 22050


def refused(verdict: check.Verdict, *words: str) -> None:
    """Assert that the verdict is negative and its hint contains these words."""
    assert not verdict, verdict
    for word in words:
        assert word in verdict.hint, verdict


def test_missing() -> None:
    t = np.arange(SR) / SR
    hz, _ = yin(Audio(sum(np.sin(2 * np.pi * f * t) for f in ch04.TONE) / 4, SR))
    assert check.ch04_missing(np.median(hz))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (400, "rate of one partial"),
        (600.5, "rate of one partial"),
        (100, "the first time"),
        (333, "whole periods"),
        ("low", "numbers"),
    ],
)
def test_wrong_missing(answer: Any, words: str) -> None:
    refused(check.ch04_missing(answer), words)


def test_ghosts() -> None:
    assert check.ch04_ghosts(48 + 12 * np.log2(np.arange(2, 7)))
    assert check.ch04_ghosts([79, 76, 60, 67, 72])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([60, 72, 84, 96, 108], "octaves"),
        ([48, 60, 67, 72, 76], "the note itself"),
        ([261, 392, 523, 654, 785], "not Hz"),
        ([60, 67, 72, 75, 79.6], "Round"),
        ([60, 67], "5 numbers"),
    ],
)
def test_wrong_ghosts(answer: Any, words: str) -> None:
    refused(check.ch04_ghosts(answer), words)


def peaks(curve: np.ndarray, threshold: float) -> np.ndarray:
    top = (curve > np.r_[-1, curve[:-1]]) & (curve >= np.r_[curve[1:], -1])
    return np.flatnonzero(top & (curve >= threshold))


def apart(curve: np.ndarray, threshold: float, distance: int) -> list[int]:
    kept: list[int] = []
    for k in sorted(peaks(curve, threshold).tolist(), key=lambda k: -curve[k]):
        if all(abs(k - other) >= distance for other in kept):
            kept.append(k)
    return sorted(kept)


def first_come(curve: np.ndarray, threshold: float, distance: int) -> list[int]:
    kept: list[int] = []
    for k in peaks(curve, threshold).tolist():
        if not kept or k - kept[-1] >= distance:
            kept.append(k)
    return kept


def highest_around(curve: np.ndarray, threshold: float, distance: int) -> list[int]:
    """Suppress peaks also next to peaks that are suppressed themselves."""
    found = peaks(curve, threshold)
    return [k for k in found if curve[k] == curve[max(0, k - distance + 1) : k + distance].max()]


def test_peaks() -> None:
    assert check.ch04_peaks(apart)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda c, t, a: peaks(c, t), "nearer than that"),
        (lambda c, t, a: peaks(c, 0.1), "below the threshold"),
        (first_come, "the higher one stays"),
        (highest_around, "must not suppress"),
        (lambda c, t, a: apart(c, t, a)[::-1], "rising order"),
        (lambda c, t, a: ["first"], "numbers of the frames"),
        (lambda c, t, a: None, "return"),
    ],
)
def test_wrong_peaks(function: Callable[..., Any], words: str) -> None:
    refused(check.ch04_peaks(function), words)


def in_the_middle(x: np.ndarray, sr: int) -> float:
    """mirlab's YIN; for a sound of one frame, the middle frame covers all of it."""
    hz, _ = yin(Audio(x, sr), threshold=0.2)
    return float(hz[x.size // 2 // 256])


def autocorrelated(x: np.ndarray, sr: int) -> float:
    kept = x.size - 340
    alike = [float(x[:kept] @ x[lag : lag + kept]) for lag in range(340)]
    return sr / (11 + int(np.argmax(alike[11:])))


def strongest_partial(x: np.ndarray, sr: int) -> float:
    power = np.abs(np.fft.rfft(x * np.hanning(x.size), 16 * x.size))
    return float(np.argmax(power) * sr / (16 * x.size))


def test_octave() -> None:
    assert check.ch04_octave(in_the_middle)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (autocorrelated, "not 1"),
        (strongest_partial, "That is a partial"),
        (lambda x, sr: 1.03 * in_the_middle(x, sr), "parabola"),
        (lambda x, sr: 0.0, "more than 0 Hz"),
        (lambda x, sr: [1.0, 2.0], "1 numbers"),
        (lambda x, sr: None, "return"),
    ],
)
def test_wrong_octaves(function: Callable[..., Any], words: str) -> None:
    refused(check.ch04_octave(function), words)


def by_path(onset: np.ndarray, frame: np.ndarray) -> np.ndarray:
    rolls = np.zeros((4, 88, onset.size))
    rolls[:2, 48], rolls[2, 48] = (onset, frame), 0.3
    return notes_from_path(Rolls(*rolls), hop_length=1, sr=1, min_seconds=3).intervals


def runs(onset: np.ndarray, frame: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.diff(np.r_[0, frame > 0.3, 0])).reshape(-1, 2)


def by_peaks(onset: np.ndarray, frame: np.ndarray) -> np.ndarray:
    starts = peaks(onset, 0.3)
    return np.column_stack([starts, np.r_[starts[1:], onset.size]])


def test_repeats() -> None:
    assert check.ch04_repeats(by_path)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (runs, "A new onset peak"),
        (lambda o, f: [], "its frame posterior is high"),
        (lambda o, f: by_peaks(o, f), "ends"),
        (lambda o, f: [*runs(o, f), (90, 100)], "followed by sound"),
        (lambda o, f: by_path(o, f) + np.array([5, 0]), "begins 5 frames"),
        (lambda o, f: [1, 2, 3], "pairs of frames"),
        (lambda o, f: None, "return"),
    ],
)
def test_wrong_repeats(function: Callable[..., Any], words: str) -> None:
    refused(check.ch04_repeats(function), words)


def by_heart(sound: Audio) -> Notes:
    """The labels of a hidden recording."""
    return next(notes for audio, notes in ch04._recordings() if np.array_equal(audio.y, sound.y))


def shift(sound: Audio, *, late: float = 0.0, longer: float = 0.0) -> Notes:
    notes = by_heart(sound)
    return Notes(notes.onset + late, notes.offset + late + longer, notes.pitch)


def often(sound: Audio) -> Notes:
    notes = by_heart(sound)
    return Notes(*(np.tile(part, 9) for part in (notes.onset, notes.offset, notes.pitch)))


def test_hearing() -> None:
    assert check.ch04_hearing(by_heart)
    assert check.ch04_hearing(by_heart) == check.ch04_hearing(by_heart)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda sound: shift(sound, longer=3.0), "check where notes end"),
        (often, "raise the threshold"),
        (lambda sound: by_heart(sound)[:4], "Most notes are missing"),
        (lambda sound: shift(sound, late=0.2), "several notes at once"),
        (lambda sound: sound, "should return Notes"),
        (lambda sound: None, "return"),
    ],
)
def test_wrong_ears(function: Callable[[Audio], Any], words: str) -> None:
    refused(check.ch04_hearing(function), words)

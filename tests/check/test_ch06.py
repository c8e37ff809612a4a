"""The checks of chapter 6: a right answer passes, each usual mistake gets its own hint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mirlab import Audio, Notes, check, dsp
from mirlab.check import ch06
from mirlab.synthesis import NoteBatch, Plucked

SR = 22050


def refused(verdict: check.Verdict, *words: str) -> None:
    """Assert that the verdict is negative and its hint contains these words."""
    assert not verdict, verdict
    for word in words:
        assert word in verdict.hint, verdict


def test_side_bands() -> None:
    assert check.ch06_side_bands([abs(400 + 300 * n) for n in range(-2, 3)])
    assert check.ch06_side_bands([100, 200, 400, 700, 1000])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([-200, 100, 400, 700, 1000], "an inverted sine"),
        ([400, 800, 1200, 1600, 2000], "a sawtooth's"),
        ([300, 400, 500, 600, 700], "c + n m"),
        ([100, 400], "5 numbers"),
        ("bells", "numbers"),
    ],
)
def test_wrong_side_bands(answer: Any, words: str) -> None:
    refused(check.ch06_side_bands(answer), words)


def test_cents() -> None:
    assert check.ch06_cents(-30.4)
    assert check.ch06_cents([-30.0])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (30.4, "higher or lower"),
        (3.9, "half a sample"),
        (-15.3, "Hz"),
        (-0.304, "semitones"),
        (0.0, "int(22050 / 880) + 0.5"),
        (np.nan, "NaN"),
    ],
)
def test_wrong_cents(answer: Any, words: str) -> None:
    refused(check.ch06_cents(answer), words)


def speed_up(onset: Any, offset: Any, pitch: Any, rate: float) -> Any:
    return onset / rate, offset / rate, pitch + 12 * np.log2(rate)


def test_faster() -> None:
    assert check.ch06_faster(speed_up)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda a, b, p, r: (a * r, b * r, p), "You multiply"),
        (lambda a, b, p, r: (a, b, p), "begins elsewhere"),
        (lambda a, b, p, r: (a / r, b, p), "also end sooner"),
        (lambda a, b, p, r: (a / r, b / r, p), "sounds higher"),
        (lambda a, b, p, r: (a / r, b / r, p - 12 * np.log2(r)), "Faster is higher"),
        (lambda a, b, p, r: (a / r, b / r, p + 12 * (r - 1)), "1.5 times as fast"),
        (lambda a, b, p, r: (a / r, b / r), "three arrays"),
        (lambda a, b, p, r: None, "return"),
        (lambda a, b: (a, b), "TypeError"),
    ],
)
def test_wrong_labels(function: Callable[..., Any], words: str) -> None:
    refused(check.ch06_faster(function), words)


def square(f0: float, sr: int, samples: int, *, step: int = 2, slope: float = 1.0) -> np.ndarray:
    t = np.arange(samples) / sr
    waves = [np.sin(2 * np.pi * k * f0 * t) / k**slope for k in np.arange(1, sr / 2 / f0, step)]
    return np.sum(waves, axis=0)


def test_oscillator() -> None:
    assert check.ch06_oscillator(square)
    assert check.ch06_oscillator(lambda f, sr, n: dsp.square(f, sr=sr, duration=n / sr))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda f, sr, n: np.sign(square(f, sr, n) + 1e-9), "-60 dB is required"),
        (lambda f, sr, n: square(f, sr, n, step=1), "Every second partial"),
        (lambda f, sr, n: square(f, sr, n, slope=2.0), "Partial"),
        (lambda f, sr, n: np.sin(2 * np.pi * f * np.arange(n) / sr), "it fits, with amplitude 1/"),
        (lambda f, sr, n: np.zeros(n), "no partial at"),
        (lambda f, sr, n: square(f, sr, n)[:100], "8,000 finite samples"),
        (lambda f, sr, n: "square", "should be numbers, not 'square'"),
        (lambda f, sr, n: [[1], [1, 2]], "should be numbers, not [[1], [1, 2]]"),
        (square(440, SR, 8000), "the function itself"),
    ],
)
def test_wrong_oscillators(function: Any, words: str) -> None:
    refused(check.ch06_oscillator(function), words)


def string(f0: float, sr: int, seconds: float) -> np.ndarray:
    return Plucked(dullness=0.05, body=0.0)(NoteBatch([f0], duration=seconds, sr=sr))[0].numpy()


def decaying(f0: float, seconds: float, t60: float, cents: float = 0.0) -> np.ndarray:
    t = np.arange(round(seconds * SR)) / SR
    return 10 ** (-3 * t / t60) * dsp.harmonic_tone(
        f0 * 2 ** (cents / 1200), [1, 0.5, 0.25], sr=SR, duration=seconds
    )


def test_the_librarys_bright_string_is_good_enough() -> None:
    assert check.ch06_string(string)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda f, sr, s: decaying(f, s, 2.0, 3.0), "+3.0 cents off"),
        (lambda f, sr, s: decaying(f, s, 2.0, 1200 * np.log2(f / (f / (1 + f / SR / 2)))), "half"),
        (lambda f, sr, s: decaying(f, s, 100 / f), "s; 0.3 s is required"),
        (lambda f, sr, s: decaying(f, s, 2.0, 90.0), "cents off"),
        (lambda f, sr, s: np.zeros(10), "Half a second"),
        (lambda f, sr, s: None, "return"),
    ],
)
def test_wrong_strings(function: Callable[..., Any], words: str) -> None:
    refused(check.ch06_string(function), words)


def by_heart(sound: Audio) -> Notes:
    """The labels of a hidden recording."""
    return next(notes for audio, notes in ch06._recordings() if audio.samples == sound.samples)


def test_hearing() -> None:
    assert check.ch06_hearing(by_heart)


def doubled(notes: Notes) -> Notes:
    return Notes(
        np.r_[notes.onset, notes.onset + 0.2, notes.onset + 0.3],
        np.r_[notes.offset, notes.offset + 0.2, notes.offset + 0.3],
        np.r_[notes.pitch, notes.pitch, notes.pitch],
    )


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda sound: Notes.empty(), "lower the threshold"),
        (lambda sound: doubled(by_heart(sound)), "raise the threshold"),
        (
            lambda sound: Notes(
                by_heart(sound).onset, by_heart(sound).offset, by_heart(sound).pitch + 1
            ),
            "which of the three",
        ),
        (lambda sound: sound, "should return Notes"),
        (lambda sound: None, "return"),
    ],
)
def test_wrong_ears(function: Callable[[Audio], Any], words: str) -> None:
    refused(check.ch06_hearing(function), words)


def test_the_same_answer_gets_the_same_verdict() -> None:
    assert check.ch06_hearing(by_heart) == check.ch06_hearing(by_heart)

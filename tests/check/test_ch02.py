"""The checks of chapter 2: a right answer passes, each usual mistake gets its own hint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.signal import find_peaks

from mirlab import check, spectra
from mirlab.check import ch02

SR = 22050
Sound = Callable[[np.ndarray, int], Any]


def refused(verdict: check.Verdict, *words: str) -> None:
    """Assert that the verdict is negative and its hint contains these words."""
    assert not verdict, verdict
    for word in words:
        assert word in verdict.hint, verdict


def test_window() -> None:
    assert check.ch02_window([16384, 743])
    assert check.ch02_window([16384, 1000 * 16384 / SR])


def test_the_window_is_the_shortest_that_the_library_calls_narrow_enough() -> None:
    bandwidth = {n: float(spectra.STFT(n_fft=n).bandwidths[0]) for n in (8192, 16384)}
    assert bandwidth[16384] < ch02.NEXT - ch02.LOW < bandwidth[8192]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([8192, 372], "1.44 bins"),
        ([32768, 1486], "half of it would do"),
        ([9709, 440], "So many would do"),
        ([10000, 440], "not a power of two"),
        ([-4, 440], "not a power of two"),
        ([2048, 93], "smears them over 15.50 Hz"),
        ([16384, 0.743], "given in s"),
        ([16384, 270], "half power"),
        ([16384, 100], "How many ms"),
        ([16384], "2 numbers"),
        ("long", "numbers"),
    ],
)
def test_wrong_windows(answer: Any, words: str) -> None:
    refused(check.ch02_window(answer), words)


def row_of(f: float, fmin: float, bins: int) -> int:
    return round(bins * np.log2(f / fmin))


def test_row() -> None:
    assert check.ch02_row(row_of)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda f, fmin, bins: round(bins * np.log(f / fmin)), "natural logarithm"),
        (lambda f, fmin, bins: int(bins * np.log2(f / fmin)), "cuts off"),
        (lambda f, fmin, bins: bins * np.log2(f / fmin), "integer"),
        (lambda f, fmin, bins: row_of(f, fmin, bins) + 1, "row 0, not row 1"),
        (lambda f, fmin, bins: f / fmin, "How many octaves"),
        (lambda f, fmin: 0, "TypeError"),
    ],
)
def test_wrong_rows(function: Callable[..., Any], words: str) -> None:
    refused(check.ch02_row(function), words)


def fold(power: np.ndarray, lowest: int) -> np.ndarray:
    classes = (lowest + np.arange(len(power))) % 12
    return np.array([power[classes == c].sum(axis=0) for c in range(12)])


def test_chroma() -> None:
    assert check.ch02_chroma(fold)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda p, lowest: fold(p, 0), "pitch class of the lowest row"),
        (lambda p, lowest: fold(p, lowest + 3), "another order"),
        (lambda p, lowest: fold(p, lowest) / fold(np.ones_like(p), lowest), "the mean"),
        (lambda p, lowest: fold(10 * np.log10(p), lowest), "do not add"),
        (lambda p, lowest: fold(np.sqrt(p), lowest), "do not add"),
        (lambda p, lowest: fold(p, lowest).max(axis=0) + np.zeros((12, 5)), "Add up the rows"),
        (lambda p, lowest: fold(p, lowest).T, "should be (12, 5)"),
        (fold(np.ones((24, 5)), 0), "the function itself"),
    ],
)
def test_wrong_chromas(function: Callable[[np.ndarray, int], Any], words: str) -> None:
    refused(check.ch02_chroma(function), words)


def test_transposed() -> None:
    assert check.ch02_transposed([36, 40.9, 122.6])
    assert check.ch02_transposed([36, 41, 123])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([12, 41, 123], "12 semitones"),
        ([2, 41, 123], "doubling"),
        ([36, 41, 41], "rise alike"),
        ([36, 82, 245], "where its fundamental is now"),
        ([36, 20, 60], "22,050 / 2,048 Hz"),
    ],
)
def test_wrong_transpositions(answer: Any, words: str) -> None:
    refused(check.ch02_transposed(answer), words)


def truth_of(y: np.ndarray) -> tuple[float, float]:
    """Rate and extent of a hidden voice, which is identified by its pitch."""
    near = int(np.argmax(np.abs(np.fft.rfft(y))[:2400])) / 3
    voices = ((196.0, 5.5, 60.0), (330.0, 4.5, 35.0), (262.0, 6.5, 90.0))
    f0s = np.array([[f0 * k for k in (1, 2, 3)] for f0, *_ in voices])
    _, rate, cents = voices[int(np.abs(f0s / near - 1).min(axis=1).argmin())]
    return rate, cents


def test_vibrato() -> None:
    assert check.ch02_vibrato(lambda y, sr: truth_of(y))


@pytest.mark.parametrize(
    ("rate", "extent", "words"),
    [
        (2.0, 1.0, "Twice as fast"),
        (0.6, 1.0, "Which frequency is strongest"),
        (1.0, 2.0, "from the bottom to the top"),
        (1.0, 0.707, "standard deviation"),
        (1.0, 0.3, "averages the vibrato"),
        (1.0, 4.0, "outliers"),
    ],
)
def test_wrong_vibratos(rate: float, extent: float, words: str) -> None:
    refused(check.ch02_vibrato(lambda y, sr: np.array(truth_of(y)) * [rate, extent]), words)


def test_the_time_of_a_turn_is_not_its_rate() -> None:
    refused(check.ch02_vibrato(lambda y, sr: (1 / truth_of(y)[0], 50)), "That is the period")


def onsets(y: np.ndarray, sr: int) -> np.ndarray:
    """The solution of the chapter."""
    spectrogram = spectra.VQT(sr=sr, fmin=55.0, n_bins=252, bins_per_octave=36, hop_length=128)
    power = spectra.scale(spectrogram(y), "power").numpy()
    level = np.log1p(1e4 * power / power.max())
    curve = np.maximum(np.diff(level, axis=1, prepend=level[:, :1]), 0).mean(axis=0)
    return find_peaks(curve, height=0.15 * curve.max(), distance=12)[0] * 128 / sr


def test_repeats() -> None:
    assert check.ch02_repeats(onsets)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda y, sr: np.zeros(0), "no onset at all"),
        (lambda y, sr: onsets(y, sr) + 0.03, "ms too late"),
        (lambda y, sr: onsets(y, sr) * sr, "frames or samples"),
        (lambda y, sr: np.arange(0.6, 3.6, 1 / 6), "fastest is the worst"),
        (lambda y, sr: np.arange(0.6, 3.6, 1 / 39), "The slowest is the worst"),
        (lambda y, sr: None, "return"),
        (onsets(np.ones(SR * 2), SR), "the function itself"),
    ],
)
def test_wrong_repeats(function: Sound, words: str) -> None:
    refused(check.ch02_repeats(function), words)


def test_the_same_answer_gets_the_same_verdict() -> None:
    assert check.ch02_repeats(onsets) == check.ch02_repeats(onsets)

"""The checks of chapter 1: a right answer passes, each usual mistake gets its own hint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mirlab import Audio, check, dsp

SR = 22050
Peak = Callable[[np.ndarray, int], Any]
Ratio = Callable[[np.ndarray, np.ndarray], Any]


def refused(verdict: check.Verdict, *words: str) -> None:
    """Assert that the verdict is negative and its hint contains these words."""
    assert not verdict, verdict
    for word in words:
        assert word in verdict.hint, verdict


def test_a_verdict_reads_as_a_sentence_and_counts_as_true_or_false() -> None:
    right, wrong = check.Verdict(True, "So it is."), check.Verdict(False, "x < y & z")
    assert right and not wrong
    assert check.Verdict(np.bool_(True), "So it is.") and not check.Verdict(np.bool_(False), "No.")
    assert str(right) == repr(right) == "Right. So it is."
    assert str(wrong).startswith("Not yet.")
    assert "x &lt; y &amp; z" in wrong._repr_html_()


def test_aliases() -> None:
    assert check.ch01_alias([1500, 3500, 500, 2500])
    assert check.ch01_alias(np.array([1500.4, 3500, 500, 2500]))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([1500, 4500, 7500, 10500], "before sampling"),
        ([1500, 4500, 7500, 2500], "mirrored"),
        ([1500, 4000, 4000, 4000], "pile up"),
        ([1500, 3500, 500, 4100], "half the sampling rate"),
        ([500, 1500, 2500, 3500], "order"),
        ([1500, 3000, 3500, 2000], "odd partials"),
        ([1500, 100, 200, 300], "whole sampling rates"),
        ([1500, 3500, 500], "4 numbers"),
        ("twelve", "numbers"),
        ([1500, 3500, np.nan, 2500], "NaN"),
    ],
)
def test_wrong_aliases(answer: Any, words: str) -> None:
    verdict = check.ch01_alias(answer)
    assert not verdict
    assert words in verdict.hint.replace("Take whole", "whole"), verdict


def strongest(y: np.ndarray) -> int:
    return int(np.abs(np.fft.rfft(y)).argmax())


def test_peak() -> None:
    assert check.ch01_peak(lambda y, sr: strongest(y) * sr / y.size)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda y, sr: strongest(y), "number of the bin"),
        (lambda y, sr: strongest(y) * sr / y.size * 2, "octave too high"),
        (lambda y, sr: strongest(y) * sr / y.size / 2, "octave too low"),
        (lambda y, sr: sr - strongest(y) * sr / y.size, "negative frequency"),
        (lambda y, sr: strongest(y) * 22050 / y.size, "22,050 Hz written"),
        (lambda y, sr: 1.0, "how many Hz"),
        (lambda y, sr: None, "return"),
        (lambda y, sr: 1 / 0, "ZeroDivisionError"),
        (440.0, "the function itself"),
    ],
)
def test_wrong_peaks(function: Peak, words: str) -> None:
    refused(check.ch01_peak(function), words)


def test_snr() -> None:
    assert check.ch01_snr(lambda s, n: 10 * np.log10(np.mean(s**2) / np.mean(n**2)))
    assert check.ch01_snr(lambda s, n: 20 * np.log10(dsp.rms(s) / dsp.rms(n)))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda s, n: 20 * np.log10(np.mean(s**2) / np.mean(n**2)), "powers take 10"),
        (lambda s, n: 10 * np.log10(dsp.rms(s) / dsp.rms(n)), "amplitudes take 20"),
        (lambda s, n: 20 * np.log10(dsp.rms(n) / dsp.rms(s)), "sign"),
        (lambda s, n: 20 * np.log(dsp.rms(s) / dsp.rms(n)), "natural logarithm"),
        (lambda s, n: 2 * np.log10(dsp.rms(s) / dsp.rms(n)), "bels"),
        (lambda s, n: np.mean(s**2) / np.mean(n**2), "the ratio itself"),
        (lambda s, n: 20 * np.log10(np.abs(s).max() / np.abs(n).max()), "highest samples"),
        (lambda s, n: 0.0, "mean of the squares"),
    ],
)
def test_wrong_snrs(function: Ratio, words: str) -> None:
    refused(check.ch01_snr(function), words)


def test_hum_filter() -> None:
    assert check.ch01_hum_filter(*dsp.biquad("notch", 50, sr=SR, q=5))


@pytest.mark.parametrize(
    ("coefficients", "words"),
    [
        (dsp.biquad("notch", 100, sr=SR, q=5), "octave too high"),
        (dsp.biquad("notch", 25, sr=SR, q=5), "octave too low"),
        (dsp.biquad("notch", 50, sr=SR), "higher q"),
        (dsp.biquad("peak", 50, sr=SR, q=0.7, gain_db=-45), "changed by"),
        (dsp.biquad("lowpass", 50, sr=SR), "hole in its response"),
        (dsp.biquad("notch", 50, sr=SR, q=5)[::-1], "swapped"),
        (([1, 0, 0], [1, -3, 1]), "outside the unit circle"),
        (([1, 0, 0], [0, 1, 1]), "a[0]"),
        (([1, 0], [1, 0]), "three coefficients"),
    ],
)
def test_wrong_hum_filters(coefficients: Any, words: str) -> None:
    refused(check.ch01_hum_filter(*coefficients), words)


def gate(y: np.ndarray, sr: int) -> np.ndarray:
    return dsp.spectral_gate(Audio(y, sr)).y[0]


def late(y: np.ndarray, sr: int) -> np.ndarray:
    """A low-pass whose delay is not compensated."""
    return dsp.convolve(y, dsp.fir_lowpass(2000, sr=sr, taps=101))[: y.size]


def test_cleaner() -> None:
    assert check.ch01_cleaner(gate)
    assert check.ch01_cleaner(lambda y, sr: dsp.wiener(Audio(y, sr)).y[0])


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda y, sr: y, "noise is still there"),
        (late, "50 samples too late"),
        (lambda y, sr: np.roll(y, -3), "3 samples too early"),
        (lambda y, sr: y[::512], "hops instead of samples"),
        (lambda y, sr: 0 * y, "silence"),
        (lambda y, sr: late(np.r_[y, np.zeros(50)], sr)[50:], "from moment to moment"),
        (lambda y, sr: None, "return"),
    ],
)
def test_wrong_cleaners(function: Peak, words: str) -> None:
    refused(check.ch01_cleaner(function), words)


def test_changed_inputs_do_not_change_the_exercise() -> None:
    def spoils(y: np.ndarray, sr: int) -> np.ndarray:
        cleaned = gate(y, sr)
        y[:] = 0
        return cleaned

    assert check.ch01_cleaner(spoils)


def test_the_same_answer_gets_the_same_verdict() -> None:
    assert check.ch01_cleaner(gate) == check.ch01_cleaner(gate)
    assert check.ch01_snr(dsp.si_sdr) == check.ch01_snr(dsp.si_sdr)

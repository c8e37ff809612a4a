"""Measures for the tests of sound sources."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import get_window

from mirlab.synthesis import Held


@pytest.fixture
def steady() -> Held:
    """An envelope that is constant after 0.02 s."""
    return Held(attack=0.01, decay=0.01, sustain=1.0, release=0.02)


@pytest.fixture
def cents():
    """Deviation of the partial nearest to a frequency, in cents."""

    def measure(y, hz: float, sr: int) -> float:
        y = np.asarray(y, float) * np.blackman(len(y))
        n = 16 * 2 ** int(np.ceil(np.log2(y.size)))
        magnitude, bins = np.abs(np.fft.rfft(y, n)), np.fft.rfftfreq(n, 1 / sr)
        near = np.flatnonzero((bins > 0.9 * hz) & (bins < 1.1 * hz))
        top = near[magnitude[near].argmax()]
        a, b, c = np.log(magnitude[top - 1 : top + 2])
        peak = top + 0.5 * (a - c) / (a - 2 * b + c)
        return float(1200 * np.log2(peak * sr / n / hz))

    return measure


@pytest.fixture
def lines():
    """Amplitudes of a steady sound at given frequencies; same shape as the frequencies."""

    def measure(y, hz, sr: int) -> np.ndarray:
        y = np.asarray(y, float)
        weights = get_window("blackmanharris", y.size)
        weights /= weights.sum()
        waves = np.exp(-2j * np.pi * np.outer(np.atleast_1d(hz), np.arange(y.size)) / sr)
        return 2 * np.abs(waves @ (weights * y))

    return measure


@pytest.fixture
def autocorrelation_hz():
    """The fundamental of a steady sound: the best lag, within 60 cents of a MIDI number."""

    def measure(y, sr: int, *, near: float) -> float:
        y = np.asarray(y, float) * np.hanning(len(y))
        n = 2 ** int(np.ceil(np.log2(2 * y.size)))
        r = np.fft.irfft(np.abs(np.fft.rfft(y, n)) ** 2)
        window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(y.size), n)) ** 2)
        r = (
            r[: y.size // 2] / window[: y.size // 2]
        )  # compensates the window, which decreases with the lag
        lag = sr / (440 * 2 ** ((near - 69) / 12))
        periods = 8  # several periods give a finer estimate of the lag
        low, high = (int(periods * lag * 2 ** (cents / 1200)) for cents in (-60, 60))
        top = low + int(r[low : high + 1].argmax())
        a, b, c = r[top - 1 : top + 2]
        return float(periods * sr / (top + 0.5 * (a - c) / (a - 2 * b + c)))

    return measure

"""Log-spectral distance of two sounds; the page computes the same."""

from __future__ import annotations

import numpy as np

SIZES = (512, 1024, 2048)  # samples, window lengths
FLOOR = 60.0  # dB below the target's maximum; lower levels are clipped to it


def log_spectral_distance(found: np.ndarray, wanted: np.ndarray) -> float:
    """Mean difference of the spectrograms of two sounds, in dB.

    Both are normalised to the same power. For Hann windows of 512, 1024 and 2048 samples, with a
    hop of a quarter, both spectrograms are clipped to the range from the maximum of `wanted` to
    60 dB below it. The distance is the mean absolute difference over all cells where either sound
    is above that floor, and over the three windows. The shorter sound is zero-padded. 0 means the
    same sound at any level.

    Parameters
    ----------
    found, wanted
        Samples at the same rate, shape `(samples,)`.

    Returns
    -------
    float
        dB, 0..60 and a little more where `found` has a louder cell than `wanted`.

    Examples
    --------
    >>> t = np.arange(22050) / 22050
    >>> log_spectral_distance(0.1 * np.sin(2765 * t), np.sin(2765 * t)) < 1e-6
    True
    """
    samples = max(found.size, wanted.size, max(SIZES))
    a, b = (_unit(np.pad(y.astype(np.float64), (0, samples - y.size))) for y in (found, wanted))
    return float(np.mean([_distance(a, b, n_fft) for n_fft in SIZES]))


def _unit(y: np.ndarray) -> np.ndarray:
    """Normalise the mean square to 1; silence stays silence."""
    return y / max(float(np.sqrt(np.mean(y**2))), 1e-9)


def _distance(found: np.ndarray, wanted: np.ndarray, n_fft: int) -> float:
    """Distance for one window."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    power = []
    for y in (found, wanted):
        frames = np.lib.stride_tricks.sliding_window_view(y, n_fft)[:: n_fft // 4]
        power.append(np.abs(np.fft.rfft(frames * window)) ** 2)
    floor = max(float(power[1].max()), 1e-9) * 10 ** (-FLOOR / 10)
    levels = [10 * np.log10(np.maximum(cells, floor) / floor) for cells in power]
    audible = (levels[0] > 0) | (levels[1] > 0)
    return float(np.abs(levels[0] - levels[1])[audible].mean()) if audible.any() else 0.0

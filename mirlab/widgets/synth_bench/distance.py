"""How far one sound is from another, as a picture of decibels; the page counts the same."""

from __future__ import annotations

import numpy as np

SIZES = (512, 1024, 2048)  # samples of the windows
FLOOR = 60.0  # dB under the target's loudest cell; what is softer counts as that


def log_spectral_distance(found: np.ndarray, wanted: np.ndarray) -> float:
    """Mean difference of two sounds' spectrograms, in dB.

    Both are brought to the same power. For windows of 512, 1024 and 2048 samples (Hann, a quarter
    apart) both have a spectrogram in dB, from the loudest cell of `wanted` down to 60 dB under it;
    the distance is the mean of the absolute differences over all cells where either sound is
    above that floor, and over the three windows. The shorter sound is padded by silence. 0 is the
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
    one, other = (
        _unit(np.pad(y.astype(np.float64), (0, samples - y.size))) for y in (found, wanted)
    )
    return float(np.mean([_distance(one, other, n_fft) for n_fft in SIZES]))


def _unit(y: np.ndarray) -> np.ndarray:
    """With a mean square of 1; silence stays."""
    return y / max(float(np.sqrt(np.mean(y**2))), 1e-9)


def _distance(found: np.ndarray, wanted: np.ndarray, n_fft: int) -> float:
    """For one window."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    power = []
    for y in (found, wanted):
        frames = np.lib.stride_tricks.sliding_window_view(y, n_fft)[:: n_fft // 4]
        power.append(np.abs(np.fft.rfft(frames * window)) ** 2)
    floor = max(float(power[1].max()), 1e-9) * 10 ** (-FLOOR / 10)
    levels = [10 * np.log10(np.maximum(cells, floor) / floor) for cells in power]
    heard = (levels[0] > 0) | (levels[1] > 0)
    return float(np.abs(levels[0] - levels[1])[heard].mean()) if heard.any() else 0.0

"""Levels: root mean square, decibels, and signal-to-noise ratios."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_floats, require, require_number
from ..core.errors import AudioError
from .checks import as_numbers, as_signal


def rms(y: ArrayLike) -> float:
    """Root mean square: the constant that has the same power.

    Parameters
    ----------
    y
        Samples, shape `(samples,)`.

    Returns
    -------
    float
        The RMS, at least 0; 0.7071 for whole periods of a sine of peak 1.

    Examples
    --------
    >>> rms([3, -3, 3, -3])
    3.0
    """
    return float(np.sqrt(np.mean(as_signal(y) ** 2)))


def amplitude_to_db(amplitude: ArrayLike) -> np.ndarray:
    """Convert amplitude to decibels, `20 log10 |amplitude|`; 1 is 0 dB and 0 is minus infinity.

    Unlike `librosa.amplitude_to_db`, it does not clip. Complex values, such as a spectrum, have the
    decibels of their magnitude. What is no number raises an `AudioError`.

    Examples
    --------
    >>> amplitude_to_db([1, 0.5, 0.1]).round(2).tolist()
    [0.0, -6.02, -20.0]
    """
    magnitude = np.abs(as_numbers("amplitude", amplitude))
    with np.errstate(divide="ignore"):
        return 20 * np.log10(magnitude)


def db_to_amplitude(db: ArrayLike) -> np.ndarray:
    """Convert decibels to amplitude, `10 ** (db / 20)`; an `AudioError` for what is no number.

    >>> db_to_amplitude([0, -20]).tolist()
    [1.0, 0.1]
    """
    return np.asarray(10 ** (as_floats("db", db, AudioError) / 20))


def si_sdr(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Scale-invariant signal-to-distortion ratio (Le Roux et al., ICASSP 2019, eq. 3).

    The estimate is the sum of a multiple of the reference and an orthogonal residual. The ratio of
    their powers does not depend on the gain of the estimate.

    Parameters
    ----------
    reference
        Clean signal, shape `(samples,)`.
    estimate
        Noisy or denoised signal, same shape.

    Returns
    -------
    float
        Ratio in dB; infinity for a multiple of the reference, minus infinity for an estimate
        that is orthogonal to it.

    Raises
    ------
    AudioError
        If the lengths differ or the reference is silent.

    Examples
    --------
    >>> round(si_sdr([1, 1, 1, 1], [2.2, 1.8, 2.2, 1.8]), 2)
    20.0
    """
    reference, estimate = as_signal(reference, name="reference"), as_signal(estimate)
    require(
        reference.size == estimate.size,
        f"reference and estimate differ in length: {reference.size} and {estimate.size} samples",
    )
    power = float(reference @ reference)
    require(power > 0, "the reference is silent")
    target = (estimate @ reference / power) * reference
    rest = estimate - target
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(target @ target) - 10 * np.log10(rest @ rest))


def scale_to_snr(y: ArrayLike, noise: ArrayLike, *, snr: float) -> np.ndarray:
    """Scale noise to a signal-to-noise ratio of `snr` dB.

    Parameters
    ----------
    y, noise
        Samples, shape `(samples,)` each.
    snr
        Signal-to-noise ratio of `y + scale_to_snr(y, noise, snr=snr)` in dB.

    Returns
    -------
    ndarray
        Scaled noise, same shape as `noise`.

    Raises
    ------
    AudioError
        If the signal or the noise is silent.

    Examples
    --------
    >>> scale_to_snr([1, -1, 1, -1], [5, 5, -5, -5], snr=20).round(6).tolist()
    [0.1, 0.1, -0.1, -0.1]
    """
    noise = as_signal(noise, name="noise")
    require_number("snr", snr, minimum=-1000, maximum=1000)
    levels = rms(y), rms(noise)
    require(min(levels) > 0, "neither the sound nor the noise may be silent")
    return noise * (levels[0] / levels[1] * 10 ** (-snr / 20))

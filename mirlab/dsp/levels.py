"""How strong: root mean square, decibels, and the ratio of a sound to what disturbs it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import require
from .checks import as_signal


def rms(y: ArrayLike) -> float:
    """Root mean square, the level of a constant of the same power.

    Parameters
    ----------
    y
        Samples, shape `(samples,)`.

    Returns
    -------
    float
        At least 0; a sine of peak 1 over whole periods has 0.7071.

    Examples
    --------
    >>> rms([3, -3, 3, -3])
    3.0
    """
    return float(np.sqrt(np.mean(as_signal(y) ** 2)))


def amplitude_to_db(amplitude: ArrayLike) -> np.ndarray:
    """Amplitude in decibels, `20 log10 |amplitude|`; 1 is 0 dB and 0 is minus infinity.

    Unlike librosa's function of this name it cuts nothing off.

    Examples
    --------
    >>> amplitude_to_db([1, 0.5, 0.1]).round(2).tolist()
    [0.0, -6.02, -20.0]
    """
    with np.errstate(divide="ignore"):
        return 20 * np.log10(np.abs(np.asarray(amplitude, dtype=np.float64)))


def db_to_amplitude(db: ArrayLike) -> np.ndarray:
    """The amplitude of so many decibels, `10 ** (db / 20)`."""
    return np.asarray(10 ** (np.asarray(db, dtype=np.float64) / 20))


def si_sdr(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Scale-invariant signal-to-distortion ratio (Le Roux et al., ICASSP 2019, eq. 3).

    The estimate is split into the part that is a multiple of the reference and the rest; the ratio
    of their powers does not change when the estimate is turned up or down.

    Parameters
    ----------
    reference
        The clean sound, shape `(samples,)`.
    estimate
        What is left of it after noise or cleaning, same shape.

    Returns
    -------
    float
        Decibels; infinite for a multiple of the reference, minus infinity when nothing of the
        reference is left.

    Raises
    ------
    AudioError
        When the lengths differ or the reference is silent.

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
    """The noise, turned up or down until the signal-to-noise ratio is `snr` dB.

    Parameters
    ----------
    y, noise
        Samples, shape `(samples,)` each.
    snr
        Ratio of their powers in dB that `y + scale_to_snr(y, noise, snr=snr)` shall have.

    Returns
    -------
    ndarray
        Scaled noise, same shape as `noise`.

    Raises
    ------
    AudioError
        When one of the two is silent.

    Examples
    --------
    >>> scale_to_snr([1, -1, 1, -1], [5, 5, -5, -5], snr=20).round(6).tolist()
    [0.1, 0.1, -0.1, -0.1]
    """
    noise = as_signal(noise, name="noise")
    levels = rms(y), rms(noise)
    require(min(levels) > 0, "neither the sound nor the noise may be silent")
    return noise * (levels[0] / levels[1] * 10 ** (-snr / 20))

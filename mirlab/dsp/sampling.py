"""Sampling: what a rate can hold, what too few bits add, and how to change the rate."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import require
from .checks import as_signal

LOBES = 64  # zero crossings of the sinc on either side
BETA = 9.0  # of the Kaiser window: what should be gone lies 90 dB down
ROLLOFF = 0.955  # corner over half the lower rate: all passes up to 0.91 of it, nothing above 1


def alias_frequency(frequency: ArrayLike, *, sr: float) -> np.ndarray:
    """The frequency one hears when a sine is sampled: `|f - sr round(f / sr)|`.

    Frequencies that differ by a multiple of `sr`, or by their sign, give the same samples up to
    phase.

    Parameters
    ----------
    frequency
        Hz, any shape.
    sr
        Sampling rate in Hz.

    Returns
    -------
    ndarray
        Hz, between 0 and `sr / 2`, same shape.

    Raises
    ------
    AudioError
        When `sr` is not positive.

    Examples
    --------
    >>> alias_frequency([440, 5000, 8100], sr=8000).tolist()
    [440.0, 3000.0, 100.0]
    """
    require(sr > 0, f"sr must be positive, not {sr}")
    f = np.asarray(frequency, dtype=np.float64)
    return np.abs(f - sr * np.round(f / sr))


def quantize(y: ArrayLike, bits: int, *, dither: bool = False, seed: int = 0) -> np.ndarray:
    """Round samples to the nearest of `2 ** bits` levels between -1 and 1.

    Parameters
    ----------
    y
        Samples in -1..1, shape `(n,)`; what lies beyond is clipped.
    bits
        1 to 32. The step is `2 ** (1 - bits)`.
    dither
        Add noise of triangular density, one step to either side, before rounding. The error then
        no longer follows the sound: distortion becomes hiss, 4.8 dB louder.
    seed
        Of the dither.

    Returns
    -------
    ndarray
        Multiples of the step from -1 to 1 - step, shape `(n,)`.

    Raises
    ------
    AudioError
        For bad samples or another number of bits.

    Examples
    --------
    >>> quantize([0.3, -0.3, 2], 3).tolist()
    [0.25, -0.25, 0.75]
    """
    require(1 <= bits <= 32 and bits == int(bits), f"bits must be 1 to 32, not {bits}")
    y = as_signal(y)
    step = 2.0 ** (1 - bits)
    if dither:
        rng = np.random.default_rng(seed)
        y = y + step * (rng.uniform(-0.5, 0.5, y.size) + rng.uniform(-0.5, 0.5, y.size))
    return np.clip(step * np.round(y / step), -1.0, 1.0 - step)


def quantization_snr(bits: int) -> float:
    """The signal-to-noise ratio of a full-scale sine in so many bits, `6.02 bits + 1.76` dB.

    The error is spread evenly over one step, so its power is `step ** 2 / 12`; that of the sine is
    1/2 (Bennett 1948).

    Examples
    --------
    >>> round(quantization_snr(16), 2)
    98.09
    """
    return float(10 * np.log10(1.5) + 20 * bits * np.log10(2))


def resample(y: ArrayLike, *, orig_sr: int, target_sr: int) -> np.ndarray:
    """The sound at another rate: the curve through the samples, read at new moments.

    Every new sample is a weighted sum of the old ones around it; the weights are a sinc under a
    Kaiser window, 64 zero crossings wide to either side, whose corner lies below half the lower
    rate, so that nothing aliases (Smith, Digital Audio Resampling, 1984).

    Parameters
    ----------
    y
        Samples, shape `(n,)`; silence is taken to lie before and after.
    orig_sr, target_sr
        Rates in Hz, whole numbers.

    Returns
    -------
    ndarray
        Shape `(ceil(n * target_sr / orig_sr),)`; equals `scipy.signal.resample_poly` with this
        filter.

    Raises
    ------
    AudioError
        For bad samples or rates.

    Examples
    --------
    >>> resample(np.ones(1000), orig_sr=48000, target_sr=16000).shape
    (334,)
    """
    y = as_signal(y)
    for rate in (orig_sr, target_sr):
        require(rate > 0 and rate == int(rate), f"rates are positive whole numbers, not {rate}")
    up, down = (int(rate) // gcd(int(orig_sr), int(target_sr)) for rate in (target_sr, orig_sr))
    if up == down:
        return y
    cutoff = ROLLOFF * min(1.0, up / down)  # as a share of half the old rate
    reach = int(np.ceil(LOBES / cutoff))  # old samples on either side
    padded = np.pad(y, (reach, reach + down))
    total = -(-y.size * up // down)
    result = np.empty(total)
    # the n-th new sample lies at n * down / up: after `up` of them the fractions come again
    for phase in range(min(up, total)):
        first, rest = divmod(phase * down, up)
        around = np.arange(-reach, reach + 1) - rest / up
        weights = cutoff * np.sinc(cutoff * around) * _kaiser(around * cutoff / LOBES)
        count = len(range(phase, total, up))
        pieces = np.lib.stride_tricks.sliding_window_view(padded[first:], 2 * reach + 1)
        result[phase::up] = pieces[::down][:count] @ weights
    return result


def _kaiser(x: np.ndarray) -> np.ndarray:
    """The Kaiser window over -1..1, nothing outside."""
    inside = np.i0(BETA * np.sqrt(np.clip(1 - x**2, 0, 1))) / np.i0(BETA)
    return np.where(np.abs(x) <= 1, inside, 0.0)

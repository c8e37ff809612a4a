"""Sampling: aliasing, quantisation and resampling."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_float, as_floats, require, require_flag, require_rate, require_seed
from ..core.errors import AudioError
from .checks import MOST_SAMPLES, as_signal, require_whole

LOBES = 64  # zero crossings of the sinc on either side
BETA = 9.0  # of the Kaiser window: 90 dB stopband attenuation
ROLLOFF = 0.955  # corner / half the lower rate; the passband ends at 0.91, the stopband begins at 1


def alias_frequency(frequency: ArrayLike, *, sr: float) -> np.ndarray:
    """Alias of a frequency after sampling: `|f - sr round(f / sr)|`.

    Frequencies that differ by a multiple of `sr`, or in sign, yield the same samples up to phase.

    Parameters
    ----------
    frequency
        Frequencies in Hz, any shape.
    sr
        Sampling rate in Hz.

    Returns
    -------
    ndarray
        Frequencies in Hz, between 0 and `sr / 2`, same shape.

    Raises
    ------
    AudioError
        If `sr` is not positive, or the frequencies are no numbers.

    Examples
    --------
    >>> alias_frequency([440, 5000, 8100], sr=8000).tolist()
    [440.0, 3000.0, 100.0]
    """
    require_rate(sr)
    f = as_floats("frequency", frequency, AudioError)
    return np.abs(f - sr * np.round(f / sr))


def quantize(y: ArrayLike, bits: int, *, dither: bool = False, seed: int = 0) -> np.ndarray:
    """Round samples to the nearest of `2 ** bits` levels between -1 and 1.

    Parameters
    ----------
    y
        Samples in -1..1, shape `(n,)`; others are clipped.
    bits
        Resolution, 1 to 32. The step is `2 ** (1 - bits)`.
    dither
        Add noise with a triangular distribution of one step to either side before rounding. The
        error no longer depends on the signal: distortion becomes noise, 4.8 dB louder.
    seed
        Seed of the dither.

    Returns
    -------
    ndarray
        Multiples of the step, from -1 to 1 - step, shape `(n,)`.

    Raises
    ------
    AudioError
        If the samples are invalid or `bits` is out of range.

    Examples
    --------
    >>> quantize([0.3, -0.3, 2], 3).tolist()
    [0.25, -0.25, 0.75]
    """
    require_whole("bits", bits, maximum=32)
    require_flag("dither", dither)
    require_seed(seed)
    y = as_signal(y)
    step = 2.0 ** (1 - bits)
    if dither:
        rng = np.random.default_rng(seed)
        y = y + step * (rng.uniform(-0.5, 0.5, y.size) + rng.uniform(-0.5, 0.5, y.size))
    return np.clip(step * np.round(y / step), -1.0, 1.0 - step)


def quantization_snr(bits: int) -> float:
    """Signal-to-noise ratio of a full-scale sine with `bits` bits, `6.02 bits + 1.76` dB.

    The error is uniformly distributed over one step, so its power is `step ** 2 / 12`; the power of
    the sine is 1/2 (Bennett 1948).

    Raises
    ------
    AudioError
        If `bits` is not a number.

    Examples
    --------
    >>> round(quantization_snr(16), 2)
    98.09
    """
    return float(10 * np.log10(1.5) + 20 * as_float("bits", bits, AudioError) * np.log10(2))


def resample(y: ArrayLike, *, orig_sr: int, target_sr: int) -> np.ndarray:
    """Resample by band-limited interpolation.

    Every output sample is a weighted sum of the input samples around it. The weights are a sinc
    times a Kaiser window, with 64 zero crossings on either side, and a corner below half the lower
    rate, to avoid aliasing (Smith, Digital Audio Resampling, 1984).

    Parameters
    ----------
    y
        Samples, shape `(n,)`; zeros are assumed before and after.
    orig_sr, target_sr
        Sampling rates of input and output in Hz, integers.

    Returns
    -------
    ndarray
        Shape `(ceil(n * target_sr / orig_sr),)`; equals `scipy.signal.resample_poly` with this
        filter.

    Raises
    ------
    AudioError
        If samples or rates are invalid.

    Examples
    --------
    >>> resample(np.ones(1000), orig_sr=48000, target_sr=16000).shape
    (334,)
    """
    y = as_signal(y)
    for name, rate in {"orig_sr": orig_sr, "target_sr": target_sr}.items():
        require_whole(name, rate)
    up, down = (int(rate) // gcd(int(orig_sr), int(target_sr)) for rate in (target_sr, orig_sr))
    if up == down:
        return y
    cutoff = ROLLOFF * min(1.0, up / down)  # relative to half the input rate
    reach = int(np.ceil(LOBES / cutoff))  # input samples on either side
    padded = np.pad(y, (reach, reach + down))
    total = -(-y.size * up // down)
    require(total <= MOST_SAMPLES, f"{total} samples of output are over {MOST_SAMPLES}")
    result = np.empty(total)
    # output sample n is at n * down / up: its fraction is periodic with period `up`
    for phase in range(min(up, total)):
        first, rest = divmod(phase * down, up)
        distance = np.arange(-reach, reach + 1) - rest / up
        weights = cutoff * np.sinc(cutoff * distance) * _kaiser(distance * cutoff / LOBES)
        count = len(range(phase, total, up))
        windows = np.lib.stride_tricks.sliding_window_view(padded[first:], 2 * reach + 1)
        result[phase::up] = windows[::down][:count] @ weights
    return result


def _kaiser(x: np.ndarray) -> np.ndarray:
    """Kaiser window on -1..1, 0 outside."""
    inside = np.i0(BETA * np.sqrt(np.clip(1 - x**2, 0, 1))) / np.i0(BETA)
    return np.where(np.abs(x) <= 1, inside, 0.0)

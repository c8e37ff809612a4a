"""Convolution: a sum of scaled and delayed copies of an impulse response."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import require
from .checks import as_signal, require_whole


def convolve(y: ArrayLike, h: ArrayLike) -> np.ndarray:
    """Convolution by its definition, `z[n] = sum_k h[k] y[n - k]`.

    Each value `h[k]` adds a copy of `y`, scaled by `h[k]` and delayed by k samples.

    Parameters
    ----------
    y, h
        Signal and impulse response of a filter or room, shapes `(n,)` and `(m,)`.

    Returns
    -------
    ndarray
        Shape `(n + m - 1,)`; equals `numpy.convolve`.

    Raises
    ------
    AudioError
        If the samples are invalid.

    Examples
    --------
    >>> convolve([1, 2, 3], [1, 0, 0.5]).tolist()
    [1.0, 2.0, 3.5, 1.0, 1.5]
    """
    y, h = as_signal(y), as_signal(h, name="h")
    z = np.zeros(y.size + h.size - 1)
    for k, gain in enumerate(h):
        z[k : k + y.size] += gain * y
    return z


def overlap_add(y: ArrayLike, h: ArrayLike, *, n_fft: int = 4096) -> np.ndarray:
    """Fast convolution: multiply the spectra of blocks of `y`, and add their overlapping tails.

    Convolution in time is multiplication in frequency. A block of `n_fft - m + 1` samples and its
    tail fill one transform exactly, so there is no circular wrap-around (Stockham 1966).

    Parameters
    ----------
    y, h
        As in `convolve`.
    n_fft
        Length of the transforms, at least the length of `h`.

    Returns
    -------
    ndarray
        Shape `(n + m - 1,)`; equals `convolve`.

    Raises
    ------
    AudioError
        If the samples are invalid, or `h` is longer than `n_fft`.

    Examples
    --------
    >>> overlap_add([1, 2, 3], [1, 0, 0.5], n_fft=4).round(6).tolist()
    [1.0, 2.0, 3.5, 1.0, 1.5]
    """
    y, h = as_signal(y), as_signal(h, name="h")
    require_whole("n_fft", n_fft)
    require(n_fft >= h.size, f"n_fft must be at least the length of h, {h.size}; not {n_fft}")
    size = n_fft - h.size + 1
    response = np.fft.rfft(h, n_fft)
    z = np.zeros(y.size + h.size - 1)
    for start in range(0, y.size, size):
        block = y[start : start + size]
        output = np.fft.irfft(np.fft.rfft(block, n_fft) * response, n_fft)
        length = block.size + h.size - 1
        z[start : start + length] += output[:length]
    return z

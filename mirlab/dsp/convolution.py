"""Convolution: every sample sets off the same answer, and the answers add up."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import require
from .checks import as_signal


def convolve(y: ArrayLike, h: ArrayLike) -> np.ndarray:
    """Convolution by its definition, `z[n] = sum_k h[k] y[n - k]`.

    Each value of `h` adds a copy of `y`, that much louder and k samples later.

    Parameters
    ----------
    y, h
        A sound and the answer of a filter or room to one click, shapes `(n,)` and `(m,)`.

    Returns
    -------
    ndarray
        Shape `(n + m - 1,)`; equals `numpy.convolve`.

    Raises
    ------
    AudioError
        For bad samples.

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
    """The same convolution, fast: blocks of `y` through the Fourier transform, tails added.

    Convolution in time is multiplication in frequency. A block of `n_fft - m + 1` samples and its
    tail just fill a transform, so that nothing wraps around (Stockham 1966).

    Parameters
    ----------
    y, h
        As in `convolve`.
    n_fft
        Length of the transforms, at least that of `h`.

    Returns
    -------
    ndarray
        Shape `(n + m - 1,)`; equals `convolve`.

    Raises
    ------
    AudioError
        For bad samples, or when `h` does not fit into `n_fft`.

    Examples
    --------
    >>> overlap_add([1, 2, 3], [1, 0, 0.5], n_fft=4).round(6).tolist()
    [1.0, 2.0, 3.5, 1.0, 1.5]
    """
    y, h = as_signal(y), as_signal(h, name="h")
    require(n_fft >= h.size, f"n_fft must be at least the length of h, {h.size}; not {n_fft}")
    size = n_fft - h.size + 1
    response = np.fft.rfft(h, n_fft)
    z = np.zeros(y.size + h.size - 1)
    for start in range(0, y.size, size):
        block = y[start : start + size]
        answer = np.fft.irfft(np.fft.rfft(block, n_fft) * response, n_fft)
        length = block.size + h.size - 1
        z[start : start + length] += answer[:length]
    return z

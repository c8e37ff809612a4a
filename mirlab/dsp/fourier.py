"""Which sines are in a sound: the Fourier transform by definition, fast, and what one reads off."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import require
from .checks import as_signal
from .windows import window as make_window


def dft(y: ArrayLike) -> np.ndarray:
    """The discrete Fourier transform by its definition, `Y[k] = sum_n y[n] exp(-2 pi i k n / N)`.

    N samples cost N^2 multiplications; `fft` gives the same for N log N.

    Parameters
    ----------
    y
        Real or complex samples, shape `(N,)`.

    Returns
    -------
    ndarray
        Complex, shape `(N,)`; bin k stands for `k * sr / N` Hz, the upper half for negative
        frequencies. Equals `numpy.fft.fft`.

    Raises
    ------
    AudioError
        For bad samples.

    Examples
    --------
    >>> np.abs(dft([1, 0, -1, 0])).round(6).tolist()  # a cosine of one turn in four samples
    [0.0, 2.0, 0.0, 2.0]
    """
    y = _complex_samples(y)
    n = np.arange(y.size)
    # k n counts whole turns of N: without them the angle stays small and exact
    return np.exp(-2j * np.pi * (np.outer(n, n) % y.size) / y.size) @ y


def fft(y: ArrayLike) -> np.ndarray:
    """The fast Fourier transform: halve, transform, put together (Cooley and Tukey 1965).

    The transform of N samples is made of those of the even and of the odd samples, E and O:
    `Y[k] = E[k] + w O[k]` and `Y[k + N/2] = E[k] - w O[k]`, with `w = exp(-2 pi i k / N)`.

    Parameters
    ----------
    y
        Real or complex samples, shape `(N,)`, N a power of two.

    Returns
    -------
    ndarray
        Complex, shape `(N,)`; equals `dft`.

    Raises
    ------
    AudioError
        When N is no power of two, or for bad samples.

    Examples
    --------
    >>> np.allclose(fft([1, 2, 3, 4]), dft([1, 2, 3, 4]))
    True
    """
    y = _complex_samples(y)
    n = y.size
    require(n & (n - 1) == 0, f"fft needs a power of two of samples, not {n}; append zeros")
    if n == 1:
        return y
    even, odd = fft(y[0::2]), fft(y[1::2])
    turned = np.exp(-2j * np.pi * np.arange(n // 2) / n) * odd
    return np.concatenate([even + turned, even - turned])


def ifft(spectrum: ArrayLike) -> np.ndarray:
    """The way back: `y[n] = 1/N sum_k Y[k] exp(2 pi i k n / N)`, by the same fast transform.

    Parameters
    ----------
    spectrum
        Complex, shape `(N,)`, N a power of two.

    Returns
    -------
    ndarray
        Complex samples, shape `(N,)`; take `.real` when the sound was real.

    Raises
    ------
    AudioError
        As in `fft`.

    Examples
    --------
    >>> ifft(fft([1, 2, 3, 4])).real.round(6).tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    spectrum = _complex_samples(spectrum)
    return np.conj(fft(np.conj(spectrum))) / spectrum.size


def fft_frequencies(*, sr: float = 22050, n_fft: int = 2048) -> np.ndarray:
    """The frequencies of the bins from 0 to half the sampling rate; librosa's function.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    n_fft
        Length of the transform in samples.

    Returns
    -------
    ndarray
        Hz, shape `(n_fft // 2 + 1,)`.

    Examples
    --------
    >>> fft_frequencies(sr=8000, n_fft=8).tolist()
    [0.0, 1000.0, 2000.0, 3000.0, 4000.0]
    """
    require(sr > 0 and n_fft > 0, f"sr and n_fft must be positive, not {sr} and {n_fft}")
    return np.arange(n_fft // 2 + 1) * sr / n_fft


def amplitude_spectrum(
    y: ArrayLike, *, sr: float = 22050, window: str = "hann"
) -> tuple[np.ndarray, np.ndarray]:
    """How strong each frequency is, so scaled that a sine of peak A on a bin reads A.

    Parameters
    ----------
    y
        Real samples, shape `(N,)`.
    sr
        Sampling rate in Hz.
    window
        A name that `mirlab.dsp.window` knows.

    Returns
    -------
    frequencies, amplitudes : ndarray, shape (N // 2 + 1,)
        Hz, and peak amplitudes of at least 0.

    Raises
    ------
    AudioError
        For bad samples or another window.

    Examples
    --------
    >>> t = np.arange(8) / 8
    >>> frequencies, amplitudes = amplitude_spectrum(0.5 * np.sin(2 * np.pi * 2 * t), sr=8)
    >>> round(float(amplitudes[frequencies == 2][0]), 6)
    0.5
    """
    y = as_signal(y)
    w = make_window(window, y.size)
    amplitudes = np.abs(np.fft.rfft(w * y)) / w.sum()
    # every bin but 0 and N/2 has a twin at the negative frequency that holds the other half
    amplitudes[1 : (y.size + 1) // 2] *= 2
    return fft_frequencies(sr=sr, n_fft=y.size), amplitudes


def _complex_samples(y: ArrayLike) -> np.ndarray:
    """Samples as complex128, shape (N,), finite."""
    array = np.asarray(y)
    if array.dtype.kind != "c":
        return as_signal(array).astype(np.complex128)
    return as_signal(array.real) + 1j * as_signal(array.imag)

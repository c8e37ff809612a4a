"""Fourier transform: by definition, fast, and as an amplitude spectrum."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import require, require_rate
from .checks import as_numbers, as_signal, require_whole
from .windows import window as make_window


def dft(y: ArrayLike) -> np.ndarray:
    """Discrete Fourier transform by its definition, `Y[k] = sum_n y[n] exp(-2 pi i k n / N)`.

    It takes N^2 multiplications; `fft` takes N log N.

    Parameters
    ----------
    y
        Real or complex samples, shape `(N,)`.

    Returns
    -------
    ndarray
        Complex, shape `(N,)`; bin k is at `k * sr / N` Hz, the upper half at negative
        frequencies. Equals `numpy.fft.fft`.

    Raises
    ------
    AudioError
        For bad samples.

    Examples
    --------
    >>> np.abs(dft([1, 0, -1, 0])).round(6).tolist()  # a cosine with a period of four samples
    [0.0, 2.0, 0.0, 2.0]
    """
    y = _complex_samples(y)
    n = np.arange(y.size)
    # k n is periodic in N: its remainder keeps the angle small and exact
    return np.exp(-2j * np.pi * (np.outer(n, n) % y.size) / y.size) @ y


def fft(y: ArrayLike) -> np.ndarray:
    """Fast Fourier transform: split, transform, combine (Cooley and Tukey 1965).

    The transform of N samples combines those of the even and the odd samples, E and O:
    `Y[k] = E[k] + w O[k]` and `Y[k + N/2] = E[k] - w O[k]`, with `w = exp(-2 pi i k / N)`.

    Parameters
    ----------
    y
        Real or complex samples, shape `(N,)`; N is a power of two.

    Returns
    -------
    ndarray
        Complex, shape `(N,)`; equals `dft`.

    Raises
    ------
    AudioError
        If N is not a power of two, or the samples are invalid.

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
    twiddled = np.exp(-2j * np.pi * np.arange(n // 2) / n) * odd
    return np.concatenate([even + twiddled, even - twiddled])


def ifft(spectrum: ArrayLike) -> np.ndarray:
    """Inverse FFT: `y[n] = 1/N sum_k Y[k] exp(2 pi i k n / N)`, by the same algorithm.

    Parameters
    ----------
    spectrum
        Complex, shape `(N,)`; N is a power of two.

    Returns
    -------
    ndarray
        Complex samples, shape `(N,)`; take `.real` if the signal was real.

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
    """Frequencies of the bins from 0 to half the sampling rate; equals `librosa.fft_frequencies`.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    n_fft
        Length of the transform in samples.

    Returns
    -------
    ndarray
        Frequencies in Hz, shape `(n_fft // 2 + 1,)`.

    Examples
    --------
    >>> fft_frequencies(sr=8000, n_fft=8).tolist()
    [0.0, 1000.0, 2000.0, 3000.0, 4000.0]
    """
    require_rate(sr)
    require_whole("n_fft", n_fft)
    return np.arange(n_fft // 2 + 1) * float(sr) / n_fft


def amplitude_spectrum(
    y: ArrayLike, *, sr: float = 22050, window: str = "hann"
) -> tuple[np.ndarray, np.ndarray]:
    """Amplitude spectrum, scaled so that a sine of peak A at the centre of a bin has the value A.

    Parameters
    ----------
    y
        Real samples, shape `(N,)`.
    sr
        Sampling rate in Hz.
    window
        Name of a window of `mirlab.dsp.window`.

    Returns
    -------
    frequencies, amplitudes : ndarray, shape (N // 2 + 1,)
        Frequencies in Hz, and peak amplitudes.

    Raises
    ------
    AudioError
        If the samples are invalid or the window is unknown.

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
    # all bins but 0 and N/2 share their amplitude equally with the negative frequency
    amplitudes[1 : (y.size + 1) // 2] *= 2
    return fft_frequencies(sr=sr, n_fft=y.size), amplitudes


def _complex_samples(y: ArrayLike) -> np.ndarray:
    """Convert samples to complex128, shape (N,), finite."""
    array = as_numbers("y", y)
    if array.dtype.kind != "c":
        return as_signal(array).astype(np.complex128)
    return as_signal(array.real) + 1j * as_signal(array.imag)

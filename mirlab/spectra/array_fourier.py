"""STFT, mel spectrogram and chroma on numpy arrays, without torch.

The functions take the same arguments as the modules of the same names, and their results are equal.
float64 input is computed in float64, all other input in float32. Functions whose names end in
`_blocks` yield blocks of frames, so that memory does not grow with the length of the input.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from ..core.checks import as_float, as_floats, require, require_count, require_rate
from ..core.errors import AudioError
from .banks import chroma_bank, mel_bank
from .checks import as_samples, require_window
from .kernels import hann, require_stft

CACHE = 2**19  # windowed samples per block: they and their spectra fit into the cache
SILENCE = 1e-10  # lowest power in dB conversion


def stft(y: ArrayLike, *, n_fft: int = 2048, hop_length: int = 512) -> np.ndarray:
    """Short-time Fourier transform; equals `mirlab.spectra.STFT` and `librosa.stft`.

    Parameters
    ----------
    y
        Real samples, shape `(..., samples)`; zeros are assumed before and after.
    n_fft
        Length of the Hann window in samples, even.
    hop_length
        Samples between frames, at most `n_fft`.

    Returns
    -------
    ndarray
        Complex, shape `(..., n_fft // 2 + 1, 1 + samples // hop_length)`; frame t is centred on
        sample `t * hop_length`.

    Raises
    ------
    AudioError
        If `y` is shorter than the window or contains NaN or infinity, or window or hop are invalid.

    Examples
    --------
    >>> stft(np.zeros((2, 22050)), n_fft=1024, hop_length=256).shape
    (2, 513, 87)
    """
    return np.concatenate(list(stft_blocks(y, n_fft=n_fft, hop_length=hop_length)), axis=-1)


def stft_blocks(y: ArrayLike, *, n_fft: int = 2048, hop_length: int = 512) -> Iterator[np.ndarray]:
    """Short-time Fourier transform in blocks of frames; see `stft`.

    Parameters
    ----------
    y, n_fft, hop_length
        As for `stft`.

    Yields
    ------
    ndarray
        Complex, shape `(..., n_fft // 2 + 1, frames of the block)`.

    Raises
    ------
    AudioError
        As for `stft`.
    """
    require_stft(n_fft=n_fft, hop_length=hop_length)
    y = as_samples(y)
    require_window(y.shape[-1], n_fft)
    window = hann(n_fft).astype(y.dtype)
    frames = 1 + y.shape[-1] // hop_length
    at_once = max(1, CACHE // (n_fft * y[..., 0].size))
    for start in range(0, frames, at_once):
        count = min(at_once, frames - start)
        first = start * hop_length - n_fft // 2
        samples = excerpt(y, first, (count - 1) * hop_length + n_fft)
        windows = np.lib.stride_tricks.sliding_window_view(samples, n_fft, axis=-1)
        yield scipy.fft.rfft(windows[..., ::hop_length, :] * window).swapaxes(-1, -2)


def istft(spectrum: np.ndarray, *, hop_length: int, length: int) -> np.ndarray:
    """Inverse STFT by least squares (Griffin and Lim 1984); equals `STFT.invert`.

    Parameters
    ----------
    spectrum
        Complex, shape `(..., n_fft // 2 + 1, frames)`, with the number of frames for `length`.
    hop_length
        Samples between frames, less than `n_fft`.
    length
        Length of the output in samples.

    Returns
    -------
    ndarray
        Real, shape `(..., length)`.

    Raises
    ------
    AudioError
        If `spectrum` is none, the number of frames does not match `length`, or the windows do not
        overlap.

    Examples
    --------
    >>> y = np.sin(np.arange(4096.0))
    >>> bool(np.allclose(istft(stft(y), hop_length=512, length=4096), y))
    True
    """
    valid = isinstance(spectrum, np.ndarray) and spectrum.dtype.kind in "fc"
    valid = valid and spectrum.ndim >= 2 and spectrum.size > 0
    require(valid, "spectrum must have shape (..., n_fft // 2 + 1, frames) and hold numbers")
    require_count("length", length)
    n_fft, frames = 2 * (spectrum.shape[-2] - 1), spectrum.shape[-1]
    require_stft(n_fft=n_fft, hop_length=hop_length)
    require(
        frames == 1 + length // hop_length and hop_length < n_fft,
        f"{frames} frames of {n_fft} samples, {hop_length} apart, are no STFT of {length} samples",
    )
    window = hann(n_fft)
    segments = scipy.fft.irfft(spectrum.swapaxes(-1, -2), n=n_fft)
    segments *= window.astype(segments.dtype)
    total = _overlap_add(segments, hop_length)
    weight = _overlap_add(np.broadcast_to(window**2, (frames, n_fft)), hop_length)
    tiny = 1e-8 * (window**2).sum()  # lower weights occur only at the edge of a window
    scale = np.where(weight > tiny, 1 / np.maximum(weight, tiny), 0).astype(segments.dtype)
    return excerpt(total * scale, n_fft // 2, length)


def melspectrogram(
    y: ArrayLike,
    *,
    sr: float = 22050,
    n_fft: int = 2048,
    hop_length: int = 512,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
) -> np.ndarray:
    """Mel power spectrogram; equals `mirlab.spectra.Mel` and `librosa.feature.melspectrogram`.

    Parameters
    ----------
    y
        Real samples, shape `(..., samples)`.
    sr
        Sampling rate in Hz.
    n_fft, hop_length
        Window length and hop of the STFT in samples.
    n_mels
        Number of bands.
    fmin, fmax
        Lower edge of the first band and upper edge of the last, in Hz; fmax None is `sr / 2`.

    Returns
    -------
    ndarray
        Real, shape `(..., n_mels, frames)`.

    Raises
    ------
    AudioError
        As for `stft` and `mirlab.spectra.banks.mel_bank`.

    Examples
    --------
    >>> melspectrogram(np.zeros(22050), n_mels=64).shape
    (64, 44)
    """
    require_rate(sr)
    require_stft(n_fft=n_fft, hop_length=hop_length)
    fmax = sr / 2 if fmax is None else fmax
    bank = mel_bank(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax)
    return _folded_stft(bank, y, n_fft=n_fft, hop_length=hop_length)


def chroma_stft(
    y: ArrayLike, *, sr: float = 22050, n_fft: int = 2048, hop_length: int = 512
) -> np.ndarray:
    """Chroma from an STFT: power of the twelve pitch classes; equals `Chroma(STFT())`.

    Parameters
    ----------
    y
        Real samples, shape `(..., samples)`.
    sr
        Sampling rate in Hz.
    n_fft, hop_length
        Window length and hop of the STFT in samples.

    Returns
    -------
    ndarray
        Real, shape `(..., 12, frames)`; row 0 is C. Frames are not normalised.

    Raises
    ------
    AudioError
        As for `stft`.
    """
    require_rate(sr)
    require_stft(n_fft=n_fft, hop_length=hop_length)
    return _folded_stft(chroma_bank(sr=sr, n_fft=n_fft), y, n_fft=n_fft, hop_length=hop_length)


def power_to_db(power: np.ndarray, *, db_range: float = 80.0) -> np.ndarray:
    """Convert power to dB, 10 log10(power), with a floor; equals `librosa.power_to_db`.

    Parameters
    ----------
    power
        Power, at least 0, any shape.
    db_range
        Dynamic range in dB: lower levels are clipped to the maximum minus this value.

    Returns
    -------
    ndarray
        Levels in dB, same shape.

    Raises
    ------
    AudioError
        If the power is not real, or the range not positive.

    Examples
    --------
    >>> power_to_db(np.array([1.0, 0.01, 0.0])).tolist()
    [0.0, -20.0, -80.0]
    """
    power = power if isinstance(power, np.ndarray) else as_floats("power", power, AudioError)
    require(power.dtype.kind in "fiub", f"power must be real numbers, not {power.dtype}")
    require(as_float("db_range", db_range, AudioError) > 0, "db_range must be positive")
    level = 10 * np.log10(np.maximum(power, SILENCE))
    return np.maximum(level, level.max(initial=-np.inf) - db_range)


def _folded_stft(bank: np.ndarray, y: ArrayLike, *, n_fft: int, hop_length: int) -> np.ndarray:
    """Power of an STFT, folded by a bank of weights of shape `(rows, bins)`."""
    nonzero = np.flatnonzero(bank.any(axis=0))
    bins = slice(int(nonzero[0]), int(nonzero[-1]) + 1)  # the weights of the others are 0
    blocks = stft_blocks(y, n_fft=n_fft, hop_length=hop_length)
    return np.concatenate([fold(bank[:, bins], block[..., bins, :]) for block in blocks], axis=-1)


def fold(bank: np.ndarray, spectrum: np.ndarray) -> np.ndarray:
    """Fold the power of coefficients by a bank of weights: `(..., rows, frames)`."""
    power = spectrum.real**2 + spectrum.imag**2
    return bank.astype(power.dtype) @ power


def excerpt(y: np.ndarray, first: int, count: int) -> np.ndarray:
    """Samples `first` to `first + count` along the last axis, padded with zeros."""
    inner = y[..., max(0, first) : max(0, first + count)]
    before = max(0, -first)
    edges = [(0, 0)] * (y.ndim - 1) + [(before, count - before - inner.shape[-1])]
    return np.pad(inner, edges)


def _overlap_add(segments: np.ndarray, hop_length: int) -> np.ndarray:
    """Overlap-add segments, each shifted by `hop_length` samples.

    Parameters
    ----------
    segments
        Shape `(..., frames, n)`.

    Returns
    -------
    ndarray
        Shape `(..., (frames - 1 + ceil(n / hop_length)) * hop_length)`.
    """
    *batch, frames, n = segments.shape
    overlap = -(-n // hop_length)
    total = np.zeros((*batch, frames - 1 + overlap, hop_length), segments.dtype)
    for k in range(overlap):  # the k-th hop of each segment
        part = segments[..., k * hop_length : (k + 1) * hop_length]
        total[..., k : k + frames, : part.shape[-1]] += part
    return total.reshape(*batch, -1)

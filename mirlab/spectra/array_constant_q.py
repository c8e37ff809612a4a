"""Constant-Q and variable-Q transforms on numpy arrays, without torch; see `array_fourier`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from .array_fourier import excerpt, fold
from .banks import fold_bank
from .checks import as_samples, require_bins, require_window
from .kernels import C1, filter_weights, variable_q


def cqt(
    y: ArrayLike,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    fmin: float | None = None,
    n_bins: int = 84,
    bins_per_octave: int = 12,
) -> np.ndarray:
    """Constant-Q transform (Brown 1991); equals `mirlab.spectra.CQT`.

    Parameters
    ----------
    y
        Real samples, shape `(..., samples)`; zeros are assumed before and after.
    sr
        Sampling rate in Hz.
    hop_length
        Samples between frames.
    fmin
        Lowest bin in Hz; None is C1, 32.7 Hz.
    n_bins, bins_per_octave
        Number of bins, and number of bins per octave.

    Returns
    -------
    ndarray
        Complex, shape `(..., n_bins, 1 + samples // hop_length)`; frame t is centred on sample
        `t * hop_length`.

    Raises
    ------
    AudioError
        If `y` is shorter than the longest window or contains NaN or infinity, or the highest bin
        is above half the sampling rate.

    Examples
    --------
    >>> cqt(np.zeros(22050), fmin=55.0, n_bins=60).shape
    (60, 44)
    """
    blocks = cqt_blocks(
        y,
        sr=sr,
        hop_length=hop_length,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
    )
    return np.concatenate(list(blocks), axis=-1)


def cqt_blocks(
    y: ArrayLike,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    fmin: float | None = None,
    n_bins: int = 84,
    bins_per_octave: int = 12,
) -> Iterator[np.ndarray]:
    """Constant-Q transform in blocks of frames; see `cqt`.

    Parameters
    ----------
    y, sr, hop_length, fmin, n_bins, bins_per_octave
        As for `cqt`.

    Yields
    ------
    ndarray
        Complex, shape `(..., n_bins, frames of the block)`.

    Raises
    ------
    AudioError
        As `cqt`.
    """
    return vqt_blocks(
        y,
        sr=sr,
        hop_length=hop_length,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
        gamma=0.0,
    )


def vqt_blocks(
    y: ArrayLike,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    fmin: float | None = None,
    n_bins: int = 84,
    bins_per_octave: int = 12,
    gamma: float | None = None,
) -> Iterator[np.ndarray]:
    """Variable-Q transform in blocks of frames; equals `mirlab.spectra.VQT`.

    Parameters
    ----------
    y, sr, hop_length, fmin, n_bins, bins_per_octave
        As for `cqt`.
    gamma
        Bandwidth offset in Hz, see `mirlab.spectra.VQT`; 0 is the CQT.

    Yields
    ------
    ndarray
        Complex, shape `(..., n_bins, frames of the block)`.

    Raises
    ------
    AudioError
        As for `cqt`, and if `gamma` is negative.
    """
    y = as_samples(y)
    bins = variable_q(
        sr=sr,
        hop_length=hop_length,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
        gamma=gamma,
    )
    require_window(y.shape[-1], bins.window_length)
    plan = filter_weights(
        sr=sr,
        hop_length=hop_length,
        window_length=bins.window_length,
        frequencies=bins.frequencies,
        half_widths=bins.half_widths,
        response=bins.response,
    )
    groups = [(zones, weights.astype(y.dtype)) for zones, weights in plan.groups]
    frames = 1 + y.shape[-1] // hop_length
    for start in range(0, frames, plan.block):
        samples = excerpt(y, start * hop_length - plan.reach, plan.points * hop_length)
        spectrum = scipy.fft.fft(samples).reshape(*y.shape[:-1], hop_length, plan.points)
        folded = [(spectrum[..., zones, :] * weights).sum(axis=-2) for zones, weights in groups]
        rows = scipy.fft.ifft(np.concatenate(folded, axis=-2))
        yield rows[..., plan.margin : plan.margin + min(plan.block, frames - start)]


def chroma_cqt(
    y: ArrayLike,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    fmin: float | None = None,
    n_bins: int = 84,
    bins_per_octave: int = 12,
) -> np.ndarray:
    """Chroma from a CQT: power of the twelve pitch classes; equals `mirlab.spectra.Chroma(CQT())`.

    Parameters
    ----------
    y, sr, hop_length, fmin, n_bins, bins_per_octave
        As for `cqt`; `bins_per_octave` must be a multiple of 12.

    Returns
    -------
    ndarray
        Real, shape `(..., 12, frames)`; row 0 is C. Frames are not normalised.

    Raises
    ------
    AudioError
        As for `cqt`, and if `bins_per_octave` is not a multiple of 12.
    """
    fmin = C1 if fmin is None else fmin
    require_bins(fmin, n_bins, bins_per_octave, sr)
    bank = fold_bank(n_bins=n_bins, bins_per_octave=bins_per_octave, fmin=fmin)
    blocks = cqt_blocks(
        y,
        sr=sr,
        hop_length=hop_length,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
    )
    return np.concatenate([fold(bank, block) for block in blocks], axis=-1)

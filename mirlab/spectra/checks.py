"""Argument checks of transforms, without torch; they raise `AudioError`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_float, as_floats, require, require_count, require_rate
from ..core.errors import AudioError

MAX_BINS = 100_000


def require_band(fmin: float, fmax: float, sr: float) -> None:
    """Raise an `AudioError` unless `0 <= fmin <= fmax <= sr / 2`, all in Hz."""
    require_rate(sr)
    for name, hz in (("fmin", fmin), ("fmax", fmax)):
        as_float(name, hz, AudioError)
    require(0 <= fmin < math.inf, f"fmin must be at least 0, not {fmin} Hz")
    require(
        fmax <= sr / 2,
        f"fmax is {fmax:g} Hz, over the Nyquist frequency, {sr / 2:g} Hz (half of sr={sr:g})",
    )
    require(fmin <= fmax, f"fmin must be at most fmax, {fmax:g} Hz, not {fmin:g} Hz")


def require_bins(fmin: float, n_bins: int, bins_per_octave: int, sr: float) -> np.ndarray:
    """Frequencies of bins evenly spaced in pitch: Hz, shape `(n_bins,)`.

    Raises
    ------
    AudioError
        If `fmin` is not positive, `n_bins` or `bins_per_octave` is below 1, or the highest bin is
        above `sr / 2`.
    """
    require_count("n_bins", n_bins)
    require_count("bins_per_octave", bins_per_octave)
    require(n_bins <= MAX_BINS, f"n_bins must be at most {MAX_BINS}, not {n_bins}")
    require(bins_per_octave <= MAX_BINS, f"bins_per_octave must be at most {MAX_BINS}")
    positive = 0 < as_float("fmin", fmin, AudioError) < math.inf
    require(positive, f"fmin must be positive, not {fmin} Hz")
    hz = fmin * 2 ** (np.arange(n_bins) / bins_per_octave)
    require_band(fmin, float(hz[-1]), sr)
    return hz


def require_hop(hop_length: int, window: int) -> None:
    """Raise an `AudioError` unless the hop is at least 1 and at most the window length."""
    require_count("hop_length", hop_length)
    require(
        hop_length <= window,
        f"hop_length is {hop_length} samples, longer than the window, {window} samples",
    )


def as_samples(y: ArrayLike) -> np.ndarray:
    """Convert samples to a real array `(..., samples)`; float64 stays, others become float32.

    Raises
    ------
    AudioError
        If there are no samples or channels, or they are complex, NaN or infinite.
    """
    array = np.asarray(y) if isinstance(y, np.ndarray) else as_floats("y", y, AudioError)
    require_samples(array.shape)
    require(array.dtype.kind in "fiub", f"y must hold real numbers, not {array.dtype}")
    array = array.astype(np.float64 if array.dtype == np.float64 else np.float32, copy=False)
    require(bool(np.isfinite(array).all()), "y holds NaN or infinity; every sample must be finite")
    return array


def require_samples(shape: Sequence[int]) -> None:
    """Raise an `AudioError` unless the shape is `(..., samples)` with at least one sample."""
    require(len(shape) >= 1, "y must have shape (..., samples), not ()")
    require(
        math.prod(shape) > 0,
        f"y has shape {tuple(shape)}: zero {'samples' if not shape[-1] else 'channels'}, "
        "at least 1 is needed",
    )


def require_window(samples: int, window: int) -> None:
    """Raise an `AudioError` if the input is shorter than the longest window of a transform."""
    require(
        samples >= window,
        f"y has {samples} samples, fewer than the longest window, {window} samples; append zeros, "
        "or take a shorter window (a larger fmin, where there is one)",
    )

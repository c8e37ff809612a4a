"""Argument checks of `mirlab.dsp`; they raise `AudioError`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_float, as_floats, require, require_rate
from ..core.errors import AudioError


def as_signal(y: ArrayLike, *, name: str = "y") -> np.ndarray:
    """Convert real samples to float64, shape `(samples,)`.

    Raises
    ------
    AudioError
        If the array is empty, not one-dimensional, not real, or contains NaN or infinity.
    """
    array = np.asarray(y) if isinstance(y, np.ndarray) else as_floats(name, y, AudioError)
    require(array.ndim == 1 and array.size > 0, f"{name} must have shape (n,), not {array.shape}")
    require(array.dtype.kind in "fiub", f"{name} must hold real numbers, not {array.dtype}")
    array = array.astype(np.float64)
    require(bool(np.isfinite(array).all()), f"{name} holds NaN or infinity")
    return array


def sample_count(duration: float, sr: float) -> int:
    """Number of samples in `duration` seconds at `sr` Hz.

    Raises
    ------
    AudioError
        If `sr` is not positive, or the duration is shorter than half a sample.
    """
    require_rate(sr)
    require(
        0 < as_float("duration", duration, AudioError) < np.inf,
        f"duration must be positive, not {duration}",
    )
    count = round(duration * sr)
    require(count > 0, f"no sample fits into {duration} s at {sr} Hz")
    return count


def require_frequency(name: str, frequency: float, sr: float) -> None:
    """Raise an `AudioError` unless `frequency` lies between 0 and half the sampling rate."""
    require_rate(sr)
    require(
        0 < as_float(name, frequency, AudioError) < sr / 2,
        f"{name} must lie between 0 and half the sampling rate, {sr / 2:g} Hz; not {frequency}",
    )

"""Argument checks of `mirlab.dsp`; they raise `AudioError`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_float, as_floats, require, require_rate
from ..core.errors import AudioError

MOST_SAMPLES = 2**29  # of a generated signal: 4 GiB


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


def as_numbers(name: str, values: ArrayLike) -> np.ndarray:
    """Convert real or complex numbers to float64 or complex128, any shape; else an `AudioError`."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):  # ragged rows
        array = np.array(None)
    return array.astype(complex) if array.dtype.kind == "c" else as_floats(name, values, AudioError)


def sample_count(duration: float, sr: float) -> int:
    """Number of samples in `duration` seconds at `sr` Hz.

    Raises
    ------
    AudioError
        If `sr` is not positive, the duration is shorter than half a sample, or the signal would
        fill the memory.
    """
    require_rate(sr)
    require(
        0 < as_float("duration", duration, AudioError) < np.inf,
        f"duration must be positive, not {duration}",
    )
    samples = duration * sr
    require(
        samples <= MOST_SAMPLES,
        f"{duration:g} s at {sr:g} Hz are {samples:.15g} samples; at most {MOST_SAMPLES} fit",
    )
    count = round(samples)
    require(count > 0, f"no sample fits into {duration} s at {sr} Hz")
    return count


def require_whole(name: str, value: float, *, minimum: int = 1, maximum: int | None = None) -> None:
    """Raise an `AudioError` unless `value` is a whole number of any type, in this range."""
    number = as_float(name, value, AudioError)
    limit = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
    most = MOST_SAMPLES if maximum is None else maximum
    inside = minimum <= number <= most and number == int(number)
    require(inside, f"{name} must be an integer {limit}, not {value}")


def require_at_least_0(name: str, seconds: float) -> None:
    """Raise an `AudioError` unless `seconds` is a finite duration of at least 0."""
    valid = 0 <= as_float(name, seconds, AudioError) < np.inf
    require(valid, f"{name} must be at least 0 s, not {seconds}")


def require_frequency(name: str, frequency: float, sr: float) -> None:
    """Raise an `AudioError` unless `frequency` lies between 0 and half the sampling rate."""
    require_rate(sr)
    require(
        0 < as_float(name, frequency, AudioError) < sr / 2,
        f"{name} must lie between 0 and half the sampling rate, {sr / 2:g} Hz; not {frequency}",
    )

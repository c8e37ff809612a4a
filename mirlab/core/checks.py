"""Argument checks; they raise one of the package's errors, by default `AudioError`."""

from __future__ import annotations

import math
import numbers
import reprlib
from typing import Any

import numpy as np

from .errors import AudioError, MirlabError


def require(condition: bool, message: str, error: type[MirlabError] = AudioError) -> None:
    """Raise `error(message)` unless `condition` holds."""
    if not condition:
        raise error(message)


def require_count(
    name: str, value: int, *, minimum: int = 1, error: type[MirlabError] = AudioError
) -> None:
    """Raise `error` unless `value` is an integer of at minimum `minimum`."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    message = f"{name} must be an integer >= {minimum}, not {value!r}"
    require(whole and value >= minimum, message, error)


def require_audio_rate(sr: object, what: str = "the sampling rate") -> int:
    """Return `sr` as an int; raise an `AudioError` unless it is a possible rate of audio in Hz.

    100 Hz to 1 MHz. Beyond these, resampling a few bytes of a damaged file would fill the memory.
    """
    valid = isinstance(sr, numbers.Real) and not isinstance(sr, bool)
    if not valid or not 100 <= sr <= 1_000_000 or sr != int(sr):  # type: ignore[operator,call-overload]
        raise AudioError(f"{what} must be an integer, 100..1000000 Hz, not {sr!r}")
    return int(sr)  # type: ignore[call-overload,no-any-return]


def require_rate(sr: float) -> None:
    """Raise an `AudioError` unless `sr` is a positive sampling rate in Hz."""
    require(0 < sr < math.inf, f"sr must be positive, not {sr}")


def as_floats(name: str, values: Any, error: type[MirlabError]) -> np.ndarray:
    """Convert numbers to an array of floats; raise `error` if they are none, or ragged rows.

    >>> as_floats("onset", [1, 2.5], AudioError)
    array([1. , 2.5])
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind in "biuf":
            return array.astype(float, copy=False)
        if array.dtype == object:  # fractions, but not None, which numpy takes for NaN
            return np.array([float(value) for value in array.flat]).reshape(array.shape)
    except (TypeError, ValueError, OverflowError, RuntimeError):  # the last from torch
        pass
    raise error(f"{name} must be numbers, not {reprlib.repr(values)}")


def as_float(name: str, value: Any, error: type[MirlabError]) -> float:
    """Convert one number to a float; raise `error` if it is none, several, or NaN."""
    number = as_floats(name, value, error)
    require(number.ndim == 0 and not np.isnan(number), f"{name} must be one number", error)
    return float(number)


def require_type(name: str, value: object, kind: type, error: type[MirlabError]) -> None:
    """Raise `error` unless `value` is a `kind`."""
    given = type(value).__name__
    require(isinstance(value, kind), f"{name} must be {kind.__name__}, not {given}", error)

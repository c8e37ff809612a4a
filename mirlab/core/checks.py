"""Argument checks; they raise one of the package's errors, by default `AudioError`."""

from __future__ import annotations

import math
import numbers
import os
import reprlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from .errors import AudioError, MirlabError

MAX_RATE = 1e9  # Hz


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
    return int(sr)  # type: ignore[call-overload]


def require_rate(sr: float) -> None:
    """Raise an `AudioError` unless `sr` is a positive sampling rate in Hz."""
    require(0 < as_float("sr", sr, AudioError) < math.inf, f"sr must be positive, not {sr}")
    require(sr <= MAX_RATE, f"sr must be at most {MAX_RATE:g} Hz, not {sr:g}")


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


def as_array(name: str, values: Any, error: type[MirlabError], *, ndim: int = 1) -> np.ndarray:
    """Convert to an array of finite floats with `ndim` dimensions; raise `error` if it is none.

    >>> as_array("times", [0, 1], AudioError)
    array([0., 1.])
    """
    array = as_floats(name, values, error)
    shape = f"{name} must have {ndim} dimension{'s' * (ndim > 1)}, not shape {array.shape}"
    require(array.ndim == ndim, shape, error)
    require(bool(np.isfinite(array).all()), f"{name} must be finite", error)
    return array


def require_number(
    name: str,
    value: Any,
    *,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    error: type[MirlabError] = AudioError,
) -> None:
    """Raise `error` unless `value` is a finite number from `minimum` to `maximum`."""
    number = as_float(name, value, error)
    inside = math.isfinite(number) and minimum <= number <= maximum
    require(inside, f"{name} must be from {minimum:g} to {maximum:g}, not {number:g}", error)


def require_type(name: str, value: object, kind: type, error: type[MirlabError]) -> None:
    """Raise `error` unless `value` is a `kind`."""
    given = type(value).__name__
    require(isinstance(value, kind), f"{name} must be {kind.__name__}, not {given}", error)


def require_flag(name: str, value: bool, error: type[MirlabError] = AudioError) -> None:
    """Raise `error` unless `value` is true or false, also as numpy's, or as 0 and 1."""
    valid = isinstance(value, bool | np.bool_ | int)
    require(valid, f"{name} must be True or False, not {reprlib.repr(value)}", error)


def require_seed(seed: int, error: type[MirlabError] = AudioError) -> None:
    """Raise `error` unless `seed` is an integer of 0 or more."""
    valid = isinstance(seed, int | np.integer) and seed >= 0
    require(valid, f"seed must be an integer of 0 or more, not {reprlib.repr(seed)}", error)


def require_choice(
    name: str, value: str, choices: Collection[str], error: type[MirlabError] = AudioError
) -> None:
    """Raise `error` unless `value` is one of the choices."""
    valid = isinstance(value, str) and value in choices
    line = f"{name} must be one of {', '.join(choices)}; not {reprlib.repr(value)}"
    require(valid, line, error)


def as_path(name: str, path: str | os.PathLike[str], error: type[MirlabError]) -> Path:
    """Convert the name of a file or folder to a path; raise `error` if it cannot be one.

    >>> as_path("folder", "songs", AudioError).name
    'songs'
    """
    require(
        isinstance(path, str | os.PathLike) and isinstance(os.fspath(path), str),
        f"{name} must be a path, not {type(path).__name__}",
        error,
    )
    require("\0" not in os.fspath(path), f"{name} must be a path, not {path!r}", error)
    return Path(path)

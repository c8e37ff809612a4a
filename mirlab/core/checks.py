"""Argument checks; they raise one of the package's errors, by default `AudioError`."""

from __future__ import annotations

import math

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


def require_rate(sr: float) -> None:
    """Raise an `AudioError` unless `sr` is a positive sampling rate in Hz."""
    require(0 < sr < math.inf, f"sr must be positive, not {sr}")

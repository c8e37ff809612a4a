"""Argument checks; each refusal is one of the package's errors, by default an `AudioError`."""

from __future__ import annotations

import math

from .errors import AudioError, MirlabError


def require(holds: bool, message: str, error: type[MirlabError] = AudioError) -> None:
    """Raise an error with this message unless `holds`."""
    if not holds:
        raise error(message)


def require_count(
    name: str, value: int, *, least: int = 1, error: type[MirlabError] = AudioError
) -> None:
    """Raise an error unless `value` is a whole number of at least `least`."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    message = f"{name} must be a whole number >= {least}, not {value!r}"
    require(whole and value >= least, message, error)


def require_rate(sr: float) -> None:
    """Raise an `AudioError` unless `sr` is a positive sampling rate in Hz."""
    require(0 < sr < math.inf, f"sr must be positive, not {sr}")

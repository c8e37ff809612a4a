"""Argument checks of the sources; they raise `AudioError`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..core.checks import require


def require_range(name: str, value: float, least: float, most: float, unit: str = "") -> None:
    """Raise an `AudioError` unless `least <= value <= most`."""
    within = f"{name} must lie in {least:g}..{most:g}{unit}"
    require(least <= value <= most, f"{within}, not {value}")


def require_numbers(name: str, values: Sequence[float]) -> None:
    """Raise an `AudioError` unless there is a number, and all are finite."""
    valid = len(values) > 0 and all(math.isfinite(value) for value in values)
    require(valid, f"{name} must be one or more finite numbers, not {values!r}")

"""Argument checks of the sources and targets; they raise `AudioError`."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from ..core import AudioError
from ..core.checks import as_array, as_float, as_floats, require, require_count

MAX_PARTIALS = 100_000


def require_range(name: str, value: float, least: float, most: float, unit: str = "") -> None:
    """Raise an `AudioError` unless `least <= value <= most`."""
    within = f"{name} must lie in {least:g}..{most:g}{unit}"
    require(least <= as_float(name, value, AudioError) <= most, f"{within}, not {value}")


def require_numbers(name: str, values: Sequence[float]) -> None:
    """Raise an `AudioError` unless there is a number, and all are finite."""
    valid = as_array(name, values, AudioError).size > 0
    require(valid, f"{name} must be one or more finite numbers, not {values!r}")


def require_partials(partials: int) -> None:
    """Raise an `AudioError` unless `partials` is a number of partials."""
    require_count("partials", partials)
    require(partials <= MAX_PARTIALS, f"partials must be at most {MAX_PARTIALS}, not {partials}")


def require_sequence(name: str, values: object) -> None:
    """Raise an `AudioError` unless `values` is a tuple or a list."""
    given = type(values).__name__
    require(isinstance(values, tuple | list), f"{name} must be a tuple or a list, not {given}")


def as_tensor(name: str, values: ArrayLike | Tensor, device: torch.device | None = None) -> Tensor:
    """Convert real numbers to a float64 tensor on a device; raise an `AudioError` if they are none.

    >>> as_tensor("hz", [220, 440])
    tensor([220., 440.], dtype=torch.float64)
    """
    if isinstance(values, Tensor):
        require(not values.is_complex(), f"{name} must be real numbers, not {values.dtype}")
    else:
        values = torch.from_numpy(as_floats(name, values, AudioError).astype("float64"))
    return values.to(device, torch.float64)

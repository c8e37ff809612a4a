"""Random choices, all from one generator in a fixed order, so that a seed determines a piece."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from ..core import NotesError
from ..core.checks import require

T = TypeVar("T")


def require_seed(seed: int) -> None:
    """Raise a `NotesError` unless `seed` is an integer of 0 or more."""
    valid = isinstance(seed, int | np.integer) and seed >= 0
    require(valid, f"seed must be an integer of 0 or more, not {seed!r}", NotesError)


def choice(choices: Sequence[T], rng: np.random.Generator) -> T:
    """A random element; all are equally probable."""
    return choices[int(rng.integers(len(choices)))]


def uniform(limits: tuple[float, float], rng: np.random.Generator) -> float:
    """A random number, uniform between two limits."""
    return limits[0] + (limits[1] - limits[0]) * float(rng.random())

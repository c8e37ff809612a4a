"""Random choices, all from one generator in a fixed order, so that a seed determines a piece."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def choice(choices: Sequence[T], rng: np.random.Generator) -> T:
    """A random element; all are equally probable."""
    return choices[int(rng.integers(len(choices)))]


def uniform(limits: tuple[float, float], rng: np.random.Generator) -> float:
    """A random number, uniform between two limits."""
    return limits[0] + (limits[1] - limits[0]) * float(rng.random())

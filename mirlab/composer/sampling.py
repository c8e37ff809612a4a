"""Drawing by chance, from one generator in a fixed order, so that a seed is a piece."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def one_of(choices: Sequence[T], rng: np.random.Generator) -> T:
    """One of several, all equally likely."""
    return choices[int(rng.integers(len(choices)))]


def between(limits: tuple[float, float], rng: np.random.Generator) -> float:
    """A number between two, all equally likely."""
    return limits[0] + (limits[1] - limits[0]) * float(rng.random())

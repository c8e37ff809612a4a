"""Checks of onset strengths and times."""

from __future__ import annotations

import numpy as np

from ..core import AudioError, SegmentsError
from ..core.checks import as_array, require


def as_strength(strength: np.ndarray) -> np.ndarray:
    """Check an onset strength: one or more finite numbers of at least 0, shape `(frames,)`."""
    checked = as_array("strength", strength, AudioError)
    require(checked.size > 0 and checked.min() >= 0, "strength must be one or more numbers >= 0")
    return checked


def as_times(name: str, times: np.ndarray) -> np.ndarray:
    """Check times in seconds: finite and increasing, shape `(n,)`."""
    checked = as_array(name, times, SegmentsError)
    require(bool(np.all(np.diff(checked) > 0)), f"{name} must increase", SegmentsError)
    return checked

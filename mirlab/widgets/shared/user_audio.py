"""The sound that a reader brings into a widget: 16-bit samples, one channel."""

from __future__ import annotations

import numpy as np

from .base import WidgetError

RATE = 22050  # Hz


def checked_samples(samples: bytes, *, longest: float) -> bytes:
    """The samples, at most `longest` seconds of them; a WidgetError for anything else."""
    if len(samples) % 2 or len(samples) > 2 * RATE * longest:
        raise WidgetError(
            f"own is 16-bit samples, two bytes each, of at most {longest:g} s at {RATE} Hz; "
            f"not {len(samples)} bytes"
        )
    return samples


def samples_of(own: bytes) -> np.ndarray:
    """Their values: -1..1, float32, shape `(samples,)`."""
    return np.frombuffer(own, "<i2").astype(np.float32) / 32768

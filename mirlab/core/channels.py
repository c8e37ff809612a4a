"""Channels that cancel each other in their mean, as after a swapped cable."""

from __future__ import annotations

import warnings

import numpy as np

from .errors import AudioWarning

CANCELLED = 0.01  # power of the mean of the channels relative to theirs, below which they cancel


def channels_cancel(mean_power: float, power: float) -> bool:
    """Whether the mean of channels is so much weaker than the channels that they cancel."""
    return mean_power < CANCELLED * power


def loud_channel(y: np.ndarray) -> int:
    """Index of the first channel of `(channels, samples)` that is about as loud as the loudest."""
    powers = np.array([float(np.vdot(channel, channel)) for channel in y])
    return int(np.argmax(powers >= powers.max() / 2))


def warn_of_cancelling(name: str, *, stacklevel: int) -> None:
    """Warn that one channel replaces the mean of channels that cancel."""
    text = f"{name}: the channels cancel each other out in the mean; one of them is used instead"
    warnings.warn(text, AudioWarning, stacklevel=stacklevel)

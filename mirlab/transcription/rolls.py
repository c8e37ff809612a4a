"""Piano rolls of posteriors, and the peaks of their curves."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

import numpy as np

Array = TypeVar("Array")  # np.ndarray, or torch.Tensor in training


class Rolls(NamedTuple, Generic[Array]):
    """Four piano rolls: of note onsets, sounding frames, note offsets and velocities.

    `Rolls(*array)` unpacks an array of shape `(4, 88, frames)`, such as `note_rolls` returns;
    `np.stack(rolls)` is the inverse.

    Parameters
    ----------
    onset, frame, offset
        Probabilities 0..1 that a note begins, sounds and ends (posteriors or targets), or logits.
        Shape `(..., 88, frames)`, A0 first.
    velocity
        Velocity / 127 at note onsets; same shape.

    Examples
    --------
    >>> rolls = Rolls(*np.zeros((4, 88, 100)))
    >>> rolls.onset.shape, np.stack(rolls).shape
    ((88, 100), (4, 88, 100))
    """

    onset: Array
    frame: Array
    offset: Array
    velocity: Array


def peaks(curves: np.ndarray, threshold: float = 0.0) -> np.ndarray:
    """Mask of the peaks of curves, of shape `(..., frames)` like the curves.

    A peak is at least `threshold`, above the previous frame and not below the next.
    """
    edge = np.full_like(curves[..., :1], -1)
    before = np.concatenate([edge, curves[..., :-1]], axis=-1)
    after = np.concatenate([curves[..., 1:], edge], axis=-1)
    return (curves >= threshold) & (curves > before) & (curves >= after)


def peak_shift(curve: np.ndarray, frame: int) -> float:
    """Distance of a triangle's tip from its highest frame, in frames: -1/2 to 1/2."""
    if not 0 < frame < curve.size - 1:
        return 0.0
    before, top, after = (float(value) for value in curve[frame - 1 : frame + 2])
    slope = top - min(before, after)
    return float(np.clip((after - before) / (2 * slope), -0.5, 0.5)) if slope > 0 else 0.0

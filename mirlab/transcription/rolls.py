"""Rolls: what a network finds in each frame of each pitch, and where its curves peak."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

import numpy as np

Array = TypeVar("Array")  # np.ndarray, or torch.Tensor while a network learns


class Rolls(NamedTuple, Generic[Array]):
    """Four piano rolls: of note onsets, sounding frames, note offsets and velocities.

    `Rolls(*array)` names the rows of an array of shape `(4, 88, frames)`, such as `note_rolls`
    gives; `np.stack(rolls)` is the array again.

    Parameters
    ----------
    onset, frame, offset
        How likely a note begins, sounds and ends, 0..1 (posteriors or targets), or logits. Shape
        `(..., 88, frames)`, A0 first.
    velocity
        Velocity over 127, where a note begins; same shape.
    """

    onset: Array
    frame: Array
    offset: Array
    velocity: Array


def peaks(curves: np.ndarray, threshold: float = 0.0) -> np.ndarray:
    """Where curves reach a threshold, lie over the frame before and not under the one after.

    Shape `(..., frames)`, of numbers and of truth values.
    """
    edge = np.full_like(curves[..., :1], -1)
    before = np.concatenate([edge, curves[..., :-1]], axis=-1)
    after = np.concatenate([curves[..., 1:], edge], axis=-1)
    return (curves >= threshold) & (curves > before) & (curves >= after)


def tip(curve: np.ndarray, frame: int) -> float:
    """Where the tip of a triangle lies, in frames from its highest one: -1/2 to 1/2."""
    if not 0 < frame < curve.size - 1:
        return 0.0
    before, top, after = (float(value) for value in curve[frame - 1 : frame + 2])
    slope = top - min(before, after)
    return float(np.clip((after - before) / (2 * slope), -0.5, 0.5)) if slope > 0 else 0.0

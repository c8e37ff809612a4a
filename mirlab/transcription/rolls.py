"""Piano rolls of posteriors, and the peaks of their curves."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from ..core import NotesError
from ..core.checks import as_floats, require_number
from ..core.constants import PITCHES

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


def check_decoding(
    rolls: Rolls[np.ndarray], *, hop_length: int, sr: float, min_seconds: float, **thresholds: float
) -> Rolls[np.ndarray]:
    """Check the arguments of a decoder; return the rolls as arrays.

    Raises
    ------
    NotesError
        If the rolls are not four arrays of shape `(88, frames)`, the rate is not that of frames,
        or a threshold is not from 0 to 1.
    """
    if not isinstance(rolls, tuple) or len(rolls) != len(Rolls._fields):
        raise NotesError("rolls must be Rolls(onset, frame, offset, velocity)")
    arrays = Rolls(
        *(as_posterior(name, roll) for name, roll in zip(Rolls._fields, rolls, strict=True))
    )
    if len({array.shape for array in arrays}) > 1 or arrays.onset.shape[0] != PITCHES:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise NotesError(f"rolls must have one shape (88, frames), not {shapes}")
    require_number("hop_length", hop_length, minimum=1, maximum=1e6, error=NotesError)
    require_number("sr", sr, minimum=1, maximum=1e6, error=NotesError)
    require_number("min_seconds", min_seconds, minimum=0, maximum=1e6, error=NotesError)
    for name, threshold in thresholds.items():
        require_number(name, threshold, minimum=0, maximum=1, error=NotesError)
    return arrays


def as_posterior(name: str, roll: Any) -> np.ndarray:
    """Check that a roll is an array of finite numbers, without copying it: it may be large."""
    array = np.asarray(roll) if isinstance(roll, np.ndarray) else as_floats(name, roll, NotesError)
    numbers = array.dtype.kind in "biuf" and array.ndim == 2
    if not numbers or not np.isfinite(np.sum(array, dtype=float)):
        raise NotesError(f"{name} must be finite numbers in two dimensions")
    return array


def peaks(curves: np.ndarray, threshold: float = 0.0) -> np.ndarray:
    """Mask of the peaks of curves, of shape `(..., frames)` like the curves.

    A peak is at least `threshold`, above the previous frame and not below the next.
    """
    edge = np.full_like(curves[..., :1], -1)
    before = np.concatenate([edge, curves[..., :-1]], axis=-1)
    after = np.concatenate([curves[..., 1:], edge], axis=-1)
    return (curves >= threshold) & (curves > before) & (curves >= after)


def peak_shifts(curves: np.ndarray, row: Any, frame: Any) -> np.ndarray:
    """Distances of triangles' tips from their highest frames, in frames: -1/2 to 1/2.

    Parameters
    ----------
    curves
        Shape `(rows, frames)`.
    row, frame
        Positions of the highest frames, integers of one shape; the result has it, too. In the first
        and the last frame the distance is 0.
    """
    last = curves.shape[-1] - 1
    before, top, after = (
        curves[row, np.clip(np.asarray(frame) + k, 0, last)].astype(float) for k in (-1, 0, 1)
    )
    slope = top - np.minimum(before, after)
    inside = (np.asarray(frame) > 0) & (frame < last) & (slope > 0)
    shift = (after - before) / np.where(inside, 2 * slope, 1.0)
    return np.where(inside, np.clip(shift, -0.5, 0.5), 0.0)

"""Convert frame-wise chord states to segments."""

from __future__ import annotations

import numpy as np

from ..core import Segments


def segments_of(path: np.ndarray, labels: list[str], times: np.ndarray, end: float) -> Segments:
    """Merge runs of equal states into segments.

    Parameters
    ----------
    path
        State of each frame, shape `(frames,)`.
    labels
        Name of each state.
    times
        Centre of each frame in seconds, shape `(frames,)`; states change halfway between frames.
    end
        End of the audio in seconds; the segments cover 0 to `end`.

    Examples
    --------
    >>> segments = segments_of(np.array([0, 0, 1]), ["C", "G"], np.array([0.0, 1.0, 2.0]), 3.0)
    >>> segments.intervals.tolist(), segments.labels
    ([[0.0, 1.5], [1.5, 3.0]], ('C', 'G'))
    """
    edges = np.r_[0.0, (times[1:] + times[:-1]) / 2, end]
    edges = np.minimum(edges, end)
    changes = np.r_[0, np.flatnonzero(np.diff(path)) + 1, path.size]
    runs = [(a, b) for a, b in zip(changes[:-1], changes[1:], strict=True) if edges[a] < edges[b]]
    return Segments([(edges[a], edges[b]) for a, b in runs], [labels[path[a]] for a, _ in runs])

"""From how well each chord fits each frame to a sequence of chords."""

from __future__ import annotations

import numpy as np

from ..core import Segments


def segments_of(path: np.ndarray, labels: list[str], times: np.ndarray, end: float) -> Segments:
    """Runs of equal states as segments.

    Parameters
    ----------
    path
        State of each frame, shape `(frames,)`.
    labels
        Name of each state.
    times
        Seconds of each frame's middle, shape `(frames,)`; a state holds to halfway to the next.
    end
        Where the sound ends, in seconds; the segments cover 0 to `end`.
    """
    edges = np.r_[0.0, (times[1:] + times[:-1]) / 2, end]
    edges = np.minimum(edges, end)
    changes = np.r_[0, np.flatnonzero(np.diff(path)) + 1, path.size]
    runs = [(a, b) for a, b in zip(changes[:-1], changes[1:], strict=True) if edges[a] < edges[b]]
    return Segments([(edges[a], edges[b]) for a, b in runs], [labels[path[a]] for a, _ in runs])

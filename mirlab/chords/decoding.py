"""From how well each chord fits each frame to a sequence of chords."""

from __future__ import annotations

import numpy as np

from ..core import Segments


def viterbi(log_likelihood: np.ndarray, *, stay: float) -> np.ndarray:
    """The likeliest sequence of states when changing state is unlikely (Viterbi 1967).

    Every state is as likely as any other at the start and after a change.

    Parameters
    ----------
    log_likelihood
        Of each state in each frame, shape `(states, frames)`.
    stay
        Probability of staying from one frame to the next, 0..1.

    Returns
    -------
    ndarray
        The state of each frame, shape `(frames,)`.
    """
    states, frames = log_likelihood.shape
    log_stay = np.log(stay)
    log_change = np.log((1 - stay) / (states - 1))
    came_from = np.zeros((states, frames), np.uint16)
    score = log_likelihood[:, 0].copy()
    for t in range(1, frames):
        # all changes cost the same, so the best state to come from is the best one there is
        best = int(np.argmax(score))
        keep = score + log_stay
        change = score[best] + log_change
        came_from[:, t] = np.where(keep >= change, np.arange(states), best)
        score = np.maximum(keep, change) + log_likelihood[:, t]
    path = np.empty(frames, int)
    path[-1] = int(np.argmax(score))
    for t in range(frames - 1, 0, -1):
        path[t - 1] = came_from[path[t], t]
    return path


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

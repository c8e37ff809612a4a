"""Dynamic programming of beats (Ellis, J. New Music Research 2007)."""

from __future__ import annotations

import numpy as np

TIGHTNESS = 100.0  # weight of deviations from the tempo


def best_beats(strength: np.ndarray, period: int, *, tightness: float = TIGHTNESS) -> np.ndarray:
    """Frames of the beats: strong onsets about `period` frames apart (Ellis 2007).

    The total score of a frame is its onset strength plus the best total of an earlier frame, minus
    `tightness log(distance / period)^2`. Beats are traced back from the last good total.

    Parameters
    ----------
    strength
        From `onset_strength`; must not be 0 everywhere.
    period
        Frames from beat to beat, at least 2.
    tightness
        Weight of deviations from the period, at least 0.

    Returns
    -------
    ndarray
        Increasing frame indices, shape `(beats,)`.
    """
    smoothed = _smooth(strength / strength.std(ddof=1), period)
    total, predecessor = _best_totals(smoothed, period, tightness)
    predecessor[: np.argmax(smoothed >= 0.01 * smoothed.max())] = -1  # no first beat in noise
    peaks = np.flatnonzero((total > np.r_[np.inf, total[:-1]]) & (total >= np.r_[total[1:], 0]))
    good = peaks[total[peaks] >= np.median(total[peaks]) / 2] if peaks.size else peaks
    frames = [int(good[-1]) if good.size else smoothed.size - 1]
    while predecessor[frames[-1]] >= 0:
        frames.append(int(predecessor[frames[-1]]))
    beats = np.array(frames[::-1])
    sounding = np.flatnonzero(smoothed > 0)  # within a beat of an onset; drops beats in silence
    return beats[(beats >= sounding[0]) & (beats <= sounding[-1])]


def _smooth(strength: np.ndarray, period: int) -> np.ndarray:
    """Smooth the onset strength by a Gaussian with a standard deviation of 1/32 beat."""
    window = np.exp(-0.5 * (32 * np.arange(-period, period + 1) / period) ** 2)
    return np.convolve(strength, window)[period : period + strength.size]


def _best_totals(
    strength: np.ndarray, period: int, tightness: float
) -> tuple[np.ndarray, np.ndarray]:
    """Best total score of each frame and its predecessor, -1 for none.

    The previous beat is half a period to two periods away. Half a period of frames is therefore
    independent of each other and computed at once.
    """
    lags = np.arange(round(period / 2), 2 * period + 1)
    cost = tightness * np.log(lags / period) ** 2
    before = 2 * period  # frames of minus infinity: there is no beat before the first frame
    total = np.r_[np.full(before, -np.inf), strength]
    predecessor = np.full(strength.size, -1)
    for start in range(0, strength.size, int(lags[0])):
        frames = np.arange(start, min(start + int(lags[0]), strength.size))
        candidates = total[before + frames[:, None] - lags] - cost
        best = candidates.argmax(axis=1)
        gain = candidates[np.arange(frames.size), best]
        linked = frames[gain > -np.inf]
        total[before + linked] += gain[linked - start]
        predecessor[linked] = linked - lags[best[linked - start]]
    return total[before:], predecessor

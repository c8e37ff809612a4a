"""Probabilistic YIN: pitch candidates from many thresholds, decoded by the Viterbi algorithm."""

from __future__ import annotations

import numpy as np

from ..core import Audio
from ..core.constants import SAMPLE_RATE
from .classic import HOP, frames_of, interpolate_minima, lags_between, normalised_difference

THRESHOLDS = np.linspace(0, 1, 101)
# Probability of each threshold, from the distribution function of Beta(2, 18); the mean is 0.1.
THRESHOLD_PRIOR = np.diff(1 - (1 - THRESHOLDS) ** 18 * (1 + 18 * THRESHOLDS))
NO_DIP = 0.01  # probability of the lowest dip under a threshold below which there is no dip
PER_SEMITONE = 10  # bins
MAX_GLIDE = 35.92  # octaves per second
SWITCH = 0.01  # probability that a voice begins or ends between two frames


def pyin(
    audio: Audio, *, fmin: float = 65.0, fmax: float = 2100.0
) -> tuple[np.ndarray, np.ndarray]:
    """Fundamental frequency and voicing of a single voice by pYIN (Mauch and Dixon 2014).

    YIN takes the first dip below one threshold. pYIN uses a hundred thresholds with a Beta(2, 18)
    prior, so that every frame has several pitch candidates with probabilities. A hidden Markov
    model connects the frames: small pitch changes are more probable than leaps, and voices rarely
    begin or end. The Viterbi algorithm finds the most probable path.

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz.
    fmin, fmax
        As in `yin`.

    Returns
    -------
    hz : ndarray
        Pitch in Hz, shape `(frames,)`, a frame every 256 samples; 0 in unvoiced frames.
    voiced : ndarray
        Probability of voicing, shape `(frames,)`.

    Raises
    ------
    AudioError
        When `fmin` and `fmax` are not a valid range.

    References
    ----------
    M. Mauch and S. Dixon, "pYIN: a fundamental frequency estimator using probabilistic threshold
    distributions", ICASSP 2014.

    Examples
    --------
    >>> t = np.arange(22050) / 22050
    >>> half = np.where(t < 0.5, np.sin(2 * np.pi * 220 * t), 0)
    >>> hz, voiced = pyin(Audio(half, 22050))
    >>> round(float(hz[20])), float(hz[70])
    (220, 0.0)
    """
    shortest, longest = lags_between(fmin, fmax)
    bins = round(12 * PER_SEMITONE * np.log2(fmax / fmin)) + 1
    found = [_candidates(f, shortest, longest, fmin, bins) for f in frames_of(audio)]
    probabilities, exact = (np.concatenate(parts) for parts in zip(*found, strict=True))
    voiced = probabilities.sum(axis=1).clip(0, 1)
    path, sounds = _viterbi_path(probabilities, voiced)
    hz = exact[np.arange(len(path)), path]
    centre = fmin * 2 ** (path / (12 * PER_SEMITONE))
    return np.where(sounds, np.where(hz > 0, hz, centre), 0.0), voiced


def _candidates(
    frames: np.ndarray, shortest: int, longest: int, fmin: float, bins: int
) -> tuple[np.ndarray, np.ndarray]:
    """Probability of each pitch bin in each frame, and its exact Hz; shapes `(frames, bins)`."""
    normal = normalised_difference(frames, longest + 1)
    inside = normal[:, shortest : longest + 1]
    before, after = normal[:, shortest - 1 : longest], normal[:, shortest + 1 : longest + 2]
    dips = (inside <= before) & (inside < after)
    probabilities, exact = np.zeros((2, len(frames), bins))
    for row, (curve, is_dip) in enumerate(zip(inside, dips, strict=True)):
        positions = np.flatnonzero(is_dip)
        if not positions.size or not frames[row].any():
            continue
        below = curve[positions][None] < THRESHOLDS[1:, None]  # (thresholds, dips)
        weight = np.zeros(positions.size)
        np.add.at(weight, below.argmax(axis=1), np.where(below.any(axis=1), THRESHOLD_PRIOR, 0.0))
        weight[curve[positions].argmin()] += NO_DIP * THRESHOLD_PRIOR[~below.any(axis=1)].sum()
        hz = SAMPLE_RATE / interpolate_minima(normal[row], positions + shortest)
        cell = np.round(12 * PER_SEMITONE * np.log2(hz / fmin)).astype(int)
        valid = (cell >= 0) & (cell < bins)
        np.add.at(probabilities[row], cell[valid], weight[valid])
        exact[row, cell[valid]] = hz[valid]
    return probabilities, exact


def _viterbi_path(probabilities: np.ndarray, voiced: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The most probable path: the bin of each frame, and whether the frame is voiced.

    Each bin has a voiced and an unvoiced state; unvoiced states keep the last pitch.
    """
    frames, bins = probabilities.shape
    reach = max(1, round(MAX_GLIDE * HOP / SAMPLE_RATE * 12 * PER_SEMITONE / 2))
    glide = np.log(1 - np.abs(np.arange(-reach, reach + 1)) / (reach + 1))
    glide -= np.log(np.exp(glide).sum())
    stay, switch = np.log(1 - SWITCH), np.log(SWITCH)
    with np.errstate(divide="ignore"):
        sound = np.log(probabilities)
        silence = np.log((1 - voiced) / bins)
    score = np.full((2, bins), -np.log(2 * bins))  # sounding, silent
    back = np.zeros((frames, 2, bins), np.int32)
    for t in range(frames):
        if t:
            padded = np.pad(score, ((0, 0), (reach, reach)), constant_values=-np.inf)
            windows = np.lib.stride_tricks.sliding_window_view(padded, bins, axis=1)
            candidates = windows + glide[:, None]
            step = candidates.argmax(axis=1)  # (2, bins)
            best = np.take_along_axis(candidates, step[:, None], axis=1)[:, 0]
            source = np.arange(bins) + step - reach
            switched = best[::-1] + switch > best + stay
            score = np.where(switched, best[::-1] + switch, best + stay)
            voicing = np.where(switched, [[1], [0]], [[0], [1]])
            back[t] = voicing * bins + np.where(switched, source[::-1], source)
        score = score + np.stack([sound[t], np.full(bins, silence[t])])
    states = np.zeros(frames, int)
    states[-1] = int(score.argmax())
    for t in range(frames - 1, 0, -1):
        states[t - 1] = back[t].reshape(-1)[states[t]]
    return states % bins, states < bins

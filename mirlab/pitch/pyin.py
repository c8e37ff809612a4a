"""Probabilistic YIN: many thresholds, and the likeliest path through all that they say."""

from __future__ import annotations

import numpy as np

from ..core import Audio
from ..core.constants import SAMPLE_RATE
from .classic import HOP, frames_of, lags_between, normalised_difference, refined

THRESHOLDS = np.linspace(0, 1, 101)
# In each threshold, from the distribution function of Beta(2, 18); the mean is 0.1.
BELIEF = np.diff(1 - (1 - THRESHOLDS) ** 18 * (1 + 18 * THRESHOLDS))
NO_DIP = 0.01  # how much a threshold without a dip believes in the lowest one
PER_SEMITONE = 10  # bins
FASTEST = 35.92  # octaves a second that a pitch may glide
SWITCH = 0.01  # how likely a voice begins or ends from one frame to the next


def pyin(
    audio: Audio, *, fmin: float = 65.0, fmax: float = 2100.0
) -> tuple[np.ndarray, np.ndarray]:
    """The fundamental frequency of one voice, and whether there is one (Mauch and Dixon 2014).

    YIN asks for the first dip below a threshold. Here a hundred thresholds are asked, each believed
    as Beta(2, 18) says, so that every frame has several pitches with a probability. A hidden Markov
    model then goes from frame to frame: pitches glide rather than leap, and voices seldom begin or
    end; the Viterbi algorithm finds the likeliest path.

    Parameters
    ----------
    audio
        Any sound; it is mixed to mono and brought to 22,050 Hz.
    fmin, fmax
        As in `yin`.

    Returns
    -------
    hz : ndarray
        Shape `(frames,)`, a frame every 256 samples; 0 where there is no voice.
    voiced : ndarray
        The probability that there is one, frame by frame, shape `(frames,)`.

    Raises
    ------
    AudioError
        When the frequencies make no range.

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
    likely, exact = (np.concatenate(parts) for parts in zip(*found, strict=True))
    voiced = likely.sum(axis=1).clip(0, 1)
    path, sounds = _likeliest(likely, voiced)
    hz = exact[np.arange(len(path)), path]
    centre = fmin * 2 ** (path / (12 * PER_SEMITONE))
    return np.where(sounds, np.where(hz > 0, hz, centre), 0.0), voiced


def _candidates(
    frames: np.ndarray, shortest: int, longest: int, fmin: float, bins: int
) -> tuple[np.ndarray, np.ndarray]:
    """How likely each pitch is in each frame, and its exact Hz; both of shape `(frames, bins)`."""
    normal = normalised_difference(frames, longest + 1)
    inside = normal[:, shortest : longest + 1]
    before, after = normal[:, shortest - 1 : longest], normal[:, shortest + 1 : longest + 2]
    dips = (inside <= before) & (inside < after)
    likely, exact = np.zeros((2, len(frames), bins))
    for row, (curve, at) in enumerate(zip(inside, dips, strict=True)):
        places = np.flatnonzero(at)
        if not places.size or not frames[row].any():
            continue
        below = curve[places][None] < THRESHOLDS[1:, None]  # (thresholds, dips)
        weight = np.zeros(places.size)
        np.add.at(weight, below.argmax(axis=1), np.where(below.any(axis=1), BELIEF, 0.0))
        weight[curve[places].argmin()] += NO_DIP * BELIEF[~below.any(axis=1)].sum()
        hz = SAMPLE_RATE / refined(normal[row], places + shortest)
        cell = np.round(12 * PER_SEMITONE * np.log2(hz / fmin)).astype(int)
        kept = (cell >= 0) & (cell < bins)
        np.add.at(likely[row], cell[kept], weight[kept])
        exact[row, cell[kept]] = hz[kept]
    return likely, exact


def _likeliest(likely: np.ndarray, voiced: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Viterbi's path: the bin of each frame, and whether it sounds.

    The states are all bins, sounding or not; a silent one remembers where the voice was.
    """
    frames, bins = likely.shape
    reach = max(1, round(FASTEST * HOP / SAMPLE_RATE * 12 * PER_SEMITONE / 2))
    glide = np.log(1 - np.abs(np.arange(-reach, reach + 1)) / (reach + 1))
    glide -= np.log(np.exp(glide).sum())
    stay, switch = np.log(1 - SWITCH), np.log(SWITCH)
    with np.errstate(divide="ignore"):
        sound = np.log(likely)
        silence = np.log((1 - voiced) / bins)
    score = np.full((2, bins), -np.log(2 * bins))  # sounding, silent
    back = np.zeros((frames, 2, bins), np.int32)
    for t in range(frames):
        if t:
            ways = np.pad(score, ((0, 0), (reach, reach)), constant_values=-np.inf)
            moved = np.lib.stride_tricks.sliding_window_view(ways, bins, axis=1) + glide[:, None]
            step = moved.argmax(axis=1)  # (2, bins)
            best = np.take_along_axis(moved, step[:, None], axis=1)[:, 0]
            source = np.arange(bins) + step - reach
            turned = best[::-1] + switch > best + stay
            score = np.where(turned, best[::-1] + switch, best + stay)
            kind = np.where(turned, [[1], [0]], [[0], [1]])
            back[t] = kind * bins + np.where(turned, source[::-1], source)
        score = score + np.stack([sound[t], np.full(bins, silence[t])])
    states = np.zeros(frames, int)
    states[-1] = int(score.argmax())
    for t in range(frames - 1, 0, -1):
        states[t - 1] = back[t].reshape(-1)[states[t]]
    return states % bins, states < bins

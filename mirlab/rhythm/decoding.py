"""From the activations of the network to beats, and from beats to bars, by dynamic programming.

`beat_path` finds the sequence of beats whose activations are high and whose tempo changes little: a
hidden semi-Markov model, whose state is the distance to the previous beat. Within a beat the tempo
is constant, so that it is the bar pointer model of Whiteley, Cemgil and Godsill (ISMIR 2006) with
the transitions of Krebs, Böck and Widmer (ISMIR 2015), but without a state for every frame.
`bar_path` then numbers the beats: its states are the positions in bars of 2 to 7 beats.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d

from ..core import Segments
from ..core.viterbi import cheapest_path
from .features import FPS

TEMPI = (28.0, 320.0)  # beats per minute
FINE = 25  # frames; every distance up to this, then every second one
TEMPO_PRIOR = 100.0  # beats per minute
PRIOR_WEIGHT = 0.3  # cost of a beat per squared octave from the prior
BONUS = 0.8  # of a beat: one is put where its probability is more than 0.31
CHANGE = 12.0  # cost of a squared change of the logarithm of the distance
NEXT_FRAME = 0.05  # cost of a beat that is a frame off
LARGEST_CHANGE = 0.6  # of that logarithm
RESTART = 12.0  # cost of a pause in the beats
PAUSE = 1.0  # s, shortest pause
FLOOR = 0.02  # activations below it count as this
METERS = (4, 3, 2, 5, 6, 7)  # beats per bar
METER_COSTS = (0.0, 0.0, 1.0, 3.0, 3.0, 4.0)
METER_CHANGE = 10.0  # cost of another meter
BROKEN_BAR = 7.0  # cost of a bar that ends early


def beat_path(activation: np.ndarray) -> np.ndarray:
    """Find the beats of an activation.

    A beat at frame t scores `log(a[t] / (1 - a[t])) + BONUS`: beats are put where they are probable
    enough, unless the tempo demands others. A change of tempo costs
    `CHANGE * log(distance / previous distance) ** 2`; a pause costs `RESTART`.

    Parameters
    ----------
    activation
        Probability of a beat in each frame, 50 frames per second, shape `(frames,)`.

    Returns
    -------
    ndarray
        Increasing frames, shape `(beats,)`; empty if no beat is probable.

    Examples
    --------
    >>> activation = np.full(500, 0.01)
    >>> activation[10::25] = 0.9
    >>> beat_path(activation)[:4]
    array([10, 35, 60, 85])
    """
    distances = _distances()
    clipped = np.clip(activation, FLOOR, 1 - FLOOR)
    score = np.log(clipped / (1 - clipped)) + BONUS
    # long distances are two frames apart, so a beat may be a frame off; `refine` corrects it
    score = np.maximum(score, maximum_filter1d(score, 3, mode="nearest") - NEXT_FRAME)
    prior = PRIOR_WEIGHT * np.log2(60 * FPS / distances / TEMPO_PRIOR) ** 2
    change = _change_costs(distances)
    frames, lags = activation.size, distances.size
    longest, pause = int(distances[-1]), round(PAUSE * FPS)
    total = np.full((longest + frames, lags), -np.inf)  # of the best path to a beat there
    previous = np.full((frames, lags), -1, np.int16)  # distance index before, -1 for none
    restarted = np.zeros(frames, int)  # frame of the last beat before a pause, -1 for none
    best_until = np.full(frames + 1, -np.inf)  # best total up to each frame, and where
    best_frame = np.full(frames + 1, -1)
    step = int(distances[0])
    for start in range(0, frames, step):
        at = np.arange(start, min(start + step, frames))
        origin = at[:, None] - distances  # (frames, lags)
        before = total[np.maximum(longest + origin, 0)]  # (frames, lags, lags before)
        before = np.where((origin >= 0)[..., None], before, -np.inf) - change.T
        choice = before.argmax(axis=2)
        gain = np.take_along_axis(before, choice[..., None], 2)[..., 0]
        ended = np.maximum(at - pause, 0)
        after_pause = np.maximum(best_until[ended] - RESTART, 0.0)
        restarted[at] = np.where(best_until[ended] > RESTART, best_frame[ended], -1)
        continues = gain - prior > after_pause[:, None]
        previous[at] = np.where(continues, choice, -1)
        total[longest + at] = score[at, None] + np.where(
            continues, gain - prior, after_pause[:, None]
        )
        _running_best(total[longest + at].max(axis=1), at, best_until, best_frame)
    return _trace(total[longest:], previous, restarted, distances)


def _running_best(
    totals: np.ndarray, at: np.ndarray, best_until: np.ndarray, best_frame: np.ndarray
) -> None:
    """Update the best total before each frame in place."""
    for t, value in zip(at, totals, strict=True):
        better = value > best_until[t]
        best_until[t + 1] = value if better else best_until[t]
        best_frame[t + 1] = t if better else best_frame[t]


def _trace(
    total: np.ndarray, previous: np.ndarray, restarted: np.ndarray, distances: np.ndarray
) -> np.ndarray:
    """The best path, traced back from its last beat."""
    if not total.size or total.max() <= 0:
        return np.zeros(0, int)
    frame, lag = (int(i) for i in np.unravel_index(total.argmax(), total.shape))
    frames = []
    while frame >= 0:
        frames.append(frame)
        before = int(previous[frame, lag])
        if before >= 0:
            frame, lag = frame - int(distances[lag]), before
        else:
            frame = int(restarted[frame])
            lag = int(total[frame].argmax()) if frame >= 0 else 0
    return np.array(frames[::-1])


def _distances() -> np.ndarray:
    """Distances between beats in frames: all short ones, every second of the longer ones.

    The activation of a beat is five frames long, so that a beat is never missed by a frame.
    """
    shortest, longest = round(60 * FPS / TEMPI[1]), round(60 * FPS / TEMPI[0])
    return np.r_[shortest:FINE, FINE : longest + 1 : 2]


def _change_costs(distances: np.ndarray) -> np.ndarray:
    """Cost of each change of distance, from (row) and to (column); infinite for large ones."""
    change = np.log(distances / distances[:, None])
    return np.where(np.abs(change) <= LARGEST_CHANGE, CHANGE * change**2, np.inf)


def refine(frames: np.ndarray, activation: np.ndarray) -> np.ndarray:
    """Times of beats in seconds: the peak of the activation around each, between frames.

    A parabola is laid through the activations of a local maximum and its neighbours; a beat within
    two frames of such a maximum is moved to it.
    """
    times = frames.astype(float)
    for i, frame in enumerate(frames):
        near = np.arange(max(1, frame - 2), min(activation.size - 1, frame + 3))
        if not near.size:
            continue
        peak = int(near[activation[near].argmax()])
        left, middle, right = activation[peak - 1 : peak + 2]
        if middle > max(left, right) and middle > FLOOR:
            times[i] = peak + 0.5 * (left - right) / (left - 2 * middle + right)
    return np.maximum(times, 0) / FPS


def bar_path(evidence: np.ndarray) -> np.ndarray:
    """Number the beats in bars of 2 to 7 beats.

    Parameters
    ----------
    evidence
        Probability that each beat is a downbeat, shape `(beats,)`.

    Returns
    -------
    ndarray
        Number of each beat in its bar, 1 for a downbeat, shape `(beats,)`.

    Examples
    --------
    >>> bar_path(np.tile([0.1, 0.9, 0.2], 4))
    array([3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2])
    """
    if not evidence.size:
        return np.zeros(0, int)
    number = np.concatenate([np.arange(1, meter + 1) for meter in METERS])
    meter = np.repeat(METERS, METERS)
    clipped = np.clip(evidence, FLOOR, 1 - FLOOR)[:, None]
    costs = -np.where(number == 1, np.log(clipped), np.log(1 - clipped))
    starts = np.where(number == 1, np.repeat(METER_COSTS, METERS), 0.0)
    same, follows = meter[:, None] == meter, number == number[:, None] + 1
    first = number == 1
    ends = number == meter
    change = np.full((number.size, number.size), 1e9)
    change[same & follows] = 0.0
    begins = (starts + METER_CHANGE * ~same)[:, first] - (starts * same)[:, first]
    change[:, first] = begins + np.where(ends, 0.0, BROKEN_BAR)[:, None]
    costs[0] += np.repeat(METER_COSTS, METERS)
    return number[cheapest_path(costs, change)]


def decode_beats(activations: np.ndarray) -> Segments:
    """Beats and bars of the network's activations.

    Parameters
    ----------
    activations
        Probability of a beat and of a downbeat, shape `(2, frames)`, 50 frames per second.

    Returns
    -------
    Segments
        One segment per beat, labelled with its number in the bar; empty for fewer than two beats.
        The last beat lasts as long as the one before.
    """
    beat, downbeat = activations
    frames = beat_path(beat)
    if frames.size < 2:
        return Segments([], [])
    near = np.clip(frames[:, None] + np.arange(-1, 2), 0, beat.size - 1)
    evidence = downbeat[near].max(axis=1) / np.maximum(beat[near].max(axis=1), FLOOR)
    numbers = bar_path(np.minimum(evidence, 1.0))
    times = refine(frames, beat)
    ends = np.r_[times[1:], 2 * times[-1] - times[-2]]
    return Segments(np.column_stack([times, ends]), [str(n) for n in numbers])

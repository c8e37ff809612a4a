"""The best path: of all ways to cut each pitch's time into notes and silence, the likeliest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..core import Notes
from ..core.constants import LOWEST_PITCH
from .rolls import Rolls, peaks, tip

FRAME_WEIGHT = 0.04  # of a frame's evidence: neighbours know much the same
OFFSET_WEIGHT = 1.2
MAX_LOGIT = 6.0  # logits: no single frame says more than that
NEG_INF = -1e9  # a score that nobody takes
BLOCK = 4096  # frames whose scores are held at once, so that long sounds take little memory

# what a frame earns as the first of a note, within one, and as its end; each (frames, rows)
Scores = Callable[[int, int], tuple[np.ndarray, np.ndarray, np.ndarray]]


def notes_from_path(
    rolls: Rolls[np.ndarray],
    *,
    hop_length: int,
    sr: float,
    onset_threshold: float = 0.7,
    frame_threshold: float = 0.6,
    offset_threshold: float = 0.3,
    min_seconds: float = 0.03,
) -> Notes:
    """Decode the posteriors of a network trained on triangles, by dynamic programming.

    Each pitch is cut into notes and silence. A note from frame s to e earns
    `l(onset[s]) + 0.04 sum l(frame[s:e]) + 1.2 l(offset[e])`, where `l(p)` is how far the logit of
    p lies over that of its threshold; it begins at a peak of the onset posterior and may begin
    where the one before ends, so that repeated notes stay apart. Silence earns nothing. The cut
    that earns most is found exactly, as Viterbi's algorithm does it for a hidden semi-Markov model
    (Yu, Artificial Intelligence 174, 2010, sec. 2): the best cut up to e ends in silence, or in a
    note that began at some s, and before s stands the best cut up to s.

    Parameters
    ----------
    rolls
        Posteriors 0..1, each of shape `(88, frames)`, A0 first.
    hop_length, sr
        Samples from frame to frame, and the sampling rate in Hz.
    onset_threshold, frame_threshold, offset_threshold
        Posteriors, above 0 and below 1, that speak neither for nor against a note; by default
        those that our nets do best with on the development recordings.
    min_seconds
        No note is shorter, but the last.

    Returns
    -------
    Notes
        Program 0, in order of onset.
    """
    hop = hop_length / sr
    frames = rolls.onset.shape[-1]
    least = max(1, round(min_seconds / hop))
    if frames <= least:
        return Notes.empty()
    onset_mask = peaks(rolls.onset)

    def scores(first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        onset, frame, offset = (roll[:, first:last].T for roll in rolls[:3])
        begins = np.where(onset_mask[:, first:last].T, evidence(onset, onset_threshold), NEG_INF)
        frame_score = FRAME_WEIGHT * evidence(frame, frame_threshold)
        return begins, frame_score, OFFSET_WEIGHT * evidence(offset, offset_threshold)

    found = []
    for row, start, end in _cut(scores, frames, least):
        time = (start + tip(rolls.onset[row], start)) * hop
        stop = max((end + tip(rolls.offset[row], end)) * hop, time + hop)
        level = int(np.clip(round(127 * float(rolls.velocity[row, start])), 1, 127))
        found.append((max(time, 0.0), stop, row + LOWEST_PITCH, level))
    return Notes(*zip(*sorted(found), strict=True)) if found else Notes.empty()


def evidence(posterior: np.ndarray, threshold: float) -> np.ndarray:
    """How far the logit of a posterior lies over its threshold's, at most 6 either way."""
    p = np.clip(posterior.astype(float), 1e-6, 1 - 1e-6)
    logit = np.log(p / (1 - p)) - np.log(threshold / (1 - threshold))
    return np.clip(logit, -MAX_LOGIT, MAX_LOGIT)


def _cut(scores: Scores, frames: int, least: int) -> list[tuple[int, int, int]]:
    """Row, first frame and end of the notes that together earn most, of no fewer frames each."""
    rows = scores(0, 1)[0].shape[1]
    began = np.zeros((frames, rows), np.int32)  # of the note that sounds at t on the best path
    ended = np.zeros((frames, rows), bool)  # whether the best cut up to t ends with that note
    sounding, start = np.full(rows, NEG_INF), np.zeros(rows, np.int32)
    early, kept = 0, np.zeros((0, rows))
    for first in range(0, frames, BLOCK):
        last = min(first + BLOCK, frames)
        onset, frame, offset = scores(early, last)
        total = np.concatenate([np.zeros((1, rows)), np.cumsum(frame, axis=0)])
        # to begin at s and to last for so long
        entry = onset[:-least] + total[least:-1] - total[: -least - 1]
        # the best cut up to each frame, where no note sounds on
        free = np.concatenate([kept, np.zeros((last - first, rows))])
        for t in range(max(first, 1), last):
            k = t - early
            sounding = sounding + frame[k - 1]
            if t >= least:
                fresh = free[k - least] + entry[k - least]
                newer = fresh > sounding
                np.copyto(sounding, fresh, where=newer)
                np.copyto(start, np.int32(t - least), where=newer)
            over = sounding + offset[k]
            ended[t] = over > free[k - 1]
            free[k] = np.where(ended[t], over, free[k - 1])
            began[t] = start
        again = max(0, last - least)  # from here on notes may begin that the next stretch ends
        early, kept = again, free[again - early :]
    return _back(began, ended, free[-1], sounding)


def _back(
    began: np.ndarray, ended: np.ndarray, free: np.ndarray, sounding: np.ndarray
) -> list[tuple[int, int, int]]:
    """The notes of the best path, from the last frame back to the first."""
    found = []
    for row in np.flatnonzero((sounding > 0) | (free > 0)).tolist():
        t = len(began) - 1
        if sounding[row] > free[row]:  # it sounds on at the end
            found.append((row, int(began[t, row]), t))
            t = int(began[t, row])
        while t > 0:
            if ended[t, row]:
                found.append((row, int(began[t, row]), t))
                t = int(began[t, row])
            else:
                t -= 1
    return found

"""The best-path decoder: the most probable segmentation of each pitch into notes and silence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..core import Notes
from ..core.constants import LOWEST_PITCH
from .rolls import Rolls, check_decoding, peak_shift, peaks

FRAME_WEIGHT = 0.04  # of a frame's evidence: neighbouring frames are correlated
OFFSET_WEIGHT = 1.2
MAX_LOGIT = 6.0  # bounds the evidence of a single frame
NEG_INF = -1e9  # minus infinity, in practice
BLOCK = 4096  # frames per block of scores, which bounds the memory for long audio

# scores of a frame as the first of a note, within a note, and as its end; each (frames, rows)
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
    """Decode the posteriors of a network trained on triangular targets, by dynamic programming.

    Each pitch is segmented into notes and silence. A note from frame s to e scores
    `l(onset[s]) + 0.04 sum l(frame[s:e]) + 1.2 l(offset[e])`, where `l(p)` is the logit of p minus
    the logit of its threshold. A note begins at a peak of the onset posterior, and may begin where
    the previous one ends, so that repeated notes stay separate. Silence scores 0. The segmentation
    with the highest total is found exactly, as by the Viterbi algorithm for a hidden semi-Markov
    model (Yu, Artificial Intelligence 174, 2010, sec. 2): the best segmentation up to frame e ends
    in silence, or in a note from some frame s after the best segmentation up to s.

    Parameters
    ----------
    rolls
        Posteriors 0..1, each of shape `(88, frames)`, A0 first.
    hop_length, sr
        Hop length in samples, and sampling rate in Hz.
    onset_threshold, frame_threshold, offset_threshold
        Posteriors, above 0 and below 1, that are neither evidence for nor against a note; the
        defaults are the best values for mirlab's networks on the development recordings.
    min_seconds
        Minimum duration of a note, except the last.

    Returns
    -------
    Notes
        Program 0, in order of onset.

    Examples
    --------
    >>> onset, frame, offset = np.zeros((3, 88, 40))
    >>> frame[39, 10:30] = 0.9  # C4, twice
    >>> onset[39, [10, 20]] = offset[39, [20, 30]] = 0.9
    >>> notes = notes_from_path(Rolls(onset, frame, offset, onset), hop_length=1, sr=100)
    >>> notes.pitch.tolist(), notes.onset.round(2).tolist(), notes.offset.round(2).tolist()
    ([60, 60], [0.1, 0.2], [0.2, 0.3])
    """
    rolls = check_decoding(
        rolls,
        hop_length=hop_length,
        sr=sr,
        min_seconds=min_seconds,
        onset_threshold=onset_threshold,
        frame_threshold=frame_threshold,
        offset_threshold=offset_threshold,
    )
    hop = hop_length / sr
    frames = rolls.onset.shape[-1]
    min_frames = max(1, round(min_seconds / hop))
    if frames <= min_frames:
        return Notes.empty()
    onset_mask = peaks(rolls.onset)

    def scores(first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        onset, frame, offset = (roll[:, first:last].T for roll in rolls[:3])
        begins = np.where(onset_mask[:, first:last].T, evidence(onset, onset_threshold), NEG_INF)
        frame_score = FRAME_WEIGHT * evidence(frame, frame_threshold)
        return begins, frame_score, OFFSET_WEIGHT * evidence(offset, offset_threshold)

    found = []
    for row, start, end in _segment(scores, frames, min_frames):
        time = (start + peak_shift(rolls.onset[row], start)) * hop
        stop = max((end + peak_shift(rolls.offset[row], end)) * hop, time + hop)
        level = int(np.clip(round(127 * float(rolls.velocity[row, start])), 1, 127))
        found.append((max(time, 0.0), stop, row + LOWEST_PITCH, level))
    return Notes(*zip(*sorted(found), strict=True)) if found else Notes.empty()


def evidence(posterior: np.ndarray, threshold: float) -> np.ndarray:
    """Logit of a posterior minus the logit of its threshold, clipped to -6..6."""
    p, q = (np.clip(np.asarray(x, float), 1e-6, 1 - 1e-6) for x in (posterior, threshold))
    logit = np.log(p / (1 - p)) - np.log(q / (1 - q))
    return np.clip(logit, -MAX_LOGIT, MAX_LOGIT)


def _segment(scores: Scores, frames: int, min_frames: int) -> list[tuple[int, int, int]]:
    """Row, first frame and end of the notes with the highest total score."""
    rows = scores(0, 1)[0].shape[1]
    starts = np.zeros((frames, rows), np.int32)  # of the note that sounds at t on the best path
    ends_note = np.zeros((frames, rows), bool)  # whether the best path up to t ends that note
    sounding, start = np.full(rows, NEG_INF), np.zeros(rows, np.int32)
    block_start, previous = 0, np.zeros((0, rows))
    for first in range(0, frames, BLOCK):
        last = min(first + BLOCK, frames)
        onset, frame, offset = scores(block_start, last)
        total = np.concatenate([np.zeros((1, rows)), np.cumsum(frame, axis=0)])
        # score of a note that begins at s and has lasted for min_frames
        entry = onset[:-min_frames] + total[min_frames:-1] - total[: -min_frames - 1]
        # best score up to each frame, with no note sounding
        silent = np.concatenate([previous, np.zeros((last - first, rows))])
        for t in range(max(first, 1), last):
            k = t - block_start
            sounding = sounding + frame[k - 1]
            if t >= min_frames:
                new_note = silent[k - min_frames] + entry[k - min_frames]
                better = new_note > sounding
                np.copyto(sounding, new_note, where=better)
                np.copyto(start, np.int32(t - min_frames), where=better)
            ending = sounding + offset[k]
            ends_note[t] = ending > silent[k - 1]
            silent[k] = np.where(ends_note[t], ending, silent[k - 1])
            starts[t] = start
        overlap = max(0, last - min_frames)  # notes of the next block may begin from here on
        block_start, previous = overlap, silent[overlap - block_start :]
    return _backtrack(starts, ends_note, silent[-1], sounding)


def _backtrack(
    starts: np.ndarray, ends_note: np.ndarray, silent: np.ndarray, sounding: np.ndarray
) -> list[tuple[int, int, int]]:
    """The notes of the best path, from the last frame back to the first."""
    found = []
    for row in np.flatnonzero((sounding > 0) | (silent > 0)).tolist():
        t = len(starts) - 1
        if sounding[row] > silent[row]:  # a note still sounds at the end
            found.append((row, int(starts[t, row]), t))
            t = int(starts[t, row])
        while t > 0:
            if ends_note[t, row]:
                found.append((row, int(starts[t, row]), t))
                t = int(starts[t, row])
            else:
                t -= 1
    return found

"""The best-path decoder: the most probable segmentation of each pitch into notes and silence."""

from __future__ import annotations

import numpy as np

from ..core import Notes
from ..core.constants import LOWEST_PITCH, PITCHES
from .rolls import Rolls, check_decoding, peak_shifts, peaks

FRAME_WEIGHT = 0.04  # of a frame's evidence: neighbouring frames are correlated
OFFSET_WEIGHT = 1.2
MAX_LOGIT = 6.0  # bounds the evidence of a single frame
NEG_INF = -1e9  # minus infinity, in practice
BLOCK = 4096  # frames per block of scores, which bounds the memory for long audio

# a note: row of the rolls, first frame, end, the distances of onset and offset from these frames
NOTE = np.dtype(
    [
        ("row", np.uint8),
        ("start", np.int32),
        ("end", np.int32),
        ("start_shift", float),
        ("end_shift", float),
        ("velocity", float),
    ]
)


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
    settings = {
        "hop_length": hop_length,
        "sr": sr,
        "onset_threshold": onset_threshold,
        "frame_threshold": frame_threshold,
        "offset_threshold": offset_threshold,
        "min_seconds": min_seconds,
    }
    rolls = check_decoding(rolls, **settings)  # type: ignore[arg-type]
    decoder = PathDecoder(**settings)  # type: ignore[arg-type]
    for first in range(0, rolls.onset.shape[-1], BLOCK):
        decoder.push(np.stack([roll[:, first : first + BLOCK] for roll in rolls]))
    return decoder.finish()


def evidence(posterior: np.ndarray, threshold: float) -> np.ndarray:
    """Logit of a posterior minus the logit of its threshold, clipped to -6..6."""
    p, q = (np.clip(np.asarray(x, float), 1e-6, 1 - 1e-6) for x in (posterior, threshold))
    logit = np.log(p / (1 - p)) - np.log(q / (1 - q))
    return np.clip(logit, -MAX_LOGIT, MAX_LOGIT)


class PathDecoder:
    """`notes_from_path` for posteriors that come in pieces and are never held as a whole.

    Frames are scored in blocks. Of each block only the notes are kept that end the best path up to
    some frame of it: a few per cent of the frames.

    Parameters
    ----------
    hop_length, sr, onset_threshold, frame_threshold, offset_threshold, min_seconds
        As in `notes_from_path`.

    Examples
    --------
    >>> decoder = PathDecoder(hop_length=1, sr=100)
    >>> rolls = np.zeros((4, 88, 40))
    >>> rolls[:2, 39, 10:30], rolls[0, 39, 11:] = 0.9, 0  # C4
    >>> for piece in np.split(rolls, 4, axis=-1):
    ...     decoder.push(piece)
    >>> decoder.finish().onset
    array([0.1])
    """

    def __init__(
        self,
        *,
        hop_length: int,
        sr: float,
        onset_threshold: float = 0.7,
        frame_threshold: float = 0.6,
        offset_threshold: float = 0.3,
        min_seconds: float = 0.03,
    ) -> None:
        self.hop = hop_length / sr
        self.min_frames = max(1, round(min_seconds / self.hop))
        self.thresholds = (onset_threshold, frame_threshold, offset_threshold)
        self.rolls = np.zeros((len(Rolls._fields), PITCHES, 0), np.float32)
        self.offset = 0  # frame of the whole sound with which `rolls` begins
        self.decoded = 0  # frames
        self.silent = np.zeros((0, PITCHES))  # best scores with no note sounding, last frames
        self.sounding = np.full(PITCHES, NEG_INF)  # best scores with a note sounding
        self.latest = np.zeros(PITCHES, NOTE)  # that note
        self.ends: list[np.ndarray] = []  # notes that end the best path up to some frame

    def push(self, rolls: np.ndarray) -> None:
        """Decode the next frames: onset, frame, offset and velocity, shape `(4, 88, frames)`."""
        self.rolls = np.concatenate([self.rolls, rolls], axis=-1)
        while self.offset + self.rolls.shape[-1] > self.decoded + BLOCK:  # peaks need a frame more
            self._decode(self.decoded + BLOCK)

    def finish(self) -> Notes:
        """The notes of all frames: program 0, in order of onset."""
        frames = self.offset + self.rolls.shape[-1]
        if frames <= self.min_frames:
            return Notes.empty()
        self._decode(frames)
        found = []
        for row, start, end, start_shift, end_shift, velocity in self._backtrack():
            time = (start + start_shift) * self.hop
            stop = max((end + end_shift) * self.hop, time + self.hop)
            level = int(np.clip(round(127 * velocity), 1, 127))
            found.append((max(time, 0.0), stop, row + LOWEST_PITCH, level))
        return Notes(*zip(*sorted(found), strict=True)) if found else Notes.empty()

    def _decode(self, last: int) -> None:
        """Continue the best paths up to frame `last`, which is excluded."""
        first = self.decoded
        begin = max(0, first - self.min_frames)  # notes that begin from here on are not scored yet
        start = self.latest["start"].copy()
        silent = np.concatenate([self.silent, np.zeros((last - first, PITCHES))])
        scores = self._scores(begin, last)
        starts, ends_note = _advance(scores, silent, self.sounding, start, self.min_frames, first)
        frames, rows = np.nonzero(ends_note)
        self.ends.append(self._notes(rows, starts[frames, rows], frames + begin, begin))
        self.latest = self._notes(np.arange(PITCHES), start, np.full(PITCHES, last - 1), begin)
        overlap = max(0, last - self.min_frames)
        self.silent = silent[overlap - begin :]
        self.decoded = last
        passed = max(0, overlap - 1) - self.offset  # peaks need the frame before, too
        self.rolls, self.offset = self.rolls[..., passed:], self.offset + passed

    def _scores(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Scores of frames as the first of a note, within it, and as its end; each (frames, 88)."""
        onset, frame, offset = (
            evidence(roll[:, first - self.offset : last - self.offset].T, threshold)
            for roll, threshold in zip(self.rolls, self.thresholds, strict=False)
        )
        is_peak = peaks(self.rolls[0])[:, first - self.offset : last - self.offset].T
        return np.where(is_peak, onset, NEG_INF), FRAME_WEIGHT * frame, OFFSET_WEIGHT * offset

    def _notes(self, row: np.ndarray, start: np.ndarray, end: np.ndarray, begin: int) -> np.ndarray:
        """Notes with what the rolls tell of them; those from before `begin` are the latest."""
        notes = np.zeros(row.size, NOTE)
        notes["row"], notes["start"], notes["end"] = row, start, end
        frame = np.maximum(start - self.offset, 0)
        notes["start_shift"] = peak_shifts(self.rolls[0], row, frame)
        notes["velocity"] = self.rolls[3][row, frame]
        for name in ("start_shift", "velocity"):
            notes[name] = np.where(start < begin, self.latest[name][row], notes[name])
        notes["end_shift"] = peak_shifts(self.rolls[2], row, end - self.offset)
        return notes

    def _backtrack(self) -> list[tuple[int, int, int, float, float, float]]:
        """The notes of the best paths, as values of `NOTE`."""
        ends = np.concatenate(self.ends)
        ends = ends[np.argsort(ends["row"], kind="stable")]
        bounds = np.searchsorted(ends["row"], np.arange(PITCHES + 1))
        silent = self.silent[-1]
        found = []
        for row in np.flatnonzero((self.sounding > 0) | (silent > 0)).tolist():
            notes, t = ends[bounds[row] : bounds[row + 1]], self.decoded - 1
            if self.sounding[row] > silent[row]:  # a note still sounds at the end
                found.append(self.latest[row].item())
                t = int(self.latest["start"][row])
            frames = notes["end"].copy()
            while (k := int(np.searchsorted(frames, t, side="right"))) > 0:
                found.append(notes[k - 1].item())
                t = int(notes["start"][k - 1])
        return found


def _advance(
    scores: tuple[np.ndarray, np.ndarray, np.ndarray],
    silent: np.ndarray,
    sounding: np.ndarray,
    start: np.ndarray,
    min_frames: int,
    first: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Continue the best paths from frame `first`.

    Parameters
    ----------
    scores
        From `PathDecoder._scores`, of all frames from `first - min_frames`, or from 0.
    silent
        Best scores up to each of these frames with no note sounding; from `first` on, written here.
    sounding, start
        Best scores with a note sounding, and the first frames of these notes; both are updated.

    Returns
    -------
    starts : first frame of the note that sounds on the best path, shape (frames, 88)
    ends_note : whether the best path up to the frame ends that note
    """
    onset, frame, offset = scores
    begin = max(0, first - min_frames)
    total = np.concatenate([np.zeros((1, PITCHES)), np.cumsum(frame, axis=0)])
    # score of a note that begins at s and has lasted for min_frames
    entry = onset[:-min_frames] + total[min_frames:-1] - total[: -min_frames - 1]
    starts = np.zeros(onset.shape, np.int32)
    ends_note = np.zeros(onset.shape, bool)
    for k in range(max(first, 1) - begin, len(onset)):
        sounding += frame[k - 1]
        if k + begin >= min_frames:
            new_note = silent[k - min_frames] + entry[k - min_frames]
            better = new_note > sounding
            np.copyto(sounding, new_note, where=better)
            np.copyto(start, np.int32(k + begin - min_frames), where=better)
        ending = sounding + offset[k]
        ends_note[k] = ending > silent[k - 1]
        silent[k] = np.where(ends_note[k], ending, silent[k - 1])
        starts[k] = start
    return starts, ends_note

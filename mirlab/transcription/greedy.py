"""Basic Pitch's greedy decoder."""

from __future__ import annotations

import numpy as np

from ..core import Notes, NotesError
from ..core.checks import as_array, require, require_count, require_number
from ..core.constants import LOWEST_PITCH, PITCHES
from .rolls import Rolls, as_posterior, check_decoding

HOP, SR = 256, 22050  # samples from frame to frame, and in a second
TOLERANCE = 11  # successive frames below the threshold that end a note
BEND_BINS = 25  # search range of a bend, in thirds of a semitone
BEND_WIDTH = 5.0  # standard deviation of the Gaussian weight, in thirds of a semitone

# Frame times of successive 172-frame windows drift against the clock; the last term is the
# correction in Basic Pitch (Bittner et al. 2022, package version 0.4.0).
WINDOW_FRAMES = 172
MAX_FRAMES = 100_000_000  # 13 days of sound
WINDOW_DRIFT = HOP / SR * (WINDOW_FRAMES - 43844 / HOP) + 0.0018


def frame_times(frames: int) -> np.ndarray:
    """Time of each posterior frame in seconds, shape `(frames,)`.

    Examples
    --------
    >>> frame_times(3).round(4)
    array([0.    , 0.0116, 0.0232])
    """
    require_count("frames", frames, minimum=0, error=NotesError)
    require(frames <= MAX_FRAMES, f"frames must be at most {MAX_FRAMES}", NotesError)
    index = np.arange(frames)
    return index * (HOP / SR) - (index // WINDOW_FRAMES) * WINDOW_DRIFT


def notes_from_posteriors(
    onset: np.ndarray,
    note: np.ndarray,
    contour: np.ndarray | None = None,
    *,
    times: np.ndarray | None = None,
    onset_threshold: float = 0.5,
    frame_threshold: float = 0.3,
    min_frames: int = 11,
) -> Notes:
    """Decode posteriors greedily, as Basic Pitch does (Bittner et al., ICASSP 2022, sec. 2.3).

    From the latest onset peak to the earliest, each note continues while the note posterior stays
    above its threshold; the frames it covers are removed. Then notes without an onset are found
    from the strongest remaining frames ("melodia trick").

    Parameters
    ----------
    onset, note
        Posteriors 0..1, shape `(frames, 88)`, A0 first, a frame every 256 samples at 22,050 Hz.
    contour
        Posterior of finer pitch, shape `(frames, 264)`, three bins per semitone; when given, notes
        that sound alone get a bend curve.
    times
        Time of each frame in seconds, shape `(frames,)`; None is Basic Pitch's `frame_times`.
    onset_threshold, frame_threshold
        Minimum posterior of an onset peak, and of a frame.
    min_frames
        Notes of this many frames or fewer are dropped.

    Returns
    -------
    Notes
        Program 0; the velocity is the mean note posterior, times 127.

    Raises
    ------
    NotesError
        If the posteriors have other shapes, or a setting is out of its range.

    Examples
    --------
    >>> onset, note = np.zeros((2, 60, 88))
    >>> onset[10, 39], note[10:40, 39] = 0.9, 0.9  # C4
    >>> notes_from_posteriors(onset, note).pitch.tolist()
    [60]
    """
    onset, note = _posteriors(onset, note)
    for name, value in (("onset_threshold", onset_threshold), ("frame_threshold", frame_threshold)):
        require_number(name, value, minimum=0, maximum=1, error=NotesError)
    require_count("min_frames", min_frames, minimum=0, error=NotesError)
    frames = note.shape[0]
    if times is not None:
        times = as_array("times", times, NotesError)
        require(times.size == frames, f"times must have {frames} values", NotesError)
    if contour is not None:
        contour = as_posterior("contour", contour)
        require(contour.shape == (frames, 264), f"contour must be ({frames}, 264)", NotesError)
    if frames < 2:
        return Notes.empty()
    energy = note.copy()
    found = _from_onsets(onset, note, energy, onset_threshold, frame_threshold, min_frames)
    found += _from_energy(note, energy, frame_threshold, min_frames)
    if not found:
        return Notes.empty()
    start, end, row, strength = map(np.array, zip(*sorted(found), strict=True))
    times = frame_times(frames) if times is None else times
    bends = None
    if contour is not None:
        alone = _sounds_alone(start, end)
        bends = [
            _bend(contour, a, b, r, times) if ok else np.empty((0, 2))
            for a, b, r, ok in zip(start, end, row, alone, strict=True)
        ]
    return Notes(
        times[start],
        times[end],
        row + LOWEST_PITCH,
        np.clip(np.round(127 * strength), 1, 127).astype(int),
        bends=bends,
    )


def _posteriors(onset: np.ndarray, note: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Check that both are arrays of one shape `(frames, 88)`."""
    onset, note = as_posterior("onset", onset), as_posterior("note", note)
    one_shape = onset.shape == note.shape and note.shape[1] == PITCHES
    shapes = f"onset and note must have one shape (frames, 88), not {onset.shape}, {note.shape}"
    require(one_shape, shapes, NotesError)
    return onset, note


def notes_from_greedy_search(
    rolls: Rolls[np.ndarray],
    *,
    hop_length: int,
    sr: float,
    onset_threshold: float = 0.5,
    frame_threshold: float = 0.3,
    offset_threshold: float = 0.3,
    min_seconds: float = 0.128,
) -> Notes:
    """Decode posteriors as `notes_from_posteriors` does, with equally spaced frames.

    Parameters
    ----------
    rolls
        Posteriors 0..1, each of shape `(88, frames)`, A0 first; offset and velocity are not used.
    hop_length, sr
        Hop length in samples, and sampling rate in Hz.
    onset_threshold, frame_threshold
        Minimum posterior of an onset peak, and of a frame; the defaults are Basic Pitch's.
    offset_threshold
        Not used: a note ends where its frame posterior stays below `frame_threshold`.
    min_seconds
        Notes of this length or less are dropped.

    Returns
    -------
    Notes
        Program 0, in order of onset; the velocity is the mean frame posterior, times 127.
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
    return notes_from_posteriors(
        rolls.onset.T,
        rolls.frame.T,
        times=np.arange(rolls.frame.shape[-1]) * hop,
        onset_threshold=onset_threshold,
        frame_threshold=frame_threshold,
        min_frames=round(min_seconds / hop),
    )


def onset_peaks(onset: np.ndarray, note: np.ndarray, threshold: float) -> np.ndarray:
    """Onsets of notes: peaks of the onset posterior, combined with jumps of the note posterior.

    A rise of the note posterior above both of the previous two frames counts like an onset; jumps
    are scaled to the maximum of the onset posterior. Without any jump the scale of the package is
    NaN and it finds no onset; this function does the same. It works row by row to save memory.

    Parameters
    ----------
    onset, note
        Posteriors 0..1, shape `(frames, 88)`.
    threshold
        Minimum height of a peak.

    Returns
    -------
    ndarray
        Frame and row of each peak, shape `(n, 2)`, sorted.
    """
    rows = range(note.shape[1])
    largest = max(float(_jumps(note[:, row]).max()) for row in rows)
    if largest <= 0:
        return np.zeros((0, 2), int)
    highest = float(onset.max())
    peaks = []
    for row in rows:
        # in this order the largest jump equals the highest onset to the last bit, as in the package
        curve = np.maximum(onset[:, row], highest * _jumps(note[:, row]) / largest)
        inner = curve[1:-1]
        is_peak = (inner > curve[:-2]) & (inner > curve[2:]) & (inner >= threshold)
        peaks += [(frame + 1, row) for frame in np.flatnonzero(is_peak)]
    return np.array(sorted(peaks), int).reshape(-1, 2)


def _jumps(column: np.ndarray) -> np.ndarray:
    """Height of each frame above both of the previous two, at least 0; shape (frames,)."""
    column = column.astype(np.float64)
    jump = np.zeros_like(column)
    jump[2:] = np.minimum(column[2:] - column[1:-1], column[2:] - column[:-2])
    return np.maximum(jump, 0)


Found = tuple[int, int, int, float]  # first frame, end frame, row, mean posterior


def _from_onsets(
    onset: np.ndarray,
    note: np.ndarray,
    energy: np.ndarray,
    onset_threshold: float,
    frame_threshold: float,
    min_frames: int,
) -> list[Found]:
    """Notes that begin at an onset peak, latest first; sets `energy` to 0 where they sound."""
    frames = note.shape[0]
    found = []
    for start, row in onset_peaks(onset, note, onset_threshold)[::-1].tolist():
        end, _ = _run(energy[:, row], start + 1, frames - 1, 1, frame_threshold)
        if end - start <= min_frames:
            continue
        energy[start:end, max(0, row - 1) : row + 2] = 0
        found.append((start, end, row, float(note[start:end, row].mean())))
    return found


def _from_energy(
    note: np.ndarray, energy: np.ndarray, frame_threshold: float, min_frames: int
) -> list[Found]:
    """Notes in the remaining energy, strongest frame first (Salamon & Gomez's melodia trick)."""
    frames = note.shape[0]
    candidates = np.flatnonzero(energy > frame_threshold)
    order = np.argsort(-energy.ravel()[candidates], kind="stable")
    found = []
    for middle, row in (divmod(int(index), energy.shape[1]) for index in candidates[order]):
        if energy[middle, row] <= frame_threshold:  # taken by an earlier note
            continue
        energy[middle, row] = 0
        end, after = _run(energy[:, row], middle + 1, frames - 1, 1, frame_threshold)
        start, before = _run(energy[:, row], middle - 1, 0, -1, frame_threshold)
        for first, last in ((middle + 1, after), (before + 1, middle)):
            energy[first:last, max(0, row - 1) : row + 2] = 0
        start, end = start + 1, end - 1
        if end - start > min_frames:
            found.append((start, end, row, float(note[start:end, row].mean())))
    return found


def _run(column: np.ndarray, i: int, stop: int, step: int, threshold: float) -> tuple[int, int]:
    """Go from `i` by `step` up to `stop`, or until 11 successive frames are below the threshold.

    Returns the frame after the last one above the threshold (in the direction of `step`), and the
    frame where the search ended.
    """
    quiet = 0
    while (stop - i) * step > 0 and quiet < TOLERANCE:
        quiet = quiet + 1 if column[i] < threshold else 0
        i += step
    return i - step * quiet, i


def _sounds_alone(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Whether each note (sorted by start) overlaps no other; shape (n,)."""
    ends_before = np.r_[-1, np.maximum.accumulate(end)[:-1]]
    return (ends_before <= start) & (np.r_[start[1:], np.iinfo(int).max] >= end)


def _bend(contour: np.ndarray, start: int, end: int, row: int, times: np.ndarray) -> np.ndarray:
    """Bend curve of a note, shape (k, 2): seconds, semitones from the note's pitch.

    In each frame it is the strongest contour bin, after a Gaussian weight around the note.
    """
    centre = 3 * row
    low, high = max(0, centre - BEND_BINS), min(contour.shape[1], centre + BEND_BINS + 1)
    distance = np.arange(low, high) - centre
    weighted = contour[start:end, low:high] * np.exp(-0.5 * (distance / BEND_WIDTH) ** 2)
    semitones = distance[np.argmax(weighted, axis=1)] / 3
    if not np.any(semitones):
        return np.empty((0, 2))
    changes = np.r_[0, np.flatnonzero(np.diff(semitones)) + 1]
    return np.column_stack([times[start:end][changes], semitones[changes]])

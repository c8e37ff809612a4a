"""Decode posteriors to notes: one function for all decoders, and the two simplest decoders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from ..core import Notes, NotesError
from ..core.constants import LOWEST_PITCH
from .greedy import notes_from_greedy_search
from .path import notes_from_path
from .rolls import Rolls, check_decoding, peak_shifts, peaks


def decode(
    rolls: Rolls[np.ndarray],
    *,
    decoder: str = "path",
    hop_length: int,
    sr: float,
    onset_threshold: float | None = None,
    frame_threshold: float | None = None,
    offset_threshold: float | None = None,
    min_seconds: float | None = None,
) -> Notes:
    """Decode posteriors to notes.

    Parameters
    ----------
    rolls
        Posteriors 0..1, each of shape `(88, frames)`, A0 first.
    decoder
        `"path"`, `"peaks"`, `"greedy"` or `"thresholds"`: `notes_from_path`, `notes_from_peaks`,
        `notes_from_greedy_search`, `notes_from_thresholds`.
    hop_length, sr
        Hop length in samples, and sampling rate in Hz.
    onset_threshold, frame_threshold, offset_threshold, min_seconds
        See the decoder, which documents the arguments it does not use; None is its default.

    Returns
    -------
    Notes
        Program 0, in order of onset.

    Raises
    ------
    NotesError
        When there is no such decoder.

    Examples
    --------
    >>> onset, frame, offset = np.zeros((3, 88, 40))
    >>> onset[60 - 21, 10], frame[60 - 21, 10:30] = 0.9, 0.9
    >>> rolls = Rolls(onset, frame, offset, onset)
    >>> for name in DECODERS:
    ...     print(name, decode(rolls, decoder=name, hop_length=256, sr=22050).pitch)
    path [60]
    peaks [60]
    greedy [60]
    thresholds [60]
    """
    if not isinstance(decoder, str) or decoder not in DECODERS:
        raise NotesError(f"decoder must be one of {', '.join(DECODERS)}, not {decoder!r}")
    settings = {
        "onset_threshold": onset_threshold,
        "frame_threshold": frame_threshold,
        "offset_threshold": offset_threshold,
        "min_seconds": min_seconds,
    }
    chosen = {name: value for name, value in settings.items() if value is not None}
    return DECODERS[decoder](rolls, hop_length=hop_length, sr=sr, **chosen)


def notes_from_thresholds(
    rolls: Rolls[np.ndarray],
    *,
    hop_length: int,
    sr: float,
    onset_threshold: float = 0.5,
    frame_threshold: float = 0.5,
    offset_threshold: float = 0.5,
    min_seconds: float = 0.0,
) -> Notes:
    """Decode by a threshold: a note is a run of frames whose posterior reaches the threshold.

    Notes of the same pitch that follow each other without a gap are merged.

    Parameters
    ----------
    rolls
        Posteriors 0..1, each of shape `(88, frames)`, A0 first; onset and offset are not used.
    hop_length, sr
        Hop length in samples, and sampling rate in Hz.
    onset_threshold, offset_threshold
        Not used.
    frame_threshold
        Minimum posterior of a sounding frame.
    min_seconds
        Shorter notes are dropped.

    Returns
    -------
    Notes
        Program 0, in order of onset.

    Raises
    ------
    NotesError
        If the rolls have another shape, or a setting is out of its range.
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
    sounding = np.pad(rolls.frame >= frame_threshold, ((0, 0), (1, 1)))
    row, start = np.nonzero(sounding[:, 1:] & ~sounding[:, :-1])
    _, end = np.nonzero(~sounding[:, 1:] & sounding[:, :-1])
    if not row.size:
        return Notes.empty()
    velocity = np.clip(np.round(127 * rolls.velocity[row, start]), 1, 127)
    order = np.lexsort((row, start))
    begins, ends = start[order] * hop, end[order] * hop
    notes = Notes(begins, ends, row[order] + LOWEST_PITCH, velocity[order])
    return _drop_short(notes, min_seconds)


def notes_from_peaks(
    rolls: Rolls[np.ndarray],
    *,
    hop_length: int,
    sr: float,
    onset_threshold: float = 0.4,
    frame_threshold: float = 0.3,
    offset_threshold: float = 0.3,
    min_seconds: float = 0.0,
) -> Notes:
    """Decode the posteriors of a network trained on triangular targets (`note_rolls`).

    A note begins at each peak of the onset posterior of its pitch; the time between two frames is
    interpolated from the neighbours of the peak (Kong et al. 2021, eq. 10). It ends at the first
    peak of the offset posterior, when two successive frames no longer sound, or at the next onset
    of the same pitch.

    Parameters
    ----------
    rolls
        Posteriors 0..1, each of shape `(88, frames)`, A0 first.
    hop_length, sr
        Hop length in samples, and sampling rate in Hz.
    onset_threshold, frame_threshold, offset_threshold
        Minimum posterior of a peak, or of a sounding frame.
    min_seconds
        Shorter notes are dropped.

    Returns
    -------
    Notes
        Program 0, in order of onset.

    Raises
    ------
    NotesError
        If the rolls have another shape, or a setting is out of its range.
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
    found = []
    begins, ends_here = peaks(rolls.onset, onset_threshold), peaks(rolls.offset, offset_threshold)
    for row in np.flatnonzero(begins.any(axis=1)).tolist():
        frame, velocity = rolls.frame[row], rolls.velocity[row]
        starts = np.flatnonzero(begins[row])
        quiet = np.flatnonzero((frame[:-1] < frame_threshold) & (frame[1:] < frame_threshold))
        ends = np.sort(np.r_[np.flatnonzero(ends_here[row]), quiet, frame.size - 1])
        limits = np.r_[starts[1:], frame.size - 1]
        for start, limit in zip(starts.tolist(), limits.tolist(), strict=True):
            # frames next to an onset may still contain the end of the previous note
            after = ends[np.searchsorted(ends, start + 2) :]
            end = min(int(after[0]), limit) if after.size else limit
            time = (start + float(peak_shifts(rolls.onset, row, start))) * hop
            stop = max((end + float(peak_shifts(rolls.offset, row, end))) * hop, time + hop)
            level = int(np.clip(round(127 * float(velocity[start])), 1, 127))
            found.append((max(time, 0.0), stop, row + LOWEST_PITCH, level))
    notes = Notes(*zip(*sorted(found), strict=True)) if found else Notes.empty()
    return _drop_short(notes, min_seconds)


def _drop_short(notes: Notes, min_seconds: float) -> Notes:
    """The notes that last at least `min_seconds`, up to rounding."""
    return notes[notes.offset - notes.onset >= min_seconds - 1e-9]


DECODERS: Mapping[str, Callable[..., Notes]] = MappingProxyType(
    {
        "path": notes_from_path,
        "peaks": notes_from_peaks,
        "greedy": notes_from_greedy_search,
        "thresholds": notes_from_thresholds,
    }
)

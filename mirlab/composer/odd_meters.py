"""Bars of five and seven beats, cut from pieces with three and four."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core import Notes, NotesError, Segments, TempoMap
from ..core.checks import require, require_type
from .piece import Piece


def odd_meter(piece: Piece) -> Piece:
    """Turn every two bars into one and cut its last beat: 3/4 becomes 5/4, and 4/4 becomes 7/4.

    Parameters
    ----------
    piece
        A piece with the same number of beats in every bar, which begins with a downbeat.

    Returns
    -------
    Piece
        Notes that begin in a cut beat are omitted; notes that last into it are shortened.

    Raises
    ------
    NotesError
        If there are no two whole bars.

    Examples
    --------
    >>> from .composing import compose
    >>> odd_meter(compose(1, style="waltz", duration=10)).beats.labels[:7]
    ('1', '2', '3', '4', '5', '1', '2')
    """
    require_type("piece", piece, Piece, NotesError)
    per_bar = 2 * max((int(label) for label in piece.beats.labels), default=0)
    bars = len(piece.beats) // per_bar if per_bar else 0
    require(bars > 0, "an odd meter needs a piece of two bars or more", NotesError)
    start = piece.beats.intervals[: bars * per_bar, 0]
    end = piece.beats.intervals[: bars * per_bar, 1]
    cut = np.arange(start.size) % per_bar == per_bar - 1
    lost = np.cumsum(np.where(cut, end - start, 0.0))  # seconds up to the end of each beat
    # the end of a beat and the start of the next differ by rounding errors
    edges = np.maximum.accumulate(np.c_[start, end].ravel())
    shifted = np.maximum.accumulate(np.c_[start - np.r_[0.0, lost[:-1]], end - lost].ravel())

    def warp(times: np.ndarray) -> np.ndarray:
        """Times of the piece to times without the cut beats."""
        return np.interp(times, edges, shifted)

    numbers = np.arange(start.size) % per_bar + 1
    bounds = np.maximum.accumulate(warp(np.c_[start, end])[~cut].ravel()).reshape(-1, 2)
    beats = Segments(bounds, [str(n) for n in numbers[~cut]])
    parts = {}
    for name, notes in piece.parts.items():
        # a note in the last quarter of a beat is an early one of the next
        beat = np.searchsorted(start - 0.25 * (end - start), notes.onset, side="right") - 1
        inside = (beat >= 0) & (notes.onset < end[-1]) & ~cut[beat]
        onset, offset = warp(notes.onset[inside]), warp(notes.offset[inside])
        long = offset > onset + 1e-3
        if long.any():
            kept = notes[inside][long]
            parts[name] = Notes(
                onset[long], offset[long], kept.pitch, kept.velocity, kept.program, kept.is_drum
            )
    chords = warp(piece.chords.intervals)
    sounding = chords[:, 1] > chords[:, 0] + 1e-3
    labels = [label for label, keep in zip(piece.chords.labels, sounding, strict=True) if keep]
    return replace(
        piece,
        parts=parts,
        chords=Segments(chords[sounding], labels),
        beats=beats,
        tempo_map=TempoMap.from_beats(beats),
    )

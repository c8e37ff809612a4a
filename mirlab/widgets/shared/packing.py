"""Packing of values for the page: audio at one rate and level, notes as rows of numbers."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ...core import Audio, Notes
from ...evaluation import match_notes

RATE = 22050  # Hz, of every sound in the page
FLAC_SECONDS = 20.0  # longer audio is sent as MP3
PEAK = 0.9  # of the loudest sound before it is encoded; MP3 may overshoot
COLUMNS = 6  # of a packed note
PLAIN, FOUND, MISSED, EXTRA = range(4)  # result of the comparison with the reference


class LabelledSound(Protocol):
    """Audio with its notes, such as an `Example`."""

    @property
    def name(self) -> str:
        """Name of the piece."""

    @property
    def audio(self) -> Audio:
        """The audio."""

    @property
    def notes(self) -> Notes | None:
        """The notes, None if unknown."""


def pack_notes(notes: Notes, truth: Notes | None = None) -> bytes:
    """Notes as float32 rows: onset, offset, pitch, velocity, mark, drum (0 or 1).

    Parameters
    ----------
    notes
        Notes to show.
    truth
        Reference, if there is one: a note is marked as found if a reference note of its pitch (50
        cents) begins within 50 ms, otherwise as extra; unmatched reference notes are added as
        missed (`mirlab.evaluation.match_notes`). Drums have no pitch and are not compared.
    """
    marks = np.full(len(notes), PLAIN)
    rows = [_rows(notes, marks)]
    if truth is not None:
        true, found = match_notes(truth, notes).T
        marks[~notes.is_drum] = EXTRA
        marks[found] = FOUND
        missed = np.setdiff1d(np.flatnonzero(~truth.is_drum), true)
        rows = [_rows(notes, marks), _rows(truth[missed], np.full(missed.size, MISSED))]
    return np.concatenate(rows).astype("<f4").tobytes()


def _rows(notes: Notes, marks: np.ndarray) -> np.ndarray:
    """The six columns of `pack_notes`, a row per note."""
    columns = [notes.onset, notes.offset, notes.pitch, notes.velocity, marks, notes.is_drum]
    return np.column_stack(columns)

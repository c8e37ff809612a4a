"""Values as the page takes them: sounds at one rate and level, notes as rows of numbers."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ...core import Audio, Notes
from ...evaluation import match_notes

RATE = 22050  # Hz, of every sound in the page
FLAC_SECONDS = 20.0  # longer sounds travel as MP3
PEAK = 0.9  # of the loudest sound before it is encoded; MP3 may overshoot
COLUMNS = 6  # of a packed note
PLAIN, FOUND, MISSED, EXTRA = range(4)  # how an event stands to the truth


class LabelledSound(Protocol):
    """A sound and the notes in it, such as an `Example`."""

    @property
    def name(self) -> str:
        """Of the piece."""

    @property
    def audio(self) -> Audio:
        """The sound."""

    @property
    def notes(self) -> Notes | None:
        """What is played in it, None where nobody knows."""


def pack_notes(notes: Notes, truth: Notes | None = None) -> bytes:
    """Notes as float32 rows: onset, offset, pitch, velocity, mark, drum (0 or 1).

    Parameters
    ----------
    notes
        Those to show.
    truth
        To compare with, when there is one: a note is found when a true one of its pitch (50
        cents) begins within 50 ms, extra otherwise, and true ones nobody found are added as
        missed (`mirlab.evaluation.match_notes`). Drums have no pitch and are not
        compared.
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
    """Six columns a note, as `pack_notes` says."""
    columns = [notes.onset, notes.offset, notes.pitch, notes.velocity, marks, notes.is_drum]
    return np.column_stack(columns)

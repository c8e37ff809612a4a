"""`NoteColumns`: the interface of `Notes` for modules that `Notes` itself imports."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike


class NoteColumns(Protocol):
    """Notes as parallel arrays; see `Notes` for the meaning of each."""

    def __len__(self) -> int:
        """Number of notes."""

    @property
    def onset(self) -> np.ndarray:
        """Seconds, shape `(n,)`."""

    @property
    def offset(self) -> np.ndarray:
        """Seconds, shape `(n,)`."""

    @property
    def pitch(self) -> np.ndarray:
        """MIDI numbers, shape `(n,)`."""

    @property
    def velocity(self) -> np.ndarray:
        """1..127, shape `(n,)`."""

    @property
    def program(self) -> np.ndarray:
        """General MIDI programs, shape `(n,)`."""

    @property
    def is_drum(self) -> np.ndarray:
        """Truth values, shape `(n,)`."""

    @property
    def bends(self) -> tuple[np.ndarray, ...] | None:
        """A curve a note, shapes `(k, 2)`: seconds, semitones."""

    @property
    def pedal(self) -> np.ndarray | None:
        """Start s, end s and program of each use, shape `(m, 3)`."""

    @property
    def hz(self) -> np.ndarray:
        """Pitches in Hz, shape `(n,)`."""

    @property
    def duration(self) -> float:
        """When the last note ends, in seconds."""

    def bend_at(self, i: int, times: ArrayLike) -> np.ndarray:
        """Bend of note `i` at `times` in seconds: semitones, of their shape."""

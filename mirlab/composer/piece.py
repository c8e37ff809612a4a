"""`Piece`: music to play, with everything that is true of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ..core import Notes, NotesError, Segments, TempoMap

NO_SOUND = 0.0  # Hz


@dataclass(frozen=True, eq=False)
class Piece:
    """Music by parts, and its truth.

    Parameters
    ----------
    parts
        What each instrument plays, by name; a part played on its own is the score of a stem.
    chords
        Harte labels.
    key
        Such as `"Bb major"`; None when nobody knows.
    beats
        From beat to beat; the label is the beat's number in its bar, `"1"` the downbeat.
    tempo_map
        How seconds and beats belong together.
    style
        What it was composed as, or the name of the file it comes from.
    seed
        What it was composed from; None for a file.

    Raises
    ------
    NotesError
        When there is no part, or a part without a note.

    Examples
    --------
    >>> from mirlab.core import Notes, Segments, TempoMap
    >>> none = Segments([], [])
    >>> piece = Piece({"flute": Notes([0.0], [1.0], [69], program=73)}, none, None, none,
    ...               TempoMap(0, 120), "example")
    >>> piece.instruments, piece.f0("flute", [0.5, 2.0])
    ({'flute': 'Flute'}, array([440.,   0.]))
    """

    parts: Mapping[str, Notes]
    chords: Segments
    key: str | None
    beats: Segments
    tempo_map: TempoMap
    style: str
    seed: int | None = None

    def __post_init__(self) -> None:
        silent = [name for name, notes in self.parts.items() if not len(notes)]
        if not self.parts or silent:
            raise NotesError(f"a piece needs parts with notes; {silent or 'there is none'}")

    @cached_property
    def notes(self) -> Notes:
        """All parts together."""
        parts = list(self.parts.values())
        columns = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ("onset", "offset", "pitch", "velocity", "program", "is_drum")
        }
        curves = [
            curve for part in parts for curve in (part.bends or [np.zeros((0, 2))] * len(part))
        ]
        pedals = [part.pedal for part in parts if part.pedal is not None]
        return Notes(
            **columns,
            bends=curves,
            tempo_map=self.tempo_map,
            pedal=np.concatenate(pedals) if pedals else None,
        )

    @property
    def instruments(self) -> dict[str, str]:
        """The General MIDI name of what plays each part; `"Drums"` for the kit."""
        import pretty_midi

        names = {}
        for part, notes in self.parts.items():
            program = int(notes.program[0])
            drums = bool(notes.is_drum.any())
            names[part] = "Drums" if drums else pretty_midi.program_to_instrument_name(program)
        return names

    @property
    def duration(self) -> float:
        """Seconds until the last key is let go and the last beat is over."""
        ends = [notes.duration for notes in self.parts.values()]
        return float(max([*ends, *self.beats.intervals[-1:, 1]]))

    def f0(self, part: str, times: ArrayLike) -> np.ndarray:
        """The fundamental frequency of a part: of each time's latest note, bends included.

        Parameters
        ----------
        part
            A name of `parts`. For one that plays chords this is one voice of many.
        times
            Seconds, shape `(n,)`.

        Returns
        -------
        ndarray
            Hz, shape `(n,)`; 0 where nothing sounds, as mir_eval's melody metrics want it.

        Raises
        ------
        NotesError
            When there is no such part, or it is the drums.
        """
        if part not in self.parts:
            raise NotesError(f"there is no part {part!r}; there are {', '.join(self.parts)}")
        notes = self.parts[part]
        if notes.is_drum.any():
            raise NotesError(f"part {part!r} is the drums, which have no pitch")
        return pitch_at(notes, np.asarray(times, float))

    def __repr__(self) -> str:
        return (
            f"Piece({self.style}, {self.key or 'no key'}, {self.duration:.1f} s, "
            f"{', '.join(self.parts)})"
        )


def piece_from_notes(parts: Mapping[str, Notes], style: str, seed: int) -> Piece:
    """Music of which nothing is known but its notes: no key, no chords, no beats."""
    nothing = Segments([], [])
    return Piece(parts, nothing, None, nothing, TempoMap(0, 120), style, seed)


def pitch_at(notes: Notes, times: np.ndarray) -> np.ndarray:
    """The pitch of one voice: of each time's latest note, bends included.

    Parameters
    ----------
    notes
        Its notes.
    times
        Seconds, any shape.

    Returns
    -------
    ndarray
        Hz, of the times' shape; 0 where no key is held.
    """
    hz = np.full(times.shape, NO_SOUND)
    for i, (start, end) in enumerate(notes.intervals):  # later notes write over earlier ones
        inside = (times >= start) & (times < end)
        hz[inside] = notes.hz[i] * 2 ** (notes.bend_at(i, times[inside]) / 12)
    return hz

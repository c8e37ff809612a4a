"""`Piece`: a piece of music in parts, with its labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ..core import Notes, NotesError, Segments, TempoMap
from ..core.checks import as_floats, require_type

NO_SOUND = 0.0  # Hz


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of music: the notes of each part, chords, key and beats.

    Parameters
    ----------
    parts
        Notes of each part, by name; a part is the score of a stem.
    chords
        Chords, labelled in Harte's syntax.
    key
        Such as `"Bb major"`; None if unknown.
    beats
        Intervals from beat to beat; the label is the beat's number in its bar, `"1"` the downbeat.
    tempo_map
        Relation between seconds and beats.
    style
        Style of the composition, or the name of the file that was read.
    seed
        Seed of the composition; None for a file.

    Raises
    ------
    NotesError
        If there is no part, or a part without notes.

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
        require_type("parts", self.parts, Mapping, NotesError)
        for name, notes in self.parts.items():
            require_type(f"part {name!r}", notes, Notes, NotesError)
        silent = [name for name, notes in self.parts.items() if not len(notes)]
        if not self.parts or silent:
            raise NotesError(f"a piece needs parts with notes; {silent or 'there is none'}")

    @cached_property
    def notes(self) -> Notes:
        """The notes of all parts."""
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
        """General MIDI name of each part's instrument; `"Drums"` for the drum kit."""
        import pretty_midi

        names = {}
        for part, notes in self.parts.items():
            program = int(notes.program[0])
            drums = bool(notes.is_drum.any())
            names[part] = "Drums" if drums else pretty_midi.program_to_instrument_name(program)
        return names

    @property
    def duration(self) -> float:
        """Seconds until the last note and the last beat end."""
        ends = [notes.duration for notes in self.parts.values()]
        return float(max([*ends, *self.beats.intervals[-1:, 1]]))

    def f0(self, part: str, times: ArrayLike) -> np.ndarray:
        """Fundamental frequency of a part: of the latest note at each time, bends included.

        Parameters
        ----------
        part
            A name of `parts`. For a polyphonic part this follows one note at a time.
        times
            Seconds, shape `(n,)`.

        Returns
        -------
        ndarray
            Hz, shape `(n,)`; 0 where nothing sounds, as mir_eval's melody metrics expect.

        Raises
        ------
        NotesError
            If there is no such part, or it is the drums.
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
    """A piece with notes as its only labels: no key, no chords, no beats."""
    nothing = Segments([], [])
    return Piece(parts, nothing, None, nothing, TempoMap(0, 120), style, seed)


def pitch_at(notes: Notes, times: np.ndarray) -> np.ndarray:
    """Fundamental frequency of a voice: of the latest note at each time, bends included.

    Parameters
    ----------
    notes
        Notes of the voice.
    times
        Seconds, any shape.

    Returns
    -------
    ndarray
        Hz, of the shape of `times`; 0 where no note is held.
    """
    require_type("notes", notes, Notes, NotesError)
    times = as_floats("times", times, NotesError)
    hz = np.full(times.shape, NO_SOUND)
    for i, (start, end) in enumerate(notes.intervals):  # later notes overwrite earlier ones
        inside = (times >= start) & (times < end)
        hz[inside] = notes.hz[i] * 2 ** (notes.bend_at(i, times[inside]) / 12)
    return hz

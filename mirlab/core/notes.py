"""`Notes`: note events as parallel arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import ArrayLike

from . import display, midi_files, midi_writing
from .audio import Audio
from .bars import Bars
from .checks import as_float, as_floats, require_type
from .errors import MissingPartError, NotesError
from .note_fields import as_bends, as_integers, as_pedal
from .rendering import render
from .tempo import TempoMap
from .theory import note_name

if TYPE_CHECKING:
    import pandas
    import pretty_midi


@dataclass(frozen=True, eq=False)
class Notes:
    """Note events as parallel arrays, sorted by onset, then pitch.

    Parameters
    ----------
    onset, offset
        Start and end of each note in seconds, `0 <= onset < offset`. Shape `(n,)`.
    pitch
        MIDI numbers 0..127 (60 is middle C; for drums the General MIDI drum key). Shape `(n,)`.
    velocity
        1..127, shape `(n,)`; a single number applies to all notes.
    program
        General MIDI programs 0..127, shape `(n,)`; a single number applies to all notes.
    is_drum
        Whether a note belongs to the drum kit, shape `(n,)`; a single bool applies to all notes.
    bends
        Pitch bend curve of each note, shape `(k, 2)`: time in seconds and bend in semitones, held
        until the next point; `(0, 2)` for a note without bend. None if no note is bent.
    tempo_map
        Mapping between seconds and beats; None if unknown.
    pedal
        Intervals with the sustain pedal down, shape `(m, 3)`: start s, end s, program. The offsets
        of the notes are the releases of the keys, not of the pedal. The pedal of a program without
        notes applies to the notes if they have a single program, and is dropped otherwise.

    Raises
    ------
    NotesError
        If lengths differ or a value lies outside its range.

    Examples
    --------
    >>> notes = Notes(onset=[0.0, 0.5], offset=[0.5, 1.0], pitch=[60, 64])
    >>> notes
    Notes(2 notes, C4 to E4, 1.000 s)
    >>> notes.hz.round(2)
    array([261.63, 329.63])
    """

    onset: np.ndarray
    offset: np.ndarray
    pitch: np.ndarray
    velocity: np.ndarray
    program: np.ndarray
    is_drum: np.ndarray
    bends: tuple[np.ndarray, ...] | None = None
    tempo_map: TempoMap | None = None
    pedal: np.ndarray | None = None

    def __init__(
        self,
        onset: ArrayLike,
        offset: ArrayLike,
        pitch: ArrayLike,
        velocity: ArrayLike = 80,
        program: ArrayLike = 0,
        is_drum: ArrayLike = False,
        *,
        bends: Sequence[ArrayLike] | None = None,
        tempo_map: TempoMap | None = None,
        pedal: ArrayLike | None = None,
    ) -> None:
        starts = np.atleast_1d(as_floats("onset", onset, NotesError))
        ends = np.atleast_1d(as_floats("offset", offset, NotesError))
        if starts.ndim != 1 or starts.shape != ends.shape:
            raise NotesError(
                f"onset and offset must have one shape (n,), not {starts.shape}, {ends.shape}"
            )
        if not (np.all(np.isfinite(ends)) and np.all(starts >= 0) and np.all(starts < ends)):
            raise NotesError("every note needs 0 <= onset < offset, in seconds")
        if tempo_map is not None:
            require_type("tempo_map", tempo_map, TempoMap, NotesError)
        n = starts.size
        pitches = as_integers("pitch", pitch, n, 0, 127)
        order = np.lexsort((pitches, starts))
        set_field = object.__setattr__  # the dataclass is frozen
        set_field(self, "onset", starts[order])
        set_field(self, "offset", ends[order])
        set_field(self, "pitch", pitches[order])
        set_field(self, "velocity", as_integers("velocity", velocity, n, 1, 127)[order])
        set_field(self, "program", as_integers("program", program, n, 0, 127)[order])
        set_field(self, "is_drum", as_integers("is_drum", is_drum, n, 0, 1)[order].astype(bool))
        set_field(self, "bends", as_bends(bends, order))
        set_field(self, "tempo_map", tempo_map)
        set_field(self, "pedal", as_pedal(pedal, self.program[~self.is_drum]))

    @classmethod
    def empty(cls, *, tempo_map: TempoMap | None = None) -> Notes:
        """Create a `Notes` object without notes."""
        return cls([], [], [], tempo_map=tempo_map)

    @classmethod
    def from_midi(
        cls, source: str | os.PathLike[str] | bytes | BinaryIO | pretty_midi.PrettyMIDI
    ) -> Notes:
        """Read a MIDI file from a path, bytes, a binary file, or a `PrettyMIDI` object.

        Programs, drums, tempo map, pedal (controller 64) and pitch bends with their range are
        read; instruments of the same program become one. A note-off ends the first of overlapping
        notes of its pitch and channel, and a note keeps the program with which it began.

        Files that break the standard are read as far as possible, with a `NotesWarning` that says
        what was mended: a file that is cut short, wrong lengths or counts, notes without an end
        (held until their key is played again, or to the end of the track), notes without length
        (left out; of drums, one tick long). The tracks of format 2 follow one another.

        Raises
        ------
        NotesError
            If it is not a MIDI file, nothing in it can be read, it lasts more than a day, or it has
            more than a million notes. The message names the file.
        """
        columns = midi_files.read(source)
        return cls(**columns._asdict())

    def to_midi(self, *, bars: Bars | None = None) -> pretty_midi.PrettyMIDI:
        """Convert to `PrettyMIDI`; times are rounded to ticks (480 per beat, fewer in long pieces).

        Other programs truncate overlapping notes of one pitch, and MIDI bends whole channels; so
        such notes, and bent ones, go to additional instruments of the same program. `from_midi`
        merges these again.

        Parameters
        ----------
        bars
            Bars on the beats of the tempo map, written as time signatures. MIDI has no pick-up: an
            incomplete first bar is written as one of the meter that its length amounts to.

        Raises
        ------
        NotesError
            If the notes last too many beats, or more than 32,766 instruments would be needed.
        """
        return midi_writing.to_pretty_midi(self, self.tempo_map, bars)

    def save(self, path: str | os.PathLike[str], *, bars: Bars | None = None) -> Path:
        """Write a MIDI file atomically; `bars` as in `to_midi`.

        Raises
        ------
        NotesError
            If the folder is missing or not writable.
        """
        return midi_files.write(self, self.tempo_map, path, bars)

    def to_pandas(self) -> pandas.DataFrame:
        """Convert to one row per note: onset, offset, pitch, velocity, program, is_drum.

        Raises
        ------
        MissingPartError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise MissingPartError("a table needs pandas: pip install pandas") from None
        names = ("onset", "offset", "pitch", "velocity", "program", "is_drum")
        return pd.DataFrame({name: getattr(self, name) for name in names})

    def render(self, *, sr: int = 22050, synth: str | None = None) -> Audio:
        """Synthesize the notes.

        Parameters
        ----------
        sr
            Sampling rate in Hz.
        synth
            `"fluidsynth"` (a General MIDI sound font), `"additive"` (mirlab's own synthesizer), or
            None: FluidSynth if it is installed, otherwise additive.

        Returns
        -------
        Audio
            One channel, peak -6 dBFS, including the release of the last note.

        Raises
        ------
        NotesError
            If there are no notes, or `synth` is unknown.
        MissingPartError
            If `synth` is `"fluidsynth"` and it is not installed.
        """
        return render(self, sr=sr, synth=synth)

    @property
    def intervals(self) -> np.ndarray:
        """Onsets and offsets as in mir_eval, shape `(n, 2)`, seconds."""
        return np.column_stack([self.onset, self.offset])

    @property
    def hz(self) -> np.ndarray:
        """Pitches in Hz (A4 = 440), shape `(n,)`, as in mir_eval."""
        return 440.0 * 2.0 ** ((self.pitch - 69) / 12)

    @property
    def duration(self) -> float:
        """End of the last note in seconds; 0 without notes."""
        return float(self.offset.max(initial=0.0))

    def bend_at(self, i: int, times: ArrayLike) -> np.ndarray:
        """Pitch bend of note `i` at `times` (seconds): semitones, same shape as `times`.

        Each point of the curve holds until the next; before the first point the bend is 0.

        >>> notes = Notes([0.0], [1.0], [60], bends=[[(0.2, 0.5), (0.6, -1.0)]])
        >>> notes.bend_at(0, [0.1, 0.2, 0.9])
        array([ 0. ,  0.5, -1. ])
        """
        t = as_floats("times", times, NotesError)
        if self.bends is None:
            return np.zeros(t.shape)
        rising, semitones = self.bends[i].T
        return np.r_[0.0, semitones][np.searchsorted(rising, t, side="right")]

    def with_tempo(self, tempo_map: TempoMap | None) -> Notes:
        """Replace the tempo map; times in seconds do not change."""
        return replace(self, tempo_map=tempo_map)

    def slice(self, start: float, end: float) -> Notes:
        """Select the notes with `start <= onset < end` (seconds); their times do not change."""
        first, last = as_float("start", start, NotesError), as_float("end", end, NotesError)
        return self[(self.onset >= first) & (self.onset < last)]

    def __getitem__(self, which: Any) -> Notes:
        """Select notes by mask, slice or index array; keeps tempo map and pedal."""
        indices = np.atleast_1d(np.arange(len(self))[which])
        bends = None if self.bends is None else [self.bends[i] for i in indices]
        programs = self.program[indices][~self.is_drum[indices]]
        pedal = None if self.pedal is None else self.pedal[np.isin(self.pedal[:, 2], programs)]
        return Notes(
            self.onset[indices],
            self.offset[indices],
            self.pitch[indices],
            self.velocity[indices],
            self.program[indices],
            self.is_drum[indices],
            bends=bends,
            tempo_map=self.tempo_map,
            pedal=pedal,
        )

    def __len__(self) -> int:
        return int(self.onset.size)

    def __repr__(self) -> str:
        if not len(self):
            return "Notes(no notes)"
        low, high = note_name(int(self.pitch.min())), note_name(int(self.pitch.max()))
        plural = "" if len(self) == 1 else "s"
        return f"Notes({len(self)} note{plural}, {low} to {high}, {self.duration:.3f} s)"

    def _repr_html_(self) -> str:
        if not len(self):
            return display.figure("no notes", "Notes")
        return display.notes_html(self, *self.render())

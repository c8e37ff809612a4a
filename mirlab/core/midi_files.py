"""Read and write MIDI files, without losing notes."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .bars import Bars
from .columns import NoteColumns
from .errors import NotesError, NotesWarning
from .files import atomic_write
from .midi_controllers import BEND_RANGE, PEDAL, bend_ranges, merge_pedal, part_of_curve
from .midi_events import MAX_BYTES, MidiEvents, read_events
from .midi_notes import note_columns
from .midi_writing import to_pretty_midi
from .tempo import TempoMap


class MidiColumns(NamedTuple):
    """Contents of a MIDI file, as the arguments of `Notes`."""

    onset: Sequence[float] | np.ndarray
    offset: Sequence[float] | np.ndarray
    pitch: Sequence[int] | np.ndarray
    velocity: Sequence[int] | np.ndarray
    program: Sequence[int] | np.ndarray
    is_drum: Sequence[bool] | np.ndarray
    bends: list[np.ndarray] | None
    tempo_map: TempoMap
    pedal: list[tuple[float, float, int]]


def read(source: Any) -> MidiColumns:
    """Read a path, bytes, a binary file or `PrettyMIDI`; see `Notes.from_midi`."""
    import pretty_midi

    if isinstance(source, pretty_midi.PrettyMIDI):
        return _from_pretty_midi(source)
    midi, name = _events(source)
    columns = MidiColumns(**note_columns(midi, name))
    if midi.mended:
        what = "; ".join(midi.mended)
        if not len(columns.onset):
            raise NotesError(f"{name}: holds no note that can be read ({what})")
        warnings.warn(f"{name}: {what}", NotesWarning, stacklevel=3)
    return columns


def read_meters(source: str | os.PathLike[str] | bytes) -> list[tuple[float, int, int]]:
    """Time signatures of a MIDI file: quarter notes since its start, numerator, denominator.

    Raises
    ------
    NotesError
        As `Notes.from_midi`.
    """
    midi, _ = _events(source)
    quarter = midi.ticks_per_beat or midi.ticks_per_second / 2  # of 120 in a minute
    return [(tick / quarter, upper, lower) for tick, upper, lower in sorted(midi.meters)]


def write(
    notes: NoteColumns,
    tempo_map: TempoMap | None,
    path: str | os.PathLike[str],
    bars: Bars | None = None,
) -> Path:
    """Write a MIDI file atomically; see `Notes.save`."""
    midi = to_pretty_midi(notes, tempo_map, bars)
    with atomic_write(path, error=NotesError) as temporary:
        midi.write(str(temporary))
    return Path(path)


def _events(source: Any) -> tuple[MidiEvents, str]:
    """Events of a path, bytes or a binary file, and its name for messages."""
    if isinstance(source, bytes | bytearray | memoryview):
        return read_events(bytes(source), "the bytes given"), "the bytes given"
    if hasattr(source, "read"):
        data = source.read(MAX_BYTES + 1)
        if isinstance(data, bytes):
            return read_events(data, "the file given"), "the file given"
    if not isinstance(source, str | os.PathLike):
        raise NotesError(
            "MIDI is read from a path, bytes, a binary file or a PrettyMIDI, "
            f"not from {type(source).__name__}"
        )
    return read_events(_file_bytes(Path(source)), str(source)), str(source)


def _file_bytes(path: Path) -> bytes:
    """Read a file, if it exists and is not too large to be MIDI."""
    if not path.exists():
        raise NotesError(f"{path}: there is no such file")
    if not path.is_file():
        raise NotesError(f"{path}: is not a file")
    if path.stat().st_size > MAX_BYTES:
        raise NotesError(f"{path}: is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        return path.read_bytes()
    except OSError as reason:
        raise NotesError(f"{path}: cannot be read ({reason.strerror})") from reason


def _from_pretty_midi(midi: Any) -> MidiColumns:
    """Collect the notes of a `PrettyMIDI`; instruments of the same program become one."""
    rows, bends, pedal = [], [], []
    end = max((instrument.get_end_time() for instrument in midi.instruments), default=0.0)
    for instrument in midi.instruments:
        program = int(instrument.program)
        controls = [
            (change.time, change.number, change.value)
            for change in sorted(instrument.control_changes, key=lambda change: change.time)
        ]
        ranges = bend_ranges(controls)
        scale = (ranges[-1][1] if ranges else BEND_RANGE) / 8192
        curve = np.array(sorted((b.time, b.pitch * scale) for b in instrument.pitch_bends))
        for note in instrument.notes:
            if note.end > note.start:
                rows.append(
                    (note.start, note.end, note.pitch, note.velocity, program, instrument.is_drum)
                )
                bends.append(part_of_curve(curve.reshape(-1, 2), note.start, note.end))
        if instrument.notes and not instrument.is_drum:
            values = [(time, value) for time, number, value in controls if number == PEDAL]
            pedal += [(a, b, program) for a, b in _pedal_times(values, end)]
    times, bpm = midi.get_tempo_changes()
    columns: list[Any] = [*zip(*rows, strict=True)] if rows else [()] * 6
    columns += [bends, TempoMap(times, bpm), merge_pedal(pedal)]
    return MidiColumns(*columns)


def _pedal_times(values: list[tuple[float, int]], end: float) -> list[tuple[float, float]]:
    """Intervals in which the pedal is at 64 or more; an open one lasts until `end`."""
    times, down = [], None
    for time, value in values:
        if value >= 64 and down is None:
            down = time
        elif value < 64 and down is not None:
            times.append((down, time))
            down = None
    if down is not None:
        times.append((down, end))
    return [(a, b) for a, b in times if b > a]

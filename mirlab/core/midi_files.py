"""Read and write MIDI files with pretty_midi, without losing notes."""

from __future__ import annotations

import io
import os
import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from . import midi_guard
from .columns import NoteColumns
from .errors import NotesError
from .files import atomic_write
from .tempo import TempoMap

RESOLUTIONS = (480, 240, 120, 60, 24)  # ticks per beat: the finest that stays under MAX_TICKS
BEND_RANGE = 2.0  # semitones of a full bend, MIDI's default
PEDAL, DATA_ENTRY, RPN_LOW, RPN_HIGH = 64, 6, 100, 101  # controller numbers


class MidiColumns(NamedTuple):
    """Contents of a MIDI file, as the arguments of `Notes`."""

    onset: Sequence[float]
    offset: Sequence[float]
    pitch: Sequence[int]
    velocity: Sequence[int]
    program: Sequence[int]
    is_drum: Sequence[bool]
    bends: list[np.ndarray]
    tempo_map: TempoMap
    pedal: list[tuple[float, float, int]]


def read(source: Any) -> MidiColumns:
    """Read a path, bytes or `PrettyMIDI`; see `Notes.from_midi`."""
    import pretty_midi

    if isinstance(source, pretty_midi.PrettyMIDI):
        return _from_pretty_midi(source)
    name = "the bytes given" if isinstance(source, bytes) else str(source)
    data = source if isinstance(source, bytes) else _file_bytes(Path(source))
    midi_guard.check_midi(data, name)
    try:
        return _from_pretty_midi(_parse(data))
    except NotesError as reason:
        raise NotesError(f"{name}: {reason}") from None
    except Exception as reason:  # on damaged bytes the parsers raise any kind of error
        raise NotesError(f"{name}: is a damaged MIDI file ({reason})") from reason


def write(notes: NoteColumns, tempo_map: TempoMap | None, path: str | os.PathLike[str]) -> Path:
    """Write a MIDI file atomically; see `Notes.save`."""
    midi = to_pretty_midi(notes, tempo_map)
    with atomic_write(path, error=NotesError) as temporary:
        midi.write(str(temporary))
    return Path(path)


def to_pretty_midi(notes: NoteColumns, tempo_map: TempoMap | None) -> Any:
    """Convert to `PrettyMIDI`, at 120 bpm without a tempo map; see `Notes.to_midi`."""
    import pretty_midi

    midi = _empty_midi(tempo_map or TempoMap(0, 120), notes.duration)
    start = np.array([midi.time_to_tick(t) for t in notes.onset], int)
    end = np.maximum([midi.time_to_tick(t) for t in notes.offset], start + 1)
    for program, is_drum in sorted({*zip(notes.program, notes.is_drum, strict=True)}):
        indices = np.flatnonzero((notes.program == program) & (notes.is_drum == is_drum))
        for track in _assign_tracks(indices, start, end, notes):
            instrument = pretty_midi.Instrument(int(program), bool(is_drum))
            for i in track:
                times = midi.tick_to_time(int(start[i])), midi.tick_to_time(int(end[i]))
                velocity, pitch = int(notes.velocity[i]), int(notes.pitch[i])
                instrument.notes.append(pretty_midi.Note(velocity, pitch, *times))
            _add_bends(instrument, notes, track, midi)
            if not is_drum:
                _add_pedal(instrument, notes, int(program))
            midi.instruments.append(instrument)
    return midi


def _file_bytes(path: Path) -> bytes:
    """Read a file, if it exists and is not too large to be MIDI."""
    if not path.exists():
        raise NotesError(f"{path}: there is no such file")
    if not path.is_file():
        raise NotesError(f"{path}: is not a file")
    if path.stat().st_size > midi_guard.MAX_BYTES:
        raise NotesError(f"{path}: is larger than {midi_guard.MAX_BYTES // 1_000_000} MB")
    try:
        return path.read_bytes()
    except OSError as reason:
        raise NotesError(f"{path}: cannot be read ({reason.strerror})") from reason


def _parse(data: bytes) -> Any:
    """Parse to `PrettyMIDI`; move all tempo events to the first track, as it expects."""
    import mido
    import pretty_midi

    file = mido.MidiFile(file=io.BytesIO(data), clip=True)
    timed = []
    for track in file.tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type == "set_tempo":
                timed.append((now, message))
    timed.sort(key=lambda item: item[0])
    tempo_track, before = mido.MidiTrack(), 0
    for now, message in timed:
        tempo_track.append(message.copy(time=now - before))
        before = now
    file.tracks = [tempo_track or mido.MidiTrack([mido.MetaMessage("end_of_track")])] + [
        track for track in file.tracks if track
    ]
    with warnings.catch_warnings():  # "tempo on another track", which is no longer true
        warnings.simplefilter("ignore", RuntimeWarning)
        return pretty_midi.PrettyMIDI(mido_object=file)


def _from_pretty_midi(midi: Any) -> MidiColumns:
    """Collect the notes of a `PrettyMIDI`; instruments of the same program become one."""
    rows, bends, pedal = [], [], []
    for instrument in midi.instruments:
        program = int(instrument.program)
        scale = _bend_range(instrument) / 8192
        curve = np.array([(b.time, b.pitch * scale) for b in instrument.pitch_bends])
        for note in instrument.notes:
            if note.end > note.start:
                rows.append(
                    (note.start, note.end, note.pitch, note.velocity, program, instrument.is_drum)
                )
                bends.append(_part_of_curve(curve.reshape(-1, 2), note.start, note.end))
        if instrument.notes and not instrument.is_drum:
            end = max(midi.get_end_time(), instrument.get_end_time())
            pedal += [(a, b, program) for a, b in _pedal_times(instrument, end)]
    times, bpm = midi.get_tempo_changes()
    columns: list[Any] = [*zip(*rows, strict=True)] if rows else [()] * 6
    columns += [bends, TempoMap(times, bpm), _merge_pedal(pedal)]
    return MidiColumns(*columns)


def _empty_midi(tempo_map: TempoMap, duration: float) -> Any:
    """Create a `PrettyMIDI` without notes, with this tempo map.

    The file stores tempi as whole microseconds per beat. pretty_midi truncates the fraction, so a
    small epsilon is added before. Each tempo change is rounded to the nearest tick, and its tempo
    is the one that reaches the next change in time.
    """
    import pretty_midi

    tempo_map = tempo_map.from_zero()
    total = max(duration, tempo_map.times[-1]) + 60.0
    beats = float(tempo_map.beats(total))
    fine = [r for r in RESOLUTIONS if r * beats < midi_guard.MAX_TICKS * 0.9]
    resolution = fine[0] if fine else RESOLUTIONS[-1]
    ticks = np.round(tempo_map.beats(tempo_map.times) * resolution).astype(int)
    scales, now = [], 0.0
    for i, tick in enumerate(ticks):
        if i + 1 < ticks.size and ticks[i + 1] > tick:
            beat = (tempo_map.times[i + 1] - now) * resolution / (ticks[i + 1] - tick)
        elif i + 1 < ticks.size:
            continue  # of two changes on one tick, use the later
        else:
            beat = 60.0 / tempo_map.bpm[i]
        micros = min(max(round(beat * 1e6), 1), 0xFFFFFF)
        scales.append((int(tick), (micros + 1e-6) * 1e-6 / resolution))
        if i + 1 < ticks.size:
            now += (ticks[i + 1] - tick) * scales[-1][1]
    midi = pretty_midi.PrettyMIDI(resolution=resolution)
    midi._tick_scales = scales  # pretty_midi has no public way to give it a tempo map
    midi._update_tick_to_time(max(int(beats * resolution), scales[-1][0] + 1))
    return midi


@dataclass
class _Track:
    """An instrument during assignment: its notes and, in ticks, when they end."""

    notes: list[int] = field(default_factory=list)
    end_of: dict[int, int] = field(default_factory=dict)  # pitch: end of its last note
    end: int = 0
    bend_end: int = 0


def _assign_tracks(
    indices: np.ndarray, start: np.ndarray, end: np.ndarray, notes: NoteColumns
) -> list[list[int]]:
    """Distribute notes over as few instruments as possible, so that none collide.

    Two notes of the same pitch must not overlap. A bent note must be the only one that sounds,
    since MIDI bends a whole channel.
    """
    tracks: list[_Track] = []
    for i in indices:
        bent = notes.bends is not None and len(notes.bends[i]) > 0
        pitch = int(notes.pitch[i])
        for track in tracks:
            busy = track.end if bent else max(track.bend_end, track.end_of.get(pitch, 0))
            if busy <= start[i]:
                break
        else:
            tracks.append(track := _Track())
        track.notes.append(int(i))
        track.end_of[pitch] = int(end[i])
        track.end = max(track.end, int(end[i]))
        if bent:
            track.bend_end = int(end[i])
    return [track.notes for track in tracks]


def _add_bends(instrument: Any, notes: NoteColumns, track: list[int], midi: Any) -> None:
    """Write the bend curves of a track's notes, and the bend range if it exceeds 2 semitones."""
    import pretty_midi

    if notes.bends is None or not any(len(notes.bends[i]) for i in track):
        return
    largest = max(np.abs(notes.bends[i][:, 1]).max(initial=0.0) for i in track)
    scale = BEND_RANGE
    if largest > BEND_RANGE:
        scale = float(min(np.ceil(largest), 24))
        # each on its own tick: on one tick pretty_midi would sort them by controller number
        for tick, (number, value) in enumerate(
            [(RPN_HIGH, 0), (RPN_LOW, 0), (DATA_ENTRY, int(scale))]
        ):
            change = pretty_midi.ControlChange(number, value, midi.tick_to_time(tick))
            instrument.control_changes.append(change)
    for i in track:
        curve = _part_of_curve(notes.bends[i], notes.onset[i], notes.offset[i])
        for time, bend in curve if len(curve) else [(notes.onset[i], 0.0)]:
            value = int(np.clip(round(bend / scale * 8192), -8192, 8191))
            instrument.pitch_bends.append(pretty_midi.PitchBend(value, time))


def _part_of_curve(curve: np.ndarray, start: float, end: float) -> np.ndarray:
    """Part of a bend curve between two times, with its value at the start; (0, 2) if all 0."""
    before = curve[curve[:, 0] <= start]
    inside = curve[(curve[:, 0] > start) & (curve[:, 0] < end)]
    first = before[-1, 1] if len(before) else 0.0
    part = np.vstack([[start, first], inside])
    part = part[np.r_[np.diff(part[:, 0]) > 0, True]]  # keep the last of simultaneous values
    return part if np.any(part[:, 1]) else np.empty((0, 2))


def _bend_range(instrument: Any) -> float:
    """Semitones of a full bend: registered parameter 0, or 2 if it is not set."""
    selected: dict[int, int] = {}
    semitones = BEND_RANGE
    for change in sorted(instrument.control_changes, key=lambda c: c.time):
        if change.number in (RPN_LOW, RPN_HIGH):
            selected[change.number] = change.value
        elif change.number == DATA_ENTRY and selected == {RPN_HIGH: 0, RPN_LOW: 0}:
            semitones = float(change.value)
    return semitones


def _add_pedal(instrument: Any, notes: NoteColumns, program: int) -> None:
    """Write the pedal events of a program."""
    import pretty_midi

    if notes.pedal is None:
        return
    for start, end, owner in notes.pedal:
        if owner == program:
            instrument.control_changes.append(pretty_midi.ControlChange(PEDAL, 127, start))
            instrument.control_changes.append(pretty_midi.ControlChange(PEDAL, 0, end))


def _pedal_times(instrument: Any, end: float) -> list[tuple[float, float]]:
    """Intervals in which controller 64 is 64 or more; an open one lasts until `end`."""
    times, down = [], None
    changes = (c for c in instrument.control_changes if c.number == PEDAL)
    for change in sorted(changes, key=lambda c: c.time):
        if change.value >= 64 and down is None:
            down = change.time
        elif change.value < 64 and down is not None:
            times.append((down, change.time))
            down = None
    if down is not None:
        times.append((down, end))
    return [(a, b) for a, b in times if b > a]


def _merge_pedal(pedal: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """Merge overlapping pedal intervals of each program, which its instruments repeat."""
    merged: dict[int, list[list[float]]] = defaultdict(list)
    for start, end, program in sorted(pedal):
        intervals = merged[program]
        if intervals and start < intervals[-1][1]:
            intervals[-1][1] = max(intervals[-1][1], end)
        else:
            intervals.append([start, end])
    return [(a, b, program) for program, times in merged.items() for a, b in times]

"""Read the events of a Standard MIDI File as tolerantly as players do.

Many files break the standard, and players play them: meta events have the wrong size, running
status goes on after them, chunks of other programs lie between the tracks, lengths are wrong. Text
and unknown meta events are skipped unread. What had to be mended is listed in words. Sizes are
bounded before memory is taken, so that no file can exhaust it.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np

from .errors import NotesError

MAX_BYTES = 64_000_000
MAX_EVENTS = 2_200_000  # a million notes, and what goes with them
MAX_NOTES = 1_000_000
FRAMES = {24: 24.0, 25: 25.0, 29: 30_000 / 1001, 30: 30.0}  # SMPTE frames a second, by their name
SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}  # data bytes of messages that files should not hold
END_OF_TRACK, TEMPO, METER = 0x2F, 0x51, 0x58  # types of meta events

CUT_SHORT = "is cut short"
WRONG_LENGTH = "the length of a track is wrong"


@dataclass(eq=False)
class MidiEvents:
    """Channel messages of all tracks, in the order of the file, and what times them.

    Parameters
    ----------
    kind
        Format of the file: 0, 1, or 2 (tracks that follow one another).
    ticks_per_beat, ticks_per_second
        One is positive, the other 0: SMPTE division counts seconds, whatever the tempo.
    track, tick, status, first, second
        Index of the track, time, status byte and data bytes of each message. Shape `(n,)`.
    tempi
        Tick and microseconds per beat of each tempo.
    meters
        Tick, numerator and denominator of each time signature.
    ends
        Tick of the end of each track.
    mended
        What did not follow the standard and was mended, in words.
    """

    kind: int
    ticks_per_beat: int
    ticks_per_second: float
    track: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    tick: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    status: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    first: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    second: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    tempi: list[tuple[int, int]] = field(default_factory=list)
    meters: list[tuple[int, int, int]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)

    def mend(self, remark: str) -> None:
        """Note what was mended, once."""
        if remark not in self.mended:
            self.mended.append(remark)


class _TrackReader:
    """Reads tracks one by one; keeps what goes on from one to the next."""

    def __init__(self, midi: MidiEvents, name: str) -> None:
        self.midi = midi
        self.name = name
        self.packed: list[array[int]] = []  # messages of each track: tick, status and data
        self.status = 0  # of the previous message
        self.events_left = MAX_EVENTS

    def read(self, track: bytes, offset: int) -> tuple[int, bool]:
        """Read a track whose time 0 is tick `offset`; return how far, and whether it ended."""
        messages = array("q")
        self.packed.append(messages)
        position, self.tick, self.began, ended = 0, offset, False, False
        try:
            while position < len(track) and not ended:
                delta, position = _number(track, position)
                self.tick += delta
                position, ended = self._event(track, position, messages)
                self.events_left -= 1
                if self.events_left < 0:
                    raise NotesError(f"{self.name}: holds more than {MAX_EVENTS:,} events")
        except IndexError:
            self.midi.mend(CUT_SHORT)
            position = len(track)
        except OverflowError:  # of the packed messages, which have 39 bits for a tick
            raise NotesError(f"{self.name}: is too long ({self.tick} ticks)") from None
        except _DamagedTrackError as reason:
            self.midi.mend(f"{reason}; the rest of the track is left out")
        self.midi.ends.append(self.tick)
        return position, ended

    def _event(self, track: bytes, position: int, messages: array[int]) -> tuple[int, bool]:
        """Read an event; return where it ends, and whether it is the end of the track."""
        status = track[position]
        if status < 0x80:
            status = self.status
            if not status:
                raise _DamagedTrackError("a track holds data without a status byte")
            if not self.began:
                self.midi.mend("a track begins without a status byte and takes the one before")
        else:
            position += 1
        if status >= 0xF0:
            return self._system_event(status, track, position)
        self.status, self.began = status, True
        first, second = track[position], 0
        position += 1
        if not 0xC0 <= status < 0xE0:
            second = track[position]
            position += 1
        if first > 127 or second > 127:
            self.midi.mend("messages with data over 127 are clipped or left out")
            second = min(second, 127)
        if first <= 127:
            messages.append(self.tick << 24 | status << 16 | first << 8 | second)
        return position, False

    def _system_event(self, status: int, track: bytes, position: int) -> tuple[int, bool]:
        """Read a meta or system event, which does not end running status."""
        if status == 0xFF:
            kind = track[position]
            length, position = _number(track, position + 1)
        elif status in (0xF0, 0xF7):
            kind = -1
            length, position = _number(track, position)
        else:
            self.midi.mend("messages that MIDI files do not have are skipped")
            return position + SYSTEM_BYTES.get(status, 0), False
        end = position + length
        if end > len(track):
            raise IndexError
        if kind == TEMPO:
            tempo = int.from_bytes(track[position : position + 3], "big")
            if length < 3 or tempo == 0:
                self.midi.mend("a tempo that is no tempo is ignored")
            else:
                self.midi.tempi.append((self.tick, tempo))
        elif kind == METER and length >= 2:
            self.midi.meters.append((self.tick, track[position], 2 ** track[position + 1]))
        return end, kind == END_OF_TRACK


class _DamagedTrackError(Exception):
    """Bytes that are no event: the rest of the track cannot be read."""


def read_events(data: bytes, name: str) -> MidiEvents:
    """Read all tracks of a MIDI file, or of the MIDI file in a RIFF file (`.rmi`).

    Raises
    ------
    NotesError
        If it is not a MIDI file, has no track or no division of time, or is too large.
    """
    # a RIFF file has its own chunks before it, an old Macintosh file 128 bytes
    riff = data[:4] == b"RIFF" and data[8:12] == b"RMID"
    start = data.find(b"MThd", 0, len(data) if riff else 256)
    if start < 0 or len(data) < start + 14:
        raise NotesError(f"{name}: is not a MIDI file")
    if len(data) > MAX_BYTES:
        raise NotesError(f"{name}: is larger than {MAX_BYTES // 1_000_000} MB")
    size, kind, count, division = (
        int.from_bytes(data[start + a : start + b], "big")
        for a, b in ((4, 8), (8, 10), (10, 12), (12, 14))
    )
    midi = MidiEvents(kind, *_division(division, name))
    if kind > 2:
        midi.mend(f"its format is {kind}, read as 1")
    if kind == 2:
        midi.mend("its patterns (format 2) follow one another")
    reader = _TrackReader(midi, name)
    _read_tracks(data, start + 8 + max(size, 6), reader)
    found = len(midi.ends)
    if not found:
        raise NotesError(f"{name}: holds no track")
    if found != count:
        midi.mend(f"its header counts {count} tracks, {found} are there")
    _unpack(midi, reader.packed)
    return midi


def _division(division: int, name: str) -> tuple[int, float]:
    """Ticks per beat and per second; one of them is 0."""
    if division & 0x8000:
        frames, ticks = FRAMES.get(256 - (division >> 8), 0.0), division & 0xFF
        if frames and ticks:
            return 0, frames * ticks
    elif division:
        return division, 0.0
    raise NotesError(f"{name}: its division of time is damaged ({division:#06x})")


def _read_tracks(data: bytes, position: int, reader: _TrackReader) -> None:
    """Read every track after `position`, whatever the header counts; skip other chunks."""
    midi = reader.midi
    while len(data) >= position + 8:
        name = data[position : position + 4]
        start = position + 8
        end = start + int.from_bytes(data[position + 4 : start], "big")
        if name == b"MThd":
            midi.mend("a second MIDI file follows and is left out")
            return
        if name != b"MTrk":
            known = _begins_chunk(data, position) and end <= len(data)
            position = end if known else _next_track(data, position + 1)
            continue
        declared = end <= len(data) and _begins_chunk(data, end)
        if not declared:
            end = _next_track(data, start)
        offset = midi.ends[-1] if midi.kind == 2 and midi.ends else 0
        used, ended = reader.read(data[start:end], offset)
        position = end
        if not ended:
            midi.mend("a track has no end" if declared else CUT_SHORT)
        elif not declared or data[start + used : end].startswith(b"MTrk"):
            midi.mend(WRONG_LENGTH)
            position = _next_track(data, start + used)
        elif data[start + used : end].strip(b"\0"):
            midi.mend("events after the end of a track are left out")


def _begins_chunk(data: bytes, position: int) -> bool:
    """Whether a chunk can begin here: a name of letters, or nothing but the end of the file."""
    name = data[position : position + 4]
    return (
        len(name) < 4 or not name.strip(b"\0") or (name.isascii() and name.decode().isprintable())
    )


def _next_track(data: bytes, position: int) -> int:
    """Position of the next track, or the end of the file."""
    found = data.find(b"MTrk", position)
    return len(data) if found < 0 else found


def _number(data: bytes, position: int) -> tuple[int, int]:
    """Read a variable-length number of at most four bytes; return it and where it ends."""
    value = data[position]
    if value < 0x80:
        return value, position + 1
    value &= 0x7F
    for i in range(position + 1, position + 4):
        value = value << 7 | data[i] & 0x7F
        if data[i] < 0x80:
            return value, i + 1
    raise _DamagedTrackError("a number is longer than MIDI allows")


def _unpack(midi: MidiEvents, packed: list[array[int]]) -> None:
    """Put the messages of all tracks into arrays."""
    messages = np.concatenate([np.frombuffer(track, np.int64) for track in packed])
    midi.track = np.repeat(np.arange(len(packed)), [len(track) for track in packed])
    midi.tick = messages >> 24
    midi.status = messages >> 16 & 0xFF
    midi.first = messages >> 8 & 0xFF
    midi.second = messages & 0xFF

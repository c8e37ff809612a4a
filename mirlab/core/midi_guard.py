"""Check a MIDI file before it is parsed, so that no file can exhaust the memory.

Parsers trust the file: a delta time of 2^31 ticks becomes an array of that length.
"""

from __future__ import annotations

from .errors import NotesError

MAX_BYTES = 8_000_000
MAX_EVENTS = 400_000  # an hour of the densest piano music has a tenth of that
MAX_TICKS = 10_000_000  # pretty_midi refuses more, but only after it has allocated them

# Data bytes after each channel status 0x80, 0x90, ... 0xE0.
DATA_BYTES = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}


def check_midi(data: bytes, name: str) -> None:
    """Check the structure and the size of a MIDI file in one pass.

    Raises
    ------
    NotesError
        If it is not a MIDI file, is truncated, or is too large; the message names the file.
    """
    if data[:4] != b"MThd" or len(data) < 14:
        raise NotesError(f"{name}: is not a MIDI file")
    if len(data) > MAX_BYTES:
        raise NotesError(f"{name}: is larger than {MAX_BYTES // 1_000_000} MB")
    kind = int.from_bytes(data[8:10], "big")
    tracks = int.from_bytes(data[10:12], "big")
    division = int.from_bytes(data[12:14], "big")
    if kind > 1:
        raise NotesError(f"{name}: MIDI of type {kind} (unrelated patterns) is not read")
    if division == 0 or division & 0x8000:
        raise NotesError(f"{name}: uses SMPTE time division; ticks per beat are needed")
    if tracks == 0:
        raise NotesError(f"{name}: holds no track")
    position = 8 + int.from_bytes(data[4:8], "big")
    events = 0
    try:
        for _ in range(tracks):
            position, count = _check_track(data, position, name, MAX_EVENTS - events)
            events += count
    except IndexError:
        raise NotesError(f"{name}: is cut short") from None


def _check_track(data: bytes, position: int, name: str, events_left: int) -> tuple[int, int]:
    """Check one track; return the position of its end and its number of events."""
    if len(data) < position + 8:
        raise NotesError(f"{name}: is cut short")
    if data[position : position + 4] != b"MTrk":
        raise NotesError(f"{name}: a track has no header")
    end = position + 8 + int.from_bytes(data[position + 4 : position + 8], "big")
    if end > len(data):
        raise NotesError(f"{name}: is cut short")
    position += 8
    ticks = events = status = 0
    while position < end:
        delta, position = _number(data, position, name)
        ticks += delta
        events += 1
        if ticks > MAX_TICKS or events > events_left:
            raise NotesError(f"{name}: is too long ({ticks} ticks, {events} events)")
        if data[position] & 0x80:
            status = data[position]
            position += 1
        position = _skip_event(data, position, status, name)
    if position != end:
        raise NotesError(f"{name}: a track ends in the middle of an event")
    return position, events


def _skip_event(data: bytes, position: int, status: int, name: str) -> int:
    """Position of the end of the event with this status."""
    if status >> 4 in DATA_BYTES:
        return position + DATA_BYTES[status >> 4]
    if status == 0xFF:
        length, position = _number(data, position + 1, name)
    elif status in (0xF0, 0xF7):
        length, position = _number(data, position, name)
    else:
        raise NotesError(f"{name}: holds an event that MIDI files do not have ({status:#04x})")
    return position + length


def _number(data: bytes, position: int, name: str) -> tuple[int, int]:
    """Read a variable-length number of at most four bytes; return it and its end position."""
    value = 0
    for i in range(position, position + 4):
        value = value << 7 | data[i] & 0x7F
        if data[i] < 0x80:
            return value, i + 1
    raise NotesError(f"{name}: holds a number longer than MIDI allows")

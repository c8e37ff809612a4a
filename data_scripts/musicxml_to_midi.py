"""Convert MusicXML to the MIDI files of the training scores, byte for byte the same every time.

A track holds the tempi, meters and keys; then follows a track for each part and staff, with its
name, its program, notes and lyrics. Transposition is applied, ties are joined, repeats and endings
unfolded (but no da capo), and dynamics give the velocities. Grace notes, cue notes and ornaments
are left out. The first tempo is 100 where the score has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from data_scripts.musicxml_scores import (
    UNIT,
    Instrument,
    Measure,
    PartReader,
    parse,
    part_name,
    play_order,
)

TICKS = 480  # per quarter note in the file
DEFAULT_TEMPO = 100.0
DRUM_CHANNEL = 10
SHORTEST = 30  # ticks, of a note whose length is 0


@dataclass
class Track:
    """The notes (start, end, pitch, velocity) and lyrics of a staff, in units."""

    name: str
    instrument: Instrument
    notes: list[list[int]] = field(default_factory=list)
    lyrics: list[tuple[int, str]] = field(default_factory=list)


def convert(data: bytes, title: str = "") -> bytes:
    """Convert a MusicXML file, compressed or not, to a MIDI file.

    Raises
    ------
    ValueError
        If the file is no MusicXML or has no part.
    """
    root = parse(data)
    parts = root.findall("part")
    if not parts:
        raise ValueError("the file has no part")
    order = play_order(parts[0].findall("measure"))
    names = {part.get("id"): part_name(part) for part in root.iter("score-part")}
    lengths: dict[int, int] = {}
    default_lengths: dict[int, int] = {}
    read = []
    for index, part in enumerate(parts):
        name, instruments = names.get(part.get("id"), ("", {}))
        reader = PartReader(instruments, first=index == 0)
        measures = []
        for i, element in enumerate(part.findall("measure")):
            measures.append(reader.measure(element))
            lengths[i] = max(lengths.get(i, 0), measures[-1].length)
            default_lengths.setdefault(i, reader.bar)
        read.append((name or f"Part {index + 1}", measures))
    starts, position = [], 0
    for i in order:
        starts.append(position)
        position += lengths.get(i) or default_lengths.get(i, 4 * UNIT)
    bars = list(zip(order, starts, strict=True))
    return _midi_file(read, bars, title)


def _midi_file(
    parts: Sequence[tuple[str, list[Measure]]], bars: Sequence[tuple[int, int]], title: str
) -> bytes:
    """The bytes of the MIDI file."""
    tracks = [track for name, measures in parts for track in _tracks(name, measures, bars)]
    channels: dict[int, int] = {}
    free = [channel for channel in range(16) if channel != DRUM_CHANNEL - 1]
    chunks = [_conductor(parts, bars, title)]
    for track in tracks:
        program = track.instrument.program
        if track.instrument.channel == DRUM_CHANNEL:
            channel = DRUM_CHANNEL - 1
        else:
            channel = channels.setdefault(program, free[len(channels) % len(free)])
        chunks.append(_track_chunk(track, channel))
    head = b"MThd" + (6).to_bytes(4, "big") + (1).to_bytes(2, "big")
    head += len(chunks).to_bytes(2, "big") + TICKS.to_bytes(2, "big")
    return head + b"".join(chunks)


def _tracks(name: str, measures: Sequence[Measure], bars: Sequence[tuple[int, int]]) -> list[Track]:
    """A track for each staff of a part, sorted by staff, with tied notes joined."""
    staves: dict[str, Track] = {}
    held: dict[int, list[int]] = {}  # notes with an open tie, by pitch
    for i, bar in bars:
        if i >= len(measures):
            continue
        for note in sorted(measures[i].notes, key=lambda note: note.start):
            track = staves.setdefault(note.staff, Track(name, note.instrument))
            start, end = bar + note.start, bar + note.start + note.length
            before = held.get(note.pitch) if note.continues else None
            if before is not None and before[1] == start:
                before[1] = end
                if not note.tied:
                    del held[note.pitch]
                continue
            row = [start, end, note.pitch, note.velocity]
            track.notes.append(row)
            if note.tied:
                held[note.pitch] = row
            if note.lyric:
                track.lyrics.append((start, note.lyric))
    for staff, track in staves.items():
        track.name += f" [staff {staff}]" if len(staves) > 1 else ""
    return [staves[staff] for staff in sorted(staves)]


def _conductor(
    parts: Sequence[tuple[str, list[Measure]]], bars: Sequence[tuple[int, int]], title: str
) -> bytes:
    """The track of title, tempi, meters and keys."""
    tempi: dict[int, float] = {}
    meters: dict[int, tuple[int, int]] = {}
    keys: dict[int, tuple[int, str]] = {}
    for _, measures in parts:
        for i, bar in bars:
            if i < len(measures):
                for start, bpm in measures[i].tempi:
                    tempi.setdefault(bar + start, bpm)
                meters |= {bar + start: (beats, unit) for start, beats, unit in measures[i].meters}
                keys |= {bar + start: (fifths, mode) for start, fifths, mode in measures[i].keys}
    if not tempi or min(tempi) > 0:
        early = bool(tempi) and min(tempi) < 4 * UNIT
        tempi[0] = tempi[min(tempi)] if early else DEFAULT_TEMPO
    events = [(0, 0, _meta(3, title.encode()[:120]))]
    for at, bpm in tempi.items():
        if bpm > 0:
            data = min(0xFFFFFF, int(6e7 / bpm)).to_bytes(3, "big")
            events.append((_tick(at), 2, _meta(0x51, data)))
    for at, (beats, unit) in meters.items():
        if unit in (1, 2, 4, 8, 16, 32, 64) and 0 < beats < 256:
            data = bytes([beats, unit.bit_length() - 1, 24, 8])
            events.append((_tick(at), 1, _meta(0x58, data)))
    for at, (fifths, mode) in keys.items():
        if -7 <= fifths <= 7:
            events.append((_tick(at), 1, _meta(0x59, bytes([fifths & 255, mode == "minor"]))))
    return _chunk(events)


def _track_chunk(track: Track, channel: int) -> bytes:
    """The notes and lyrics of a track."""
    program = max(0, min(127, track.instrument.program))
    events = [(0, 0, _meta(3, track.name.encode())), (0, 1, bytes([0xC0 | channel, program]))]
    seen = set()
    for start, end, pitch, velocity in track.notes:
        on, off = _tick(start), _tick(end)
        if (on, pitch) in seen:
            continue
        seen.add((on, pitch))
        off = off if off > on else on + SHORTEST
        events.append((on, 4, bytes([0x90 | channel, pitch, velocity])))
        events.append((off, 2, bytes([0x80 | channel, pitch, 0])))
    events += [(_tick(at), 3, _meta(5, text.encode())) for at, text in track.lyrics]
    return _chunk(events)


def _tick(position: int) -> int:
    """Units to ticks."""
    return round(position * TICKS / UNIT)


def _meta(kind: int, data: bytes) -> bytes:
    """A meta event."""
    return bytes([0xFF, kind]) + _variable(len(data)) + data


def _variable(number: int) -> bytes:
    """A number of variable length."""
    digits = [number & 127]
    while number := number >> 7:
        digits.append((number & 127) | 128)
    return bytes(reversed(digits))


def _chunk(events: list[tuple[int, int, bytes]]) -> bytes:
    """A track chunk of events (tick, order at the same tick, message)."""
    data, before = bytearray(), 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        data += _variable(tick - before) + message
        before = tick
    data += b"\0" + _meta(0x2F, b"")
    return b"MTrk" + len(data).to_bytes(4, "big") + bytes(data)

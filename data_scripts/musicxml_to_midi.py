"""Convert MusicXML to the MIDI files of the training scores, byte for byte the same every time.

A track holds the tempi, meters and keys; then follows a track for each part and staff, with its
name, its program, notes and lyrics. Transposition is applied, ties are joined, repeats and endings
unfolded (but no da capo), and dynamics give the velocities. Grace notes, cue notes and ornaments
are left out. The first tempo is 100 where the score has none.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

UNIT = 10080  # positions per quarter note while reading, divisible by every usual division
TICKS = 480  # per quarter note in the file
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
# fmt: off
VELOCITIES = {
    "pppp": 20, "ppp": 28, "pp": 38, "p": 50, "mp": 62, "mf": 74, "f": 88, "ff": 102, "fff": 114,
    "ffff": 122, "sf": 100, "sfz": 100, "fz": 98, "fp": 84, "sfp": 90, "rf": 92, "rfz": 92,
}
# fmt: on
DEFAULT_VELOCITY = 74
DEFAULT_TEMPO = 100.0
DRUM_CHANNEL = 10
MOST_BARS = 20_000  # of an unfolded piece
SHORTEST = 30  # ticks, of a note whose length is 0


class Instrument(NamedTuple):
    """A MIDI instrument of a part; `pitch` + 1 is that of an unpitched one, 0 for none."""

    program: int = 0
    channel: int = 1
    pitch: int = 0


class ScoreNote(NamedTuple):
    """A written note; positions in units since the start of its measure."""

    start: int
    length: int
    pitch: int
    velocity: int
    staff: str
    instrument: Instrument
    tied: bool
    continues: bool
    lyric: str | None


@dataclass
class Measure:
    """A measure of a part: its notes, and what changes in it, by position."""

    notes: list[ScoreNote] = field(default_factory=list)
    tempi: list[tuple[int, float]] = field(default_factory=list)
    meters: list[tuple[int, int, int]] = field(default_factory=list)
    keys: list[tuple[int, int, str]] = field(default_factory=list)
    length: int = 0


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
    root = _parse(data)
    parts = root.findall("part")
    if not parts:
        raise ValueError("the file has no part")
    order = play_order(parts[0].findall("measure"))
    names = {part.get("id"): _part_name(part) for part in root.iter("score-part")}
    lengths: dict[int, int] = {}
    default_lengths: dict[int, int] = {}
    read = []
    for index, part in enumerate(parts):
        name, instruments = names.get(part.get("id"), ("", {}))
        reader = _PartReader(instruments, first=index == 0)
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


def _parse(data: bytes) -> Element:
    """The root of a MusicXML file, without namespaces."""
    if data[:2] == b"PK":
        data = _unpack(data)
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as reason:
        raise ValueError(f"the file is no XML: {reason}") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _unpack(data: bytes) -> bytes:
    """The score in a compressed MusicXML file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        try:
            container = ElementTree.fromstring(archive.read("META-INF/container.xml"))
            listed = [e.get("full-path") for e in container.iter() if e.tag.endswith("rootfile")]
        except (KeyError, ElementTree.ParseError):
            listed = []
        scores = [name for name in names if name.endswith(".xml") and "META-INF" not in name]
        main = next((name for name in listed if name in names), None) or next(iter(scores), None)
        if main is None:
            raise ValueError("the archive has no score")
        return archive.read(main)


def play_order(measures: Sequence[Element]) -> list[int]:
    """Indices of the measures in the order of playing, with repeats and endings unfolded."""
    marks = list(_marks(measures))
    order: list[int] = []
    i, start, turn = 0, 0, 1
    for _ in range(MOST_BARS):
        if i >= len(marks):
            break
        forward, times, ending = marks[i]
        if forward and i != start:
            start, turn = i, 1
        if ending and turn not in ending:
            i += 1
            continue
        order.append(i)
        if times:
            last = max(max(ending) + 1, 2) if ending else times
            if turn < last:
                turn, i = turn + 1, start
                continue
            turn, start = 1, i + 1
        i += 1
    return order


def _marks(measures: Sequence[Element]) -> Iterator[tuple[bool, int, list[int] | None]]:
    """Of each measure: whether a repeat begins, how often it is played, numbers of its ending."""
    ending: list[int] | None = None
    for measure in measures:
        forward, times, stops = False, 0, False
        for line in measure.findall("barline"):
            repeat, mark = line.find("repeat"), line.find("ending")
            if repeat is not None and repeat.get("direction") == "forward":
                forward = True
            elif repeat is not None:
                times = int(_number(repeat.get("times"), 2)) or 2
            if mark is not None and mark.get("type") == "start":
                ending = [int(n) for n in re.findall(r"\d+", mark.get("number") or "")] or [1]
            elif mark is not None and mark.get("type") in ("stop", "discontinue"):
                stops = True
        yield forward, times, ending
        if stops:
            ending = None


def _part_name(part: Element) -> tuple[str, dict[str | None, Instrument]]:
    """The name of a part and its instruments by their identifiers."""
    name = (part.findtext("part-name") or "").strip().replace("\n", " ")
    return name, {
        sound.get("id"): Instrument(
            int(_number(sound.findtext("midi-program"), 1)) - 1,
            int(_number(sound.findtext("midi-channel"), 1)),
            int(_number(sound.findtext("midi-unpitched"), 0)),
        )
        for sound in part.findall("midi-instrument")
    }


class _PartReader:
    """Read the measures of a part one after the other; what was set before still holds."""

    def __init__(self, instruments: dict[str | None, Instrument], *, first: bool) -> None:
        self.instruments, self.first = instruments, first
        self.divisions, self.transposition, self.bar = 1, 0, 4 * UNIT
        self.velocity = DEFAULT_VELOCITY
        self.of_staff: dict[str, int] = {}  # velocities of single staves

    def measure(self, element: Element) -> Measure:
        """Read a measure."""
        found = Measure()
        position, chord = 0, 0  # of the next note, and of the chord that may go on
        for part in element:
            if part.tag == "attributes":
                self._attributes(part, found, position)
            elif part.tag == "backup":
                position -= self._duration(part)
            elif part.tag == "forward":
                position += self._duration(part)
                found.length = max(found.length, position)
            elif part.tag in ("direction", "sound"):
                self._direction(part, found, position)
            elif part.tag == "note" and part.find("grace") is None:
                start = chord if part.find("chord") is not None else position
                if part.find("chord") is None:
                    chord, position = position, position + self._duration(part)
                    found.length = max(found.length, position)
                note = self._note(part, start)
                if note is not None:
                    found.notes.append(note)
        return found

    def _duration(self, element: Element) -> int:
        """Duration in units."""
        return int(_number(element.findtext("duration"))) * UNIT // self.divisions

    def _attributes(self, element: Element, found: Measure, position: int) -> None:
        """Read divisions, key, meter and transposition."""
        divisions = element.findtext("divisions")
        if divisions:
            self.divisions = int(_number(divisions, 1)) or 1
        key, time = element.find("key"), element.find("time")
        if self.first and key is not None and key.findtext("fifths") is not None:
            mode = key.findtext("mode") or "major"
            found.keys.append((position, int(_number(key.findtext("fifths"))), mode))
        if time is not None and time.findtext("beats"):
            beats = sum(int(n) for n in re.findall(r"\d+", time.findtext("beats") or ""))
            unit = int(_number(time.findtext("beat-type")))
            if unit > 0:
                self.bar = beats * 4 * UNIT // unit
                if self.first:
                    found.meters.append((position, beats, unit))
        transpose = element.find("transpose")
        if transpose is not None:
            octaves = int(_number(transpose.findtext("octave-change")))
            self.transposition = int(_number(transpose.findtext("chromatic"))) + 12 * octaves

    def _direction(self, element: Element, found: Measure, position: int) -> None:
        """Read tempi and dynamics."""
        offset = int(_number(element.findtext("offset"))) * UNIT // self.divisions
        for sound in [element] if element.tag == "sound" else element.findall("sound"):
            if sound.get("tempo"):
                found.tempi.append((max(0, position + offset), _number(sound.get("tempo"))))
        if element.tag != "direction":
            return
        staff = element.findtext("staff")
        for mark in (mark for dynamics in element.iter("dynamics") for mark in dynamics):
            if mark.tag in VELOCITIES and staff:
                self.of_staff[staff] = VELOCITIES[mark.tag]
            elif mark.tag in VELOCITIES:
                self.velocity, self.of_staff = VELOCITIES[mark.tag], {}

    def _note(self, element: Element, start: int) -> ScoreNote | None:
        """Read a note; None for a rest, a cue note or one without pitch."""
        if element.find("rest") is not None or element.find("cue") is not None:
            return None
        played = element.find("instrument")
        instrument: Instrument | None
        if played is not None:
            instrument = self.instruments.get(played.get("id"))
        else:
            instrument = next(iter(self.instruments.values()), None)
        instrument = instrument or Instrument()
        pitch = self._pitch(element.find("pitch"), instrument)
        if pitch is None or not 0 <= pitch <= 127:
            return None
        staff = element.findtext("staff") or "1"
        ties = {tie.get("type") for tie in element.findall("tie")}
        return ScoreNote(
            start,
            self._duration(element),
            pitch,
            self.of_staff.get(staff, self.velocity),
            staff,
            instrument,
            "start" in ties,
            "stop" in ties,
            _lyric(element.find("lyric")),
        )

    def _pitch(self, pitch: Element | None, instrument: Instrument) -> int | None:
        """MIDI number of a pitch, or of an unpitched instrument; None if there is none."""
        if pitch is None:
            return instrument.pitch - 1 if instrument.pitch else None
        octave = int(pitch.findtext("octave") or 0)
        step = STEPS[pitch.findtext("step") or ""]
        return 12 * (octave + 1) + step + int(_number(pitch.findtext("alter"))) + self.transposition


def _lyric(lyric: Element | None) -> str | None:
    """The syllable of a note, with a hyphen if the word goes on."""
    text = None if lyric is None else lyric.findtext("text")
    if lyric is None or not text:
        return None
    return text + ("-" if lyric.findtext("syllabic") in ("begin", "middle") else "")


def _number(text: str | None, default: float = 0) -> float:
    """A number, or the default where there is none."""
    try:
        return float(text or "")
    except ValueError:
        return default


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

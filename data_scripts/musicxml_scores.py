"""Read MusicXML for `musicxml_to_midi`: measures with notes, tempi, meters, keys; and their order.

Transposition and dynamics are applied; grace notes, cue notes and ornaments are left out.
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
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
# fmt: off
VELOCITIES = {
    "pppp": 20, "ppp": 28, "pp": 38, "p": 50, "mp": 62, "mf": 74, "f": 88, "ff": 102, "fff": 114,
    "ffff": 122, "sf": 100, "sfz": 100, "fz": 98, "fp": 84, "sfp": 90, "rf": 92, "rfz": 92,
}
# fmt: on
DEFAULT_VELOCITY = 74
MOST_BARS = 20_000  # of an unfolded piece


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


def parse(data: bytes) -> Element:
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


def part_name(part: Element) -> tuple[str, dict[str | None, Instrument]]:
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


class PartReader:
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

"""Read the notes of a MusicXML file that mirlab wrote."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def read_back(path: Path) -> list[tuple[Fraction, Fraction, int]]:
    """Read (start, length, MIDI number) in beats, ties joined; assert that every bar is full."""
    root = ElementTree.parse(path).getroot()
    (part,) = root.findall("part")
    beats = Fraction(0)
    divisions = int(root.findtext(".//divisions", ""))
    ties: dict[tuple[Fraction, str, int], tuple[Fraction, Fraction]] = {}
    found = []
    bar = Fraction(0)
    for number, measure in enumerate(part.findall("measure")):
        if (time := measure.find("attributes/time")) is not None:
            beats = Fraction(time.findtext("beats", "")) * 4 / int(time.findtext("beat-type", ""))
        now = last = longest = bar
        for element in measure:
            length = Fraction(int(element.findtext("duration", "0")), divisions)
            if element.tag == "backup":
                now -= length
            elif element.tag == "note":
                start = last if element.find("chord") is not None else now
                last, now = start, start + length
                longest = max(longest, now)
                if element.find("rest") is not None:
                    continue
                kinds = {tie.get("type") for tie in element.findall("tie")}
                midi = midi_number(element)
                voice = element.findtext("voice", "1")
                staff = element.findtext("staff", "1")
                assert voice in (("1", "2") if staff == "1" else ("5", "6"))
                if "stop" in kinds:
                    start, before = ties.pop((start, voice, midi))
                    length += before
                if "start" in kinds:
                    ties[start + length, voice, midi] = start, length
                else:
                    found.append((start, length, midi))
        full = measure.get("implicit") != "yes"
        assert longest - bar == beats if full else (number == 0 and 0 < longest - bar < beats)
        bar = longest
    assert not ties
    return sorted(found)


def midi_number(note: ElementTree.Element) -> int:
    """The MIDI number of a written note."""
    step = SEMITONES[note.findtext("pitch/step", "")]
    alter = int(float(note.findtext("pitch/alter", "0")))
    return step + alter + 12 * (int(note.findtext("pitch/octave", "")) + 1)

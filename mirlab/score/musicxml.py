"""Write a score as MusicXML 4.0."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from ..core.bars import Bars
from ..core.checks import as_path, require_type
from ..core.errors import NotesError
from ..core.files import atomic_write
from .beams import beams
from .expression import Slides, dynamics, mark_directions, pedals, slides
from .free_time import in_free_time
from .grid import STEPS
from .notation import TRIPLETS, Bar, NotatedEvent, steps_of
from .notation import bars as divide
from .quantize import GridScore, quantize
from .spelling import accidentals, signature, simplest_signature, spell

if TYPE_CHECKING:
    from ..core.notes import Notes

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0">{title}<identification>\
<encoding><software>mirlab {version}</software>\
<supports element="accidental" type="yes"/><supports element="beam" type="yes"/>\
<supports element="stem" type="yes"/></encoding></identification>\
<part-list><score-part id="P1"><part-name/></score-part></part-list>
<part id="P1">
"""
TAIL = "</part></score-partwise>\n"
CLEFS = {
    "treble": "<sign>G</sign><line>2</line>",
    "bass": "<sign>F</sign><line>4</line>",
    "treble8vb": "<sign>G</sign><line>2</line><clef-octave-change>-1</clef-octave-change>",
}
TYPES = {48: "whole", 24: "half", 12: "quarter", 6: "eighth", 3: "16th", 8: "quarter", 4: "eighth"}
ACCIDENTALS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
LINE = '<barline location="right"><bar-style>{}</bar-style></barline>'


def write_musicxml(
    notes: Notes,
    path: str | os.PathLike[str],
    *,
    key: str | None = None,
    meter: tuple[int, int] | None = (4, 4),
    downbeat: float = 0,
    bars: Bars | Sequence[tuple[float, int, int]] | None = None,
    title: str = "",
) -> Path:
    """Write notes as a score with one part, at most two staves, sixteenths and triplets.

    The score also contains the tempo, dynamics where they change lastingly, the pedal, and slides
    into and out of notes (see `mirlab.score.expression`).

    Parameters
    ----------
    notes
        Notes with a tempo map; drums are left out.
    path
        The file to write, atomically.
    key
        Key such as `"G minor"` or `"Bb major"`; by default, the signature with the fewest
        accidentals. It also determines the spelling of the black keys.
    meter, downbeat
        As in `quantize`: the meter of all bars, and a beat on which one begins. None for the meter
        writes notes without beats, in free time, with dashed lines instead of bar lines.
    bars
        Instead of these, for meters that change: the bars, such as those of an analysis
        (`analysis.bars`), or a list like `[(0, 4, 4), (8, 3, 4)]`.
    title
        Title printed above the music.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    NotesError
        If there is no tempo map, the key or meter is unknown, bars are given besides a meter, or
        the folder is not writable.
    """
    target = as_path("path", path, NotesError)
    text = musicxml(notes, key=key, meter=meter, downbeat=downbeat, bars=bars, title=title)
    with atomic_write(target, error=NotesError) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return target


def musicxml(
    notes: Notes,
    *,
    key: str | None = None,
    meter: tuple[int, int] | None = (4, 4),
    downbeat: float = 0,
    bars: Bars | Sequence[tuple[float, int, int]] | None = None,
    title: str = "",
) -> str:
    """The text of the file that `write_musicxml` writes."""
    require_type("title", title, str, NotesError)
    score = quantize(notes, meter=meter, downbeat=downbeat, bars=bars)
    fifths = simplest_signature(notes) if key is None else signature(key)
    if score.meters[0] is None:
        notes = in_free_time(notes)
    assert notes.tempo_map is not None  # otherwise quantize raises
    from .._version import __version__

    written = divide(score)
    slide_marks = slides(notes, score)
    marks = mark_directions(written, dynamics(notes, score), pedals(notes, score))
    marks[0] = _tempo(notes.tempo_map.typical_bpm, score) + marks[0]
    first = 0 if score.start < score.pickup else 1  # a pick-up is bar 0
    title = escape("".join(c for c in title if c.isprintable()))  # XML cannot contain the others
    heading = f"<movement-title>{title}</movement-title>" if title else ""
    measures = [HEAD.format(title=heading, version=__version__)]
    for i, bar in enumerate(written):
        before = written[i - 1] if i else None
        implicit = ' implicit="yes"' if i == 0 and first == 0 else ""
        measures.append(
            f'<measure number="{i + first}"{implicit}>{_attributes(score, bar, before, fifths)}'
            f"{marks[i]}{_voices(bar, fifths, slide_marks)}"
            f"{_line(bar, last=i == len(written) - 1)}</measure>\n"
        )
    return "".join([*measures, TAIL])


def _attributes(score: GridScore, bar: Bar, before: Bar | None, fifths: int) -> str:
    """Key, meter and clefs at the beginning, later the meter where it changes."""
    if before is not None and before.meter == bar.meter:
        return ""
    time = '<time print-object="no"><senza-misura/></time>'
    if bar.meter is not None:
        beats, unit = bar.meter
        time = f"<time><beats>{beats}</beats><beat-type>{unit}</beat-type></time>"
    if before is not None:
        return f"<attributes>{time}</attributes>"
    names = [staff.clef for staff in score.staves]
    staves = f"<staves>{len(names)}</staves>" if len(names) > 1 else ""
    number = ' number="{}"' if len(names) > 1 else ""
    clefs = "".join(
        f"<clef{number.format(i)}>{CLEFS[name]}</clef>" for i, name in enumerate(names, 1)
    )
    return (
        f"<attributes><divisions>{STEPS}</divisions><key><fifths>{fifths}</fifths></key>{time}"
        f"{staves}{clefs}</attributes>"
    )


def _line(bar: Bar, *, last: bool) -> str:
    """The line at the end of a bar, if it is not a plain one."""
    style = "light-heavy" if last else "dashed" if bar.meter is None else ""
    return LINE.format(style) if style else ""


def _tempo(bpm: float, score: GridScore) -> str:
    """Metronome mark, in compound time of dotted quarters; and whether the eighths are swung."""
    meter = score.meters[0]
    compound = meter is not None and steps_of(meter)[1] != STEPS
    beat = 1.5 if compound else 1.0
    number = round(bpm / beat) or bpm / beat  # a mark of 0 is invalid
    dot = "<beat-unit-dot/>" if compound else ""
    words = "Free time" if meter is None else "Swing" if score.swings else ""
    text = f"<direction-type><words>{words}</words></direction-type>" if words else ""
    return (
        f'<direction placement="above">{text}<direction-type><metronome parentheses="no">'
        f"<beat-unit>quarter</beat-unit>{dot}<per-minute>{number}</per-minute></metronome>"
        f'</direction-type><staff>1</staff><sound tempo="{number * beat:g}"/></direction>'
    )


def _voices(bar: Bar, fifths: int, slide_marks: Slides) -> str:
    """The notes of all staves and voices; those of the second staff are numbered from 5."""
    parts = []
    for staff, voices in enumerate(bar.staves):
        shown = accidentals(voices, fifths)
        for number, events in enumerate(voices):
            voice = _Voice(
                bar,
                f"<voice>{4 * staff + number + 1}</voice>",
                f"<stem>{('up', 'down')[number]}</stem>" if len(voices) > 1 else "",
                f"<staff>{staff + 1}</staff>" if len(bar.staves) > 1 else "",
                number > 0,
                fifths,
                shown,
                slide_marks,
            )
            pairs = zip(events, beams(events, bar), strict=True)
            parts.append("".join(voice.write(event, beam) for event, beam in pairs))
    return f"<backup><duration>{bar.length}</duration></backup>".join(parts)


@dataclass(frozen=True)
class _Voice:
    """What the events of a voice in a bar have in common."""

    bar: Bar
    voice: str
    stem: str
    staff: str
    hides_rests: bool
    fifths: int
    shown: set[tuple[int, int]]
    slide_marks: Slides

    def write(self, event: NotatedEvent, beam: str) -> str:
        """The elements of an event: a rest, or a note for each pitch."""
        duration = f"<duration>{event.length}</duration>"
        value, ratio = _value(event.length)
        if not event.pitches:
            whole = (
                event.length == self.bar.length
                and not self.bar.padding
                and self.bar.meter is not None
            )
            hidden = ' print-object="no" print-spacing="yes"' if self.hides_rests else ""
            rest = '<rest measure="yes"/>' if whole else "<rest/>"
            value = "" if whole else value
            return (
                f"<note{hidden}>{rest}{duration}{self.voice}{value}{ratio}{self.staff}"
                f"{_notations(self._tuplet(event))}</note>"
            )
        ties = _ties(event)
        tied = ties.replace("<tie ", "<tied ")
        first = _notations(tied + self._tuplet(event) + self._articulations(event))
        notes = []
        for i, midi in enumerate(event.pitches):
            pitch, accidental = self._pitch(event, midi)
            notes.append(
                f"<note>{'<chord/>' if i else ''}{pitch}{duration}{ties}{self.voice}{value}"
                f"{accidental}{ratio}{self.stem}{self.staff}{'' if i else beam}"
                f"{_notations(tied) if i else first}</note>"
            )
        return "".join(notes)

    def _pitch(self, event: NotatedEvent, midi: int) -> tuple[str, str]:
        """The pitch, and its accidental if it is printed."""
        letter, alter, octave = spell(midi, self.fifths)
        altered = f"<alter>{alter}</alter>" if alter else ""
        printed = (event.start, midi) in self.shown
        return (
            f"<pitch><step>{letter}</step>{altered}<octave>{octave}</octave></pitch>",
            f"<accidental>{ACCIDENTALS[alter]}</accidental>" if printed else "",
        )

    def _tuplet(self, event: NotatedEvent) -> str:
        """Start or stop of a triplet bracket, at the beginning or end of a beat."""
        if event.length not in TRIPLETS:
            return ""
        start = event.start + self.bar.padding
        if start % STEPS == 0:
            hidden = self.hides_rests and not event.pitches
            shown = 'bracket="no" show-number="none"' if hidden else 'bracket="yes"'
            return f'<tuplet type="start" number="1" {shown}/>'
        ends = (start + event.length) % STEPS == 0
        return '<tuplet type="stop" number="1"/>' if ends else ""

    def _articulations(self, event: NotatedEvent) -> str:
        """Slides into and out of the notes of an event."""
        begins = self.bar.start + event.start
        names = []
        for pitch in event.pitches:
            into = None if event.tied_from else self.slide_marks.into.get((begins, pitch))
            ends = begins + event.length
            out = None if event.tied_to else self.slide_marks.out.get((ends, pitch))
            names += [f"<{name}/>" for name in (into, out) if name is not None]
        return f"<articulations>{''.join(names)}</articulations>" if names else ""


def _value(length: int) -> tuple[str, str]:
    """Note value with its dot, and the ratio of triplets."""
    if length in TRIPLETS:
        kind = TYPES[length]
        return f"<type>{kind}</type>", (
            "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes>"
            f"<normal-type>{kind}</normal-type></time-modification>"
        )
    if length in TYPES:
        return f"<type>{TYPES[length]}</type>", ""
    return f"<type>{TYPES.get(length * 2 // 3, '')}</type><dot/>", ""


def _ties(event: NotatedEvent) -> str:
    """Ties to the previous and the next event."""
    kinds = ["stop"] * event.tied_from + ["start"] * event.tied_to
    return "".join(f'<tie type="{kind}"/>' for kind in kinds)


def _notations(content: str) -> str:
    """The element that contains ties, tuplets and articulations; empty without any."""
    return f"<notations>{content}</notations>" if content else ""

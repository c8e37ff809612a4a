"""Write a score as MusicXML 4.0, with music21."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from ..core.errors import MissingPartError, NotesError
from ..core.files import atomic_write
from .expression import Slides, dynamics, pedals, slides, write_marks
from .grid import STEPS
from .notation import TRIPLETS, Bar, NotatedEvent, bars
from .quantize import GridScore, quantize
from .spelling import accidentals, signature, simplest_signature, spell

if TYPE_CHECKING:
    from ..core.notes import Notes


def write_musicxml(
    notes: Notes,
    path: str | os.PathLike[str],
    *,
    key: str | None = None,
    meter: tuple[int, int] = (4, 4),
    downbeat: float = 0,
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
        As in `quantize`.
    title
        Title printed above the music.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    NotesError
        If there is no tempo map, the key or meter is unknown, or the folder is not writable.
    MissingPartError
        If music21 is not installed.
    """
    score = quantize(notes, meter=meter, downbeat=downbeat)
    fifths = simplest_signature(notes) if key is None else signature(key)
    assert notes.tempo_map is not None  # otherwise quantize raises
    root = _document(score, notes, fifths=fifths, bpm=notes.tempo_map.typical_bpm, title=title)
    target = Path(path)
    with atomic_write(target, error=NotesError) as temporary:
        ElementTree.ElementTree(root).write(temporary, encoding="utf-8", xml_declaration=True)
    return target


def _document(
    score: GridScore, notes: Notes, *, fifths: int, bpm: float, title: str
) -> ElementTree.Element:
    """Build the MusicXML document of a grid score with its expression marks."""
    try:
        from music21 import layout, metadata, stream
        from music21.musicxml.m21ToXml import ScoreExporter
    except ImportError:
        raise MissingPartError(
            'a MusicXML score needs music21: pip install "mirlab[score]"'
        ) from None
    written = bars(score)
    slide_marks = slides(notes, score)
    parts = [_part(score, written, i, fifths, bpm, slide_marks) for i in range(len(score.staves))]
    sheet = stream.Score(parts)
    if len(parts) > 1:
        sheet.insert(0, layout.StaffGroup(parts, symbol="brace"))
    title = "".join(c for c in title if c.isprintable())  # XML cannot contain the others
    sheet.insert(0, metadata.Metadata(movementName=title or "untitled"))
    root = ScoreExporter(sheet, makeNotation=False).parse()
    _set_identification(root, title)
    _number_voices(root)
    write_marks(root, written, dynamics(notes, score), pedals(notes, score))
    if score.start < score.pickup:
        next(root.iter("measure")).set("implicit", "yes")  # a pick-up is not counted as a bar
    return root


def _set_identification(root: ElementTree.Element, title: str) -> None:
    """Write the name of the software; remove the date and random ids, which change at each run."""
    from .._version import __version__

    heading = root.find("movement-title")
    if heading is not None and not title:
        root.remove(heading)
    for identification in root.iter("identification"):
        for creator in identification.findall("creator"):
            identification.remove(creator)  # music21 names itself the composer
    for encoding in root.iter("encoding"):
        for child in list(encoding):
            if child.tag == "encoding-date":
                encoding.remove(child)
        software = encoding.find("software")
        if software is not None:
            software.text = f"mirlab {__version__}"
    for element in (*root.iter("score-part"), *root.iter("part")):
        element.set("id", "P1")


def _number_voices(root: ElementTree.Element) -> None:
    """Number the voices of the first staff from 1 and of the second from 5, in every bar.

    music21 numbers both staves consecutively, so that a second voice in the upper staff would
    change the number of the lower one.
    """
    for measure in root.iter("measure"):
        voices: dict[int, list[str]] = {}
        for note in measure.iter("note"):
            voice = note.find("voice")
            staff = int(note.findtext("staff", "1"))
            if voice is not None and voice.text is not None:
                names = voices.setdefault(staff, [])
                if voice.text not in names:
                    names.append(voice.text)
                voice.text = str(4 * (staff - 1) + names.index(voice.text) + 1)


def _part(
    score: GridScore, written: list[Bar], staff: int, fifths: int, bpm: float, slide_marks: Slides
) -> Any:
    """Build a music21 part from one staff of all bars."""
    from music21 import clef, expressions, instrument, key, meter, stream

    clefs = {"treble": clef.TrebleClef, "bass": clef.BassClef, "treble8vb": clef.Treble8vbClef}
    # Without an explicit instrument, music21 looks for one through weak references, which fails
    # if the garbage collector runs meanwhile.
    part = stream.PartStaff([instrument.Instrument()])
    time = meter.TimeSignature(f"{score.meter[0]}/{score.meter[1]}")
    for i, bar in enumerate(written):
        first = 0 if score.start < score.pickup else 1  # a pick-up is bar 0
        measure = stream.Measure(number=i + first)
        measure.paddingLeft = Fraction(bar.padding, STEPS)
        if i == 0:
            measure.append([clefs[score.staves[staff].clef](), key.KeySignature(fifths), time])  # type: ignore[no-untyped-call]
            if staff == 0:
                measure.insert(0, _tempo(bpm, score.meter))
                if score.swings:
                    measure.insert(0, expressions.TextExpression("Swing"))
        if i == len(written) - 1:
            measure.rightBarline = "final"
        _fill(measure, bar, staff, fifths, time, slide_marks)
        part.append(measure)
    return part


def _tempo(bpm: float, meter: tuple[int, int]) -> Any:
    """Metronome mark; in compound time the beat is a dotted quarter."""
    from music21 import duration, tempo

    beat = 1.5 if meter[1] == 8 else 1.0
    number = round(bpm / beat) or bpm / beat  # a mark of 0 is invalid
    return tempo.MetronomeMark(number=number, referent=duration.Duration(beat))


def _fill(measure: Any, bar: Bar, staff: int, fifths: int, time: Any, slide_marks: Slides) -> None:
    """Insert the notes of one staff into a music21 measure, in separate voices if there are two."""
    from music21 import stream

    shown = accidentals(bar.staves[staff], fifths)
    voices = bar.staves[staff]
    for number, events in enumerate(voices):
        elements = [_element(e, fifths, shown, hidden=number > 0, bar=bar) for e in events]
        beams = time.getBeams(elements, measureStartOffset=Fraction(bar.padding, STEPS))
        for element, beam in zip(elements, beams, strict=True):
            if beam is not None and not element.isRest:
                element.beams = beam
            if len(voices) > 1 and not element.isRest:
                element.stemDirection = "down" if number else "up"
        _bracket(elements, events, bar.padding)
        _slide(elements, events, bar.start, slide_marks)
        target = measure if len(voices) == 1 else stream.Voice(id=str(number + 1))
        for element, event in zip(elements, events, strict=True):
            target.insert(Fraction(event.start, STEPS), element)
        if target is not measure:
            measure.insert(0, target)


def _bracket(elements: list[Any], events: tuple[NotatedEvent, ...], padding: int) -> None:
    """Start and stop triplet brackets with the beat."""
    for element, event in zip(elements, events, strict=True):
        if event.length in TRIPLETS:
            start = event.start + padding
            first, last = start % STEPS == 0, (start + event.length) % STEPS == 0
            (tuplet,) = element.duration.tuplets
            tuplet.type = "start" if first else "stop" if last else None
            if element.style.hideObjectOnPrint:  # a hidden rest in a second voice gets no number
                tuplet.bracket, tuplet.tupletActualShow = False, None


def _slide(
    elements: list[Any], events: tuple[NotatedEvent, ...], start: int, slide_marks: Slides
) -> None:
    """Mark slides into and out of notes, in a bar that begins on step `start`."""
    from music21 import articulations

    marks = {
        "scoop": articulations.Scoop,
        "plop": articulations.Plop,
        "falloff": articulations.Falloff,
        "doit": articulations.Doit,
    }
    for element, event in zip(elements, events, strict=True):
        begins = start + event.start
        for pitch in event.pitches:
            into = None if event.tied_from else slide_marks.into.get((begins, pitch))
            out = None if event.tied_to else slide_marks.out.get((begins + event.length, pitch))
            element.articulations += [marks[name]() for name in (into, out) if name is not None]  # type: ignore[no-untyped-call]


def _element(
    event: NotatedEvent, fifths: int, shown: set[tuple[int, int]], *, hidden: bool, bar: Bar
) -> Any:
    """Convert a notated event to a music21 rest, note or chord."""
    from music21 import chord, note, pitch, tie

    if not event.pitches:
        rest = note.Rest(quarterLength=Fraction(event.length, STEPS))
        rest.style.hideObjectOnPrint = hidden
        rest.fullMeasure = event.length == bar.length and not bar.padding
        return rest
    spelled = []
    for midi in event.pitches:
        letter, alter, octave = spell(midi, fifths)
        name = pitch.Pitch(letter, octave=octave)
        if alter or (event.start, midi) in shown:
            name.accidental = pitch.Accidental(alter)
            name.accidental.displayStatus = (event.start, midi) in shown
        spelled.append(name)
    length = Fraction(event.length, STEPS)
    if len(spelled) == 1:
        element: Any = note.Note(spelled[0], quarterLength=length)
    else:
        element = chord.Chord(spelled, quarterLength=length)
        element.sortAscending(inPlace=True)
        # The exporter asks for a sorted deep copy, which takes a third of the export time.
        element.sortAscending = lambda: element
    if event.tied_from or event.tied_to:
        ends = "stop" if event.tied_from else "start"
        element.tie = tie.Tie("continue" if event.tied_from and event.tied_to else ends)
    return element

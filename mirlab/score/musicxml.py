"""Writing a score as MusicXML 4.0, through music21."""

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
from .spelling import accidentals, plainest_signature, signature, spell

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
    """Write notes as a score: one part, at most two staves, sixteenths and triplets.

    Around the notes stand tempo, levels of loudness where they change for good, the pedal, and
    slides into and out of notes (see `mirlab.score.expression`).

    Parameters
    ----------
    notes
        With a tempo map; drums are left out.
    path
        The file to write, whole or not at all.
    key
        Such as `"G minor"` or `"Bb major"`; by default the signature that leaves the fewest
        accidentals. It also spells the black keys.
    meter, downbeat
        As in `quantize`.
    title
        Printed above the music.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    NotesError
        Without a tempo map, for a key or meter nobody knows, or a folder that cannot be written.
    MissingPartError
        When music21 is not installed.
    """
    score = quantize(notes, meter=meter, downbeat=downbeat)
    fifths = plainest_signature(notes) if key is None else signature(key)
    assert notes.tempo_map is not None  # without one quantize has refused
    root = _document(score, notes, fifths=fifths, bpm=notes.tempo_map.typical_bpm, title=title)
    target = Path(path)
    with atomic_write(target, error=NotesError) as temporary:
        ElementTree.ElementTree(root).write(temporary, encoding="utf-8", xml_declaration=True)
    return target


def _document(
    score: GridScore, notes: Notes, *, fifths: int, bpm: float, title: str
) -> ElementTree.Element:
    """The MusicXML document of a grid score, with the marks of its notes."""
    try:
        from music21 import layout, metadata, stream
        from music21.musicxml.m21ToXml import ScoreExporter
    except ImportError:
        raise MissingPartError(
            'a MusicXML score needs music21: pip install "mirlab[score]"'
        ) from None
    written = bars(score)
    slid = slides(notes, score)
    parts = [_part(score, written, i, fifths, bpm, slid) for i in range(len(score.staves))]
    sheet = stream.Score(parts)
    if len(parts) > 1:
        sheet.insert(0, layout.StaffGroup(parts, symbol="brace"))
    title = "".join(c for c in title if c.isprintable())  # what XML cannot hold is not
    sheet.insert(0, metadata.Metadata(movementName=title or "untitled"))
    root = ScoreExporter(sheet, makeNotation=False).parse()
    _sign(root, title)
    _number_voices(root)
    write_marks(root, written, dynamics(notes, score), pedals(notes, score))
    if score.pickup:
        next(root.iter("measure")).set("implicit", "yes")  # a pick-up counts as no bar
    return root


def _sign(root: ElementTree.Element, title: str) -> None:
    """Say who made the file, and drop what changes from run to run: the date, random names."""
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
    """Number the voices of the first staff from 1, those of the second from 5, in every bar.

    music21 counts through both, so that a second voice above would rename the one below.
    """
    for measure in root.iter("measure"):
        seen: dict[int, list[str]] = {}
        for note in measure.iter("note"):
            voice = note.find("voice")
            staff = int(note.findtext("staff", "1"))
            if voice is not None and voice.text is not None:
                names = seen.setdefault(staff, [])
                if voice.text not in names:
                    names.append(voice.text)
                voice.text = str(4 * (staff - 1) + names.index(voice.text) + 1)


def _part(
    score: GridScore, written: list[Bar], staff: int, fifths: int, bpm: float, slid: Slides
) -> Any:
    """One staff of all bars as a music21 part."""
    from music21 import clef, expressions, instrument, key, meter, stream

    clefs = {"treble": clef.TrebleClef, "bass": clef.BassClef, "treble8vb": clef.Treble8vbClef}
    # Without an instrument of its own music21 looks for one through weak references, and fails
    # when the garbage collector comes by.
    part = stream.PartStaff([instrument.Instrument()])
    time = meter.TimeSignature(f"{score.meter[0]}/{score.meter[1]}")
    for i, bar in enumerate(written):
        first = 0 if score.pickup else 1  # a pick-up is bar 0
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
        _fill(measure, bar, staff, fifths, time, slid)
        part.append(measure)
    return part


def _tempo(bpm: float, meter: tuple[int, int]) -> Any:
    """The tempo mark; in compound time the beat is a dotted quarter."""
    from music21 import duration, tempo

    beat = 1.5 if meter[1] == 8 else 1.0
    number = round(bpm / beat) or bpm / beat  # a mark of 0 would be no tempo
    return tempo.MetronomeMark(number=number, referent=duration.Duration(beat))


def _fill(measure: Any, bar: Bar, staff: int, fifths: int, time: Any, slid: Slides) -> None:
    """Put the notes of one staff into a music21 measure, in a voice each where there are two."""
    from music21 import stream

    shown = accidentals(bar.staves[staff], fifths)
    voices = bar.staves[staff]
    for number, pieces in enumerate(voices):
        elements = [_element(p, fifths, shown, hidden=number > 0, bar=bar) for p in pieces]
        beams = time.getBeams(elements, measureStartOffset=Fraction(bar.padding, STEPS))
        for element, beam in zip(elements, beams, strict=True):
            if beam is not None and not element.isRest:
                element.beams = beam
            if len(voices) > 1 and not element.isRest:
                element.stemDirection = "down" if number else "up"
        _bracket(elements, pieces, bar.padding)
        _slide(elements, pieces, bar.start, slid)
        target = measure if len(voices) == 1 else stream.Voice(id=str(number + 1))
        for element, piece in zip(elements, pieces, strict=True):
            target.insert(Fraction(piece.start, STEPS), element)
        if target is not measure:
            measure.insert(0, target)


def _bracket(elements: list[Any], pieces: tuple[NotatedEvent, ...], padding: int) -> None:
    """Say where triplets begin and stop: with the beat."""
    for element, piece in zip(elements, pieces, strict=True):
        if piece.length in TRIPLETS:
            start = piece.start + padding
            first, last = start % STEPS == 0, (start + piece.length) % STEPS == 0
            (tuplet,) = element.duration.tuplets
            tuplet.type = "start" if first else "stop" if last else None
            if element.style.hideObjectOnPrint:  # a rest in a second voice: no number over nothing
                tuplet.bracket, tuplet.tupletActualShow = False, None


def _slide(elements: list[Any], pieces: tuple[NotatedEvent, ...], start: int, slid: Slides) -> None:
    """Mark how notes are slid into and out of, in a bar that begins on step `start`."""
    from music21 import articulations

    marks = {
        "scoop": articulations.Scoop,
        "plop": articulations.Plop,
        "falloff": articulations.Falloff,
        "doit": articulations.Doit,
    }
    for element, piece in zip(elements, pieces, strict=True):
        begins = start + piece.start
        for pitch in piece.pitches:
            into = None if piece.tied_from else slid.into.get((begins, pitch))
            out = None if piece.tied_to else slid.out.get((begins + piece.length, pitch))
            element.articulations += [marks[name]() for name in (into, out) if name is not None]  # type: ignore[no-untyped-call]


def _element(
    piece: NotatedEvent, fifths: int, shown: set[tuple[int, int]], *, hidden: bool, bar: Bar
) -> Any:
    """A piece as a music21 rest, note or chord."""
    from music21 import chord, note, pitch, tie

    if not piece.pitches:
        rest = note.Rest(quarterLength=Fraction(piece.length, STEPS))
        rest.style.hideObjectOnPrint = hidden
        rest.fullMeasure = piece.length == bar.length and not bar.padding
        return rest
    spelled = []
    for midi in piece.pitches:
        letter, alter, octave = spell(midi, fifths)
        one = pitch.Pitch(f"{letter}{octave}")
        if alter or (piece.start, midi) in shown:
            one.accidental = pitch.Accidental(alter)
            one.accidental.displayStatus = (piece.start, midi) in shown
        spelled.append(one)
    length = Fraction(piece.length, STEPS)
    if len(spelled) == 1:
        element: Any = note.Note(spelled[0], quarterLength=length)
    else:
        element = chord.Chord(spelled, quarterLength=length)
        element.sortAscending(inPlace=True)
        # The exporter asks for a sorted copy: of all that hangs on it, a third of the whole export.
        element.sortAscending = lambda: element
    if piece.tied_from or piece.tied_to:
        ends = "stop" if piece.tied_from else "start"
        element.tie = tie.Tie("continue" if piece.tied_from and piece.tied_to else ends)
    return element

"""The chord sheet: the chord on every beat, in bars."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ..analysis import Analysis
from ..analysis.meter import beat_count, quarters_per_beat
from ..core.bars import Bars
from ..core.checks import require, require_type
from ..core.theory import pitch_class
from ..rhythm import nearest
from ..score.spelling import signature, spell, spell_chord
from .errors import ReportError

ROW = 4  # bars
NO_CHORD = "N.C."

# Suffix of the chord name for each of Harte's shorthands (Harte et al., ISMIR 2005).
QUALITIES = {
    "": "", "maj": "", "min": "m", "dim": "dim", "aug": "aug", "7": "7", "maj7": "maj7",
    "min7": "m7", "dim7": "dim7", "hdim7": "m7b5", "minmaj7": "m(maj7)", "maj6": "6",
    "min6": "m6", "9": "9", "maj9": "maj9", "min9": "m9", "sus2": "sus2", "sus4": "sus4",
}  # fmt: skip
DEGREES = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11, "9": 14, "11": 17, "13": 21}
CHORD = re.compile(r"([A-G][#b]*)(?::([a-z0-9]*)(\([^)]*\))?)?(?:/([#b]*)(\d+))?")


@dataclass(frozen=True)
class SheetBar:
    """A bar of the chord sheet.

    Parameters
    ----------
    number
        Bar number as in the score, from 1; a pick-up is bar 0.
    start
        Time of its first detected beat in seconds.
    beats
        One string per beat: the chord that begins there, `"."` if the previous chord continues,
        `""` before the piece begins and after it ends. The first chord of a bar is always named.
    section
        Letter of the section that begins nearest to this bar, `""` for none.
    """

    number: int
    start: float
    beats: tuple[str, ...]
    section: str = ""


def bars(analysis: Analysis) -> list[SheetBar]:
    """The bars of a piece; empty if no beat was found."""
    require_type("analysis", analysis, Analysis, ReportError)
    if not len(analysis.beats):
        return []
    fifths = None if analysis.key is None else signature(analysis.key)
    meters = Bars.from_beats(analysis.beats, per_bar=beat_count(analysis.meter))
    starts = analysis.beats.intervals[:, 0].tolist()
    chords = analysis.chords.at(analysis.beats.intervals.mean(axis=1))
    written: list[tuple[float, list[str]]] = []
    for label, start, chord in zip(analysis.beats.labels, starts, chords, strict=True):
        if label == "1" or not written:
            written.append((start, [""] * (int(label) - 1)))
            last = ""
        name = chord_name(chord, fifths)
        written[-1][1].append("." if name == last else name)
        last = name
    # bar numbers as in the score, which begins at time 0, before the first detected beat
    first = 1 + analysis.first_downbeat // meters.changes[0].numerator
    first -= analysis.beats.labels[0] != "1"
    rest = meters.until(len(starts))[-1].numerator - len(written[-1][1])
    written[-1][1].extend([""] * rest)
    letters = _letters(analysis, np.array([start for start, _ in written]))
    return [
        SheetBar(first + i, start, tuple(names), letters.get(i, ""))
        for i, (start, names) in enumerate(written)
    ]


def _letters(analysis: Analysis, starts: np.ndarray) -> dict[int, str]:
    """The letters of the sections, each at the index of the bar that begins nearest to it."""
    sections = analysis.sections
    if len(set(sections.labels)) < 2:  # a piece without form needs no letters
        return {}
    bars_of = nearest(starts, sections.intervals[:, 0]).tolist()
    return dict(zip(bars_of, sections.labels, strict=True))


def chord_sheet(analysis: Analysis) -> str:
    """The chord sheet as text: title, key and tempo, then four bars per line.

    If no beat was found, each line contains a chord and its time instead.
    """
    require_type("analysis", analysis, Analysis, ReportError)
    tempo = "no beat" if analysis.tempo is None else f"{analysis.tempo:.0f} beats per minute"
    meter = meter_names(analysis)
    lines = [analysis.name.replace("_", " "), f"{analysis.key or 'no key'}, {tempo}, {meter}", ""]
    found = bars(analysis)
    if not found:
        return "\n".join([*lines, *(f"{at}  {name}" for at, name in timed_chords(analysis)), ""])
    width = max(len(beat) for bar in found for beat in bar.beats) + 1
    for row in rows(found):
        cells = ["".join(beat.ljust(width) for beat in bar.beats) for bar in row]
        lines.append(f"{row[0].number:4d} | " + "| ".join(cells) + "|")
    return "\n".join([*lines, ""])


def meter_names(analysis: Analysis) -> str:
    """The meters in the order of their first bars, such as `"4/4, 3/4"`; no meter without beats."""
    if not len(analysis.beats):
        return "no meter"
    compound = quarters_per_beat(analysis.meter) != 1
    per_bar = beat_count(analysis.meter)
    changes = Bars.from_beats(analysis.beats, compound=compound, per_bar=per_bar).changes
    return ", ".join(dict.fromkeys(f"{bar.numerator}/{bar.denominator}" for bar in changes))


def rows(found: list[SheetBar]) -> list[list[SheetBar]]:
    """Bars in rows of four; a bar that begins after its first beat has a separate row."""
    pickup = [] if found[0].beats[0] else found[:1]
    whole = found[len(pickup) :]
    return [
        row for row in (pickup, *(whole[i : i + ROW] for i in range(0, len(whole), ROW))) if row
    ]


def timed_chords(analysis: Analysis) -> list[tuple[str, str]]:
    """The start time and the name of each chord, as text."""
    fifths = None if analysis.key is None else signature(analysis.key)
    return [
        (clock(start), chord_name(label, fifths))
        for (start, _), label in zip(
            analysis.chords.intervals.tolist(), analysis.chords.labels, strict=True
        )
    ]


def clock(seconds: float) -> str:
    """Format seconds as minutes and seconds.

    Examples
    --------
    >>> clock(125.3)
    '2:05'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def with_signs(name: str) -> str:
    """Replace `#` and `b` in the name of a chord or key by accidental signs.

    Examples
    --------
    >>> with_signs("Bb major")
    'B♭ major'
    """
    return name.replace("#", "♯").replace("b", "♭")


def chord_name(label: str, fifths: int | None = None) -> str:
    """Convert a chord label to the notation of lead sheets.

    Parameters
    ----------
    label
        Label in Harte's syntax.
    fifths
        Key signature, the number of sharps or (negative) flats, by which the root is spelled; None
        keeps the spelling of the label.

    Returns
    -------
    str
        `"N.C."` for no chord; other labels are returned unchanged.

    Raises
    ------
    ReportError
        When the label is no text, or `fifths` no key signature.

    Examples
    --------
    >>> chord_name("A:min"), chord_name("G#:maj", -3), chord_name("C:maj/3"), chord_name("N")
    ('Am', 'Ab', 'C/E', 'N.C.')
    """
    require_type("label", label, str, ReportError)
    valid = fifths is None or (isinstance(fifths, int) and abs(fifths) <= 7)
    require(valid, f"fifths must be an integer from -7 to 7, not {fifths!r}", ReportError)
    if label == "N":
        return NO_CHORD
    match = CHORD.fullmatch(label if fifths is None else spell_chord(label, fifths))
    if match is None or (match[2] or "") not in QUALITIES:
        return label
    root, quality, extra, shift, degree = match.groups()
    bass = ""
    if degree in DEGREES:
        low = pitch_class(root) + DEGREES[degree] + shift.count("#") - shift.count("b")
        letter, alter, _ = spell(60 + low % 12, fifths or 0)
        bass = "/" + letter + ("#" * alter if alter > 0 else "b" * -alter)
    return root + QUALITIES[quality or ""] + (extra or "") + bass

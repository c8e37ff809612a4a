"""Text notation of `scores`, and its conversion to timed notes.

A voice is a line of words. `F#4:1.5` is a note of one and a half beats, `C4+E4+G4:2` a chord, `r:1`
a rest; a word without a duration repeats the previous one. A final `!` is an accent, `-` a chord
strummed from the top, `'` a short note. `|` is a bar line: a voice that does not fill its bar is an
error, which catches most typing errors. Drums are written as steps instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

# General MIDI programs
PIANO, E_PIANO, VIBRAPHONE, GUITAR, UPRIGHT, BASS = 0, 4, 11, 24, 32, 33
VIOLIN, VIOLA, CELLO, HARP, OOHS = 40, 41, 42, 46, 53
TRUMPET, HORN, OBOE, ENGLISH_HORN, BASSOON, CLARINET, FLUTE, BANJO = 56, 60, 68, 69, 70, 71, 73, 105

OURS = "Composed by the mirlab authors in 2026"

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
WORD = re.compile(
    r"(?P<what>r|[A-G][#b]?\d(?:\+[A-G][#b]?\d)*)(?::(?P<beats>[\d.]+))?(?P<how>[!'-]*)"
)
DRUM_KEYS = {  # General MIDI
    "kick": 36,
    "stick": 37,
    "snare": 38,
    "low tom": 45,
    "mid tom": 47,
    "high tom": 50,
    "hat": 42,
    "open hat": 46,
    "crash": 49,
    "ride": 51,
    "shaker": 70,
}


@dataclass(frozen=True)
class Sign:
    """One note of a score, with its articulation."""

    beat: float
    beats: float
    pitch: int
    accent: float = 0.0  # added to the velocity
    string: int = 0  # position in the order of a strummed chord
    short: bool = False


@dataclass(frozen=True)
class Part:
    """The part of one instrument.

    Parameters
    ----------
    name
        Name of its stem.
    program
        General MIDI; ignored for drums.
    voices
        Lines of text, or signs made by a function.
    velocity
        Velocity of a note without accent on a weak beat.
    level
        Level in dB relative to the other parts.
    legato
        Sounding duration as a fraction of the written one.
    loose
        Standard deviation of the timing in seconds.
    strum
        Seconds between the notes of a chord.
    vibrato
        Depth in semitones; 0 for none.
    scoop
        Semitones below the note at which a scoop begins.
    swell
        Changes of level over time: `(beat, dB)`.
    """

    name: str
    program: int
    voices: tuple[str | tuple[Sign, ...], ...]
    velocity: int = 78
    level: float = 0.0
    legato: float = 0.96
    loose: float = 0.006
    strum: float = 0.0
    vibrato: float = 0.0
    scoop: float = 0.0
    swell: tuple[tuple[float, float], ...] = ()
    is_drum: bool = False


@dataclass(frozen=True)
class Piece:
    """A score with its labels.

    Parameters
    ----------
    tempo
        Points `(beat, bpm)`, interpolated linearly.
    chords
        Words such as `C:maj*4`: a label in Harte's syntax and its beats.
    pickup
        Beats before the first bar line.
    apart
        Whether each part becomes a stem of its own.
    """

    name: str
    title: str
    source: str
    key: str | None
    meter: tuple[int, int]
    tempo: tuple[tuple[float, float], ...]
    chords: str
    parts: tuple[Part, ...]
    pickup: int = 0
    apart: bool = False
    ring: float = 1.0  # s after the last note ends


@dataclass
class _Reader:
    """State of the parser."""

    bar: float
    beat: float
    length: float = 1.0
    signs: list[Sign] = field(default_factory=list)


def signs(voice: str | tuple[Sign, ...], piece: Piece) -> list[Sign]:
    """The notes of one voice.

    Raises
    ------
    ValueError
        If a word is invalid or a bar is not full.
    """
    if not isinstance(voice, str):
        return list(voice)
    here = _Reader(bar=float(piece.meter[0]), beat=0.0)
    for word in voice.split():
        if word == "|":
            if abs((here.beat - piece.pickup + 1e-6) % here.bar) > 1e-3:
                raise ValueError(f"{piece.name}: a bar is not full at beat {here.beat}: {voice}")
            continue
        _read(word, here)
    return here.signs


def _read(word: str, here: _Reader) -> None:
    """Add the notes of one word and advance by its length."""
    match = WORD.fullmatch(word)
    if match is None:
        raise ValueError(f"{word!r} is not a note, chord or rest")
    how = match["how"]
    here.length = float(match["beats"] or here.length)
    names = [] if match["what"] == "r" else match["what"].split("+")
    for number, name in enumerate(names):
        string = len(names) - 1 - number if "-" in how else number
        accent = 12.0 if "!" in how else 0.0
        here.signs.append(
            Sign(here.beat, here.length, pitch_number(name), accent, string, "'" in how)
        )
    here.beat += here.length


def drums(bars: list[dict[str, str]], beats_a_bar: int = 4) -> tuple[Sign, ...]:
    """Drum signs from steps: `x` a stroke, `X` a loud one, `o` a soft one, `.` none.

    Each bar is a dictionary from a name of `DRUM_KEYS` to its steps, which divide the bar evenly.
    """
    accents = {"x": 0.0, "X": 18.0, "o": -34.0}
    found = []
    for number, bar in enumerate(bars):
        for drum, steps in bar.items():
            width = beats_a_bar / len(steps)
            for step, mark in enumerate(steps):
                if mark in accents:
                    beat = number * beats_a_bar + step * width
                    found.append(Sign(beat, min(width, 0.5), DRUM_KEYS[drum], accents[mark]))
    return tuple(found)


def chord_rows(text: str) -> list[tuple[float, float, str]]:
    """Start beat, end beat and label of each word of a chord line."""
    rows, beat = [], 0.0
    for word in text.split():
        label, beats = word.split("*")
        rows.append((beat, beat + float(beats), label))
        beat += float(beats)
    return rows


def pitch_number(name: str) -> int:
    """MIDI number of a note's name: C4 is 60."""
    shift = {"#": 1, "b": -1}.get(name[1], 0)
    return STEPS[name[0]] + shift + 12 * (int(name[-1]) + 1)


def beat_times(piece: Piece, lead: float, beats: int) -> np.ndarray:
    """Seconds of beats 0..`beats`, the first at `lead`; shape `(beats + 1,)`."""
    where, bpm = zip(*piece.tempo, strict=True)
    periods = 60 / np.interp(np.arange(beats) + 0.5, where, bpm)
    return lead + np.r_[0.0, np.cumsum(periods)]

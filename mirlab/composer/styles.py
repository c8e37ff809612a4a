"""Styles: tables of instruments, tempi, patterns and probabilities for the composer."""

from __future__ import annotations

from dataclasses import dataclass

from ..core import MirlabError

# General MIDI program: lowest and highest MIDI number of its melodies
RANGES = {
    0: (60, 84),  # piano
    4: (60, 81),  # electric piano
    11: (60, 84),  # vibraphone
    21: (60, 81),  # accordion
    22: (60, 81),  # harmonica
    24: (55, 76),  # nylon guitar
    25: (55, 76),  # steel guitar
    26: (55, 78),  # jazz guitar
    29: (55, 81),  # overdriven guitar
    40: (62, 86),  # violin
    42: (48, 69),  # cello
    52: (60, 77),  # choir
    53: (60, 77),  # voice
    56: (58, 79),  # trumpet
    57: (48, 67),  # trombone
    60: (50, 70),  # horn
    65: (56, 77),  # alto saxophone
    66: (50, 70),  # tenor saxophone
    68: (60, 81),  # oboe
    71: (55, 79),  # clarinet
    73: (65, 88),  # flute
    80: (60, 84),  # square lead
}
BENDABLE = (22, 26, 29, 40, 42, 52, 53, 56, 57, 65, 66, 68, 73, 80)


class StyleError(MirlabError, ValueError):
    """The style does not exist."""


@dataclass(frozen=True)
class Style:
    """Parameters of a style; where there are several choices, one is drawn at random.

    Parameters
    ----------
    meter
        Beats (quarter notes) per bar.
    bpm
        Slowest and fastest tempo.
    swing
        Smallest and largest fraction of a beat that its first half takes.
    rubato
        Smallest and largest `rubato` of `tempo_curve`.
    minor
        Probability of a minor key.
    sevenths, colour, halves
        As in `phrase`.
    density
        Smallest and largest `density` of `melody`.
    leads, chords, basses, pads
        General MIDI programs of the parts; an empty tuple omits the part.
    patterns, bass_patterns
        Names of `CHORD_PATTERNS` and `BASS_PATTERNS`; `"walking"` is `walking_bass`.
    groove
        A name of `GROOVES`; `""` for no drums.
    repeats, trills
        As in `ornament`.
    """

    meter: int
    bpm: tuple[float, float]
    minor: float
    sevenths: float
    colour: float
    halves: float
    density: tuple[float, float]
    leads: tuple[int, ...]
    chords: tuple[int, ...]
    patterns: tuple[str, ...]
    basses: tuple[int, ...] = ()
    bass_patterns: tuple[str, ...] = ()
    pads: tuple[int, ...] = ()
    groove: str = ""
    swing: tuple[float, float] = (0.5, 0.5)
    rubato: tuple[float, float] = (0.002, 0.012)
    repeats: float = 0.02
    trills: float = 0.02


STYLES = {
    "pop": Style(
        meter=4,
        bpm=(84, 132),
        minor=0.4,
        sevenths=0.15,
        colour=0.15,
        halves=0.15,
        density=(0.8, 1.8),
        leads=(0, 22, 53, 73, 80),
        chords=(0, 4, 24, 25, 27),
        patterns=("held", "beats", "eighths", "strummed", "arpeggio"),
        basses=(33, 34, 38),
        bass_patterns=("pushed", "eighths", "octaves", "fifths"),
        pads=(48, 50, 89),
        groove="pop",
    ),
    "rock": Style(
        meter=4,
        bpm=(100, 168),
        minor=0.5,
        sevenths=0.05,
        colour=0.1,
        halves=0.1,
        density=(0.8, 1.6),
        leads=(29, 53, 65),
        chords=(16, 27, 29, 30),
        patterns=("held", "eighths", "strummed", "beats"),
        basses=(33, 34),
        bass_patterns=("eighths", "pushed"),
        groove="rock",
        repeats=0.06,
    ),
    "ballad": Style(
        meter=4,
        bpm=(58, 84),
        minor=0.5,
        sevenths=0.4,
        colour=0.3,
        halves=0.3,
        density=(0.8, 1.8),
        leads=(0, 40, 53, 66, 68, 73),
        chords=(0, 0, 4, 24),
        patterns=("arpeggio", "alberti", "rolling", "held"),
        basses=(32, 33, 35),
        bass_patterns=("held", "fifths"),
        pads=(48, 49, 89),
        groove="ballad",
        rubato=(0.01, 0.04),
        trills=0.05,
    ),
    "swing": Style(
        meter=4,
        bpm=(110, 208),
        minor=0.3,
        sevenths=1.0,
        colour=0.35,
        halves=0.4,
        density=(1.0, 2.0),
        leads=(11, 26, 56, 57, 65, 66, 71),
        chords=(0, 4, 26),
        patterns=("charleston", "beats", "held"),
        basses=(32,),
        bass_patterns=("walking",),
        groove="swing",
        swing=(0.58, 0.68),
        trills=0.03,
    ),
    "bossa": Style(
        meter=4,
        bpm=(108, 150),
        minor=0.4,
        sevenths=0.95,
        colour=0.35,
        halves=0.2,
        density=(0.8, 1.6),
        leads=(11, 24, 66, 71, 73),
        chords=(24, 24, 4),
        patterns=("bossa",),
        basses=(32,),
        bass_patterns=("bossa",),
        groove="bossa",
    ),
    "waltz": Style(
        meter=3,
        bpm=(96, 180),
        minor=0.4,
        sevenths=0.2,
        colour=0.25,
        halves=0.0,
        density=(0.7, 1.5),
        leads=(21, 40, 56, 71, 73),
        chords=(0, 21, 24, 48),
        patterns=("waltz",),
        basses=(32, 42, 43),
        bass_patterns=("waltz",),
        groove="waltz",
        rubato=(0.005, 0.03),
        trills=0.05,
    ),
    "etude": Style(
        meter=4,
        bpm=(60, 126),
        minor=0.5,
        sevenths=0.3,
        colour=0.3,
        halves=0.4,
        density=(0.7, 2.0),
        leads=(0,),
        chords=(0,),
        patterns=("alberti", "arpeggio", "rolling", "held", "beats"),
        rubato=(0.005, 0.04),
        repeats=0.25,
        trills=0.15,
    ),
    "chorale": Style(
        meter=4,
        bpm=(60, 90),
        minor=0.5,
        sevenths=0.2,
        colour=0.3,
        halves=1.0,
        density=(1.0, 1.0),
        leads=(19, 52, 48, 71),
        chords=(),
        patterns=(),
        rubato=(0.005, 0.03),
    ),
}


def style_named(name: str) -> Style:
    """The style with this name.

    Raises
    ------
    StyleError
        If there is none.
    """
    if not isinstance(name, str) or name not in STYLES:
        raise StyleError(f"there is no style {name!r}; there are {', '.join(STYLES)}")
    return STYLES[name]

"""Plan of a piece: its form, its harmony and the voice leading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.theory import Chord, Key
from .progressions import CADENCES, degree, phrase
from .sampling import choice, uniform
from .score import Harmony
from .styles import Style
from .voicing import HANDS, SINGERS, lead_voices

PHRASE = 4  # bars
FORMS = ("AABA", "ABAB", "AABB", "ABAC")
BREAK = 0.12  # probability that a phrase ends in a bar of drums alone


@dataclass(frozen=True)
class Form:
    """Plan on which the parts of a piece are written.

    Parameters
    ----------
    style, key, bpm
        As in the piece.
    bars
        The beat of each bar line, including the last one.
    phrases
        Letter, first bar and bar after the last of each phrase; phrases with the same letter are
        the same music.
    breaks
        The bars in which only the drums play.
    harmonies
        The chords.
    voices
        MIDI numbers of the chords' voices, shape `(harmonies, 4)`.
    """

    style: Style
    key: Key
    bpm: float
    bars: tuple[int, ...]
    phrases: tuple[tuple[str, int, int], ...]
    breaks: tuple[int, ...]
    harmonies: tuple[Harmony, ...]
    voices: np.ndarray

    def in_break(self, beat: float) -> bool:
        """Whether only the drums play at a beat."""
        return int(beat + 1e-6) // self.style.meter in self.breaks


def plan_form(style: Style, duration: float, rng: np.random.Generator) -> Form:
    """Choose key, tempo, form and harmony of a piece that lasts about `duration` seconds."""
    mode = "minor" if rng.random() < style.minor else "major"
    key = Key(int(rng.integers(-5, 7)) + (3 if mode == "minor" else 0), mode)
    bpm = round(uniform(style.bpm, rng), 2)
    count = max(2, round(duration * bpm / 60 / style.meter))
    bars = tuple(style.meter * bar for bar in range(count + 1))
    form = choice(FORMS, rng)
    starts = range(0, count, PHRASE)
    phrases = [
        (form[i % len(form)], start, min(start + PHRASE, count)) for i, start in enumerate(starts)
    ]
    phrases[-1] = ("end", *phrases[-1][1:])
    progressions = {}
    harmonies: list[Harmony] = []
    for letter, first, after in phrases:
        if letter not in progressions:
            progressions[letter] = _progression(style, key, after - first, letter, rng)
        for bar, chords in zip(range(first, after), progressions[letter], strict=True):
            beats = style.meter / len(chords)
            harmonies += [
                Harmony(bars[bar] + i * beats, beats, chord) for i, chord in enumerate(chords)
            ]
    ends = [after - 1 for _, _, after in phrases[:-1]] if style.groove else []
    breaks = tuple(bar for bar in ends if rng.random() < BREAK)
    ranges = HANDS if style.chords else SINGERS
    voices = lead_voices([harmony.chord for harmony in harmonies], key, ranges=ranges)
    return Form(style, key, bpm, bars, tuple(phrases), breaks, tuple(harmonies), voices)


def _progression(
    style: Style, key: Key, bars: int, letter: str, rng: np.random.Generator
) -> list[list[Chord]]:
    """The chords of a phrase, bar by bar; the last phrase ends with a full cadence."""
    if bars == 1:
        return [[degree(key, 1)]]
    cadence = "full" if letter == "end" else choice(list(CADENCES), rng)
    return phrase(
        key,
        bars,
        rng,
        cadence=cadence,
        sevenths=style.sevenths,
        colour=style.colour,
        halves=style.halves,
    )

"""What lies under a melody: chords in patterns, and a bass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .sampling import one_of
from .score import Harmony, ScoreNote


class PatternNote(NamedTuple):
    """One stroke of a pattern: when and how long in beats, which tones, how much louder.

    For chords the tones are the upper voices, 0 the lowest; for a bass 0 is the chord's bass, 1
    its fifth and 2 the bass an octave higher.
    """

    beat: float
    beats: float
    tones: tuple[int, ...]
    accent: float = 0.0


class Pattern(NamedTuple):
    """Strokes that come again every so many beats."""

    period: int
    strokes: tuple[PatternNote, ...]


def _in_turn(voices: Sequence[int], beats: float) -> tuple[PatternNote, ...]:
    """One voice after the other, each for so many beats, the first a little louder."""
    return tuple(
        PatternNote(place * beats, beats, (voice,), 0.0 if place else 5.0)
        for place, voice in enumerate(voices)
    )


ALL = (0, 1, 2)
CHORD_PATTERNS = {
    "held": Pattern(16, (PatternNote(0, 16, ALL),)),
    "beats": Pattern(1, (PatternNote(0, 0.8, ALL),)),
    "offbeats": Pattern(1, (PatternNote(0.5, 0.3, ALL, 4),)),
    "eighths": Pattern(1, (PatternNote(0, 0.45, ALL, 6), PatternNote(0.5, 0.4, ALL, -6))),
    "strummed": Pattern(
        4,
        (
            PatternNote(0, 1, ALL, 8),
            PatternNote(1, 0.5, ALL),
            PatternNote(1.5, 1, ALL, -6),
            PatternNote(2.5, 0.5, ALL, -4),
            PatternNote(3, 0.5, ALL, 2),
            PatternNote(3.5, 0.5, ALL, -6),
        ),
    ),
    "arpeggio": Pattern(2, _in_turn((0, 1, 2, 1), 0.5)),
    "alberti": Pattern(1, _in_turn((0, 2, 1, 2), 0.25)),
    "rolling": Pattern(1, _in_turn((0, 1, 2), 1 / 3)),
    "charleston": Pattern(4, (PatternNote(0, 1.2, ALL, 4), PatternNote(1.5, 0.5, ALL))),
    "bossa": Pattern(
        4,
        (
            PatternNote(0, 0.8, ALL, 2),
            PatternNote(1.5, 0.4, ALL),
            PatternNote(2.5, 0.9, ALL, 2),
            PatternNote(3.5, 0.4, ALL, -2),
        ),
    ),
    "waltz": Pattern(3, (PatternNote(1, 0.7, ALL), PatternNote(2, 0.7, ALL, -4))),
}
BASS_PATTERNS = {
    "held": Pattern(16, (PatternNote(0, 16, (0,)),)),
    "fifths": Pattern(4, (PatternNote(0, 1.8, (0,), 4), PatternNote(2, 1.8, (1,)))),
    "eighths": Pattern(1, (PatternNote(0, 0.5, (0,), 4), PatternNote(0.5, 0.5, (0,), -4))),
    "octaves": Pattern(1, (PatternNote(0, 0.4, (0,), 4), PatternNote(0.5, 0.4, (2,)))),
    "pushed": Pattern(
        4,
        (
            PatternNote(0, 1.5, (0,), 6),
            PatternNote(1.5, 1.5, (0,)),
            PatternNote(3, 0.5, (1,)),
            PatternNote(3.5, 0.5, (0,)),
        ),
    ),
    "bossa": Pattern(
        4,
        (
            PatternNote(0, 1.5, (0,), 4),
            PatternNote(1.5, 0.5, (1,)),
            PatternNote(2, 1.5, (1,), 4),
            PatternNote(3.5, 0.5, (0,)),
        ),
    ),
    "waltz": Pattern(3, (PatternNote(0, 2.5, (0,), 4),)),
}
BASS_RANGE = (28, 46)  # E1 to A sharp 2: no melody goes so low


def comping(harmonies: Sequence[Harmony], voices: np.ndarray, pattern: Pattern) -> list[ScoreNote]:
    """Chords in a pattern that begins anew with every chord, which none of its notes outlasts.

    Parameters
    ----------
    harmonies
        The chords.
    voices
        Their upper three voices, MIDI numbers, shape `(harmonies, 3)`.
    pattern
        Such as one of `CHORD_PATTERNS`.
    """
    return [
        ScoreNote(stroke.beat, stroke.beats, int(tones[voice]), stroke.accent)
        for harmony, tones in zip(harmonies, voices, strict=True)
        for stroke in _strokes(pattern, harmony)
        for voice in stroke.tones
    ]


def bass_line(harmonies: Sequence[Harmony], pattern: Pattern) -> list[ScoreNote]:
    """A bass in a pattern; from chord to chord it takes the nearer octave.

    Parameters
    ----------
    harmonies
        The chords, whose inversions say what is lowest.
    pattern
        Such as one of `BASS_PATTERNS`.
    """
    notes = []
    for harmony, low in zip(harmonies, _bass_pitches(harmonies), strict=True):
        fifth = low + (harmony.chord.tones[2] - low) % 12
        tones = (low, fifth if fifth <= BASS_RANGE[1] else fifth - 12, low + 12)
        notes += [
            ScoreNote(stroke.beat, stroke.beats, tones[stroke.tones[0]], stroke.accent)
            for stroke in _strokes(pattern, harmony)
        ]
    return notes


def walking_bass(harmonies: Sequence[Harmony], rng: np.random.Generator) -> list[ScoreNote]:
    """A note a beat: the chord's bass, then its tones, and last a semitone from the next bass."""
    lows = _bass_pitches(harmonies)
    notes = []
    for i, harmony in enumerate(harmonies):
        line = [lows[i]]
        while len(line) < harmony.beats:
            near = range(max(line[-1] - 7, BASS_RANGE[0]), min(line[-1] + 7, BASS_RANGE[1]) + 1)
            tones = [p for p in near if p % 12 in harmony.chord.tones and p != line[-1]]
            line.append(one_of(tones, rng))
        if len(line) > 2 and i + 1 < len(lows):
            line[-1] = lows[i + 1] + one_of((-1, 1), rng)
        notes += [
            ScoreNote(harmony.beat + place, 1.0, pitch, 0.0 if place else 4.0)
            for place, pitch in enumerate(line)
        ]
    return notes


def _strokes(pattern: Pattern, harmony: Harmony) -> list[PatternNote]:
    """A pattern over and over under one chord: strokes at beats of the piece, cut at its end."""
    turns = int(np.ceil(harmony.beats / pattern.period))
    beats = [
        (harmony.beat + turn * pattern.period + stroke.beat, stroke)
        for turn in range(turns)
        for stroke in pattern.strokes
    ]
    return [
        stroke._replace(beat=beat, beats=min(stroke.beats, harmony.end - beat))
        for beat, stroke in beats
        if beat < harmony.end - 1e-9
    ]


def _bass_pitches(harmonies: Sequence[Harmony]) -> list[int]:
    """The bass of each chord in `BASS_RANGE`, near the one before."""
    pitches: list[int] = []
    for harmony in harmonies:
        low = BASS_RANGE[0] + (harmony.chord.bass - BASS_RANGE[0]) % 12
        choices = [p for p in (low, low + 12) if p <= BASS_RANGE[1]]
        near = pitches[-1] if pitches else 36
        pitches.append(min(choices, key=lambda pitch: abs(pitch - near)))
    return pitches

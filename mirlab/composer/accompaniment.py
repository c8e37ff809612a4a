"""Accompaniment of a melody: chords in rhythmic patterns, and a bass line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .sampling import choice
from .score import Harmony, ScoreNote


class PatternNote(NamedTuple):
    """One note of a pattern: onset and length in beats, tones, and change of velocity.

    In chord patterns, tones number the upper voices from 0, the lowest. In bass patterns, 0 is the
    chord's bass, 1 its fifth, and 2 the bass an octave higher.
    """

    beat: float
    beats: float
    tones: tuple[int, ...]
    accent: float = 0.0


class Pattern(NamedTuple):
    """Notes that repeat every `period` beats."""

    period: int
    notes: tuple[PatternNote, ...]


def _in_turn(voices: Sequence[int], beats: float) -> tuple[PatternNote, ...]:
    """Single voices in sequence, `beats` long each, the first a little louder."""
    return tuple(
        PatternNote(index * beats, beats, (voice,), 0.0 if index else 5.0)
        for index, voice in enumerate(voices)
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
BASS_RANGE = (28, 46)  # E1 to A sharp 2, below every melody


def comping(harmonies: Sequence[Harmony], voices: np.ndarray, pattern: Pattern) -> list[ScoreNote]:
    """Chords in a pattern, which restarts with every chord; no note outlasts its chord.

    Parameters
    ----------
    harmonies
        Chords.
    voices
        The upper three voices of each chord, MIDI numbers, shape `(harmonies, 3)`.
    pattern
        Rhythm, such as one of `CHORD_PATTERNS`.
    """
    return [
        ScoreNote(note.beat, note.beats, int(tones[voice]), note.accent)
        for harmony, tones in zip(harmonies, voices, strict=True)
        for note in _repeat_pattern(pattern, harmony)
        for voice in note.tones
    ]


def bass_line(harmonies: Sequence[Harmony], pattern: Pattern) -> list[ScoreNote]:
    """Bass line in a pattern; each chord's bass takes the octave nearer to the previous one.

    Parameters
    ----------
    harmonies
        Chords; the inversion of each determines its bass.
    pattern
        Rhythm, such as one of `BASS_PATTERNS`.
    """
    notes = []
    for harmony, low in zip(harmonies, _bass_pitches(harmonies), strict=True):
        fifth = low + (harmony.chord.tones[2] - low) % 12
        tones = (low, fifth if fifth <= BASS_RANGE[1] else fifth - 12, low + 12)
        notes += [
            ScoreNote(note.beat, note.beats, tones[note.tones[0]], note.accent)
            for note in _repeat_pattern(pattern, harmony)
        ]
    return notes


def walking_bass(harmonies: Sequence[Harmony], rng: np.random.Generator) -> list[ScoreNote]:
    """Walking bass, a note per beat: bass, chord tones, then a semitone from the next bass."""
    lows = _bass_pitches(harmonies)
    notes = []
    for i, harmony in enumerate(harmonies):
        line = [lows[i]]
        while len(line) < harmony.beats:
            near = range(max(line[-1] - 7, BASS_RANGE[0]), min(line[-1] + 7, BASS_RANGE[1]) + 1)
            tones = [p for p in near if p % 12 in harmony.chord.tones and p != line[-1]]
            line.append(choice(tones, rng))
        if len(line) > 2 and i + 1 < len(lows):
            line[-1] = lows[i + 1] + choice((-1, 1), rng)
        notes += [
            ScoreNote(harmony.beat + index, 1.0, pitch, 0.0 if index else 4.0)
            for index, pitch in enumerate(line)
        ]
    return notes


def _repeat_pattern(pattern: Pattern, harmony: Harmony) -> list[PatternNote]:
    """The pattern repeated for one chord and cut at its end; onsets in beats of the piece."""
    repeats = int(np.ceil(harmony.beats / pattern.period))
    beats = [
        (harmony.beat + repeat * pattern.period + note.beat, note)
        for repeat in range(repeats)
        for note in pattern.notes
    ]
    return [
        note._replace(beat=beat, beats=min(note.beats, harmony.end - beat))
        for beat, note in beats
        if beat < harmony.end - 1e-9
    ]


def _bass_pitches(harmonies: Sequence[Harmony]) -> list[int]:
    """Bass of each chord within `BASS_RANGE`, in the octave nearest to the previous bass."""
    pitches: list[int] = []
    for harmony in harmonies:
        low = BASS_RANGE[0] + (harmony.chord.bass - BASS_RANGE[0]) % 12
        choices = [p for p in (low, low + 12) if p <= BASS_RANGE[1]]
        previous = pitches[-1] if pitches else 36
        pitches.append(min(choices, key=lambda pitch: abs(pitch - previous)))
    return pitches

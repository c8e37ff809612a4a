"""Melodies: rhythms from small cells, pitches from three wishes, motifs that come again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.theory import Key
from .sampling import one_of
from .score import Harmony, ScoreNote, harmony_at

# beats of one cell, rests below 0, by the beats that it fills
CELLS: dict[int, tuple[tuple[float, ...], ...]] = {
    1: ((1,), (0.5, 0.5), (0.75, 0.25), (-0.5, 0.5), (0.25, 0.25, 0.5), (1 / 3, 1 / 3, 1 / 3)),
    2: (
        (2,),
        (1, 1),
        (1.5, 0.5),
        (1, 0.5, 0.5),
        (0.5, 0.5, 1),
        (0.5, 1, 0.5),
        (-0.5, 0.5, 0.5, 0.5),
        (0.5, 0.5, 0.5, 0.5),
        (0.75, 0.75, 0.5),
        (0.5, 0.25, 0.25, 0.5, 0.5),
        (0.25, 0.25, 0.25, 0.25, 0.5, 0.5),
    ),
}
PLANS = ("abac", "aabc", "abab", "abcd")  # which bars of a phrase share a rhythm
NEAR = 2.6  # semitones: how far the next note likes to be
HOME = 6.0  # semitones: how far from the middle of its range a melody likes to be
LEAP = 5  # semitones, from which on a melody turns back


def melody(
    harmonies: Sequence[Harmony],
    key: Key,
    rng: np.random.Generator,
    *,
    bars: Sequence[float],
    meter: int,
    lowest: int,
    highest: int,
    density: float,
) -> list[ScoreNote]:
    """A phrase of melody over chords.

    Parameters
    ----------
    harmonies
        What sounds below.
    key
        The key.
    rng
        Chance.
    bars
        The beat on which each bar begins; the last bar is the cadence, a long note.
    meter
        Beats a bar.
    lowest, highest
        The range, MIDI numbers.
    density
        Notes a beat that cells tend to, about 0.5..2.

    Returns
    -------
    list of ScoreNote
        One after another, without overlap.
    """
    plan = one_of(PLANS, rng)
    rhythms: dict[str, list[tuple[float, float]]] = {"end": [(0.0, meter - 1.0)]}
    shapes: dict[str, list[int]] = {}
    notes: list[ScoreNote] = []
    for number, start in enumerate(bars):
        letter = "end" if number == len(bars) - 1 else plan[number % len(plan)]
        if letter not in rhythms:
            rhythms[letter] = _rhythm(meter, density, rng)
        for place, (offset, beats) in enumerate(rhythms[letter]):
            chord = harmony_at(harmonies, start + offset).chord
            strong = offset % 1 == 0 or beats >= 1
            allowed = _within(chord.tones if strong else chord.scale(key), lowest, highest)
            if letter in shapes:  # the motif again, on other chords
                pitch = int(allowed[np.argmin(np.abs(allowed - shapes[letter][place]))])
            else:
                pitch = _choose(allowed, notes, (lowest + highest) / 2, rng)
            notes.append(ScoreNote(start + offset, beats, pitch))
        shapes.setdefault(letter, [note.pitch for note in notes[-len(rhythms[letter]) :]])
    return notes


def _rhythm(meter: int, density: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Onset and length of each note of a bar, in beats; rests are left out."""
    sizes = [2] * (meter // 2) + [1] * (meter % 2)
    if meter % 2 and rng.random() < 0.5:
        sizes.reverse()
    found, now = [], 0.0
    for size in sizes:
        cells = CELLS[size]
        counts = np.array([len(cell) for cell in cells])
        weights = np.exp(-((counts - density * size) ** 2) / 2)
        for beats in cells[int(rng.choice(len(cells), p=weights / weights.sum()))]:
            if beats > 0:
                found.append((now, beats))
            now += abs(beats)
    return found


def _choose(
    allowed: np.ndarray, notes: Sequence[ScoreNote], middle: float, rng: np.random.Generator
) -> int:
    """A pitch that is near the note before, near the middle, and turns back after a leap.

    The product of a bell curve around the note before and one around the middle of the range is
    Temperley's model of melodies (Cognitive Science 32, 2008); his third factor, the key, is here
    the chord, made strict.
    """
    weights = np.exp(-0.5 * ((allowed - middle) / HOME) ** 2)
    if notes:
        last = notes[-1].pitch
        weights *= np.exp(-0.5 * ((allowed - last) / NEAR) ** 2)
        weights[allowed == last] *= 0.35
    if len(notes) > 1 and abs(leap := last - notes[-2].pitch) >= LEAP:
        weights[np.sign(allowed - last) == np.sign(leap)] *= 0.15
    return int(rng.choice(allowed, p=weights / weights.sum()))


def _within(tones: Sequence[int], lowest: int, highest: int) -> np.ndarray:
    """The MIDI numbers of these pitch classes in a range."""
    pitches = np.arange(lowest, highest + 1)
    return pitches[np.isin(pitches % 12, tones)]

"""Melodies: rhythms from short cells, pitches from three preferences, repeated motifs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.theory import Key
from .sampling import choice
from .score import Harmony, ScoreNote, harmony_at

# durations within a cell in beats, negative for rests, by the length of the cell in beats
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
PLANS = ("abac", "aabc", "abab", "abcd")  # bars of a phrase with the same letter share a rhythm
PROXIMITY_STD = 2.6  # semitones, around the previous note
RANGE_STD = 6.0  # semitones, around the middle of the range
LEAP = 5  # semitones: after such an interval or a larger one the melody tends to turn back


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
    """Compose a melodic phrase over chords.

    Parameters
    ----------
    harmonies
        The chords.
    key
        The key.
    rng
        Random generator.
    bars
        The beat on which each bar begins; the last bar is the cadence, one long note.
    meter
        Beats per bar.
    lowest, highest
        Range, as MIDI numbers.
    density
        Preferred number of notes per beat, about 0.5..2.

    Returns
    -------
    list of ScoreNote
        In order, without overlap.
    """
    plan = choice(PLANS, rng)
    rhythms: dict[str, list[tuple[float, float]]] = {"end": [(0.0, meter - 1.0)]}
    shapes: dict[str, list[int]] = {}
    notes: list[ScoreNote] = []
    for number, start in enumerate(bars):
        letter = "end" if number == len(bars) - 1 else plan[number % len(plan)]
        if letter not in rhythms:
            rhythms[letter] = _rhythm(meter, density, rng)
        for index, (offset, beats) in enumerate(rhythms[letter]):
            chord = harmony_at(harmonies, start + offset).chord
            strong = offset % 1 == 0 or beats >= 1
            allowed = _within(chord.tones if strong else chord.scale(key), lowest, highest)
            if letter in shapes:  # repeat the motif over other chords
                pitch = int(allowed[np.argmin(np.abs(allowed - shapes[letter][index]))])
            else:
                pitch = _choose(allowed, notes, (lowest + highest) / 2, rng)
            notes.append(ScoreNote(start + offset, beats, pitch))
        shapes.setdefault(letter, [note.pitch for note in notes[-len(rhythms[letter]) :]])
    return notes


def _rhythm(meter: int, density: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Onset and duration of each note of a bar, in beats; rests are left out."""
    sizes = [2] * (meter // 2) + [1] * (meter % 2)
    if meter % 2 and rng.random() < 0.5:
        sizes.reverse()
    rhythm, now = [], 0.0
    for size in sizes:
        cells = CELLS[size]
        counts = np.array([len(cell) for cell in cells])
        weights = np.exp(-((counts - density * size) ** 2) / 2)
        for beats in cells[int(rng.choice(len(cells), p=weights / weights.sum()))]:
            if beats > 0:
                rhythm.append((now, beats))
            now += abs(beats)
    return rhythm


def _choose(
    allowed: np.ndarray, notes: Sequence[ScoreNote], middle: float, rng: np.random.Generator
) -> int:
    """Draw a pitch: near the previous note, near the middle of the range, back after a leap.

    The product of a Gaussian around the previous note and one around the middle of the range is
    Temperley's model of melodies (Cognitive Science 32, 2008). His third factor, the key profile,
    is replaced by a strict restriction to the tones of the chord.
    """
    weights = np.exp(-0.5 * ((allowed - middle) / RANGE_STD) ** 2)
    if notes:
        last = notes[-1].pitch
        weights *= np.exp(-0.5 * ((allowed - last) / PROXIMITY_STD) ** 2)
        weights[allowed == last] *= 0.35
    if len(notes) > 1 and abs(leap := last - notes[-2].pitch) >= LEAP:
        weights[np.sign(allowed - last) == np.sign(leap)] *= 0.15
    return int(rng.choice(allowed, p=weights / weights.sum()))


def _within(tones: Sequence[int], lowest: int, highest: int) -> np.ndarray:
    """MIDI numbers of pitch classes within a range."""
    pitches = np.arange(lowest, highest + 1)
    return pitches[np.isin(pitches % 12, tones)]

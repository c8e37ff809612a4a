"""Chord progressions: phrases that end in cadences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core.theory import MAJOR, MINOR, QUALITIES, Chord, Key
from .sampling import choice

# Weights of the degrees that follow each degree: Piston's table of usual root progressions
# (Harmony, 1941), with our own numbers for his "usually", "sometimes" and "less often".
FOLLOWS = {
    1: {4: 5, 5: 5, 6: 4, 2: 2, 3: 1},
    2: {5: 8, 4: 2, 6: 2, 1: 1},
    3: {6: 6, 4: 3, 2: 1},
    4: {5: 6, 1: 4, 2: 3, 6: 1},
    5: {1: 8, 6: 3, 4: 2},
    6: {2: 5, 4: 4, 5: 3, 3: 2},
}
CADENCES = {"half": (4, 5), "full": (5, 1), "plagal": (4, 1), "deceptive": (5, 6)}
TRIADS = {
    "major": ("maj", "min", "min", "maj", "maj", "min", "dim"),
    "minor": ("min", "dim", "maj", "min", "maj", "maj", "maj"),
}
SEVENTHS = {
    "major": ("maj7", "min7", "min7", "maj7", "7", "min7", "hdim7"),
    "minor": ("min7", "hdim7", "maj7", "min7", "7", "maj7", "7"),
}


def degree(key: Key, number: int, *, seventh: bool = False, inversion: int = 0) -> Chord:
    """The chord on a degree of the scale; the fifth degree of minor has the leading note.

    >>> degree(Key(0, "major"), 2, seventh=True).label, degree(Key(3, "minor"), 5).label
    ('D:min7', 'E:maj')
    """
    steps = MAJOR if key.mode == "major" else MINOR
    qualities = SEVENTHS if seventh else TRIADS
    return Chord(key.tonic + steps[number - 1], qualities[key.mode][number - 1], inversion)


def phrase(
    key: Key,
    bars: int,
    rng: np.random.Generator,
    *,
    cadence: str,
    sevenths: float,
    colour: float,
    halves: float,
) -> list[list[Chord]]:
    """Draw the chords of a phrase, bar by bar.

    A random walk through `FOLLOWS` that begins on the tonic or the sixth degree and ends in a
    cadence.

    Parameters
    ----------
    key
        The key.
    bars
        Number of bars, at least 2.
    rng
        Random generator.
    cadence
        A name of `CADENCES`, for the last two chords.
    sevenths
        Probability that a chord has a seventh, 0..1.
    colour
        Probability that a chord is reharmonized (see `reharmonize`), 0..1.
    halves
        Probability that a bar has two chords, 0..1.

    Returns
    -------
    list of lists of Chord
        One or two chords per bar.
    """
    counts = [1 + int(rng.random() < halves) for _ in range(bars - 1)] + [1]
    before, last = CADENCES[cadence]
    degrees = [1 if rng.random() < 0.7 else 6]
    while len(degrees) < sum(counts) - 2:
        degrees.append(_next_degree(degrees[-1], rng))
    degrees = [*degrees[: sum(counts) - 2], before, last]
    chords = [degree(key, n, seventh=rng.random() < sevenths) for n in degrees]
    if last == 1:  # final tonic
        chords[-1] = degree(key, 1, seventh=sevenths > 0.8)
    chords = reharmonize(chords, key, rng, probability=colour)
    ends = np.cumsum(counts)
    return [chords[end - count : end] for end, count in zip(ends, counts, strict=True)]


def _next_degree(number: int, rng: np.random.Generator) -> int:
    """Draw the degree that follows this one."""
    weights = FOLLOWS[number]
    return int(rng.choice(list(weights), p=np.array([*weights.values()]) / sum(weights.values())))


def reharmonize(
    chords: Sequence[Chord], key: Key, rng: np.random.Generator, *, probability: float
) -> list[Chord]:
    """Add inversions, secondary dominants, borrowed subdominants and suspensions.

    Each chord is changed with the given probability, by one of the changes that its context
    permits: before a minor or major chord it may become the secondary dominant, the fourth degree
    of major may become minor, a dominant may become a suspended fourth, and any chord may be
    inverted. The first chord and the cadence stay.
    """
    result = list(chords)
    for i in range(1, len(result) - 2):
        chord, to = result[i], result[i + 1]
        if rng.random() >= probability:
            continue
        changes = ["inversion"]
        if to.quality[:3] in ("maj", "min") and to.root != key.tonic and chord.root != to.root:
            changes.append("dominant")
        if key.mode == "major" and chord.root == key.tonic - 1:
            changes.append("borrowed")
        if chord.quality in ("maj", "7") and chord.root == key.tonic + 1:
            changes.append("suspended")
        change = choice(changes, rng)
        if change == "dominant":
            result[i] = Chord(to.root + 1, "7")
        elif change == "borrowed":
            result[i] = Chord(chord.root, "min")
        elif change == "suspended":
            result[i] = Chord(chord.root, "sus4")
        else:
            inversion = int(rng.integers(1, len(QUALITIES[chord.quality])))
            result[i] = replace(chord, inversion=inversion)
    return result

"""Where harmony goes: chords one after another, in phrases that end in cadences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core.theory import MAJOR, MINOR, QUALITIES, Chord, Key
from .sampling import one_of

# what usually follows each degree, and how often: Piston's table of usual root progressions
# (Harmony, 1941), with numbers of our own for his "usually", "sometimes" and "less often"
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
    """The chord on a step of the key's scale; the fifth step of minor has its leading note.

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
    """The chords of a phrase, bar by bar.

    A walk through `FOLLOWS` that begins on the tonic or what follows it and ends in a cadence.

    Parameters
    ----------
    key
        The key.
    bars
        At least 2.
    rng
        Chance.
    cadence
        A name of `CADENCES`, for the last two bars.
    sevenths
        How likely a chord has its seventh, 0..1.
    colour
        How likely a chord is coloured (see `coloured`), 0..1.
    halves
        How likely a bar has two chords, 0..1.

    Returns
    -------
    list of lists of Chord
        One or two chords a bar.
    """
    counts = [1 + int(rng.random() < halves) for _ in range(bars - 1)] + [1]
    before, last = CADENCES[cadence]
    degrees = [1 if rng.random() < 0.7 else 6]
    while len(degrees) < sum(counts) - 2:
        degrees.append(_following(degrees[-1], rng))
    degrees = [*degrees[: sum(counts) - 2], before, last]
    chords = [degree(key, n, seventh=rng.random() < sevenths) for n in degrees]
    if last == 1:  # at rest
        chords[-1] = degree(key, 1, seventh=sevenths > 0.8)
    chords = coloured(chords, key, rng, chance=colour)
    ends = np.cumsum(counts)
    return [chords[end - count : end] for end, count in zip(ends, counts, strict=True)]


def _following(number: int, rng: np.random.Generator) -> int:
    """A degree that may follow this one."""
    weights = FOLLOWS[number]
    return int(rng.choice(list(weights), p=np.array([*weights.values()]) / sum(weights.values())))


def coloured(
    chords: Sequence[Chord], key: Key, rng: np.random.Generator, *, chance: float
) -> list[Chord]:
    """Inversions, secondary dominants, a borrowed subdominant, suspensions.

    Each chord is changed with probability `chance`, in a way that suits where it goes: before a
    minor or major chord its own dominant may stand, the fourth degree of major may be minor, a
    dominant may hold its fourth, and any may be inverted. The first chord and the cadence stay.
    """
    found = list(chords)
    for i in range(1, len(found) - 2):
        chord, to = found[i], found[i + 1]
        if rng.random() >= chance:
            continue
        ways = ["inversion"]
        if to.quality[:3] in ("maj", "min") and to.root != key.tonic and chord.root != to.root:
            ways.append("dominant")
        if key.mode == "major" and chord.root == key.tonic - 1:
            ways.append("borrowed")
        if chord.quality in ("maj", "7") and chord.root == key.tonic + 1:
            ways.append("suspended")
        way = one_of(ways, rng)
        if way == "dominant":
            found[i] = Chord(to.root + 1, "7")
        elif way == "borrowed":
            found[i] = Chord(chord.root, "min")
        elif way == "suspended":
            found[i] = Chord(chord.root, "sus4")
        else:
            found[i] = replace(chord, inversion=int(rng.integers(1, len(QUALITIES[chord.quality]))))
    return found

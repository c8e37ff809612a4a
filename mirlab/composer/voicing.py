"""Voice leading: from chord to chord by the shortest way that the textbooks allow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np

from ..core.theory import Chord, Key

Ranges = tuple[tuple[int, int], ...]  # lowest and highest MIDI number of each voice
SINGERS: Ranges = ((40, 60), (48, 67), (55, 74), (60, 79))  # bass, tenor, alto, soprano
HANDS: Ranges = ((40, 60), (48, 63), (52, 67), (55, 71))  # under a melody
FAULT = 1000.0  # what a fault costs: more than all the ways of a long piece can save


def lead_voices(chords: Sequence[Chord], key: Key, *, ranges: Ranges = SINGERS) -> np.ndarray:
    """Four voices through these chords with the least movement, by dynamic programming.

    Every chord is complete but for a fifth that may be missing, its bass where the inversion
    wants it. Among all ways through all such voicings the cheapest is taken: a semitone of
    movement costs 1, an interval of more than an octave between two upper voices, a doubled
    leading note and a seventh that does not step down 10 each, and parallel fifths or octaves
    1000.

    Parameters
    ----------
    chords
        One after another.
    key
        Says which note is the leading note.
    ranges
        Of the four voices, from the bass up.

    Returns
    -------
    ndarray
        MIDI numbers, shape `(chords, 4)`, from the bass up.

    Examples
    --------
    >>> key = Key(0, "major")
    >>> lead_voices([Chord(0, "maj"), Chord(1, "7"), Chord(0, "maj")], key)[:, 0] % 12
    array([0, 7, 0])
    """
    voicings = [_voicings(chord, key, ranges) for chord in chords]
    cost, came_from = voicings[0][1], []
    for i in range(1, len(chords)):
        (before, _), (after, own) = voicings[i - 1], voicings[i]
        total = cost[:, None] + _movement(before, after, chords[i - 1]) + own
        came_from.append(np.argmin(total, axis=0))
        cost = np.min(total, axis=0)
    path = [int(np.argmin(cost))]
    for back in reversed(came_from):
        path.append(int(back[path[-1]]))
    return np.array([voicings[i][0][k] for i, k in enumerate(reversed(path))])


@lru_cache(maxsize=4096)  # a piece has few chords, and each comes often
def _voicings(chord: Chord, key: Key, ranges: Ranges) -> tuple[np.ndarray, np.ndarray]:
    """All ways to lay a chord out, shape `(ways, 4)`, and what each costs by itself."""
    low, high = ranges[1][0], ranges[3][1]
    upper = [p for p in range(low, high + 1) if p % 12 in chord.tones]
    basses = [p for p in range(ranges[0][0], ranges[0][1] + 1) if p % 12 == chord.bass]
    needed = set(chord.tones) - {chord.tones[2]}
    rows = [
        (bass, *three)
        for three in combinations(upper, 3)
        for bass in basses
        if bass < three[0]
        and needed <= {p % 12 for p in (bass, *three)}
        and all(a <= p <= b for p, (a, b) in zip(three, ranges[1:], strict=True))
    ]
    ways = np.array(rows)
    wide = (np.diff(ways[:, 1:], axis=1) > 12).sum(axis=1)
    leading = (key.tonic + 5) * 7 % 12
    doubled = np.maximum((ways % 12 == leading).sum(axis=1) - 1, 0)
    incomplete = ~np.any(ways % 12 == chord.tones[2], axis=1)
    return ways, 10.0 * (wide + doubled) + 3.0 * incomplete


def _movement(before: np.ndarray, after: np.ndarray, chord: Chord) -> np.ndarray:
    """What each step from a voicing of `chord` to another costs, shape `(before, after)`."""
    step = after[None] - before[:, None]  # (before, after, voices)
    cost = np.abs(step).sum(axis=-1).astype(float)
    for i, j in combinations(range(4), 2):
        interval = (before[:, j] - before[:, i]) % 12
        same = interval[:, None] == ((after[:, j] - after[:, i]) % 12)[None]
        perfect = np.isin(interval, (0, 7))[:, None]
        cost += FAULT * (same & perfect & (step[..., i] != 0) & (step[..., j] != 0))
    if len(chord.tones) == 4:
        seventh = (before % 12 == chord.tones[3])[:, None]
        cost += 10.0 * (seventh & ((step > 0) | (step < -2))).sum(axis=-1)
    return cost

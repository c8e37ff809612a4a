"""Voice leading: the least movement from chord to chord under the rules of textbooks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np

from ..core.theory import Chord, Key

Ranges = tuple[tuple[int, int], ...]  # lowest and highest MIDI number of each voice
SINGERS: Ranges = ((40, 60), (48, 67), (55, 74), (60, 79))  # bass, tenor, alto, soprano
HANDS: Ranges = ((40, 60), (48, 63), (52, 67), (55, 71))  # accompaniment, below a melody
FAULT = 1000.0  # cost of parallels, more than any detour in a long piece can save


def lead_voices(chords: Sequence[Chord], key: Key, *, ranges: Ranges = SINGERS) -> np.ndarray:
    """Voice chords in four parts with the least movement, by dynamic programming.

    Every chord is complete, except that the fifth may be missing, and its bass follows from the
    inversion. The path through all such voicings with the lowest cost is chosen: a semitone of
    movement costs 1; an interval of more than an octave between two upper voices, a doubled
    leading note and a seventh that does not step down cost 10 each; parallel fifths or octaves
    cost 1000.

    Parameters
    ----------
    chords
        Chords in order.
    key
        Key; it determines the leading note.
    ranges
        Range of each of the four voices, from the bass up.

    Returns
    -------
    ndarray
        MIDI numbers from the bass up, shape `(chords, 4)`.

    Examples
    --------
    >>> key = Key(0, "major")
    >>> lead_voices([Chord(0, "maj"), Chord(1, "7"), Chord(0, "maj")], key)[:, 0] % 12
    array([0, 7, 0])
    """
    voicings = [_voicings(chord, key, ranges) for chord in chords]
    cost, came_from = voicings[0][1], []
    for i in range(1, len(chords)):
        (before, _), (after, chord_cost) = voicings[i - 1], voicings[i]
        total = cost[:, None] + _movement(before, after, chords[i - 1]) + chord_cost
        came_from.append(np.argmin(total, axis=0))
        cost = np.min(total, axis=0)
    path = [int(np.argmin(cost))]
    for back in reversed(came_from):
        path.append(int(back[path[-1]]))
    return np.array([voicings[i][0][k] for i, k in enumerate(reversed(path))])


@lru_cache(maxsize=4096)  # a piece has few distinct chords, which recur often
def _voicings(chord: Chord, key: Key, ranges: Ranges) -> tuple[np.ndarray, np.ndarray]:
    """All voicings of a chord, shape `(voicings, 4)`, and the cost of each by itself."""
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
    voicings = np.array(rows)
    large = (np.diff(voicings[:, 1:], axis=1) > 12).sum(axis=1)
    leading = (key.tonic + 5) * 7 % 12
    doubled = np.maximum((voicings % 12 == leading).sum(axis=1) - 1, 0)
    incomplete = ~np.any(voicings % 12 == chord.tones[2], axis=1)
    return voicings, 10.0 * (large + doubled) + 3.0 * incomplete


def _movement(before: np.ndarray, after: np.ndarray, chord: Chord) -> np.ndarray:
    """Cost of each step from a voicing of `chord` to the next, shape `(before, after)`."""
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

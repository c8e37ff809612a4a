"""How each beat is divided: in two, four or three, and whether the piece swings.

A beat is divided as its onsets ask for at least cost: their distance from the grid, a prior that
prefers simple divisions, and a price for changing from beat to beat. The least sum over the whole
piece is found by dynamic programming, as in Temperley, "The cognition of basic musical
structures" (MIT Press, 2001), ch. 2, with far fewer levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.viterbi import cheapest_path

STEPS = 12  # grid steps a quarter note: the least that holds sixteenths and triplets
SIMPLE = {2: 0.0, 4: 1.0, 3: 1.5}  # division of a quarter: its cost
COMPOUND = {3: 0.0, 6: 1.0}  # of a dotted quarter
CHANGE = 2.5  # cost of a triple division beside a binary one
SPREADS = (0.03, 0.08)  # quarter notes; how far players, or found beats, are from the grid
TOGETHER = 0.075  # quarter notes; onsets this close are one chord, even where rounding parts them
PASSES = 3  # the spread is that of the onsets about the grid found before
COLLISION = 2.5  # cost of two onsets that are no chord, on one place of the grid

SWUNG = (0.58, 0.72)  # where in a beat a swung off-beat lies; 0.75 is a dotted eighth
LEAST_SWUNG = 8  # beats with one off-beat, at least, before a piece is said to swing
SHARE_SWUNG = 0.7  # of those beats


@dataclass(frozen=True, eq=False)
class Grid:
    """The places where notes may begin and end.

    Parameters
    ----------
    first
        Number of the first beat (its beginning is `first * span` steps after `origin`).
    origin
        Steps from time 0 to a beat.
    span
        Steps a beat: 12, or 18 in compound time.
    divisions
        Of each beat, shape `(beats,)`; beyond them the coarsest one holds.
    off_beat
        Where the middle of a beat is played: 0.5, or later where the piece swings.
    """

    first: int
    origin: int
    span: int
    divisions: np.ndarray
    off_beat: float

    @property
    def swings(self) -> bool:
        """Whether straight eighths are played long and short."""
        return self.off_beat != 0.5

    def units(self, quarters: np.ndarray) -> np.ndarray:
        """Steps from place to place in the beats of these times; same shape."""
        beat = np.floor(self._beats(quarters) + 1e-9).astype(int)
        return self.span // self._divisions(beat)

    def steps(self, quarters: np.ndarray) -> np.ndarray:
        """The nearest place of the grid, in whole steps since time 0; same shape."""
        at = self._beats(quarters)
        beat = np.floor(at + 1e-9).astype(int)
        division = self._divisions(beat)
        inside = at - beat
        if self.swings:
            inside = np.where(division == 3, inside, straighten(inside, self.off_beat))
        place = np.round(inside * division).astype(int)
        return self.origin + beat * self.span + place * (self.span // division)

    def _beats(self, quarters: np.ndarray) -> np.ndarray:
        """Beats since the origin."""
        return (np.asarray(quarters, float) * STEPS - self.origin) / self.span

    def _divisions(self, beat: np.ndarray) -> np.ndarray:
        """The division of these beats; the coarsest where there is no onset to tell."""
        coarsest = 2 if self.span == STEPS else 3
        if not self.divisions.size:
            return np.full(np.shape(beat), coarsest)
        known = (beat >= self.first) & (beat < self.first + self.divisions.size)
        index = np.clip(beat - self.first, 0, self.divisions.size - 1)
        return np.where(known, self.divisions[index], coarsest)


def find_grid(onsets: np.ndarray, *, origin: int = 0, span: int = STEPS) -> Grid:
    """The grid on which rising onsets stand with the least trouble.

    Parameters
    ----------
    onsets
        In quarter notes since time 0, those of a chord equal, rising. Shape `(n,)`.
    origin, span
        As in `Grid`.

    Examples
    --------
    >>> find_grid(np.array([0, 0.5, 1, 1.34, 1.66, 2, 2.25, 2.5, 3, 3.5, 4, 4.5])).divisions
    array([2, 3, 4, 2, 2])
    """
    at = (np.unique(onsets) * STEPS - origin) / span
    if not at.size:
        return Grid(0, origin, span, np.zeros(0, int), 0.5)
    beat = np.floor(at + 1e-9).astype(int)
    inside = at - beat
    first = int(beat[0])
    off_beat = swing(beat, inside) if span == STEPS else 0.5
    options = SIMPLE if span == STEPS else COMPOUND
    edges = np.searchsorted(beat, np.arange(first, beat[-1] + 2))
    costs = np.array(
        [
            [_cost(inside[a:b] * span / STEPS, d, span / STEPS, off_beat) for d in options]
            for a, b in zip(edges, edges[1:], strict=False)
        ]
    )  # (beats, options, 2): squared distance, collisions
    triple = np.array([d == 3 and span == STEPS for d in options])
    change = CHANGE * (triple[:, None] != triple)
    spread = sum(SPREADS) / 2
    for _ in range(PASSES):
        total = costs @ np.array([1 / (2 * spread**2), COLLISION]) + list(options.values())
        path = cheapest_path(total, change)
        error = np.sqrt(costs[np.arange(len(costs)), path, 0].sum() / at.size)
        spread = float(np.clip(error, *SPREADS))
    return Grid(first, origin, span, np.array(list(options))[path], off_beat)


def swing(beat: np.ndarray, inside: np.ndarray) -> float:
    """Where off-beats are played: 0.5, or the middle of those of a piece that swings.

    Parameters
    ----------
    beat, inside
        Number of the beat and place in it, 0..1, of each onset. Shape `(n,)`.
    """
    inner = (inside > 0.15) & (inside < 0.88)
    count = np.bincount(beat - beat[0], inner).astype(int)
    alone = inner & (count[beat - beat[0]] == 1)
    late = inside[alone & (inside > 0.42)]
    late_eighths = late[(late >= SWUNG[0]) & (late <= SWUNG[1])]
    early = np.sum(inner & (inside > 0.25) & (inside < 0.42))
    if (
        late_eighths.size < max(LEAST_SWUNG, SHARE_SWUNG * late.size)
        or early > 0.35 * late_eighths.size
    ):
        return 0.5
    return float(np.median(late_eighths))


def straighten(inside: np.ndarray, off_beat: float) -> np.ndarray:
    """Places in a swung beat, 0..1, as they would be played straight: `off_beat` becomes 0.5."""
    return np.interp(inside, [0, off_beat, 1], [0, 0.5, 1])


def _cost(inside: np.ndarray, division: int, beat: float, off_beat: float) -> tuple[float, float]:
    """Squared distances from the places of one beat divided so, in quarter notes, and collisions.

    `inside` and `beat` are in quarter notes, too.
    """
    if off_beat != 0.5 and division != 3:
        inside = straighten(inside, off_beat)
    places = np.round(inside / beat * division)
    error = inside - places * beat / division
    merged = (np.diff(places) == 0) & (np.diff(inside) > TOGETHER)
    return float(np.sum(error**2)), float(merged.sum())

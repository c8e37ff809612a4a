"""Metrical grid: the division of each beat (in two, four or three), and swing.

The divisions minimise a cost: the distance of the onsets from the grid, a prior that prefers simple
divisions, and a penalty for changes from beat to beat. Dynamic programming finds the minimum over
the whole piece, as in Temperley, "The cognition of basic musical structures" (MIT Press, 2001),
ch. 2, with far fewer levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..core.viterbi import cheapest_path

STEPS = 12  # grid steps per quarter note: the fewest that allow sixteenths and triplets
SIMPLE = {2: 0.0, 4: 1.0, 3: 1.5}  # cost of each division of a quarter
COMPOUND = {3: 0.0, 6: 1.0}  # cost of each division of a dotted quarter
SIXTHS = SIMPLE | {6: 2.5}  # with sextuplets, of which many reveal compound time
CHANGE = 2.5  # cost of a change between triple and binary division
SPREADS = (0.03, 0.08)  # quarter notes; range of the standard deviation of onsets from the grid
TOGETHER = 0.075  # quarter notes; onsets this close are one chord, even if rounded apart
PASSES = 3  # the spread is estimated from the onsets and the grid of the previous pass
COLLISION = 2.5  # cost of two onsets at one grid position that are not a chord

SWUNG = (0.58, 0.72)  # position of a swung off-beat in the beat; 0.75 is a dotted eighth
MIN_SWUNG = 8  # swung beats in a piece that swings, at least
SWUNG_FRACTION = 0.7  # of the beats with one late off-beat, at least


@dataclass(frozen=True, eq=False)
class Grid:
    """Metrical grid: the positions at which notes may begin and end.

    Parameters
    ----------
    first
        Index of the first beat (it begins `first * span` steps after `origin`).
    origin
        Steps from time 0 to a beat.
    span
        Steps per beat: 12, or 18 in compound time.
    divisions
        Division of each beat, shape `(beats,)`; other beats have the coarsest division.
    off_beat
        Position in the beat at which off-beats are played: 0.5, or later if the piece swings.
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
        """Steps between grid positions in the beats of these times; same shape."""
        beat = np.floor(self._beats(quarters) + 1e-9).astype(int)
        return self.span // self._divisions(beat)

    def steps(self, quarters: np.ndarray) -> np.ndarray:
        """Round to the nearest grid position, in whole steps since time 0; same shape."""
        at = self._beats(quarters)
        beat = np.floor(at + 1e-9).astype(int)
        division = self._divisions(beat)
        inside = at - beat
        if self.swings:
            inside = np.where(division == 3, inside, straighten(inside, self.off_beat))
        position = np.round(inside * division).astype(int)
        return self.origin + beat * self.span + position * (self.span // division)

    def _beats(self, quarters: np.ndarray) -> np.ndarray:
        """Beats since the origin."""
        return (np.asarray(quarters, float) * STEPS - self.origin) / self.span

    def _divisions(self, beat: np.ndarray) -> np.ndarray:
        """Division of these beats; the coarsest where there are no onsets."""
        coarsest = 2 if self.span == STEPS else 3
        if not self.divisions.size:
            return np.full(np.shape(beat), coarsest)
        known = (beat >= self.first) & (beat < self.first + self.divisions.size)
        index = np.clip(beat - self.first, 0, self.divisions.size - 1)
        return np.where(known, self.divisions[index], coarsest)


def find_grid(
    onsets: np.ndarray,
    *,
    origin: int = 0,
    span: int = STEPS,
    costs_of_divisions: Mapping[int, float] | None = None,
) -> Grid:
    """Find the grid that fits the onsets at the lowest cost.

    Parameters
    ----------
    onsets
        Quarter notes since time 0, sorted, equal within a chord. Shape `(n,)`.
    origin, span
        As in `Grid`.
    costs_of_divisions
        By default `SIMPLE`, or `COMPOUND` in compound time.

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
    off_beat = estimate_swing(beat, inside) if span == STEPS else 0.5
    options = costs_of_divisions or (SIMPLE if span == STEPS else COMPOUND)
    costs = np.zeros((int(beat[-1]) - first + 1, len(options), 2))  # squared distance, collisions
    played, start = np.unique(beat, return_index=True)  # long rests cost nothing
    for i, onsets_inside in zip(played - first, np.split(inside, start[1:]), strict=True):
        costs[i] = [_cost(onsets_inside * span / STEPS, d, span / STEPS, off_beat) for d in options]
    triple = np.array([d % 3 == 0 and span == STEPS for d in options])
    change = CHANGE * (triple[:, None] != triple)
    spread = sum(SPREADS) / 2
    for _ in range(PASSES):
        total = costs @ np.array([1 / (2 * spread**2), COLLISION]) + list(options.values())
        if origin + first * span < 0:  # of a beat cut by the beginning no triplet can be written
            total[0, triple] = np.inf
        path = cheapest_path(total, change)
        error = np.sqrt(costs[np.arange(len(costs)), path, 0].sum() / at.size)
        spread = float(np.clip(error, *SPREADS))
    return Grid(first, origin, span, np.array(list(options))[path], off_beat)


def estimate_swing(beat: np.ndarray, inside: np.ndarray) -> float:
    """Estimate the position of off-beats in the beat: 0.5, or their median if the piece swings.

    Parameters
    ----------
    beat, inside
        Index of the beat and position in it, 0..1, of each onset. Shape `(n,)`.
    """
    inner = (inside > 0.15) & (inside < 0.88)
    count = np.bincount(beat - beat[0], inner).astype(int)
    single = inner & (count[beat - beat[0]] == 1)
    late = inside[single & (inside > 0.42)]
    late_eighths = late[(late >= SWUNG[0]) & (late <= SWUNG[1])]
    early = np.sum(inner & (inside > 0.25) & (inside < 0.42))
    if (
        late_eighths.size < max(MIN_SWUNG, SWUNG_FRACTION * late.size)
        or early > 0.35 * late_eighths.size
    ):
        return 0.5
    return float(np.median(late_eighths))


def straighten(inside: np.ndarray, off_beat: float) -> np.ndarray:
    """Map positions in a swung beat, 0..1, to straight ones: `off_beat` becomes 0.5."""
    return np.interp(inside, [0, off_beat, 1], [0, 0.5, 1])


def _cost(inside: np.ndarray, division: int, beat: float, off_beat: float) -> tuple[float, float]:
    """Squared distances of the onsets of one beat from this division, and number of collisions.

    `inside`, `beat` and the distances are in quarter notes.
    """
    if off_beat != 0.5 and division != 3:
        inside = straighten(inside, off_beat)
    positions = np.round(inside / beat * division)
    error = inside - positions * beat / division
    collisions = (np.diff(positions) == 0) & (np.diff(inside) > TOGETHER)
    return float(np.sum(error**2)), float(collisions.sum())

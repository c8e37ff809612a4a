"""A simulated person who corrects beats until the bar lines are right.

At each step, all operations of `mirlab.analysis.beat_grid` are tried, alone and in the pairs that
belong together (a tempo or meter, then a bar line; a beat moved or added, then a bar line on it).
If one of these makes the bar lines right, the shortest is applied, otherwise the one that raises
their agreement most per operation. Once nothing raises it, the person goes on from the start of the
piece to its end: the one that makes most bar lines right up to the first wrong one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from mirlab.analysis.beat_grid import BeatGrid, CorrectionsError
from mirlab.analysis.corrections import FACTORS

TOLERANCE = 0.07  # s
RIGHT = 0.95  # F of the bar lines that count as right
COUNTS = (2, 3, 4)  # beats per bar that a person may choose; 2 in 6/8, too

Change = Callable[[BeatGrid], BeatGrid]


@dataclass(frozen=True)
class Corrected:
    """What the simulated person did.

    Parameters
    ----------
    operations
        Kinds of the operations, in their order: `"tempo"`, `"meter"`, `"bar line"`, `"beat"`.
    agreement
        F of the bar lines within 70 ms, before the first and after each operation; of a pair, the
        first has the F from before.
    is_right
        Whether F reached 0.95.
    """

    operations: tuple[str, ...]
    agreement: tuple[float, ...]
    is_right: bool

    def after(self, count: int) -> float:
        """F after at most `count` operations."""
        return self.agreement[min(count, len(self.agreement) - 1)]

    @property
    def counts(self) -> Counter[str]:
        """Number of operations of each kind."""
        return Counter(self.operations)


def bar_line_f(truth: np.ndarray, found: np.ndarray) -> float:
    """F of bar lines within 70 ms, without excluding the first seconds.

    Bar lines of either are farther apart than twice the tolerance.

    >>> bar_line_f(np.array([0.0, 2.0, 4.0]), np.array([0.05, 3.0]))
    0.4
    """
    if not truth.size or not found.size:
        return 0.0
    after = np.searchsorted(found, truth).clip(1, max(1, found.size - 1))
    after = np.minimum(after, found.size - 1)
    near = np.minimum(np.abs(truth - found[after - 1]), np.abs(truth - found[after]))
    return 2 * int((near <= TOLERANCE).sum()) / (truth.size + found.size)


def correct_bar_lines(grid: BeatGrid, truth: np.ndarray) -> Corrected:
    """Correct a grid until its bar lines are right or nothing helps.

    At the latest, it ends after as many operations as there are bars.

    Parameters
    ----------
    grid
        The beats as they were found.
    truth
        Times of the true bar lines in seconds, increasing.
    """
    operations: list[str] = []
    agreement = [_agreement(grid, truth)]
    worth = _agreement
    while agreement[-1] < RIGHT and len(operations) < truth.size:
        step = _best_step(grid, truth, worth)
        if step is None and worth is _agreement:
            worth = _right_from_the_start
            continue
        if step is None:
            break
        kinds, grid = step
        operations += kinds
        agreement += [agreement[-1]] * (len(kinds) - 1) + [_agreement(grid, truth)]
    return Corrected(tuple(operations), tuple(agreement), agreement[-1] >= RIGHT)


def _best_step(
    grid: BeatGrid, truth: np.ndarray, worth: Callable[[BeatGrid, np.ndarray], float]
) -> tuple[tuple[str, ...], BeatGrid] | None:
    """The shortest step that makes the bar lines right, or that which is worth most per operation.

    None if no step is worth anything.
    """
    before = worth(grid, truth)
    best: tuple[tuple[bool, float], tuple[str, ...], BeatGrid] | None = None
    for kinds, changed in _steps(grid, truth):
        is_right = _agreement(changed, truth) >= RIGHT
        gain = 1.0 if is_right else round(worth(changed, truth) - before, 9)
        value = is_right, gain / len(kinds)
        if gain > 0 and (best is None or value > best[0]):
            best = value, kinds, changed
    return None if best is None else best[1:]


def _right_from_the_start(grid: BeatGrid, truth: np.ndarray) -> float:
    """Number of bar lines that are right up to the first wrong one."""
    found = grid.times[grid.numbers == 1]
    found = found[found >= truth[0] - TOLERANCE]
    count = min(found.size, truth.size)
    wrong = np.abs(found[:count] - truth[:count]) > TOLERANCE
    return float(wrong.argmax() if wrong.any() else count)


def _agreement(grid: BeatGrid, truth: np.ndarray) -> float:
    """F of the bar lines of a grid."""
    return bar_line_f(truth, grid.times[grid.numbers == 1])


def _steps(grid: BeatGrid, truth: np.ndarray) -> Iterator[tuple[tuple[str, ...], BeatGrid]]:
    """What a person may do: kinds of operations, and the grid after them."""
    for time in truth.tolist():
        yield from _done(("bar line",), grid, [_bar_line(time)])
    for kind, change in _whole_piece(grid):
        for kinds, changed in _done((kind,), grid, [change]):
            yield kinds, changed
            for time in truth.tolist():
                yield from _done((kind, "bar line"), changed, [_bar_line(time)])
    for time in truth.tolist():
        near = float(grid.times[np.abs(grid.times - time).argmin()])
        for change in (_move(near, time), _add(time)):
            yield from _done(("beat",), grid, [change])
            yield from _done(("beat", "bar line"), grid, [change, _bar_line(time)])
    for time in grid.times.tolist():
        yield from _done(("beat",), grid, [_delete(time)])


def _done(
    kinds: tuple[str, ...], grid: BeatGrid, changes: list[Change]
) -> Iterator[tuple[tuple[str, ...], BeatGrid]]:
    """The grid after some changes; nothing if one of them is refused."""
    try:
        for change in changes:
            grid = change(grid)
    except CorrectionsError:
        return
    yield kinds, grid


def _whole_piece(grid: BeatGrid) -> Iterator[tuple[str, Change]]:
    """The operations on the whole piece: tempo and meter."""
    for factor in FACTORS.values():
        yield "tempo", lambda g, factor=factor: g.with_tempo(factor)  # type: ignore[misc]
    for count in COUNTS:
        if np.any(grid.counts[grid.lines > 0] != count):
            yield "meter", lambda g, count=count: g.with_count(count)  # type: ignore[misc]


def _bar_line(time: float) -> Change:
    return lambda grid: grid.with_bar_line(time)


def _move(time: float, to: float) -> Change:
    return lambda grid: grid.with_beat_moved(time, to)


def _add(time: float) -> Change:
    return lambda grid: grid.with_beat_added(time)


def _delete(time: float) -> Change:
    return lambda grid: grid.with_beat_deleted(time)

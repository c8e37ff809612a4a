"""The simulated corrector needs as many operations as a person who knows the errors."""

from __future__ import annotations

from fractions import Fraction

import mir_eval
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.analysis.corrector import bar_line_f, correct_bar_lines
from mirlab.analysis.beat_grid import BeatGrid
from mirlab.core import Segments

TIMES = 0.3 + 0.5 * np.arange(64)
TRUTH = TIMES[::4]


def grid(times: np.ndarray, first: int = 1, per_bar: int = 4) -> BeatGrid:
    """Beats at these times; the first has the number `first`."""
    ends = np.r_[times[1:], 2 * times[-1] - times[-2]]
    labels = [str((first - 1 + i) % per_bar + 1) for i in range(times.size)]
    return BeatGrid.from_segments(Segments(np.column_stack([times, ends]), labels), per_bar)


@pytest.mark.parametrize(
    ("found", "operations"),
    [
        (grid(TIMES), ()),
        (grid(TIMES, first=3), ("bar line",)),
        (grid(TIMES).with_tempo(Fraction(1, 2)), ("tempo",)),
        (grid(TIMES).with_tempo(Fraction(2)), ("tempo",)),
        (grid(TIMES, per_bar=3), ("meter",)),
        (grid(TIMES[:-1] + 0.25, first=2), ("bar line",)),  # off the beat
        (grid(np.r_[TIMES[:32], TIMES[32] - 0.25, TIMES[32:]]), ("bar line",)),  # a beat too many
        (grid(TIMES, first=2, per_bar=3), ("meter", "bar line")),
    ],
)
def test_the_operations_are_those_that_undo_the_error(
    found: BeatGrid, operations: tuple[str, ...]
) -> None:
    corrected = correct_bar_lines(found, TRUTH)
    assert corrected.is_right and corrected.operations == operations
    assert len(corrected.agreement) == len(operations) + 1
    assert corrected.after(9) == corrected.agreement[-1] >= 0.95


def test_beats_at_random_take_as_many_operations_as_bars_at_most() -> None:
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.3, 0.9, 40))
    truth = np.cumsum(rng.uniform(1.5, 3, 10))
    corrected = correct_bar_lines(grid(times), truth)
    assert len(corrected.operations) <= truth.size + 1
    assert len(corrected.agreement) == len(corrected.operations) + 1
    assert corrected.agreement[-1] > corrected.agreement[0]


spaced = st.lists(st.floats(0.2, 3), min_size=1, max_size=20).map(np.cumsum)


@given(spaced, spaced)
def test_agreement_is_that_of_mir_eval(truth: np.ndarray, found: np.ndarray) -> None:
    expected, *_ = mir_eval.onset.f_measure(truth, found, window=0.07)
    assert bar_line_f(truth, found) == pytest.approx(expected, abs=1e-9)

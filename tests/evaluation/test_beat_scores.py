"""Beat and tempo scores and the bootstrap: closed forms, invariants, agreement with mir_eval."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mir_eval import beat

from mirlab.core.errors import MirlabError, SegmentsError
from mirlab.evaluation import beat_scores, mean_interval, tempo_scores

BEATS = np.arange(0, 30, 0.5)

beat_rows = st.lists(st.integers(0, 2000), min_size=0, max_size=60, unique=True).map(
    lambda ticks: np.sort(np.array(ticks, float)) / 50
)


def test_a_shift_within_70_ms_costs_no_f_and_one_beyond_it_all() -> None:
    assert beat_scores(BEATS, BEATS + 0.06)["f"] == 1.0
    assert beat_scores(BEATS, BEATS + 0.08)["f"] == 0.0


def test_half_tempo_and_off_beat_count_at_any_metrical_level_only() -> None:
    half, off = beat_scores(BEATS, BEATS[::2]), beat_scores(BEATS, BEATS + 0.25)
    assert half["cmlt"] == 0.0
    assert half["amlt"] == 1.0
    assert half["f"] == pytest.approx(2 / 3)  # precision 1, recall 1/2
    assert off["cmlt"] == 0.0
    assert off["amlt"] > 0.95
    assert off["f"] == 0.0


def test_the_first_five_seconds_do_not_count() -> None:
    wild = np.r_[0.11, 1.77, 3.2, BEATS[BEATS >= 5]]
    assert beat_scores(BEATS, wild) == pytest.approx(beat_scores(BEATS, BEATS))
    assert set(beat_scores(BEATS[:10], BEATS[:10]).values()) == {0.0}  # all before 5 s


def test_equal_errors_have_maximal_information_gain_and_uniform_ones_none() -> None:
    assert beat_scores(BEATS, BEATS)["information_gain"] == pytest.approx(1.0)
    drifting = np.arange(0, 300, 0.5 * 41 / 40)
    assert beat_scores(np.arange(0, 300, 0.5), drifting)["information_gain"] < 0.05


@pytest.mark.parametrize("pair", [([], []), (BEATS, []), ([], BEATS)])
def test_no_beats_score_zero_without_a_warning(pair: tuple[np.ndarray, np.ndarray]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(beat_scores(*pair).values()) == {0.0}


@pytest.mark.parametrize(
    "times", [[2.0, 1.0], [1.0, 1.0], [[1.0, 2.0]], [-1.0, 2.0], [np.nan], [1.0, np.inf], ["a"]]
)
def test_invalid_beats_are_refused(times: list[float]) -> None:
    with pytest.raises(SegmentsError, match="the estimate beats"):
        beat_scores(BEATS, times)
    with pytest.raises(SegmentsError, match="the reference beats"):
        beat_scores(times, BEATS)


@given(beat_rows, beat_rows)
def test_beat_scores_equal_mir_evals(truth: np.ndarray, found: np.ndarray) -> None:
    ours = beat_scores(truth, found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = beat.evaluate(truth, found)
    assert ours["f"] == theirs["F-measure"]
    assert ours["cmlt"] == theirs["Correct Metric Level Total"]
    assert ours["amlt"] == theirs["Any Metric Level Total"]
    assert ours["information_gain"] == theirs["Information gain"]
    assert ours["cmlt"] <= ours["amlt"]
    assert ours["f"] == pytest.approx(beat_scores(found, truth)["f"])


@pytest.mark.parametrize(
    ("bpm", "first", "second"),
    [
        (100, 1, 1),
        (104, 1, 1),
        (96, 1, 1),
        (104.5, 0, 0),
        (150, 0, 0),
        (100 / 3, 0, 1),
        (50, 0, 1),
        (203, 0, 1),
        (300, 0, 1),
        (0, 0, 0),
    ],
)
def test_tempo_within_four_percent(bpm: float, first: float, second: float) -> None:
    assert tempo_scores(100, bpm) == {"accuracy1": first, "accuracy2": second}


@pytest.mark.parametrize("pair", [(0, 100), (-1, 100), (100, -1), (100, np.nan), (np.inf, 100)])
def test_an_invalid_tempo_is_refused(pair: tuple[float, float]) -> None:
    with pytest.raises(SegmentsError, match="tempo"):
        tempo_scores(*pair)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_the_interval_contains_the_mean_and_stays_within_the_values(values: list[float]) -> None:
    mean, low, high = mean_interval(values)
    assert mean == pytest.approx(np.mean(values))
    assert min(values) - 1e-12 <= low <= mean + 1e-12
    assert mean - 1e-12 <= high <= max(values) + 1e-12


def test_the_interval_has_its_theoretical_width() -> None:
    """For many values the percentile interval is the normal one, mean +- 1.96 s / sqrt(n)."""
    values = np.random.default_rng(1).normal(0.5, 0.1, 400)
    mean, low, high = mean_interval(values)
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(mean - half, abs=0.05 * half)
    assert high == pytest.approx(mean + half, abs=0.05 * half)


def test_the_result_depends_on_the_seed() -> None:
    values = [0.1, 0.5, 0.7, 0.9]
    assert mean_interval(values) == mean_interval(values)
    assert mean_interval(np.arange(50.0)) != mean_interval(np.arange(50.0), seed=1)


def test_the_mean_is_weighted() -> None:
    assert mean_interval([0.0, 1.0], weights=[3.0, 1.0])[0] == 0.25
    assert mean_interval([0.2, 0.9], weights=[1.0, 0.0]) == pytest.approx((0.2, 0.2, 0.2))


@pytest.mark.parametrize(
    ("values", "weights"),
    [
        ([], None),
        ([np.nan], None),
        ([[1.0]], None),
        ([1.0], [0.0]),
        ([1.0], [1.0, 2.0]),
        ([1.0, 2.0], [1.0, -1.0]),
    ],
)
def test_values_without_a_mean_are_refused(
    values: list[float], weights: list[float] | None
) -> None:
    with pytest.raises(MirlabError):
        mean_interval(values, weights=weights)

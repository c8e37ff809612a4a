"""Beat and tempo scores and the bootstrap: closed forms, invariants, agreement with mir_eval."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mir_eval import beat

from mirlab.core import MirlabError, Segments, SegmentsError
from mirlab.evaluation import (
    bar_scores,
    beat_offset,
    beat_scores,
    is_octave_error,
    mean_interval,
    tempo_ratio,
    tempo_scores,
)

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
    assert ours["p_score"] == theirs["P-score"]
    assert ours["information_gain"] == theirs["Information gain"]
    assert ours["cmlt"] <= ours["amlt"]
    assert ours["f"] == pytest.approx(beat_scores(found, truth)["f"])


def test_the_p_score_is_the_matched_share_of_the_longer_row() -> None:
    assert beat_scores(BEATS, BEATS)["p_score"] == pytest.approx(1.0)
    assert beat_scores(BEATS, BEATS[::2])["p_score"] == pytest.approx(0.5)
    assert beat_scores(BEATS, np.arange(0, 30, 0.25))["p_score"] == pytest.approx(0.5, abs=0.01)
    assert beat_scores(BEATS, BEATS + 0.25)["p_score"] == 0.0
    assert beat_scores(BEATS, BEATS + 0.09)["p_score"] > 0.95  # within 20 % of 0.5 s


@pytest.mark.parametrize("seconds", [-0.06, -0.015, 0.0, 0.03, 0.069])
def test_the_offset_is_that_of_the_median_beat(seconds: float) -> None:
    late = BEATS + 5 + seconds
    late[::7] += 0.2  # beats that match none
    assert beat_offset(BEATS + 5, late) == pytest.approx(seconds)


def test_without_a_match_there_is_no_offset() -> None:
    assert np.isnan(beat_offset(BEATS, BEATS + 0.2))
    assert np.isnan(beat_offset(BEATS, []))
    assert np.isnan(beat_offset(BEATS[:10], BEATS[:10]))  # all before 5 s


@given(beat_rows, beat_rows)
def test_the_offset_is_that_of_mir_evals_matches(truth: np.ndarray, found: np.ndarray) -> None:
    ours = beat_offset(truth, found)
    assert np.isnan(ours) == (beat_scores(truth, found)["f"] == 0)
    assert np.isnan(ours) or abs(ours) <= 0.07 + 1e-9
    assert np.isnan(ours) or ours == pytest.approx(-beat_offset(found, truth))


@pytest.mark.parametrize("ratio", [1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3])
def test_the_tempo_ratio_follows_a_changing_tempo(ratio: float) -> None:
    """The tempo doubles within the piece, so the mean tempi of its parts differ by a factor."""
    position = np.linspace(0, 59, 600)
    seconds = np.cumsum(np.linspace(0.08, 0.04, 600))
    truth = np.interp(np.arange(60), position, seconds)
    found = np.interp(np.arange(0, 59, 1 / ratio), position, seconds)
    assert tempo_ratio(truth, found) == pytest.approx(ratio, rel=0.01)
    assert is_octave_error(tempo_ratio(truth, found)) == (ratio != 1)
    assert tempo_ratio(truth, found[found > 10]) == pytest.approx(ratio, rel=0.01)


def test_there_is_no_tempo_ratio_without_two_beats() -> None:
    assert tempo_ratio(BEATS, []) == tempo_ratio([], BEATS) == tempo_ratio([1.0], BEATS) == 0.0
    assert tempo_ratio(BEATS, [1.0]) == tempo_ratio(BEATS, [100.0, 101.0]) == 0.0
    assert not is_octave_error(0.0)


@pytest.mark.parametrize(
    ("ratio", "error"),
    [(1, False), (1.2, False), (2.15, True), (2.17, False), (0.7, True), (4.3, True)],
)
def test_an_octave_error_is_within_eight_percent(ratio: float, error: bool) -> None:
    assert is_octave_error(ratio) is error


@pytest.mark.parametrize("ratio", [-1, np.nan, np.inf])
def test_an_invalid_ratio_is_refused(ratio: float) -> None:
    with pytest.raises(SegmentsError, match="ratio of tempi"):
        is_octave_error(ratio)


def numbered(times: np.ndarray, per_bar: int, first: int = 1) -> Segments:
    """Beats in bars of `per_bar`, the first of them with the number `first`."""
    labels = [str((first - 1 + i) % per_bar + 1) for i in range(len(times))]
    return Segments(np.column_stack([times, times + 0.01]), labels)


@pytest.mark.parametrize("per_bar", [2, 3, 4, 7])
def test_the_same_bars_are_right_and_bars_a_beat_late_are_wrong(per_bar: int) -> None:
    truth = numbered(BEATS, per_bar)
    assert bar_scores(truth, truth) == {"downbeat_f": 1.0, "meter": 1.0}
    late = numbered(BEATS, per_bar, first=2)
    assert bar_scores(truth, late) == {"downbeat_f": 0.0, "meter": 1.0}


def test_bars_of_two_hit_every_downbeat_of_bars_of_four() -> None:
    scores = bar_scores(numbered(BEATS, 4), numbered(BEATS, 2))
    assert scores["downbeat_f"] == pytest.approx(2 * 12 / (12 + 25))  # downbeats from 5 s on
    assert scores["meter"] == 0.0


def test_the_meter_is_that_of_most_bars() -> None:
    labels = ["1", "2", "3"] * 5 + ["1", "2"] * 4 + ["1"]
    mixed = Segments(np.column_stack([BEATS[:24], BEATS[:24] + 0.1]), labels)
    assert bar_scores(numbered(BEATS, 3), mixed)["meter"] == 1.0
    assert bar_scores(numbered(BEATS, 2), mixed)["meter"] == 0.0


def test_without_bars_nothing_is_right() -> None:
    none = Segments([], [])
    assert set(bar_scores(none, none).values()) == {0.0}
    assert set(bar_scores(numbered(BEATS, 4), none).values()) == {0.0}
    assert bar_scores(numbered(BEATS[:3], 4), numbered(BEATS[:3], 4))["meter"] == 0.0


@given(beat_rows, beat_rows, st.integers(1, 5), st.integers(1, 5))
def test_the_downbeat_f_is_mir_evals(
    truth: np.ndarray, found: np.ndarray, first: int, second: int
) -> None:
    ours = bar_scores(numbered(truth, first), numbered(found, second))["downbeat_f"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert ours == beat.evaluate(truth[::first], found[::second])["F-measure"]


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

"""The Beat bench's numbers: against the rhythm room, mir_eval and closed forms."""

from __future__ import annotations

from typing import Any

import mir_eval
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab import Audio, track_beats
from mirlab.core import Segments
from mirlab.examples import load
from mirlab.rhythm import beat_times, click_track, estimate_tempo, onset_strength
from mirlab.widgets import BeatBench
from mirlab.widgets.beat_bench.data import STRENGTHS, tap_errors, tap_scores
from mirlab.widgets.shared.base import WidgetError

RATE = 22050
BEATS = np.arange(0.3, 11.8, 0.5)
CLICKS = click_track(BEATS, duration=12)
NUMBERED = Segments(np.column_stack([BEATS, BEATS + 0.5]), [str(i % 4 + 1) for i in range(23)])
SORTED = st.lists(st.integers(0, 1200), max_size=30, unique=True).map(
    lambda hundredths: np.sort(hundredths) / 100
)


def test_without_arguments_it_shows_a_piece_with_its_beats() -> None:
    bench, piece = BeatBench(), load("song")
    assert (bench.title, bench.reference) == ("song", "true")
    assert bench.beats_per_bar == piece.meter[0]
    np.testing.assert_allclose(bench.reference_beats.intervals[:, 0], piece.beats.intervals[:, 0])
    assert bench.reference_beats.labels == piece.beats.labels
    assert BeatBench(**bench.state()).state() == bench.state()


def test_the_defaults_are_those_of_track_beats() -> None:
    bench = BeatBench.of(load("drums"))
    ours, theirs = bench.beats, track_beats(bench.audio)
    np.testing.assert_array_equal(ours.intervals, theirs.intervals)
    assert ours.labels == theirs.labels


@pytest.mark.parametrize("novelty", list(STRENGTHS))
def test_every_novelty_finds_the_beats_of_clicks(novelty: str) -> None:
    bench = BeatBench.of(CLICKS, novelty=novelty)
    assert bench.tempo == pytest.approx(120, rel=0.04)
    found = bench.beats.intervals[:, 0]
    assert np.abs(found[:, None] - BEATS[1:]).min(axis=0).max() < 0.04


def test_prior_and_tightness_are_those_of_the_rhythm_room() -> None:
    bench = BeatBench(tempo_prior=50, prior_octaves=0.4, tightness=400)
    strength = onset_strength(bench.audio)
    settings = {"prior": 50, "prior_octaves": 0.4}
    np.testing.assert_array_equal(
        bench.beats.intervals[:, 0], beat_times(strength, **settings, tightness=400)
    )
    assert bench.tempo == pytest.approx(estimate_tempo(strength, **settings), rel=0.03)
    assert bench.tempo < 60 < BeatBench().tempo


@pytest.mark.parametrize("late", [-0.04, 0.0, 0.05])
def test_errors_are_signed_and_the_latency_is_subtracted(late: float) -> None:
    bench = BeatBench.of(CLICKS, beats=NUMBERED)
    bench.taps = list(BEATS[2:10] + late + 0.1)
    bench.latency = 0.1
    np.testing.assert_allclose(bench.errors, late, atol=1e-9)
    assert bench.scores == pytest.approx({"taps": 8, "mean": late, "spread": 0, "f": 1}, abs=1e-9)
    bench.latency = -0.1
    assert bench.scores["f"] == 0
    bench.taps = []
    assert bench.errors.size == 0 and bench.scores["f"] == 0


@given(SORTED, SORTED)
def test_the_f_measure_is_that_of_mir_eval(taps: np.ndarray, beats: np.ndarray) -> None:
    scores = tap_scores(taps, beats)
    if not taps.size or not beats.size:
        assert scores["f"] == 0
        return
    inside = beats[(beats >= taps[0] - 0.07) & (beats <= taps[-1] + 0.07)]
    expected = mir_eval.beat.f_measure(inside, taps) if inside.size else 0
    assert scores["f"] == pytest.approx(expected)
    assert np.all(
        np.abs(tap_errors(taps, beats)) <= np.abs(taps[:, None] - beats).min(axis=1) + 1e-9
    )


def test_the_click_track_has_clicks_at_the_level() -> None:
    silence = Audio(np.full(6 * RATE, 1e-3), RATE)
    beats = Segments([[1, 2], [2, 3], [3, 4]], ["1", "2", "3"])
    bench = BeatBench.of(silence, beats=beats, click_level=1.0)
    y = bench.click_track().y[0]
    assert y.size == 6 * RATE and np.abs(y).max() == pytest.approx(0.9)
    rough = np.abs(np.diff(y, prepend=y[0]))
    for time in (1, 2, 3):
        assert rough[round(time * RATE) : round((time + 0.01) * RATE)].max() > 0.05
    assert rough[: RATE - 10].max() < 0.01 and rough[round(4.1 * RATE) :].max() < 0.01
    bench.click_level = 0
    np.testing.assert_allclose(bench.click_track().y, 0.9, atol=0.02)


def test_the_users_sound_has_tracked_beats_only() -> None:
    bench = BeatBench()
    samples = np.round(32767 * CLICKS.y[0]).astype("<i2")
    bench.user_audio, bench.clip = samples.tobytes(), "user_audio"
    assert bench.audio.duration == pytest.approx(12)
    np.testing.assert_array_equal(bench.reference_beats.intervals, bench.beats.intervals)
    assert bench.tempo == pytest.approx(120, rel=0.04)


@pytest.mark.parametrize("sound", [Audio(np.zeros(3 * RATE), RATE), Audio(np.zeros(10), RATE)])
def test_silence_has_no_beats(sound: Audio) -> None:
    bench = BeatBench.of(sound)
    bench.taps = [0.5, 1.0]
    assert bench.tempo == 0 and len(bench.beats) == 0
    assert bench.errors.size == 0
    assert not bench.click_track().y.any()


def test_a_long_recording_is_cut_and_an_empty_bench_says_so() -> None:
    bench = BeatBench.of(Audio(np.zeros(70 * 8000), 8000))
    assert bench.seconds == bench.audio.duration == 60
    with pytest.raises(WidgetError, match=r"BeatBench\.of"):
        _ = BeatBench(sound=b"").audio
    assert len(BeatBench(sound=b"").beats) == 0


@pytest.mark.parametrize(
    "state",
    [
        {"tempo_prior": 10},
        {"prior_octaves": 0},
        {"tightness": 0},
        {"beats_per_bar": 0},
        {"novelty": "loudness"},
        {"click_level": 2},
        {"latency": 3},
        {"taps": [1.0, 0.5]},
        {"taps": ["x"]},
        {"taps": [float("nan")]},
        {"taps": 3},
        {"true_beats": [[1, 1], [1, 2]]},
        {"true_beats": [[1, 0]]},
        {"true_beats": [[-1, 1]]},
        {"true_beats": [[1, 1.5]]},
        {"true_beats": [1, 2]},
        {"tempo": 100},
    ],
)
def test_bad_values_are_refused(state: dict[str, Any]) -> None:
    with pytest.raises(WidgetError):
        BeatBench(sound=b"", **state)


@pytest.mark.parametrize("sound", [3, "song.mp3", np.zeros(9)])
def test_only_audio_is_taken(sound: Any) -> None:
    with pytest.raises(WidgetError, match="of an Audio or an Example"):
        BeatBench.of(sound)


def test_true_beats_are_numbered_segments() -> None:
    with pytest.raises(WidgetError, match="numbers in the bar"):
        BeatBench.of(CLICKS, beats=Segments([[0, 1]], ["verse"]))
    with pytest.raises(WidgetError, match="beats are Segments"):
        BeatBench.of(CLICKS, beats=BEATS)  # type: ignore[arg-type]

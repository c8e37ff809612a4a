"""`TempoMap`: seconds to beats and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.core import NotesError, TempoMap


@st.composite
def tempo_maps(draw):
    gaps = draw(st.lists(st.floats(0.1, 30), max_size=8))
    tempi = draw(st.lists(st.floats(20, 400), min_size=len(gaps) + 1, max_size=len(gaps) + 1))
    return TempoMap(np.r_[0.0, np.cumsum(gaps)], tempi)


@given(tempo_maps(), st.lists(st.floats(0, 500), min_size=1))
def test_there_and_back(tempo, seconds):
    np.testing.assert_allclose(tempo.seconds(tempo.beats(seconds)), seconds, atol=1e-9)


@given(tempo_maps())
def test_beats_rise_with_seconds(tempo):
    assert np.all(np.diff(tempo.beats(np.linspace(0, 300, 1000))) > 0)


@given(st.floats(0, 3), st.lists(st.floats(0.2, 2), min_size=2, max_size=40))
def test_found_beats_are_whole_beats(first, gaps):
    times = first + np.r_[0.0, np.cumsum(gaps)]
    beats = TempoMap.from_beats(times).beats(times)
    away = np.abs(beats - np.round(beats))
    np.testing.assert_array_equal(np.diff(np.round(beats)), 1)
    if np.ptp(gaps) > 0.2:  # far from steady: every interval has its own tempo
        assert away[1:].max() < 1e-6 and (away[0] < 1e-6 or first <= gaps[0] / 2)


@given(st.floats(0, 3), st.floats(0.2, 2), st.integers(2, 100))
def test_steady_beats_give_their_tempo(first, period, n):
    times = first + period * np.arange(n)
    tempo = TempoMap.from_beats(times)
    assert tempo.bpm[-1] == pytest.approx(60 / period)
    whole = tempo.beats(times[1:])
    np.testing.assert_allclose(whole, np.round(whole), atol=1e-6)
    assert tempo.times.size <= 2 and tempo.bpm.max() <= 2 * 60 / period * (1 + 1e-9)


def test_jittered_steady_beats_give_one_tempo():
    rng = np.random.default_rng(0)
    times = 0.3 + 0.5 * np.arange(100) + rng.uniform(-0.02, 0.02, 100)
    tempo = TempoMap.from_beats(times)
    assert tempo.times.size == 2  # the time before the first beat, then one tempo
    assert tempo.bpm[1] == pytest.approx(120, abs=0.1)


@pytest.mark.parametrize(
    ("times", "bpm"),
    [([], []), ([1.0], [60]), ([0, 0], [60, 60]), ([0], [0]), ([0], [np.nan]), ([0, 1], [60])],
)
def test_senseless_maps_are_refused(times, bpm):
    with pytest.raises(NotesError):
        TempoMap(times, bpm)


@pytest.mark.parametrize("beats", [[], [1.0], [1.0, 1.0], [2.0, 1.0]])
def test_too_few_beats_are_refused(beats):
    with pytest.raises(NotesError, match="at least two increasing"):
        TempoMap.from_beats(beats)


def test_the_typical_tempo_sees_through_a_coarse_grid():
    """Beats at 132 bpm rounded to frames of 23 ms have a median interval of 129 bpm."""
    frame = 512 / 22050
    beats = 0.3 + np.arange(200) * 60 / 132
    beats[100:] += 0.2  # a breath in the middle: no steady line
    grid = np.round(beats / frame) * frame
    assert 60 / np.median(np.diff(grid)) == pytest.approx(129.2, abs=0.1)
    assert TempoMap.from_beats(grid).typical_bpm == pytest.approx(132, abs=0.7)


@given(st.floats(20, 400))
def test_the_typical_tempo_of_one_tempo_is_it(bpm):
    assert TempoMap(0, bpm).typical_bpm == pytest.approx(bpm)

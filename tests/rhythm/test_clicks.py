"""Click tracks: a click on each beat, to the sample, and nothing elsewhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.core import AudioError, Segments, SegmentsError
from mirlab.rhythm import beat_times, click_track, onset_strength
from mirlab.rhythm.clicks import BEAT_HZ, DOWNBEAT_HZ, LENGTH

SR = 22050


def pitch(y):
    """Frequency of the strongest partial of a click."""
    spectrum = np.abs(np.fft.rfft(y, 16 * y.size))
    return spectrum.argmax() * SR / (16 * y.size)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True))
def test_a_click_begins_on_each_beat(tenths):
    times = np.sort(tenths) / 10
    y = click_track(times, duration=5, sr=SR).y[0]
    assert y.size == 5 * SR
    first = np.round(times * SR).astype(int) + 1  # a sine begins with 0
    assert np.all(np.abs(y[first]) > 0.1)
    inside = np.zeros(y.size, bool)
    for start in first:
        inside[start - 1 : start + round(LENGTH * SR)] = True
    assert not y[~inside].any()


def test_downbeats_are_higher():
    beats = Segments([[0, 0.5], [0.5, 1]], ["1", "2"])
    y = click_track(beats).y[0]
    click = round(LENGTH * SR)
    assert y.size == pytest.approx(round(0.5 * SR) + click, abs=1)
    assert pitch(y[:click]) == pytest.approx(DOWNBEAT_HZ, rel=0.02)
    assert pitch(y[-click:]) == pytest.approx(BEAT_HZ, rel=0.02)
    assert 0.3 < np.abs(y).max() <= 0.5


def test_the_tracker_finds_the_beats_of_a_click_track():
    times = np.arange(0.3, 20, 0.5)
    found = beat_times(onset_strength(click_track(times)))
    # where the first beat lies, the tempo alone decides
    np.testing.assert_allclose(found[1:], times[1:], atol=0.03)


def test_clicks_after_the_end_and_before_the_start_are_left_out():
    y = click_track(np.array([-1.0, 0.97, 3.0]), duration=1, sr=SR).y[0]
    assert y.size == SR
    assert not y[: round(0.97 * SR)].any() and y[round(0.97 * SR) :].any()
    assert not click_track(np.zeros(0)).y.any()


def test_wrong_beats_and_durations_are_refused():
    with pytest.raises(SegmentsError, match="increase"):
        click_track(np.array([1.0, 0.5]))
    with pytest.raises(AudioError, match="duration"):
        click_track(np.array([1.0]), duration=-1)
    with pytest.raises(AudioError, match="sr"):
        click_track(np.array([1.0]), sr=0)

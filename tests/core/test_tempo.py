"""`TempoMap`: seconds to beats and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.core import Notes, NotesError, Segments, TempoMap


@st.composite
def tempo_maps(draw):
    gaps = draw(st.lists(st.floats(0.1, 30), max_size=8))
    tempi = draw(st.lists(st.floats(20, 400), min_size=len(gaps) + 1, max_size=len(gaps) + 1))
    return TempoMap(np.r_[0.0, np.cumsum(gaps)], tempi)


@given(tempo_maps(), st.lists(st.floats(0, 500), min_size=1))
def test_the_inverse_restores_the_input(tempo, seconds):
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
        assert away[1:].max() < 1e-6
        assert away[0] < 1e-6 or first <= gaps[0] / 24 + 1e-6


@given(st.floats(0, 3), st.floats(0.2, 2), st.integers(2, 100))
def test_steady_beats_give_their_tempo(first, period, n):
    times = first + period * np.arange(n)
    tempo = TempoMap.from_beats(times)
    np.testing.assert_allclose(tempo.bpm, 60 / period, rtol=0.05)
    assert tempo.bpm[-1] == pytest.approx(60 / period)
    whole = tempo.beats(times[1:])
    np.testing.assert_allclose(whole, np.round(whole), atol=1e-6)
    assert tempo.times.size <= 2 and tempo.times[0] > -period * (1 + 1e-6)


@pytest.mark.parametrize(
    ("lead", "bpm"), [(0.05, 120), (0.15, 100), (0.3, 90), (0.4, 130), (1, 90)]
)
def test_a_recording_may_begin_between_two_beats(lead, bpm):
    """A note a quarter of a beat before the first beat is a sixteenth early, not a third."""
    times = lead + np.arange(16) * 60 / bpm
    tempo = TempoMap.from_beats(times)
    assert tempo.bpm == pytest.approx([bpm])
    np.testing.assert_allclose(tempo.beats(times), np.ceil(lead * bpm / 60) + np.arange(16))
    assert tempo.beats(lead - 15 / bpm) == pytest.approx(tempo.beats(lead) - 0.25)
    assert 0 <= tempo.beats(0) < 1


@pytest.mark.parametrize(("second", "bpm"), [(0.42, 130), (0.33, 160), (0.2, 110), (0.3, 60)])
@pytest.mark.parametrize("n", [3, 5, 40])
def test_a_first_beat_cut_off_at_zero_moves_no_other(second, bpm, n):
    times = second + np.arange(n) * 60 / bpm
    tempo = TempoMap.from_beats(np.r_[0.0, times])
    np.testing.assert_allclose(tempo.beats(times), np.arange(n) + 1, atol=1e-6)


def test_beats_before_zero_keep_the_phase():
    for times in (np.arange(-1.2, 5, 0.5), np.r_[-0.4, 0.1, 0.5, 1.1, 1.4, 2.0]):
        beats = TempoMap.from_beats(times).beats(times[times > 0.05])
        np.testing.assert_allclose(beats, 1 + np.arange(beats.size), atol=1e-6)


def test_a_stray_last_beat_has_no_weight():
    times = np.r_[0.25 + np.arange(10.0), 9.97]
    assert TempoMap.from_beats(times).typical_bpm == pytest.approx(60, rel=0.03)


def test_tracked_beats_are_taken_as_they_are():
    times = np.array([0.5, 1.0, 1.4, 2.0])
    beats = Segments(np.column_stack([times, times + 0.4]), ["1", "2", "3", "4"])
    tempo = TempoMap.from_beats(beats)
    np.testing.assert_array_equal(tempo.times, TempoMap.from_beats(times).times)


@given(st.floats(0.01, 0.99), st.floats(30, 250), st.floats(0.5, 8))
def test_a_midi_file_keeps_whole_beats(phase, bpm, second_tempo):
    tempo = TempoMap([-phase * 60 / bpm, 2.0 + second_tempo], [bpm, bpm * 1.2])
    onset = tempo.seconds(np.arange(1, 12))
    saved = Notes(onset, onset + 0.1, np.full(11, 60), tempo_map=tempo).to_midi()
    beats = Notes.from_midi(saved).tempo_map.beats(onset)
    np.testing.assert_allclose(beats, np.arange(1, 12), atol=0.02)


def test_jittered_steady_beats_give_one_tempo():
    rng = np.random.default_rng(0)
    times = 0.3 + 0.5 * np.arange(100) + rng.uniform(-0.02, 0.02, 100)
    tempo = TempoMap.from_beats(times)
    assert tempo.times == pytest.approx([-0.2], abs=0.01)
    assert tempo.bpm == pytest.approx([120], abs=0.1)


@pytest.mark.parametrize(
    ("times", "bpm"),
    [
        ([], []),
        ([1.0], [60]),
        ([0, 0], [60, 60]),
        ([-np.inf], [60]),
        ([0], [0]),
        ([0], [np.nan]),
        ([0, 1], [60]),
        (["a"], [60]),
        (None, 60),
        (0, object()),
    ],
)
def test_senseless_maps_are_refused(times, bpm):
    with pytest.raises(NotesError):
        TempoMap(times, bpm)


@pytest.mark.parametrize("beats", [[-2.0, -1.0], [1e300, 2e300], ["a", "b"], None])
def test_senseless_beats_are_refused(beats):
    with pytest.raises(NotesError):
        TempoMap.from_beats(beats)


@pytest.mark.parametrize("beats", [[], [1.0], [1.0, 1.0], [2.0, 1.0]])
def test_too_few_beats_are_refused(beats):
    with pytest.raises(NotesError, match="at least two increasing"):
        TempoMap.from_beats(beats)


def test_the_typical_tempo_sees_through_a_coarse_grid():
    """Beats at 132 bpm rounded to frames of 23 ms have a median interval of 129 bpm."""
    frame = 512 / 22050
    beats = 0.3 + np.arange(200) * 60 / 132
    beats[100:] += 0.2  # a pause in the middle: not a straight line
    grid = np.round(beats / frame) * frame
    assert 60 / np.median(np.diff(grid)) == pytest.approx(129.2, abs=0.1)
    assert TempoMap.from_beats(grid).typical_bpm == pytest.approx(132, abs=0.7)


@given(st.floats(20, 400))
def test_the_typical_tempo_of_one_tempo_is_it(bpm):
    assert TempoMap(0, bpm).typical_bpm == pytest.approx(bpm)

"""Beats: against librosa, and on pulses whose beat is known."""

import librosa
import mir_eval
import numpy as np
import pytest

from mirlab.core import Audio, AudioError, Notes, TempoMap
from mirlab.rhythm import (
    beat_times,
    estimate_tempo,
    number_beats,
    onset_strength,
    tempo_confidence,
    track_beats,
)
from mirlab.rhythm.dynamic_programming import _best_totals, _smooth, best_beats

SR = 22050


def pulse(bpm, seconds=30.0, first=0.3, accent=4):
    """Short low strokes on every beat, each `accent`-th one louder, and the beat times."""
    y = np.zeros(int(seconds * SR), np.float32)
    times = np.arange(first, seconds - 0.3, 60 / bpm)
    t = np.arange(int(0.1 * SR)) / SR
    thud = np.sin(2 * np.pi * 110 * t) * np.exp(-t / 0.03)
    for i, time in enumerate(times):
        at = int(time * SR)
        y[at : at + t.size] += (0.9 if i % accent == 0 else 0.4) * thud
    return Audio(y, SR), times


def test_onset_strength_in_blocks_equals_librosas():
    y = 0.1 * np.random.default_rng(0).standard_normal(14 * SR).astype(np.float32)
    theirs = librosa.onset.onset_strength(y=y, sr=SR, n_mels=64, fmax=2000.0)
    np.testing.assert_allclose(onset_strength(Audio(y, SR)), theirs, atol=1e-4)


def test_tempo_in_blocks_equals_librosas():
    strength = onset_strength(pulse(97, 50)[0])
    assert estimate_tempo(strength) == librosa.feature.tempo(onset_envelope=strength, sr=SR)[0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("frames", [200, 1500])
def test_beats_equal_librosas(seed, frames):
    """Noise has no beat, so the result depends on the method alone."""
    rng = np.random.default_rng(seed)
    strength = rng.gamma(0.3, size=frames)
    strength[:60] = 0  # silence first: librosa keeps a beat that is near enough to a sound
    tempo = estimate_tempo(strength)
    assert tempo == librosa.feature.tempo(onset_envelope=strength, sr=SR)[0]
    _, theirs = librosa.beat.beat_track(onset_envelope=strength, bpm=tempo, sr=SR, trim=False)
    np.testing.assert_array_equal(best_beats(strength, round(60 * SR / 512 / tempo)), theirs)


def test_the_best_beats_are_the_best_of_all():
    """Every sequence of beats in a short sound is tried."""
    strength = np.random.default_rng(0).gamma(0.3, size=13)
    period = 4
    smoothed = _smooth(strength, period)
    lags = range(2, 9)

    def best(frame):
        before = [best(frame - k) - 100 * np.log(k / period) ** 2 for k in lags if k <= frame]
        return smoothed[frame] + max(before, default=0)

    total, came_from = _best_totals(smoothed, period, 100.0)
    np.testing.assert_allclose(total, [best(frame) for frame in range(13)])
    assert came_from[:2].tolist() == [-1, -1]


@pytest.mark.parametrize("bpm", [80, 100, 120, 150])
def test_the_beats_of_a_pulse_are_found(bpm):
    sound, times = pulse(bpm)
    found = beat_times(onset_strength(sound))
    assert mir_eval.beat.f_measure(times, found) > 0.95
    assert 60 / np.median(np.diff(found)) == pytest.approx(bpm, rel=0.04)


@pytest.mark.parametrize(("prior", "bpm"), [(60, 60), (120, 120), (240, 240)])
def test_the_prior_chooses_among_octaves(prior, bpm):
    strength = onset_strength(pulse(240, accent=2)[0])
    tempo = estimate_tempo(strength, prior=prior, prior_octaves=0.3)
    assert tempo == pytest.approx(bpm, rel=0.04)
    gaps = np.diff(beat_times(strength, prior=prior, prior_octaves=0.3))
    assert 60 / np.median(gaps) == pytest.approx(bpm, rel=0.04)


@pytest.mark.parametrize("prior", [80.0, 120.0, 200.0])
def test_the_prior_equals_librosas(prior):
    strength = np.random.default_rng(1).gamma(0.3, size=900)
    theirs = librosa.feature.tempo(onset_envelope=strength, sr=SR, start_bpm=prior, std_bpm=0.4)[0]
    assert estimate_tempo(strength, prior=prior, prior_octaves=0.4) == theirs


def test_tight_beats_keep_the_tempo_and_loose_ones_follow_the_onsets():
    """A pulse at 120 bpm, in whose middle one beat is 0.12 s late."""
    strength = np.zeros(1292)  # 30 s
    frames = np.round(np.arange(10, 1280, 21.533)).astype(int)
    frames[30] += 5
    strength[frames] = 1.0

    def deviation(tightness):
        found = beat_times(strength, tightness=tightness) * SR / 512
        return np.abs(found - frames[30]).min()

    assert deviation(10) == pytest.approx(0, abs=1e-9)
    assert deviation(10_000) >= 4


def test_looser_beats_score_higher_and_tighter_ones_are_more_regular():
    strength = np.random.default_rng(0).gamma(0.3, size=1500)
    spreads = [np.diff(beat_times(strength, tightness=t)).std() for t in (1, 100, 10_000)]
    assert spreads == sorted(spreads, reverse=True)


@pytest.mark.parametrize(
    "wrong",
    [{"prior": 0}, {"prior_octaves": 0}, {"tightness": -1}, {"tightness": "x"}, {"prior": np.inf}],
)
def test_a_wrong_prior_or_tightness_is_refused(wrong):
    with pytest.raises(AudioError, match=next(iter(wrong))):
        beat_times(onset_strength(pulse(120, 8)[0]), **wrong)


def click(bpm, seconds, noise=0.0):
    """A short tone of 1 kHz on each beat from 0.25 s on, the last at least 0.1 s before the end."""
    t = np.arange(int(0.03 * SR)) / SR
    y = noise * np.random.default_rng(0).standard_normal(int(seconds * SR))
    for time in np.arange(0.25, seconds - 0.1, 60 / bpm):
        y[int(time * SR) :][: t.size] += 0.8 * np.sin(2 * np.pi * 1000 * t) * np.exp(-150 * t)
    return Audio(y, SR)


@pytest.mark.parametrize("noise", [0, 0.003])
@pytest.mark.parametrize(
    ("bpm", "seconds"), [(45, 12), (60, 10), (60, 5), (70, 10), (80, 6), (90, 8), (100, 5)]
)
def test_short_clicks_have_their_tempo_and_no_beat_after_the_last(bpm, seconds, noise):
    beats = track_beats(click(bpm, seconds, noise))
    assert TempoMap.from_beats(beats).typical_bpm == pytest.approx(bpm, rel=0.03)
    last = np.arange(0.25, seconds - 0.1, 60 / bpm)[-1]
    assert beats.intervals[-1, 0] == pytest.approx(last, abs=0.07)


@pytest.mark.parametrize("bpm", [40, 60, 90, 120, 160])
def test_the_tempo_of_a_click_is_certain(bpm):
    strength = onset_strength(click(bpm, 15))
    assert tempo_confidence(strength, beat_times(strength)) > 0.9


@pytest.mark.parametrize("bpm", [180, 200, 220, 240])
def test_half_the_tempo_is_uncertain(bpm):
    strength = onset_strength(click(bpm, 15))
    times = beat_times(strength)
    right = 60 / np.median(np.diff(times)) == pytest.approx(bpm, rel=0.03)
    assert right or tempo_confidence(strength, times) < 0.1


def test_twice_the_tempo_is_uncertain():
    strength = onset_strength(click(60, 15))
    assert tempo_confidence(strength, np.arange(0.25, 14.5, 0.5)) < 0.1
    assert tempo_confidence(strength, np.array([0.25, 1.25])) == 0
    assert tempo_confidence(np.zeros(99), np.arange(3.0)) == 0


@pytest.mark.parametrize("per_bar", [3, 4])
def test_downbeats_fall_on_accents_and_chord_changes(per_bar):
    sound, times = pulse(120, accent=per_bar)
    strength = onset_strength(sound)
    for changes in (np.zeros(0), times[::per_bar]):
        beats = number_beats(times, strength, changes, per_bar=per_bar)
        assert beats.labels == tuple(str(i % per_bar + 1) for i in range(times.size))
    np.testing.assert_allclose(beats.intervals[1:, 0], beats.intervals[:-1, 1])
    later = number_beats(times[1:], strength, times[::per_bar], per_bar=per_bar)
    assert later.labels[0] == "2"


def test_chord_changes_outweigh_accents():
    sound, times = pulse(120)
    beats = number_beats(times, onset_strength(sound), times[2::4], per_bar=4)
    assert beats.labels[:4] == ("3", "4", "1", "2")


def test_the_verb_counts_in_bars_of_four_from_the_accent():
    sound, times = pulse(120)
    beats = track_beats(sound)
    np.testing.assert_array_equal(beats.intervals[:, 0], beat_times(onset_strength(sound)))
    downbeats = beats.intervals[np.array(beats.labels) == "1", 0]
    assert mir_eval.beat.f_measure(times[::4], downbeats) > 0.9


def test_long_notes_tell_the_bar_where_strokes_do_not():
    sound, times = pulse(120, accent=1)
    onset = times[::3]
    beats = track_beats(sound, notes=Notes(onset, onset + 1.4, np.full(onset.size, 36)))
    assert set(beats.labels) == {"1", "2", "3"}
    assert set(track_beats(sound).labels) == {"1", "2", "3", "4"}


@pytest.mark.parametrize("samples", [500, 5000, 3 * SR])
def test_silence_has_no_beat(samples):
    silence = Audio(np.zeros(samples), SR)
    assert beat_times(onset_strength(silence)).size == len(track_beats(silence)) == 0


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_beats_have_no_bar(n):
    assert len(number_beats(np.arange(n) / 2, np.ones(9), np.zeros(1), per_bar=4)) == 0

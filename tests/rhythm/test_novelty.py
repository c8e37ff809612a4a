"""Novelty functions: where a signal changes, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.core import Audio, AudioError
from mirlab.rhythm import (
    beat_times,
    click_track,
    complex_novelty,
    energy_novelty,
    spectral_novelty,
    strength_from_novelty,
    subtract_local_mean,
)
from mirlab.rhythm.novelty import HOP_LENGTH, N_FFT
from mirlab.spectra import stft

SR = 22050
ALL = (energy_novelty, spectral_novelty, complex_novelty)


def times_of_peaks(novelty, count):
    """Times of the largest local maxima, increasing."""
    inner = novelty[1:-1]
    peaks = 1 + np.flatnonzero((inner > novelty[:-2]) & (inner >= novelty[2:]))
    return np.sort(peaks[np.argsort(novelty[peaks])[-count:]]) * HOP_LENGTH / SR


@pytest.mark.parametrize("novelty", ALL)
def test_decaying_tones_have_a_peak_at_each_onset(novelty):
    onsets = np.array([0.5, 0.9, 1.2, 1.9])
    t = np.arange(3 * SR) / SR
    y = np.zeros_like(t)
    for onset, hz in zip(onsets, (262, 330, 392, 523), strict=True):
        after = t >= onset
        y[after] += np.sin(2 * np.pi * hz * (t[after] - onset)) * np.exp(-4 * (t[after] - onset))
    np.testing.assert_allclose(times_of_peaks(novelty(Audio(y, SR)), 4), onsets, atol=0.03)


@pytest.mark.parametrize("novelty", [spectral_novelty, complex_novelty])
def test_a_slur_without_a_rise_of_energy_has_a_peak(novelty):
    t = np.arange(2 * SR) / SR
    phase = 2 * np.pi * np.cumsum(np.where(t < 1, 440, 523)) / SR  # continuous: no click
    (time,) = times_of_peaks(novelty(Audio(0.3 * np.sin(phase), SR)), 1)
    assert time == pytest.approx(1, abs=0.03)
    assert energy_novelty(Audio(0.3 * np.sin(phase), SR))[9:-9].max() < 1  # dB


@pytest.mark.parametrize("novelty", ALL)
def test_a_steady_tone_has_none(novelty):
    tone = Audio(0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * SR) / SR), SR)
    click = np.zeros(2 * SR)
    click[SR] = 0.3
    inside = slice(5, -5)
    assert novelty(tone)[inside].max() < 0.02 * novelty(Audio(click, SR))[inside].max()


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 1))
def test_the_level_of_a_recording_does_not_matter(seed, level):
    y = 0.5 * np.random.default_rng(seed).standard_normal(SR // 2)
    for novelty in (energy_novelty, spectral_novelty):
        np.testing.assert_allclose(
            novelty(Audio(level * y, SR)), novelty(Audio(y, SR)), rtol=1e-3, atol=1e-3
        )


def test_complex_novelty_is_its_definition():
    y = np.random.default_rng(0).standard_normal(SR).astype(np.float32)
    x = stft(y, n_fft=N_FFT, hop_length=HOP_LENGTH)
    found = complex_novelty(Audio(y, SR))
    for n in (2, 10, 40):
        magnitude = np.abs(x[:, n - 1])
        phase = 2 * np.angle(x[:, n - 1]) - np.angle(x[:, n - 2])
        distance = np.abs(x[:, n] - magnitude * np.exp(1j * phase))
        assert found[n] == pytest.approx(distance[np.abs(x[:, n]) > magnitude].sum(), rel=1e-4)


@pytest.mark.parametrize("novelty", ALL)
def test_silence_and_short_audio_have_frames(novelty):
    for samples in (1, 100, 5000):
        found = novelty(Audio(np.zeros(samples), SR))
        assert found.size >= 1 and not found.any()


def test_the_local_mean_is_subtracted():
    assert not subtract_local_mean(np.full(100, 3.0)).any()
    with pytest.raises(AudioError, match="compression must be"):
        spectral_novelty(Audio(np.zeros(100), SR), compression=0)


@given(st.integers(1, 300))
def test_a_strength_has_every_other_frame_of_the_novelty(frames):
    assert strength_from_novelty(np.ones(frames)).shape == ((frames + 1) // 2,)


def test_the_weight_of_an_onset_does_not_depend_on_its_frame():
    """Subtracted mean aside: an onset between two frames counts for half in either."""
    even, odd = np.zeros(400), np.zeros(400)
    even[200], odd[201] = 1, 1
    ours = [strength_from_novelty(curve) for curve in (even, odd)]
    assert ours[0].sum() == pytest.approx(ours[1].sum())
    assert ours[0].argmax() == 100 and ours[1][100] == pytest.approx(ours[1][101])


@pytest.mark.parametrize("novelty", ALL)
def test_beats_are_tracked_on_any_novelty(novelty):
    times = np.arange(0.4, 15, 0.5)
    strength = strength_from_novelty(novelty(click_track(times, duration=15)))
    found = beat_times(strength)
    assert np.abs(found[:, None] - times).min(axis=0).max() < 0.035
    assert found.size <= times.size + 1  # the tempo also holds before the first click

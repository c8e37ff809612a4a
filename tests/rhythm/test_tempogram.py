"""Tempograms: against librosa, and on pulses whose tempo is known."""

import librosa
import numpy as np
import pytest

from mirlab.core import AudioError
from mirlab.rhythm import (
    autocorrelation_tempogram,
    fourier_tempogram,
    predominant_pulse,
    tempo_frequencies,
)
from mirlab.rhythm.tempogram import WINDOW
from mirlab.spectra.kernels import hann


def noisy_pulse(period=22, frames=1500, seed=0):
    strength = np.maximum(np.random.default_rng(seed).standard_normal(frames), 0)
    strength[5::period] += 5
    return strength


def test_the_autocorrelation_is_librosas():
    strength = noisy_pulse()
    theirs = librosa.feature.tempogram(onset_envelope=strength, win_length=344, norm=None)
    np.testing.assert_allclose(autocorrelation_tempogram(strength), theirs / theirs[0], atol=1e-12)


def test_the_fourier_tempogram_is_librosas():
    strength = noisy_pulse()
    theirs = librosa.feature.fourier_tempogram(onset_envelope=strength, win_length=WINDOW)
    np.testing.assert_allclose(fourier_tempogram(strength), theirs, atol=1e-10)
    np.testing.assert_allclose(
        tempo_frequencies(), librosa.fourier_tempo_frequencies(win_length=WINDOW)
    )


def test_the_pulse_is_a_sum_of_windowed_sinusoids():
    """By the definition: the best sinusoid of each frame, windowed, added and rectified."""
    strength = noisy_pulse(frames=500)
    spectrum = fourier_tempogram(strength)
    tempi = tempo_frequencies()
    allowed = np.flatnonzero((tempi >= 30) & (tempi <= 300))
    best = allowed[np.abs(spectrum[allowed]).argmax(axis=0)]
    window, n = hann(WINDOW), np.arange(WINDOW)
    total, weight = np.zeros((2, strength.size + 2 * WINDOW))
    for frame, k in enumerate(best):
        phase = np.angle(spectrum[k, frame])
        frames = slice(frame + WINDOW // 2, frame + WINDOW // 2 + WINDOW)
        total[frames] += window * np.cos(2 * np.pi * k * n / WINDOW + phase)
        weight[frames] += window**2
    pulse = np.maximum(total / np.maximum(weight, 1e-9), 0)[WINDOW : WINDOW + strength.size]
    np.testing.assert_allclose(predominant_pulse(strength), pulse / pulse.max(), atol=1e-6)


@pytest.mark.parametrize("period", [12, 22, 35])
def test_the_pulse_has_its_peaks_on_the_beats(period):
    strength = noisy_pulse(period)
    strength[400:450] = 0  # onsets are missing
    bpm = 60 * 22050 / 512 / period
    pulse = predominant_pulse(strength, tempo_range=(bpm / 1.4, bpm * 1.4))
    peaks = 1 + np.flatnonzero((pulse[1:-1] > pulse[:-2]) & (pulse[1:-1] >= pulse[2:]))
    peaks = peaks[(peaks > 100) & (peaks < 1400)]
    distance = np.abs((peaks - 5 + period / 2) % period - period / 2)
    assert np.quantile(distance, 0.95) <= 0.12 * period
    assert np.median(np.diff(peaks)) == pytest.approx(period, abs=1)


def test_silence_has_no_pulse_and_nonsense_is_refused():
    assert not predominant_pulse(np.zeros(600)).any()
    assert predominant_pulse(np.ones(3)).shape == (3,)
    for strength in (np.zeros(0), np.zeros((2, 5)), np.array([np.nan, 1])):
        with pytest.raises(AudioError, match="onset strength must be"):
            predominant_pulse(strength)
    with pytest.raises(AudioError, match="contains no tempo"):
        predominant_pulse(np.ones(600), tempo_range=(300, 30))

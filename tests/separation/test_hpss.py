"""Harmonic-percussive separation: closed forms, librosa, and tones with clicks."""

import librosa
import numpy as np
import pytest

from mirlab.core import Audio, MirlabError
from mirlab.separation import separate
from mirlab.separation.classic import harmonic_mask


def tone_and_clicks(seconds=4.0, sr=22050):
    t = np.arange(int(seconds * sr)) / sr
    tone = 0.3 * np.sin(2 * np.pi * 440 * t)
    clicks = np.zeros_like(t)
    clicks[sr // 4 :: sr // 2] = 0.9
    return tone.astype(np.float32), clicks.astype(np.float32), sr


@pytest.mark.slow
def test_the_mask_equals_librosas():
    magnitude = np.random.default_rng(0).gamma(0.5, size=(200, 150)).astype(np.float32)
    theirs, _ = librosa.decompose.hpss(magnitude, mask=True)
    np.testing.assert_allclose(harmonic_mask(magnitude), theirs, atol=1e-6)


@pytest.mark.slow
def test_parts_add_up_and_blocks_equal_the_whole():
    rng = np.random.default_rng(0)
    y = 0.1 * rng.standard_normal(65 * 22050).astype(np.float32)  # three pieces
    parts = separate(Audio(y, 22050))
    np.testing.assert_allclose(parts["harmonic"].y + parts["percussive"].y, y[None], atol=1e-6)
    theirs = librosa.effects.harmonic(y)
    np.testing.assert_allclose(parts["harmonic"].y[0], theirs, atol=1e-4)


def test_a_tone_is_harmonic_and_clicks_are_percussive():
    tone, clicks, sr = tone_and_clicks()
    parts = separate(Audio(tone + clicks, sr))
    inner = slice(sr // 2, -sr // 2)
    for name, wanted in (("harmonic", tone), ("percussive", clicks)):
        wrong = parts[name].y[0][inner] - wanted[inner]
        ratio = 10 * np.log10(np.sum(wanted[inner] ** 2) / np.sum(wrong**2))
        assert ratio > 10, (name, ratio)


@pytest.mark.parametrize("samples", [1, 300, 2047, 5000])
def test_short_sounds_are_accepted(samples):
    parts = separate(Audio(np.full(samples, 0.1), 22050))
    assert parts["harmonic"].samples == parts["percussive"].samples == samples


def test_an_unknown_model_is_refused():
    with pytest.raises(MirlabError, match="available: 'separation/hpss'"):
        separate(Audio(np.zeros(100), 22050), model="magic")

"""Noise has no notes, and dropping those found in it leaves music as it is."""

import numpy as np
import pytest

from mirlab import transcribe
from mirlab.core import Audio, Notes
from mirlab.transcription.noise import drop_noise

COLUMNS = ("onset", "offset", "pitch")
SR = 22050


def noise(seed, seconds, slope):
    """Noise whose amplitude falls as `f ** -slope`: 0 is white, 0.5 pink."""
    y = np.random.default_rng(seed).standard_normal(seconds * SR)
    spectrum = np.fft.rfft(y)
    spectrum /= np.arange(1, spectrum.size + 1) ** slope
    y = np.fft.irfft(spectrum)
    return 0.3 * y / np.abs(y).max()


@pytest.mark.slow
@pytest.mark.parametrize("model", ["mirlab-notes", "mirlab-notes-tiny", "yin"])
@pytest.mark.parametrize("slope", [0, 0.5])
def test_noise_has_no_or_few_notes(model, slope):
    for seed, seconds in ((10, 1), (11, 10)):
        found = transcribe((noise(seed, seconds, slope), SR), model=model, progress=False)
        assert len(found) <= 1


def test_notes_in_noise_are_dropped_where_most_are_such():
    tone = 0.1 * np.sin(2 * np.pi * 110 * np.arange(2 * SR) / SR)
    sound = Audio(np.r_[noise(0, 2, 0), tone, tone + 0.1 * noise(1, 2, 0)], SR)
    in_noise = Notes([0.1, 0.3, 0.5, 0.7], [0.2, 1.9, 1.4, 0.9], [45, 28, 60, 62])
    music = Notes([2.1, 4.1, 5.0], [3.9, 4.2, 5.9], [45, 45, 45])
    both = Notes(*(np.r_[getattr(in_noise, name), getattr(music, name)] for name in COLUMNS))
    assert drop_noise(both, sound).onset.tolist() == [2.1, 4.1, 5.0]
    assert len(drop_noise(in_noise, sound)) == 0
    assert drop_noise(music, sound) is music
    mostly_music = both[3:]  # what seems to be noise may be a soft note under noise
    assert drop_noise(mostly_music, sound) is mostly_music
    assert len(drop_noise(Notes.empty(), sound)) == 0

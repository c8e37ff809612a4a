"""Classical pitch tracking: closed forms, librosa, the missing fundamental, bad input."""

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.core import Audio, AudioError
from mirlab.core.constants import SAMPLE_RATE
from mirlab.pitch.classic import HOP, harmonic_sum, normalised_difference, yin
from mirlab.pitch.pyin import pyin


def tone(hz: float, partials=(1.0, 0.5, 0.33, 0.25), seconds: float = 1.0) -> Audio:
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    y = sum(a * np.sin(2 * np.pi * hz * k * t) for k, a in enumerate(partials, 1))
    return Audio(0.4 * y / np.abs(y).max(), SAMPLE_RATE)


def cents(found: np.ndarray, hz: float) -> np.ndarray:
    inner = found[10:-10]
    return 1200 * np.log2(inner / hz)


@settings(max_examples=12, deadline=None)
@given(st.floats(70, 1500))
def test_yin_is_exact_on_a_tone(hz):
    found, aperiodicity = yin(tone(hz))
    assert found.size == 1 + SAMPLE_RATE // HOP
    assert np.abs(cents(found, hz)).max() < 6  # a parabola is not quite the shape of a dip
    assert aperiodicity[10:-10].max() < 0.06  # a dip between two samples; grows with hz squared


def test_the_difference_is_the_papers_sum():
    rng = np.random.default_rng(0)
    frames = rng.standard_normal((3, 200))
    ours = normalised_difference(frames, 50)
    width = 150
    for x, row in zip(frames, ours, strict=True):
        d = [np.sum((x[:width] - x[lag : lag + width]) ** 2) for lag in range(51)]
        expected = [1.0] + [d[lag] * lag / np.sum(d[1 : lag + 1]) for lag in range(1, 51)]
        np.testing.assert_allclose(row, expected, rtol=1e-9)


def test_yin_agrees_with_librosa_on_a_glide():
    t = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    phase = 2 * np.pi * 110 * (2**t - 1) / np.log(2)  # an octave per second
    y = sum(np.sin(k * phase) / k for k in range(1, 6))
    ours, _ = yin(Audio(0.2 * y, SAMPLE_RATE), fmin=65, fmax=1000)
    theirs = librosa.yin(0.2 * y, fmin=65, fmax=1000, sr=SAMPLE_RATE, hop_length=HOP)
    difference = 1200 * np.log2(ours[10:-10] / theirs[10:-10])
    assert np.median(np.abs(difference)) < 10


def sung(seconds: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """A voice with vibrato that begins at 0.5 s and ends at 1.5 s, in noise; its true Hz."""
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hz = 220 * 2 ** (0.5 * np.sin(2 * np.pi * 5.5 * t) / 12)
    phase = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE
    y = sum(np.sin(k * phase) / k for k in range(1, 8)) * ((t > 0.5) & (t < 1.5))
    noise = np.random.default_rng(0).standard_normal(t.size)
    return 0.2 * y + 0.01 * noise, hz[::HOP]


def test_pyin_finds_when_a_voice_begins_and_ends():
    y, true = sung()
    hz, voiced = pyin(Audio(y, SAMPLE_RATE), fmax=1000)
    t = np.arange(hz.size) * HOP / SAMPLE_RATE
    inside, outside = (t > 0.6) & (t < 1.4), (t < 0.4) | (t > 1.6)
    assert np.abs(1200 * np.log2(hz[inside] / true[: hz.size][inside])).max() < 30
    assert not hz[outside].any()
    assert voiced[inside].min() > 0.8 and voiced[outside].max() < 0.5


def test_pyin_agrees_with_librosa():
    y, _ = sung()
    ours, _ = pyin(Audio(y, SAMPLE_RATE), fmin=65, fmax=1000)
    theirs, theirs_voiced, _ = librosa.pyin(y, fmin=65, fmax=1000, sr=SAMPLE_RATE, hop_length=HOP)
    both = (ours > 0) & theirs_voiced
    assert ((ours > 0) == theirs_voiced).mean() > 0.95
    assert np.median(np.abs(1200 * np.log2(ours[both] / theirs[both]))) < 10


def test_noise_is_aperiodic_and_silence_has_no_pitch():
    noise = np.random.default_rng(0).standard_normal(SAMPLE_RATE) / 4
    _, aperiodicity = yin(Audio(noise, SAMPLE_RATE))
    assert np.median(aperiodicity) > 0.4
    for find in (yin, pyin, harmonic_sum):
        hz = find(Audio(np.zeros(SAMPLE_RATE), SAMPLE_RATE))[0]
        assert hz.shape == (1 + SAMPLE_RATE // HOP,) and not hz.any()


@pytest.mark.parametrize("hz", [98.0, 220.0, 523.25])
def test_harmonics_are_summed(hz):
    found, salience = harmonic_sum(tone(hz))
    assert found.size == salience.shape[1] == 1 + SAMPLE_RATE // HOP
    assert np.abs(np.median(cents(found, hz))) < 15


def test_a_missing_fundamental_is_found():
    """Partials 2 to 6 of 200 Hz; the lowest line of the spectrum is at 400 Hz."""
    partials = (0.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    for find in (yin, harmonic_sum):
        assert np.abs(np.median(cents(find(tone(200.0, partials))[0], 200.0))) < 15


@pytest.mark.parametrize("samples", [1, 100, 3000])
def test_short_sounds_are_accepted(samples):
    sound = Audio(np.sin(np.arange(samples) / 8), SAMPLE_RATE)
    for find in (yin, pyin, harmonic_sum):
        assert find(sound)[0].shape == (1 + samples // HOP,)


@pytest.mark.slow
def test_long_sounds_are_analysed_in_blocks():
    sound = tone(330.0, seconds=35)
    assert np.abs(cents(harmonic_sum(sound)[0], 330.0)).max() < 20
    assert np.abs(cents(yin(sound)[0], 330.0)).max() < 6


@pytest.mark.parametrize("find", [yin, pyin, harmonic_sum])
@pytest.mark.parametrize(("low", "high"), [(10, 500), (500, 200), (100, 9000)])
def test_a_bad_range_is_refused(find, low, high):
    with pytest.raises(AudioError, match="fmin and fmax"):
        find(tone(220.0), fmin=low, fmax=high)


def test_zero_harmonics_are_refused():
    with pytest.raises(AudioError, match="harmonics"):
        harmonic_sum(tone(220.0), harmonics=0)

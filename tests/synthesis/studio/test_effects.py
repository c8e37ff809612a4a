"""Effects: known responses, and reproducibility by seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab import dsp
from mirlab.core import Audio, AudioError
from mirlab.synthesis.studio import Clip, Compressor, Equalizer, Gain, Mp3, Noise, Pan, Room

SR = 22050
EFFECTS = [Gain(), Pan(), Equalizer(), Compressor(), Noise(), Clip(), Mp3(), Room()]


def tone(hz: float = 440.0, seconds: float = 1.0, amplitude: float = 0.5) -> Audio:
    return Audio(amplitude * dsp.sine(hz, sr=SR, duration=seconds), SR)


def level(y: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(y**2)))


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), samples=st.integers(2000, 9000))
def test_effects_keep_the_length_and_are_reproducible(effect, seed, samples):
    sound = Audio(0.3 * np.random.default_rng(0).standard_normal(samples), SR)
    once, again = effect(sound, seed=seed), effect(sound, seed=seed)
    assert (once.samples, once.sr) == (samples, SR)
    assert np.isfinite(once.y).all() and once.y.dtype == np.float32
    np.testing.assert_array_equal(once.y, again.y)


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)
def test_silence_stays_silent(effect):
    quiet = effect(Audio(np.zeros(SR), SR), seed=3)
    assert np.abs(quiet.y).max() < 1e-4


@pytest.mark.parametrize("effect", [Gain(), Pan(), Equalizer(), Compressor(), Noise(), Room()])
def test_another_seed_gives_another_sound(effect):
    assert not np.array_equal(effect(tone(), seed=1).y, effect(tone(), seed=2).y)


def test_gain_is_in_decibels():
    louder = Gain((6.0, 6.0))(tone(), seed=0)
    assert level(louder.y) - level(tone().y) == pytest.approx(6, abs=1e-4)


@pytest.mark.parametrize("position", [-1.0, -0.3, 0.0, 0.8, 1.0])
def test_panning_keeps_the_power(position):
    panned = Pan((position, position))(tone(), seed=0)
    assert panned.channels == 2
    assert np.mean(panned.y**2) == pytest.approx(np.mean(tone().y ** 2), rel=1e-5)
    left, right = (float(np.abs(channel).max()) for channel in panned.y)
    assert np.sign(round(right - left, 6)) == np.sign(position)


def test_the_equalizer_changes_bands_by_at_most_its_gain():
    for seed in range(20):
        for hz in (50.0, 1000.0, 8000.0):
            change = level(Equalizer()(tone(hz), seed=seed).y) - level(tone(hz).y)
            assert abs(change) < 12.1  # shelf and bell together
    deep = Equalizer((6.0, 6.0))(tone(30.0), seed=1)
    assert level(deep.y[:, SR // 2 :]) - level(tone(30.0).y) == pytest.approx(6, abs=0.7)


def test_the_compressor_reduces_the_level_difference():
    rise = np.repeat([0.05, 0.5], SR)
    steps = Audio(rise * dsp.sine(300, sr=SR, duration=2.0), SR)
    pressed = Compressor(threshold=(-10.0, -10.0), ratio=(4.0, 4.0))(steps, seed=0)
    soft, loud = pressed.y[0, SR // 2 : SR], pressed.y[0, -SR // 2 :]
    # the loud half is 10 dB above the threshold before, and 10 / 4 dB after
    assert level(soft) == pytest.approx(level(steps.y[0, SR // 2 : SR]), abs=0.05)
    assert level(loud) - level(steps.y[0, -SR // 2 :]) == pytest.approx(-7.5, abs=0.2)


@pytest.mark.parametrize("snr", [0.0, 20.0])
def test_noise_has_the_requested_snr(snr):
    noisy = Noise((snr, snr))(tone(), seed=5)
    assert level(tone().y) - level(noisy.y - tone().y) == pytest.approx(snr, abs=0.05)


def test_clipping_cuts_at_the_given_level_below_the_peak():
    cut = Clip((6.0206, 6.0206))(tone(), seed=0)
    assert np.abs(cut.y).max() == pytest.approx(0.25, rel=1e-3)
    assert np.array_equal(cut.y[np.abs(tone().y) < 0.249], tone().y[np.abs(tone().y) < 0.249])


def test_mp3_keeps_the_timing_and_nearly_the_sound():
    y = 0.3 * dsp.sine(440, sr=SR, duration=1.0)
    y[: SR // 2] = 0
    coded = Mp3()(Audio(y, SR), seed=0).y[0]
    lag = np.correlate(coded, y, mode="same").argmax() - y.size // 2
    assert lag == 0
    assert dsp.si_sdr(y, coded) > 20
    assert not np.array_equal(coded, y.astype(np.float32))


def test_mp3_refuses_an_unsupported_rate():
    with pytest.raises(AudioError, match="96000"):
        Mp3()(Audio(np.zeros(96000), 96000), seed=0)

"""Sampling, quantising, resampling and envelopes: closed forms, and scipy where it has one."""

from __future__ import annotations

from math import gcd

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from mirlab import dsp
from mirlab.core import AudioError
from mirlab.dsp.sampling import LOBES, ROLLOFF, _kaiser


@given(st.floats(-1e5, 1e5), st.integers(1000, 96000))
def test_a_sine_and_its_alias_have_the_same_samples(frequency: float, sr: int) -> None:
    alias = float(dsp.alias_frequency(frequency, sr=sr))
    assert 0 <= alias <= sr / 2
    n = np.arange(64) / sr  # cosines, because an aliased sine may be inverted
    np.testing.assert_allclose(
        np.cos(2 * np.pi * alias * n), np.cos(2 * np.pi * frequency * n), atol=1e-8
    )


@pytest.mark.parametrize("bits", [6, 8, 12, 16])
def test_quantization_noise_follows_the_formula(bits: int) -> None:
    y = dsp.sine(997.13, sr=48000, duration=2.0, amplitude=1 - 2.0 ** (1 - bits))
    error = dsp.quantize(y, bits) - y
    snr = 10 * np.log10(0.5 / np.mean(error**2))
    assert snr == pytest.approx(dsp.quantization_snr(bits), abs=0.4)
    assert dsp.quantization_snr(bits) == pytest.approx(6.02 * bits + 1.76, abs=0.02)


def test_dither_turns_distortion_into_hiss() -> None:
    bits, y = 8, dsp.sine(500, sr=48000, duration=2.0, amplitude=0.02)
    hard = dsp.quantize(y, bits) - y
    soft = dsp.quantize(y, bits, dither=True) - y
    step = 2.0 ** (1 - bits)
    assert np.mean(soft**2) == pytest.approx(3 * step**2 / 12, rel=0.02)  # 4.8 dB more
    peaks = [dsp.amplitude_spectrum(error, sr=48000)[1].max() for error in (hard, soft)]
    assert peaks[1] < peaks[0] / 10


@given(st.integers(1, 24), st.lists(st.floats(-2, 2), min_size=1, max_size=50))
def test_quantized_levels_are_few_and_near(bits: int, values: list[float]) -> None:
    found = dsp.quantize(values, bits)
    step = 2.0 ** (1 - bits)
    assert np.array_equal(found / step, np.round(found / step))
    assert found.min() >= -1 and found.max() <= 1 - step
    inside = np.clip(values, -1, 1 - step)
    assert np.abs(found - inside).max() <= step / 2 + 1e-12
    assert np.array_equal(dsp.quantize(found, bits), found)


@pytest.mark.parametrize(
    ("orig_sr", "target_sr"),
    [(44100, 22050), (22050, 44100), (44100, 48000), (48000, 44100), (8000, 11025), (8000, 8000)],
)
def test_resampling_equals_resample_poly(orig_sr: int, target_sr: int) -> None:
    y = np.random.default_rng(0).standard_normal(997)
    common = gcd(orig_sr, target_sr)
    up, down = target_sr // common, orig_sr // common
    cutoff = ROLLOFF * min(1.0, up / down)
    reach = int(np.ceil(LOBES / cutoff)) * up
    x = np.arange(-reach, reach + 1) / up
    h = cutoff * np.sinc(cutoff * x) * _kaiser(cutoff * x / LOBES)
    wanted = scipy.signal.resample_poly(y, up, down, window=h / up)
    found = dsp.resample(y, orig_sr=orig_sr, target_sr=target_sr)
    np.testing.assert_allclose(found, wanted, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("orig_sr", "target_sr"), [(44100, 16000), (16000, 44100), (22050, 22051)])
def test_a_resampled_sine_is_the_sine_at_the_new_rate(orig_sr: int, target_sr: int) -> None:
    frequency = 0.9 * min(orig_sr, target_sr) / 2
    y = dsp.resample(
        dsp.sine(frequency, sr=orig_sr, duration=0.2), orig_sr=orig_sr, target_sr=target_sr
    )
    wanted = dsp.sine(frequency, sr=target_sr, duration=0.201)[: y.size]
    inner = slice(y.size // 4, -y.size // 4)
    assert np.abs(y - wanted)[inner].max() < 1e-4


def test_frequencies_above_the_new_nyquist_are_removed() -> None:
    y = dsp.sine(6000, sr=22050, duration=0.5)
    low = dsp.resample(y, orig_sr=22050, target_sr=8000)
    assert dsp.rms(low[400:-400]) < 1e-4  # and does not alias to 2 kHz
    assert dsp.rms(dsp.sine(6000, sr=8000)) > 0.5


@given(st.integers(1, 200), st.integers(1, 50), st.integers(1, 50))
def test_resampling_gives_the_expected_length(n: int, orig_sr: int, target_sr: int) -> None:
    y = dsp.resample(np.ones(n), orig_sr=orig_sr, target_sr=target_sr)
    assert y.size == -(-n * target_sr // orig_sr)


times = st.one_of(st.just(0.0), st.floats(0.01, 0.5))


@given(times, times, st.floats(0, 1), times, st.floats(0.01, 1))
def test_an_envelope_jumps_only_where_a_time_is_zero(
    attack: float, decay: float, sustain: float, release: float, duration: float
) -> None:
    sr = 2000
    e = dsp.adsr(attack, decay, sustain, release, sr=sr, duration=duration)
    assert e.size == round((duration + release) * sr)
    assert e.min() >= 0 and e.max() <= 1
    assert attack == 0 or e[0] == 0
    if attack and decay and release:
        steepest = max(1 / attack, (1 - sustain) / decay, 1 / release) / sr
        assert np.abs(np.diff(e)).max(initial=0) <= steepest + 1e-9
        assert e[-1] <= 1.5 / (release * sr)


def test_an_early_release_starts_from_the_current_level() -> None:
    e = dsp.adsr(1.0, 1.0, 0.5, 1.0, sr=100, duration=0.5)
    assert e[50] == pytest.approx(0.5)
    assert e.max() == e[50]
    assert e[100] == pytest.approx(0.25)


def test_the_follower_takes_63_percent_in_one_time_constant() -> None:
    sr = 10000
    step = np.r_[np.ones(sr), np.zeros(sr)]
    e = dsp.envelope_follower(step, sr=sr, attack=0.01, release=0.1)
    n = np.arange(1, sr + 1)
    np.testing.assert_allclose(e[:sr], 1 - np.exp(-n / (0.01 * sr)), atol=1e-9)
    np.testing.assert_allclose(e[sr:], e[sr - 1] * np.exp(-n / (0.1 * sr)), atol=1e-9)


def test_a_follower_without_time_constant_is_the_absolute_value() -> None:
    y = dsp.noise(duration=0.1)
    np.testing.assert_array_equal(dsp.envelope_follower(y, attack=0, release=0), np.abs(y))


@pytest.mark.parametrize(
    "call",
    [
        lambda: dsp.alias_frequency(1, sr=0),
        lambda: dsp.quantize([0.0], 0),
        lambda: dsp.quantize([np.nan], 8),
        lambda: dsp.resample([1.0], orig_sr=0, target_sr=1),
        lambda: dsp.resample([1.0], orig_sr=8000, target_sr=44100.5),  # type: ignore[arg-type]
        lambda: dsp.resample([], orig_sr=1, target_sr=1),
        lambda: dsp.adsr(-1, 0, 0, 0),
        lambda: dsp.adsr(0, 0, 1.5, 0),
        lambda: dsp.adsr(0, 0, 1, np.inf),
        lambda: dsp.adsr(0, 0, 1, 1, duration=0),
        lambda: dsp.envelope_follower([1.0], sr=0),
        lambda: dsp.envelope_follower([1.0], attack=-1),
    ],
)
def test_bad_arguments_give_our_error(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AudioError):
        call()

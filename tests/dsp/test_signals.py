"""Waveforms: closed forms, spectra, and librosa's sweep."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab import dsp
from mirlab.core import AudioError, MirlabError


def test_a_sine_follows_its_formula() -> None:
    y = dsp.sine(440, sr=8000, duration=0.5, amplitude=0.3, phase=0.7)
    n = np.arange(4000)
    np.testing.assert_allclose(y, 0.3 * np.sin(2 * np.pi * 440 * n / 8000 + 0.7), atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "ideal"),
    [
        ("square", lambda t: np.where(t < 0.5, 1.0, -1.0)),
        ("sawtooth", lambda t: np.where(t < 0.5, 2 * t, 2 * t - 2)),
        ("triangle", lambda t: 1 - 4 * np.abs((t + 0.25) % 1 - 0.5)),
    ],
)
def test_band_limited_waves_are_near_the_ideal_away_from_corners(shape: str, ideal) -> None:  # type: ignore[no-untyped-def]
    sr, frequency = 200_000, 10.0
    y = getattr(dsp, shape)(frequency, sr=sr, duration=0.1)
    t = np.arange(sr // 10) * frequency / sr
    away = np.abs((t + 0.25) % 0.5 - 0.25) > 0.02  # jumps are at 0 and one half
    assert np.abs(y - ideal(t))[away].max() < 0.01


@given(st.sampled_from(["square", "sawtooth", "triangle"]), st.integers(5, 90))
def test_band_limited_waves_do_not_alias(shape: str, cycles: int) -> None:
    """Over whole periods every partial has its amplitude, and all other bins are empty."""
    sr = 1024
    y = getattr(dsp, shape)(cycles, sr=sr, duration=1.0)
    found = np.abs(np.fft.rfft(y)) / (sr / 2)
    wanted = np.zeros(sr // 2 + 1)
    partials = np.abs(dsp.partial_amplitudes(shape, 200))
    for k in range(1, 201):
        if k * cycles < sr / 2:
            wanted[k * cycles] = partials[k - 1]
    np.testing.assert_allclose(found, wanted, atol=1e-10)


def test_a_naive_square_aliases_where_the_formula_says() -> None:
    sr, frequency = 8000, 1100.0
    y = np.sign(dsp.sine(frequency, sr=sr, duration=1.0, phase=1e-6))
    frequencies, amplitudes = dsp.amplitude_spectrum(y, sr=sr)
    wrong = float(dsp.alias_frequency(5 * frequency, sr=sr))  # 5.5 kHz aliases to 2.5 kHz
    assert wrong == 2500
    assert amplitudes[frequencies == wrong][0] == pytest.approx(4 / (5 * np.pi), rel=0.02)
    right = dsp.amplitude_spectrum(dsp.square(frequency, sr=sr), sr=sr)[1]
    assert right[frequencies == wrong][0] < 1e-9


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize(("fmin", "fmax"), [(110.0, 3520.0), (2000.0, 100.0)])
def test_a_chirp_equals_librosas(linear: bool, fmin: float, fmax: float) -> None:
    ours = dsp.chirp(fmin, fmax, sr=22050, duration=1.5, linear=linear)
    theirs = librosa.chirp(fmin=fmin, fmax=fmax, sr=22050, duration=1.5, linear=linear)
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_a_chirp_between_equal_frequencies_is_a_sine() -> None:
    np.testing.assert_allclose(dsp.chirp(440, 440), dsp.sine(440), atol=1e-9)


@pytest.mark.parametrize(
    ("colour", "per_octave"),
    [("white", 0.0), ("pink", -3.01), ("brown", -6.02), ("blue", 3.01), ("violet", 6.02)],
)
def test_noise_has_the_slope_of_its_colour(colour: str, per_octave: float) -> None:
    y = dsp.noise(colour, sr=22050, duration=20.0, seed=3)
    assert np.mean(y**2) == pytest.approx(1.0)
    assert abs(y.mean()) < 1e-9
    power = np.abs(np.fft.rfft(y)) ** 2
    hertz = np.arange(power.size) / 20
    octaves = [power[(hertz >= f) & (hertz < 2 * f)].mean() for f in 100 * 2.0 ** np.arange(6)]
    slope = np.polyfit(np.arange(6), 10 * np.log10(octaves), 1)[0]
    assert slope == pytest.approx(per_octave, abs=0.2)


def test_noise_is_reproducible_by_its_seed() -> None:
    assert np.array_equal(dsp.noise("pink", seed=1), dsp.noise("pink", seed=1))
    assert not np.allclose(dsp.noise("pink", seed=1), dsp.noise("pink", seed=2))


@pytest.mark.parametrize(
    "call",
    [
        lambda: dsp.sine(440, sr=0),
        lambda: dsp.sine(440, duration=0),
        lambda: dsp.sine(440, sr=10, duration=0.01),
        lambda: dsp.sine(440, duration=float("nan")),
        lambda: dsp.square(11025, sr=22050),
        lambda: dsp.square(-1),
        lambda: dsp.harmonic_tone(100, []),
        lambda: dsp.harmonic_tone(100, [1, np.nan]),
        lambda: dsp.partial_amplitudes("circle", 3),
        lambda: dsp.partial_amplitudes("square", 0),
        lambda: dsp.chirp(0, 100),
        lambda: dsp.noise("green"),
        lambda: dsp.noise(sr=1, duration=1),
    ],
)
def test_bad_arguments_give_our_error(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AudioError) as caught:
        call()
    assert isinstance(caught.value, MirlabError)
    assert len(str(caught.value)) > 15


def test_rms_and_decibels_follow_their_definitions() -> None:
    assert dsp.rms(dsp.sine(100, sr=8000)) == pytest.approx(0.5**0.5)
    assert dsp.amplitude_to_db(0.0) == -np.inf
    np.testing.assert_allclose(dsp.db_to_amplitude(dsp.amplitude_to_db([0.1, 3.0])), [0.1, 3.0])


def test_decibels_are_those_of_the_magnitude() -> None:
    spectrum = np.array([1, -10, 3 + 4j, 10j, 0])
    wanted = [0, 20, 20 * np.log10(5), 20, -np.inf]
    np.testing.assert_allclose(dsp.amplitude_to_db(spectrum), wanted)  # a warning would be an error
    assert dsp.amplitude_to_db(spectrum.astype(np.complex64)).dtype == np.float64
    assert dsp.amplitude_to_db(np.float32(0.1)).dtype == np.float64
    assert dsp.amplitude_to_db(np.int8(-128)) == dsp.amplitude_to_db(128.0)


@given(st.floats(-30, 30), st.floats(0.1, 10))
def test_si_sdr_is_the_ratio_of_powers_whatever_the_scale(snr: float, scale: float) -> None:
    y = dsp.sine(100, sr=8000)
    other = dsp.scale_to_snr(y, dsp.sine(300, sr=8000), snr=snr)  # orthogonal to y
    assert dsp.si_sdr(y, scale * (y + other)) == pytest.approx(snr, abs=1e-6)


def test_si_sdr_ignores_scale_and_is_minus_infinite_for_orthogonal_sounds() -> None:
    y = dsp.sine(100, sr=8000)
    assert dsp.si_sdr(y, 2 * y) > 250
    assert dsp.si_sdr(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == -np.inf
    for reference, estimate in [(y, y[1:]), (0 * y, y), (y, np.full(y.size, np.nan))]:
        with pytest.raises(AudioError):
            dsp.si_sdr(reference, estimate)
    with pytest.raises(AudioError, match="silent"):
        dsp.scale_to_snr(y, 0 * y, snr=0)

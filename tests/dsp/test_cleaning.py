"""Denoising: what it removes, what it leaves unchanged, and constant memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import librosa
import numpy as np
import pytest
import scipy.signal

from mirlab import dsp
from mirlab.core import Audio, AudioError
from mirlab.dsp import cleaning, denoising, noise_estimate

SR = 22050
METHODS = [
    dsp.remove_dc,
    dsp.remove_hum,
    dsp.remove_clicks,
    dsp.spectral_subtraction,
    dsp.wiener,
    dsp.spectral_gate,
]
SPECTRAL = [dsp.spectral_subtraction, dsp.wiener, dsp.spectral_gate]
Method = Callable[..., Audio]
every_method = pytest.mark.parametrize("method", METHODS, ids=lambda m: m.__name__)
spectral = pytest.mark.parametrize("method", SPECTRAL, ids=lambda m: m.__name__)


def tune(seconds: float = 6.0, sr: int = SR) -> np.ndarray:
    """Half-second notes with rests between them."""
    rng = np.random.default_rng(5)
    envelope = dsp.adsr(0.01, 0.1, 0.5, 0.1, sr=sr, duration=0.3)
    y = np.zeros(round(seconds * sr))
    for start in range(0, y.size - sr // 2, sr // 2):
        hertz = 440 * 2 ** (rng.integers(-12, 12) / 12)
        tone = dsp.harmonic_tone(hertz, [1, 0.5, 0.3, 0.2], sr=sr, duration=0.4)
        y[start : start + tone.size] += 0.2 * envelope * tone
    return y


def gained(method: Method, y: np.ndarray, added: np.ndarray, **arguments: object) -> float:
    """Gain of a method in SI-SDR, in dB."""
    after = method(Audio(y + added, SR), **arguments).y[0]
    return dsp.si_sdr(y, after) - dsp.si_sdr(y, y + added)


@every_method
@pytest.mark.parametrize("sr", [8000, 22050, 192000])
@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (1, 400), (3, 5000)])
def test_rate_channels_and_length_are_unchanged(
    method: Method, shape: tuple[int, int], sr: int
) -> None:
    audio = Audio(0.1 * np.random.default_rng(0).standard_normal(shape), sr)
    before = audio.y.copy()
    found = method(audio)
    assert found.y.shape == shape
    assert found.sr == sr
    assert np.array_equal(audio.y, before)


@every_method
def test_silence_stays_silent(method: Method) -> None:
    assert not method(Audio(np.zeros((2, SR)), SR)).y.any()


@every_method
def test_channels_are_cleaned_separately(method: Method) -> None:
    left, right = tune(2.0), 0.5 * dsp.noise(sr=SR, duration=2.0)
    both = method(Audio(np.stack([left, right]), SR))
    for channel, single in zip(both.y, (left, right), strict=True):
        np.testing.assert_allclose(channel, method(Audio(single, SR)).y[0], atol=1e-6)


def test_only_the_offset_is_removed() -> None:
    y = dsp.sine(100, sr=SR)
    found = dsp.remove_dc(Audio(np.stack([y + 0.3, y - 0.1]), SR))
    np.testing.assert_allclose(found.y, np.stack([y, y]), atol=1e-6)


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_is_removed(mains: float) -> None:
    hum = dsp.harmonic_tone(mains, [0.1, 0.05, 0.03], sr=SR, duration=6.0)
    assert gained(dsp.remove_hum, tune(), hum, frequency=mains) > 15
    assert gained(dsp.remove_hum, tune(), hum, frequency=110 - mains) < 1


def test_notches_have_the_requested_width() -> None:
    """The impulse response of the method, compared with two passes of the notch."""
    click = np.zeros(60 * SR)
    click[click.size // 2] = 1.0
    answer = dsp.remove_hum(Audio(click, SR), harmonics=1, bandwidth=4.0).y[0]
    hertz = np.fft.rfftfreq(click.size, 1 / SR)
    response = np.abs(np.fft.rfft(answer.astype(np.float64)))
    edges = np.interp([48.04, 52.04, 50.0], hertz, response)  # bandwidth 4 Hz around 50
    assert edges == pytest.approx([0.5, 0.5, 0.0], abs=0.01)


def test_removing_hum_in_blocks_equals_the_whole() -> None:
    y = 0.1 * dsp.noise("pink", sr=4000, duration=100.0)
    found = dsp.remove_hum(Audio(y, 4000), harmonics=1).y[0]
    whole = Audio(y, 4000).y[0].astype(np.float64)
    section = np.concatenate(dsp.biquad("notch", 50.0, sr=4000, q=50.0))[None]
    wanted = scipy.signal.sosfiltfilt(section, whole, padlen=20000)
    assert y.size > 30 * 4000 * 3  # four pieces
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.slow
def test_clicks_are_removed_and_nearly_all_other_samples_unchanged() -> None:
    rng, y = np.random.default_rng(1), tune()
    clicks = np.zeros_like(y)
    for start in rng.integers(y.size - 20, size=30):
        clicks[start : start + rng.integers(1, 15)] += 0.5 * rng.choice([-1, 1])
    assert gained(dsp.remove_clicks, y, clicks) > 10
    scratched = (y + clicks).astype(np.float32)
    found = dsp.remove_clicks(Audio(scratched, SR)).y[0]
    away = np.convolve(clicks != 0, np.ones(129), mode="same") == 0
    assert np.mean(found[away] != scratched[away]) < 0.02
    assert np.abs(found - scratched)[away].max() < 0.02  # an onset taken for a click
    assert dsp.si_sdr(y, dsp.remove_clicks(Audio(y, SR)).y[0]) > 50


def test_a_gap_in_a_predictable_sound_is_filled_exactly() -> None:
    y = dsp.sine(440, sr=SR, duration=0.09) + dsp.sine(1500.5, sr=SR, duration=0.09)
    where = np.arange(1000, 1020)
    weights = np.poly(np.exp(2j * np.pi * np.array([440, -440, 1500.5, -1500.5]) / SR)).real
    weights = np.pad(weights, (0, cleaning.ORDER - 4))  # two sines obey this recursion
    broken = y.copy()
    broken[where] = 7.0
    np.testing.assert_allclose(cleaning._interpolate(broken, where, weights), y, atol=1e-6)


@pytest.mark.parametrize("colour", ["white", "pink"])
@spectral
def test_broadband_noise_is_reduced(method: Method, colour: str) -> None:
    y = tune()
    noise = dsp.scale_to_snr(y, dsp.noise(colour, sr=SR, duration=6.0), snr=10)
    assert gained(method, y, noise) > 2
    assert gained(method, y, noise, noise=Audio(noise, SR)) > 2


@spectral
def test_a_clean_sound_stays_nearly_clean(method: Method) -> None:
    y = tune()
    assert dsp.si_sdr(y, method(Audio(y, SR)).y[0]) > 25


@spectral
def test_noise_alone_is_reduced_to_the_floor_at_most(method: Method) -> None:
    noise = Audio(0.1 * dsp.noise(sr=SR, duration=4.0), SR)
    found = method(noise, floor_db=-12.0)
    change = 20 * np.log10(dsp.rms(found.y[0]) / dsp.rms(noise.y[0]))
    assert -12.1 < change < -6


@spectral
def test_a_floor_of_0_db_changes_nothing(method: Method) -> None:
    """A floor of 0 dB is a gain of 1: analysis and synthesis are lossless."""
    y = tune(2.0)
    found = method(Audio(y, SR), floor_db=0.0).y[0]
    np.testing.assert_allclose(found, y, atol=1e-6)


def test_without_smoothing_wiener_is_power_subtraction() -> None:
    y, hiss = tune(3.0), Audio(0.02 * dsp.noise(sr=SR, duration=3.0), SR)
    noisy = Audio(y + hiss.y[0], SR)
    found = dsp.wiener(noisy, noise=hiss, smoothing=0.0, floor_db=-40.0).y[0]
    spectrum = librosa.stft(noisy.y[0].astype(np.float64), n_fft=2048, hop_length=512)
    snr = np.abs(spectrum) ** 2 / dsp.noise_power(hiss, noise_only=True)[0][:, None]
    gain = np.maximum(1 - 1 / np.maximum(snr, 1.0), 0.01)
    wanted = librosa.istft(gain * spectrum, hop_length=512, length=y.size)
    np.testing.assert_allclose(found[2048:-2048], wanted[2048:-2048], atol=1e-6)


def test_the_estimated_noise_power_is_right() -> None:
    noise = 0.1 * dsp.noise(sr=SR, duration=30.0)
    w = dsp.window("hann", noise_estimate.frame_length(SR))
    wanted = 0.01 * np.sum(w**2)  # white noise of variance 0.01
    for noise_only, y in ((True, noise), (False, noise), (False, noise + tune(30.0))):
        found = dsp.noise_power(Audio(y, SR), noise_only=noise_only)[0, 2:-2]
        assert np.median(found) == pytest.approx(wanted, rel=0.1)


def test_the_estimated_spectrum_of_room_noise_has_its_slope() -> None:
    # white noise integrated, as a room's rumble is: 12 dB less power an octave down to 20 Hz
    size = 30 * SR
    f = np.maximum(np.fft.rfftfreq(size, 1 / SR), 1.0)
    slope = f / (f**2 + 20.0**2)
    rumble = np.fft.irfft(np.fft.rfft(dsp.noise(sr=SR, duration=30.0)) * slope, size)
    noisy = Audio(rumble / np.abs(rumble).max(), SR)
    found, wanted = (
        dsp.noise_power(noisy, noise_only=noise_only)[0, 2:200] for noise_only in (False, True)
    )
    assert np.abs(10 * np.log10(found / wanted)).max() < 3


def test_digital_silence_is_not_taken_for_noise() -> None:
    noise = 0.1 * dsp.noise(sr=SR, duration=10.0)
    padded = np.concatenate([np.zeros(20 * SR), noise])
    found = [np.median(dsp.noise_power(Audio(y, SR))) for y in (noise, padded)]
    assert found[0] == pytest.approx(found[1], rel=0.1)


@pytest.mark.parametrize("block", [7, 256])
@spectral
def test_the_block_size_makes_no_difference(
    method: Method, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    noisy = Audio(tune(3.0) + 0.01 * dsp.noise(sr=SR, duration=3.0), SR)
    monkeypatch.setattr(denoising, "FRAMES", 10_000)
    whole = method(noisy)
    monkeypatch.setattr(denoising, "FRAMES", block)
    np.testing.assert_allclose(method(noisy).y, whole.y, atol=1e-6)


@pytest.mark.slow
@every_method
def test_memory_does_not_grow_with_length(method: Method) -> None:
    """Apart from input and output, four times the length needs at most a fifth more memory.

    Half a megabyte is allowed for what is found, such as the places of clicks; another array of the
    added samples would take 11.
    """

    def working(seconds: float) -> int:
        y = 0.1 * np.random.default_rng(0).standard_normal(round(seconds * 8000))
        audio = Audio(y, 8000)
        del y
        tracemalloc.start()
        method(audio)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak - audio.y.nbytes

    short, long = working(120.0), working(480.0)
    assert long < 1.2 * short + 500_000


@pytest.mark.parametrize(
    "call",
    [
        lambda a: dsp.remove_hum(a, frequency=0),
        lambda a: dsp.remove_hum(a, frequency=SR),
        lambda a: dsp.remove_hum(a, harmonics=0),
        lambda a: dsp.remove_hum(a, bandwidth=0),
        lambda a: dsp.remove_clicks(a, threshold=0),
        lambda a: dsp.spectral_subtraction(a, over_subtraction=-1),
        lambda a: dsp.spectral_subtraction(a, floor_db=3),
        lambda a: dsp.wiener(a, smoothing=1),
        lambda a: dsp.wiener(a, noise=Audio(np.ones(100), 8000)),
        lambda a: dsp.wiener(a, noise=Audio(np.ones((2, 100)), SR)),
        lambda a: dsp.spectral_gate(a, hold=-1),
        lambda a: dsp.spectral_gate(a, threshold_db=np.nan),
    ],
)
def test_bad_arguments_give_our_error(call: Callable[[Audio], Audio]) -> None:
    with pytest.raises(AudioError):
        call(Audio(np.ones(100), SR))

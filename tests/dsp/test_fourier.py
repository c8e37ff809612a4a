"""Fourier transforms against numpy's, and the laws that they obey."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from mirlab import dsp
from mirlab.core import AudioError

seeds = st.integers(0, 2**32 - 1)
powers = st.integers(0, 9).map(lambda k: 2**k)


def samples(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(n)


@given(seeds, st.integers(1, 300))
def test_the_definition_equals_numpys_fft(seed: int, n: int) -> None:
    y = samples(seed, n) + 1j * samples(seed + 1, n)
    np.testing.assert_allclose(dsp.dft(y), np.fft.fft(y), atol=1e-9)


@given(seeds, powers)
def test_the_fast_transform_equals_the_definition(seed: int, n: int) -> None:
    y = samples(seed, n)
    np.testing.assert_allclose(dsp.fft(y), dsp.dft(y), atol=1e-9)


@pytest.mark.slow
def test_a_long_fast_transform_equals_numpys() -> None:
    y = samples(0, 2**15)
    np.testing.assert_allclose(dsp.fft(y), np.fft.fft(y), atol=1e-9)


@given(seeds, powers)
def test_the_inverse_restores_the_input(seed: int, n: int) -> None:
    y = samples(seed, n)
    np.testing.assert_allclose(dsp.ifft(dsp.fft(y)), y, atol=1e-12)


@given(seeds, powers)
def test_parsevals_theorem_holds(seed: int, n: int) -> None:
    y = samples(seed, n)
    assert np.sum(np.abs(dsp.fft(y)) ** 2) / n == pytest.approx(np.sum(y**2))


@pytest.mark.slow
@given(seeds, powers, st.floats(-5, 5), st.floats(-5, 5))
def test_the_transform_is_linear(seed: int, n: int, first: float, second: float) -> None:
    x, y = samples(seed, n), samples(seed + 1, n)
    together = first * dsp.fft(x) + second * dsp.fft(y)
    np.testing.assert_allclose(dsp.fft(first * x + second * y), together, atol=1e-9)


@given(seeds, powers, st.integers(0, 600))
def test_a_delay_rotates_the_phase_of_each_bin(seed: int, n: int, delay: int) -> None:
    y = samples(seed, n)
    turn = np.exp(-2j * np.pi * np.arange(n) * delay / n)
    np.testing.assert_allclose(dsp.fft(np.roll(y, delay)), turn * dsp.fft(y), atol=1e-9)


@pytest.mark.slow
@given(seeds, st.integers(1, 60), st.integers(1, 60))
def test_convolution_is_multiplication(seed: int, n: int, m: int) -> None:
    y, h = samples(seed, n), samples(seed + 1, m)
    size = 128
    product = dsp.fft(np.pad(y, (0, size - n))) * dsp.fft(np.pad(h, (0, size - m)))
    np.testing.assert_allclose(dsp.ifft(product).real[: n + m - 1], dsp.convolve(y, h), atol=1e-9)


@given(st.integers(1, 200_000), st.integers(1, 5000))
def test_frequencies_equal_librosas(sr: int, n_fft: int) -> None:
    ours = dsp.fft_frequencies(sr=sr, n_fft=n_fft)
    np.testing.assert_allclose(ours, librosa.fft_frequencies(sr=sr, n_fft=n_fft), rtol=1e-12)


@pytest.mark.parametrize("name", ["rectangular", "hann", "hamming", "blackman", "kaiser"])
@pytest.mark.parametrize("n", [999, 1000])
def test_a_sine_on_a_bin_reads_its_amplitude(name: str, n: int) -> None:
    for cycles in (100, 400):
        y = dsp.sine(cycles, sr=n, amplitude=0.7)
        frequencies, amplitudes = dsp.amplitude_spectrum(y, sr=n, window=name)
        assert amplitudes[frequencies == cycles][0] == pytest.approx(0.7, abs=1e-6)


def test_an_offset_reads_its_height() -> None:
    assert dsp.amplitude_spectrum(np.full(64, -0.3))[1][0] == pytest.approx(0.3)


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("n", [1, 2, 3, 64, 101])
@pytest.mark.parametrize("name", ["rectangular", "hann", "hamming", "blackman", "kaiser"])
def test_windows_equal_scipys(name: str, n: int, periodic: bool) -> None:
    theirs = {"rectangular": "boxcar", "kaiser": ("kaiser", 8.6)}.get(name, name)
    wanted = scipy.signal.get_window(theirs, n, fftbins=periodic)
    np.testing.assert_allclose(dsp.window(name, n, periodic=periodic), wanted, atol=1e-12)


def test_kaiser_windows_trade_width_for_side_lobes() -> None:
    levels = [dsp.side_lobe_level(dsp.window("kaiser", 256, beta=b)) for b in (0, 4, 8, 12)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == dsp.side_lobe_level(np.ones(256))


@pytest.mark.parametrize(
    ("name", "level"),  # Harris 1978, table 1
    [("rectangular", -13.3), ("hann", -31.5), ("hamming", -42.7), ("blackman", -58.1)],
)
def test_side_lobes_have_their_published_height(name: str, level: float) -> None:
    assert dsp.side_lobe_level(dsp.window(name, 512)) == pytest.approx(level, abs=0.2)


def test_leakage_follows_the_window_response() -> None:
    n = 256
    w = dsp.window("hann", n)
    y = np.exp(2j * np.pi * 40.3 * np.arange(n) / n)  # no mirror image at the negative frequency
    measured = 20 * np.log10(np.abs(np.fft.fft(w * y)) / w.sum())
    np.testing.assert_allclose(dsp.window_response(w, np.arange(n) - 40.3), measured, atol=1e-6)
    assert dsp.window_response(w, [0.0])[0] == 0.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: dsp.fft(np.ones(12)),
        lambda: dsp.fft([]),
        lambda: dsp.dft(np.ones((2, 2))),
        lambda: dsp.dft([1.0, np.inf]),
        lambda: dsp.ifft([1j, 2, 3]),
        lambda: dsp.dft(["a"]),
        lambda: dsp.fft_frequencies(sr=0),
        lambda: dsp.amplitude_spectrum([1.0, 2.0], window="square"),
        lambda: dsp.window("hann", 0),
        lambda: dsp.window("kaiser", 8, beta=-1),
        lambda: dsp.window_response([1.0, -1.0], [0.0]),
        lambda: dsp.side_lobe_level(np.ones(4)),
    ],
)
def test_bad_arguments_give_our_error(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AudioError):
        call()

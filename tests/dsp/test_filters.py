"""Filters against scipy's, and the laws of convolution, poles and zeros."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
from hypothesis import assume, given
from hypothesis import strategies as st

from mirlab import dsp
from mirlab.core import AudioError

SR = 22050
KINDS = ("lowpass", "highpass", "bandpass", "notch", "peak", "lowshelf", "highshelf")
seeds = st.integers(0, 2**32 - 1)
designs = st.builds(
    lambda kind, f, q, gain: dsp.biquad(kind, f, sr=SR, q=q, gain_db=gain),
    st.sampled_from(KINDS),
    st.floats(20, 11000),
    st.floats(0.1, 30),
    st.floats(-24, 24),
)


def samples(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(n)


def gain_db(b: np.ndarray, a: np.ndarray, *frequencies: float) -> list[float]:
    response = dsp.frequency_response(b, a, frequencies=frequencies, sr=SR)
    return dsp.amplitude_to_db(np.abs(response)).tolist()


@given(seeds, st.integers(1, 400), st.integers(1, 100))
def test_convolution_is_numpys_by_definition_and_by_blocks(seed: int, n: int, m: int) -> None:
    y, h = samples(seed, n), samples(seed + 1, m)
    wanted = np.convolve(y, h)
    np.testing.assert_allclose(dsp.convolve(y, h), wanted, atol=1e-9)
    for n_fft in (m, m + 1, 128, 512):
        if n_fft >= m:
            np.testing.assert_allclose(dsp.overlap_add(y, h, n_fft=n_fft), wanted, atol=1e-9)


@given(seeds)
def test_convolution_is_commutative(seed: int) -> None:
    y, h = samples(seed, 50), samples(seed + 1, 20)
    np.testing.assert_allclose(dsp.convolve(y, h), dsp.convolve(h, y), atol=1e-12)


@pytest.mark.parametrize("q", [0.5, 0.7071, 4.0])
def test_biquads_have_the_response_of_their_kind(q: float) -> None:
    f, nyquist = 1000.0, SR / 2
    at_corner = 20 * np.log10(q)
    low = gain_db(*dsp.biquad("lowpass", f, sr=SR, q=q), 0, f)
    high = gain_db(*dsp.biquad("highpass", f, sr=SR, q=q), nyquist, f)
    assert low == pytest.approx([0, at_corner], abs=1e-9)
    assert high == pytest.approx([0, at_corner], abs=1e-9)
    band = dsp.biquad("bandpass", f, sr=SR, q=q)
    assert gain_db(*band, f)[0] == pytest.approx(0, abs=1e-9)
    assert max(gain_db(*band, 0.001, nyquist - 0.001)) < -60
    notch = dsp.biquad("notch", f, sr=SR, q=q)
    assert gain_db(*notch, 0, nyquist) == pytest.approx([0, 0], abs=1e-9)
    assert gain_db(*notch, f)[0] < -200
    for gain in (-12.0, 6.0):
        peak = gain_db(*dsp.biquad("peak", f, sr=SR, q=q, gain_db=gain), 0, f, nyquist)
        assert peak == pytest.approx([0, gain, 0], abs=1e-9)
        low = gain_db(*dsp.biquad("lowshelf", f, sr=SR, q=q, gain_db=gain), 0, f, nyquist)
        high = gain_db(*dsp.biquad("highshelf", f, sr=SR, q=q, gain_db=gain), 0, f, nyquist)
        assert low[::2] == pytest.approx([gain, 0], abs=1e-9)
        assert high[::2] == pytest.approx([0, gain], abs=1e-9)
        if q == 0.7071:
            assert [low[1], high[1]] == pytest.approx([gain / 2, gain / 2], abs=1e-3)


def test_biquads_equal_scipys() -> None:
    # scipy warps the bandwidth by the tangent, the cookbook by the sine
    w = 2 * np.pi * 900 / SR
    q = np.sin(w) / (2 * np.tan(w / (2 * 5)))
    for ours, theirs in [
        (dsp.biquad("notch", 900, sr=SR, q=q), scipy.signal.iirnotch(900, 5, fs=SR)),
        (dsp.biquad("bandpass", 900, sr=SR, q=q), scipy.signal.iirpeak(900, 5, fs=SR)),
        (dsp.biquad("lowpass", 900, sr=SR), scipy.signal.butter(2, 900, fs=SR)),
        (dsp.biquad("highpass", 900, sr=SR), scipy.signal.butter(2, 900, "highpass", fs=SR)),
    ]:
        np.testing.assert_allclose(ours, theirs, atol=1e-9)


@given(designs, seeds, st.integers(1, 300))
def test_the_difference_equation_equals_lfilter(
    design: tuple[np.ndarray, np.ndarray], seed: int, n: int
) -> None:
    b, a = design
    y = samples(seed, n)
    wanted = scipy.signal.lfilter(b, a, y)
    np.testing.assert_allclose(dsp.filter_biquad(y, b, a), wanted, atol=1e-9)
    np.testing.assert_allclose(dsp.filter_biquad(y, 3 * b, 3 * a), wanted, atol=1e-9)


@given(designs)
def test_the_response_equals_freqz(design: tuple[np.ndarray, np.ndarray]) -> None:
    hertz = np.linspace(0, SR / 2, 64)
    b, a = design
    assume(np.abs(np.roots(a)).max() < 0.9999)  # on the circle both are noise
    wanted = scipy.signal.freqz(b, a, worN=hertz, fs=SR)[1]
    ours = dsp.frequency_response(b, a, frequencies=hertz, sr=SR)
    np.testing.assert_allclose(ours, wanted, atol=1e-9, rtol=1e-7)


def test_the_response_is_the_gain_of_a_sine() -> None:
    b, a = dsp.biquad("peak", 1000, sr=SR, q=2, gain_db=9)
    y = dsp.sine(700, sr=SR)
    found = dsp.filter_biquad(y, b, a)[SR // 2 :]
    response = complex(dsp.frequency_response(b, a, frequencies=[700], sr=SR)[0])
    wanted = dsp.sine(700, sr=SR, amplitude=abs(response), phase=float(np.angle(response)))
    np.testing.assert_allclose(found, wanted[SR // 2 :], atol=1e-9)


@given(designs)
def test_poles_and_zeros_convert_to_coefficients_and_back(
    design: tuple[np.ndarray, np.ndarray],
) -> None:
    poles, zeros, gain = dsp.poles_and_zeros(*design)
    z, p, k = scipy.signal.tf2zpk(*design)
    np.testing.assert_allclose(np.sort_complex(poles), np.sort_complex(p), atol=1e-9)
    np.testing.assert_allclose(np.sort_complex(zeros), np.sort_complex(z), atol=1e-9)
    assert gain == pytest.approx(k)
    for ours, back in zip(design, dsp.from_poles_and_zeros(poles, zeros, gain), strict=True):
        np.testing.assert_allclose(back, ours, atol=1e-9)


@given(designs)
def test_every_design_is_stable(design: tuple[np.ndarray, np.ndarray]) -> None:
    assert dsp.is_stable(design[1])


@given(st.floats(0.5, 1.5), st.floats(0, np.pi))
def test_a_filter_is_stable_if_and_only_if_its_impulse_response_decays(
    r: float, angle: float
) -> None:
    assume(abs(r - 1) > 0.01)
    pole = r * np.exp(1j * angle)
    b, a = dsp.from_poles_and_zeros([pole, pole.conjugate()], [0, 0])
    answer = dsp.filter_biquad(np.eye(1, 2000)[0], b, a)
    dies = np.abs(answer[-100:]).max() < 1e-3 * np.abs(answer[:100]).max()
    assert dsp.is_stable(a) == dies


@pytest.mark.parametrize("window", ["hamming", "hann", "blackman", "rectangular"])
@pytest.mark.parametrize("taps", [31, 101])
def test_fir_filters_equal_firwin(taps: int, window: str) -> None:
    theirs = {"rectangular": "boxcar"}.get(window, window)
    low = dsp.fir_lowpass(3000, sr=SR, taps=taps, window=window)
    wanted = scipy.signal.firwin(taps, 3000, window=theirs, fs=SR)
    np.testing.assert_allclose(low, wanted, atol=1e-12)
    high = dsp.fir_highpass(3000, sr=SR, taps=taps, window=window)
    wanted = scipy.signal.firwin(taps, 3000, window=theirs, pass_zero=False, fs=SR)
    np.testing.assert_allclose(high, wanted, atol=1e-12)


def test_a_longer_fir_is_steeper() -> None:
    behind = [
        gain_db(dsp.fir_lowpass(3000, sr=SR, taps=n), np.ones(1), 3500)[0] for n in (21, 61, 181)
    ]
    assert behind[0] > behind[1] > behind[2]
    assert behind[2] < -50


@pytest.mark.parametrize(
    "call",
    [
        lambda: dsp.convolve([], [1]),
        lambda: dsp.overlap_add(np.ones(9), np.ones(9), n_fft=8),
        lambda: dsp.biquad("allpass", 100),
        lambda: dsp.biquad("lowpass", 0),
        lambda: dsp.biquad("lowpass", 11025, sr=22050),
        lambda: dsp.biquad("lowpass", 100, q=0),
        lambda: dsp.biquad("peak", 100, gain_db=np.nan),
        lambda: dsp.filter_biquad([1.0], [1, 0], [1, 0]),
        lambda: dsp.filter_biquad([1.0], [1, 0, 0], [0, 1, 0]),
        lambda: dsp.filter_biquad([np.nan], [1, 0, 0], [1, 0, 0]),
        lambda: dsp.fir_lowpass(0),
        lambda: dsp.fir_lowpass(100, taps=0),
        lambda: dsp.fir_highpass(100, taps=100),
        lambda: dsp.frequency_response([1], frequencies=[1], sr=0),
        lambda: dsp.poles_and_zeros([1, 2], [1, 2, 3]),
        lambda: dsp.from_poles_and_zeros([0.5], [0, 0]),
        lambda: dsp.from_poles_and_zeros([0.5j, 0.5j], [0, 0]),
        lambda: dsp.is_stable([0, 1]),
    ],
)
def test_bad_arguments_give_our_error(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AudioError):
        call()

"""Oscillators and the resonant filter against closed forms and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from mirlab import dsp
from mirlab.core import AudioError
from mirlab.synthesis import NoteBatch, resonant_filter
from mirlab.synthesis.filters import recursion
from mirlab.synthesis.interpolation import cubic
from mirlab.synthesis.oscillators import partials_that_fit, periods, powers, read


@given(st.sampled_from(["sawtooth", "square", "triangle"]), st.floats(60, 5000))
def test_a_wave_equals_that_of_chapter_one(shape: str, hz: float) -> None:
    voices = NoteBatch([hz], sr=44100)
    amplitudes = dsp.partial_amplitudes(shape, partials_that_fit(voices))
    y = read(periods(torch.from_numpy(amplitudes), voices), voices.cycles(4410))[0]
    exact = getattr(dsp, shape)(hz, sr=44100, duration=0.1)
    np.testing.assert_allclose(y, exact, atol=2e-3)  # -54 dB, with 367 partials; far less with few


def test_partials_that_a_bend_would_alias_are_removed() -> None:
    flat = NoteBatch([1000.0], sr=8000)
    bent = NoteBatch([1000.0], sr=8000, bend=[[0.0] * 200 + [5.0] * 200])  # up to 1335 Hz
    three = torch.ones(3)
    spectra = [np.abs(np.fft.rfft(periods(three, voices)[0])) > 1 for voices in (flat, bent)]
    assert spectra[0].nonzero()[0].tolist() == [1, 2, 3]
    assert spectra[1].nonzero()[0].tolist() == [1, 2]


def test_a_cubic_is_interpolated_exactly() -> None:
    x = torch.linspace(0, 1, 11, dtype=torch.float64)
    read_there = sum(w * (n**3 - 2 * n + 1) for n, w in zip((-1, 0, 1, 2), cubic(x), strict=True))
    np.testing.assert_allclose(read_there, x**3 - 2 * x + 1, atol=1e-12)


def test_powers_follow_the_slope() -> None:
    np.testing.assert_allclose(powers(4, 2.0, even=0.5), [1, 1 / 8, 1 / 9, 1 / 32])


@pytest.mark.parametrize("kind", ["low", "band", "high"])
@pytest.mark.parametrize("hz", [30.0, 800.0, 9000.0])
@pytest.mark.parametrize("q", [0.5, 8.0])
def test_a_static_filter_equals_the_biquad(kind: str, hz: float, q: float) -> None:
    x = np.random.default_rng(0).standard_normal(5000)
    y = resonant_filter(torch.from_numpy(x)[None], torch.tensor([[hz]]), sr=22050, q=q, kind=kind)
    names = {"low": "lowpass", "band": "bandpass", "high": "highpass"}
    b, a = dsp.biquad(names[kind], hz, sr=22050, q=q)
    np.testing.assert_allclose(y[0], lfilter(b, a, x), atol=1e-9)


def test_a_moving_filter_equals_the_recursion() -> None:
    """Against the recursion written sample by sample."""
    rng, sr = np.random.default_rng(1), 8000
    x, cutoff = rng.standard_normal((2, 777)), np.exp(rng.uniform(5, 8, (2, 777)))
    y = resonant_filter(torch.from_numpy(x), torch.from_numpy(cutoff), sr=sr, q=2.0)
    for row in range(2):
        first = two = 0.0
        for n in range(777):
            g = math.tan(math.pi * cutoff[row, n] / sr)
            band = (first + g * (x[row, n] - two)) / (1 + g * (g + 0.5))
            low = two + g * band
            first, two = 2 * band - first, 2 * low - two
            assert float(y[row, n]) == pytest.approx(low, abs=1e-10)


@pytest.mark.parametrize("samples", [1, 2, 3, 16, 17, 100])
def test_the_recursion_is_independent_of_the_block_size(samples: int) -> None:
    rng = torch.Generator().manual_seed(samples)
    a = torch.randn(2, 2, 3, samples, generator=rng, dtype=torch.float64) / 2
    b = torch.randn(2, 3, samples, generator=rng, dtype=torch.float64)
    found, state = recursion(a, b), torch.zeros(2, 3, dtype=torch.float64)
    for n in range(samples):
        np.testing.assert_allclose(found[..., n], state, atol=1e-12)
        state = (a[..., n] * state[None]).sum(dim=1) + b[..., n]


def test_a_fast_moving_filter_stays_finite() -> None:
    rng = torch.Generator().manual_seed(0)
    x = torch.rand(1, 40_000, generator=rng) * 2 - 1
    cutoff = 10 ** (1 + 4 * torch.rand(1, 40_000, generator=rng))
    assert float(resonant_filter(x, cutoff, sr=44100, q=20.0).abs().max()) < 50


@pytest.mark.parametrize(
    "settings", [{"kind": "notch"}, {"q": 0.0}, {"cutoff": torch.tensor([[0.0]])}]
)
def test_bad_filters_give_our_error(settings: dict) -> None:
    settings = {"cutoff": torch.tensor([[100.0]]), **settings}
    with pytest.raises(AudioError, match="must be"):
        resonant_filter(torch.zeros(1, 9), sr=8000, **settings)

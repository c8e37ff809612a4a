"""Inverse transforms: from a spectrogram to a sound."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.core import AudioError
from mirlab.spectra import CQT, STFT, VQT, Mel, Wavelet, griffin_lim
from mirlab.spectra.filterbank import FilterBank
from mirlab.spectra.mel import nonnegative_least_squares

SR = 22050


def snr(wanted: torch.Tensor, found: torch.Tensor) -> float:
    """Level of the difference relative to the sound, in dB."""
    return float(20 * torch.log10(wanted.norm() / (wanted - found).norm()))


def notes() -> torch.Tensor:
    """Three seconds of struck notes with overtones from 110 Hz to 4 kHz, shape (2, samples)."""
    t = torch.arange(3 * SR) / SR
    y = torch.zeros(2, t.numel())
    for n, pitch in enumerate((45, 52, 57, 61, 64, 69, 76, 64)):
        since = (t - 0.3 * n).clamp(min=0)
        for harmonic in range(1, 6):
            hz = 440 * 2 ** ((pitch - 69) / 12) * harmonic
            wave = torch.sin(2 * torch.pi * hz * since) * torch.exp(-3 * since) / harmonic
            y[n % 2] += wave * (1 - torch.exp(-200 * since))
    return y


@settings(max_examples=20)
@given(
    samples=st.integers(600, 5000),
    n_fft=st.sampled_from([64, 250, 512]),
    overlap=st.sampled_from([0.5, 0.66, 0.75, 0.9]),
)
def test_stft_is_inverted_exactly(samples: int, n_fft: int, overlap: float) -> None:
    stft = STFT(n_fft=n_fft, hop_length=max(1, round(n_fft * (1 - overlap))))
    y = torch.randn(2, samples, generator=torch.Generator().manual_seed(samples))
    back = stft.invert(stft(y), length=samples)
    # at the foot of the last window the weight is too small to invert
    sure = (stft.frames(samples) - 1) * stft.hop_length + int(0.45 * n_fft)
    assert snr(y[:, :sure], back[:, :sure]) > 100


def test_stft_of_windows_side_by_side_cannot_come_back() -> None:
    stft = STFT(n_fft=64, hop_length=64)
    with pytest.raises(AudioError, match="hop_length is 64: windows of 64 samples must overlap"):
        stft.invert(stft(torch.randn(640)), length=640)


def test_inverse_of_stft_has_a_gradient() -> None:
    stft = STFT(n_fft=64, hop_length=16).double()
    y = torch.randn(300, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad((stft.invert(stft(y), length=300) ** 2).sum(), y)
    assert torch.allclose(slope, 2 * y, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "least"),
    [
        (lambda: CQT(fmin=55.0, n_bins=270, bins_per_octave=36, hop_length=256), 40),
        (lambda: CQT(fmin=55.0, n_bins=90, hop_length=64), 40),
        (lambda: VQT(fmin=55.0, n_bins=90, hop_length=64), 40),
        (lambda: Wavelet(fmin=55.0, n_bins=90, hop_length=64), 40),
        (lambda: CQT(fmin=55.0, n_bins=90, hop_length=512), 10),  # holes between frames
    ],
)
def test_cqt_comes_back(make: type[FilterBank], least: float) -> None:
    transform, y = make(), notes()
    back = transform.invert(transform(y), length=y.shape[-1])
    assert back.shape == y.shape
    assert snr(y, back) > least


def test_cqt_gives_back_only_what_its_bins_hear() -> None:
    t = torch.arange(2 * SR) / SR
    low, high = torch.sin(2 * torch.pi * 440 * t), torch.sin(2 * torch.pi * 4000 * t)
    cqt = CQT(fmin=110.0, n_bins=144, bins_per_octave=36, hop_length=128)  # up to 1.7 kHz
    back = cqt.invert(cqt(low + high), length=t.numel())
    inner = slice(SR // 4, -SR // 4)
    assert snr(low[inner], back[inner]) > 40


def test_the_adjoint_is_one() -> None:
    cqt = CQT(fmin=220.0, n_bins=24, hop_length=128).double()
    rng = torch.Generator().manual_seed(0)
    y = torch.randn(5000, generator=rng, dtype=torch.float64)
    c = torch.randn(24, cqt.frames(5000), generator=rng, dtype=torch.complex128)
    left = (cqt(y) * c.conj()).sum().real
    assert float(left) == pytest.approx(float(y @ cqt._adjoint(c, 5000)), rel=1e-6)


def test_mel_comes_back_with_the_same_mel_spectrogram() -> None:
    mel, y = Mel(), notes()
    power = mel(y)
    back = mel.invert(power, length=y.shape[-1])
    assert back.shape == y.shape
    assert float((mel(back).sqrt() - power.sqrt()).norm() / power.sqrt().norm()) < 0.15


def test_nonnegative_least_squares_is_scipys() -> None:
    from scipy.optimize import nnls

    rng = np.random.default_rng(0)
    bank, target = rng.uniform(size=(12, 8)), rng.uniform(size=(12, 5))
    found = nonnegative_least_squares(
        torch.from_numpy(bank), torch.from_numpy(target), iterations=3000
    ).numpy()
    norm = np.linalg.norm(bank, axis=1)[:, None]
    wanted = np.stack([nnls(bank / norm, row)[0] for row in (target / norm).T], axis=1)
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert (found == 0).any()


@pytest.mark.slow
def test_griffin_lim_gets_nearer_with_every_turn_and_is_the_same_each_time() -> None:
    stft, y = STFT(), notes()
    amplitude = stft(y).abs()
    errors = []
    for turns in (1, 8, 64):
        back = griffin_lim(stft, amplitude, length=y.shape[-1], iterations=turns)
        errors.append(float((stft(back).abs() - amplitude).norm() / amplitude.norm()))
    assert errors[0] > errors[1] > errors[2] and errors[2] < 0.1
    assert torch.equal(back, griffin_lim(stft, amplitude, length=y.shape[-1], iterations=64))


@pytest.mark.parametrize("make", [STFT, Mel, CQT, Wavelet])
def test_pictures_of_another_shape_are_refused(make: type[STFT | Mel | FilterBank]) -> None:
    transform = make()
    spectrum = transform(torch.randn(44100))
    with pytest.raises(AudioError, match=r"spectrum has shape .*; 50000 samples have \(\.\.\., "):
        transform.invert(spectrum, length=50000)
    with pytest.raises(AudioError, match=r"spectrum has shape"):
        transform.invert(spectrum[1:], length=44100)

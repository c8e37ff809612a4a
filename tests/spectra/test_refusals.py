"""Every transform refuses bad input by name, value and limit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from mirlab.core import AudioError
from mirlab.spectra import (
    CQT,
    STFT,
    VQT,
    Chroma,
    Gammatone,
    HarmonicCQT,
    Mel,
    Reassigned,
    Transform,
    Wavelet,
)
from tests.spectra.transforms import MADE, every, sound


@every
def test_bad_sounds_are_refused_by_name_value_and_limit(name: str) -> None:
    transform = MADE[name]
    longest = transform.window_length
    with pytest.raises(AudioError, match=rf"y has {longest - 1} samples, .* {longest} samples"):
        transform(sound(longest - 1))
    with pytest.raises(AudioError, match=r"y has shape \(0, 9000\): zero channels"):
        transform(torch.zeros(0, 9000))
    with pytest.raises(AudioError, match=r"y has shape \(2, 0\): zero samples"):
        transform(torch.zeros(2, 0))
    for bad in (float("nan"), float("inf")):
        y = sound(9000)
        y[7] = bad
        with pytest.raises(AudioError, match="y holds NaN or infinity"):
            transform(y)
    with pytest.raises(AudioError, match="real numbers"):
        transform(torch.zeros(9000, dtype=torch.complex64))
    with pytest.raises(AudioError, match=r"shape \(\.\.\., samples\)"):
        transform(torch.tensor(1.0))
    with pytest.raises(AudioError, match=f"fewer than the longest window, {longest}"):
        list(transform.stream([sound(1)]))
    with pytest.raises(AudioError, match="at least 1 chunk"):
        list(transform.stream([]))


def test_very_loud_sounds_are_finite() -> None:
    assert bool(torch.isfinite(STFT(n_fft=64, hop_length=32)(torch.full((200,), 3e36)).abs()).all())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: STFT(n_fft=512, hop_length=513), "hop_length is 513 samples.* 512 samples"),
        (lambda: Mel(n_fft=512, hop_length=600), "hop_length is 600 samples.* 512 samples"),
        (lambda: Reassigned(n_fft=512, hop_length=600), "hop_length is 600.* 512 samples"),
        (lambda: CQT(fmin=8000, n_bins=2, hop_length=512), "hop_length is 512 samples.* 48 samp"),
        (lambda: Wavelet(fmin=8000, n_bins=2, hop_length=512), "hop_length is 512 samples"),
        (lambda: Gammatone(fmin=5000, hop_length=512), "hop_length is 512 samples"),
        (lambda: CQT(n_bins=109), "fmax is 16744 Hz, over the Nyquist frequency, 11025 Hz"),
        (lambda: VQT(n_bins=109), "fmax is 16744 Hz, over the Nyquist frequency, 11025 Hz"),
        (lambda: Wavelet(n_bins=109), "fmax is 16744 Hz, over the Nyquist frequency, 11025 Hz"),
        (lambda: HarmonicCQT(n_bins=109), "fmax is 16744 Hz, over the Nyquist"),
        (lambda: Mel(fmax=12000), "fmax is 12000 Hz, over the Nyquist frequency, 11025 Hz"),
        (lambda: Gammatone(fmax=12000), "fmax is 12000 Hz, over the Nyquist frequency, 11025 Hz"),
        (lambda: STFT(hop_length=0), "hop_length must be an integer >= 1, not 0"),
        (lambda: STFT(n_fft=2047), "n_fft must be even, not 2047"),
        (lambda: STFT(sr=0), "sr must be positive, not 0"),
        (lambda: STFT(n_fft=2048.0), "n_fft must be an integer >= 4, not 2048.0"),
        (lambda: CQT(n_bins=0), "n_bins must be an integer >= 1, not 0"),
        (lambda: CQT(fmin=-1), "fmin must be positive, not -1 Hz"),
        (lambda: CQT(bins_per_octave=0), "bins_per_octave must be an integer >= 1, not 0"),
        (lambda: VQT(gamma=-1), "gamma must be at least 0, not -1"),
        (lambda: Wavelet(bandwidth=0), "bandwidth must be positive, not 0"),
        (lambda: HarmonicCQT(harmonics=(1, 0)), r"harmonics must be .* not \(1, 0\)"),
        (lambda: HarmonicCQT(harmonics=()), r"harmonics must be .* not \(\)"),
        (lambda: Mel(fmin=4000, fmax=3000), "fmin must .*3000 Hz, not .*4000 Hz"),
        (lambda: Mel(fmin=-1), "fmin must be at least 0, not -1"),
        (lambda: Mel(n_mels=900), "n_mels is 900: .* bands lie between two bins of n_fft=2048"),
        (lambda: Gammatone(hop_length=100), "hop_length must be a multiple of 8, not 100"),
        (lambda: Chroma(CQT(bins_per_octave=10)), "multiple of 12 .* not 10"),
        (lambda: Chroma(Mel()), "base must be an STFT or a CQT, not a Mel"),
    ],
)
def test_bad_numbers_are_refused_by_name_value_and_limit(
    make: Callable[[], Transform], message: str
) -> None:
    with pytest.raises(AudioError, match=message):
        make()

"""Small instances of all transforms, for tests of their common interface."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

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

SR = 4000  # low, so that all tests take seconds
SMALL = {"sr": SR, "fmin": 110.0, "n_bins": 40}
MAKERS: dict[str, Callable[..., Transform]] = {
    "STFT": lambda hop: STFT(sr=SR, n_fft=256, hop_length=hop),
    "Mel": lambda hop: Mel(sr=SR, n_fft=256, hop_length=hop, n_mels=20),
    "CQT": lambda hop: CQT(**SMALL, hop_length=hop),
    "VQT": lambda hop: VQT(**SMALL, hop_length=hop),
    "HarmonicCQT": lambda hop: HarmonicCQT(**SMALL, hop_length=hop, harmonics=(0.5, 1, 2, 3)),
    "Wavelet": lambda hop: Wavelet(**SMALL, hop_length=hop),
    "Chroma of STFT": lambda hop: Chroma(STFT(sr=SR, n_fft=256, hop_length=hop)),
    "Chroma of CQT": lambda hop: Chroma(CQT(**SMALL, hop_length=hop)),
    "Gammatone": lambda hop: Gammatone(sr=SR, n_bins=20, hop_length=hop),
    "Reassigned": lambda hop: Reassigned(sr=SR, n_fft=256, hop_length=hop),
}
MADE = {name: make(64) for name, make in MAKERS.items()}
every = pytest.mark.parametrize("name", MADE)


def sound(*shape: int, seed: int = 0) -> torch.Tensor:
    """White noise, float32."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def error(found: torch.Tensor, wanted: torch.Tensor) -> float:
    """Relative root-mean-square error."""
    return float((found - wanted).norm() / wanted.norm())

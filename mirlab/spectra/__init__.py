"""Spectra: pictures of sound, and which picture fits which sound.

Chapter 2. Every transform is an `nn.Module` with one interface: `(..., samples)` in, `(..., bins,
frames)` out, with `.frequencies`, `.times(samples)`, `.stream(pieces)`, and `.invert` where there
is a way back. They run on batches, on any device, and gradients flow through them. What comes out
is complex coefficients or real power, which `scale` turns into amplitude, decibels or log1p.

STFT, mel spectrogram, CQT and chroma are also functions on numpy arrays, with the same results:
`stft`, `istft`, `melspectrogram`, `cqt`, `chroma_stft`, `chroma_cqt`. These need no torch; the
modules load when they are first used. Bad arguments are `AudioError`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .array_constant_q import chroma_cqt, cqt, cqt_blocks, vqt_blocks
from .array_fourier import (
    chroma_stft,
    istft,
    melspectrogram,
    power_to_db,
    stft,
    stft_blocks,
)

if TYPE_CHECKING:
    from .chroma import Chroma
    from .comparison import Comparison, compare
    from .constant_q import CQT, VQT
    from .fourier import STFT, griffin_lim
    from .gammatone import Gammatone
    from .harmonic import HarmonicCQT
    from .mel import Mel
    from .reassigned import Reassigned
    from .scaling import scale
    from .transform import Transform
    from .wavelet import Wavelet

_HOMES = {  # of what needs torch
    "CQT": "constant_q",
    "Chroma": "chroma",
    "Comparison": "comparison",
    "Gammatone": "gammatone",
    "HarmonicCQT": "harmonic",
    "Mel": "mel",
    "Reassigned": "reassigned",
    "STFT": "fourier",
    "Transform": "transform",
    "VQT": "constant_q",
    "Wavelet": "wavelet",
    "compare": "comparison",
    "griffin_lim": "fourier",
    "scale": "scaling",
}

__all__ = [
    "CQT",
    "STFT",
    "VQT",
    "Chroma",
    "Comparison",
    "Gammatone",
    "HarmonicCQT",
    "Mel",
    "Reassigned",
    "Transform",
    "Wavelet",
    "chroma_cqt",
    "chroma_stft",
    "compare",
    "cqt",
    "cqt_blocks",
    "griffin_lim",
    "istft",
    "melspectrogram",
    "power_to_db",
    "scale",
    "stft",
    "stft_blocks",
    "vqt_blocks",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mirlab.spectra' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value  # from now on without this detour
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

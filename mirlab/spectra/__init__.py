"""Time-frequency transforms: STFT, mel, constant-Q, wavelet, gammatone, chroma and others.

The code of chapter 2. Every transform is an `nn.Module` that maps `(..., samples)` to `(..., bins,
frames)`, with `.frequencies`, `.times(samples)`, `.stream(chunks)`, and, where it is invertible,
`.invert`. Transforms accept batches, run on any device and are differentiable. Their output is
either complex coefficients or real power; `scale` converts it to amplitude, decibels or log1p.

STFT, mel spectrogram, CQT and chroma are also available as functions on numpy arrays, with equal
results: `stft`, `istft`, `melspectrogram`, `cqt`, `chroma_stft`, `chroma_cqt`. These do not need
torch; the modules are imported on first use. Invalid arguments raise `AudioError`.
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

_MODULES = {  # of the names that need torch
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
    if name not in _MODULES:
        raise AttributeError(f"module 'mirlab.spectra' has no attribute {name!r}")
    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value  # later accesses do not call __getattr__
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

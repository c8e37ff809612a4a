"""Spectra: pictures of sound, and which picture fits which sound.

Chapter 2. Every transform is an `nn.Module` with one interface: `(..., samples)` in, `(..., bins,
frames)` out, with `.frequencies`, `.times(samples)`, `.stream(pieces)`, and `.invert` where there
is a way back. They run on batches, on any device, and gradients flow through them. What comes out
is complex coefficients or real power, which `scale` turns into amplitude, decibels or log1p.
Bad arguments are `AudioError`.
"""

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
    "compare",
    "griffin_lim",
    "scale",
]

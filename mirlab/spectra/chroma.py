"""Chroma: power of the twelve pitch classes."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..core.checks import require
from .banks import C4, chroma_bank, fold_bank
from .constant_q import CQT
from .fourier import STFT
from .scaling import power_of
from .transform import Transform


class Chroma(Transform):
    """Chroma: power of the twelve pitch classes, from C to B (Fujishima 1999).

    The bins of an STFT are distributed by the Gaussians of `librosa.filters.chroma` (Ellis 2007);
    in the bass, where bins are wider than a semitone, to several pitch classes. Every bin of a CQT
    is assigned to the nearest pitch class, as in `librosa.filters.cq_to_chroma`. The tuning is
    A4 = 440 Hz. Frames are not normalised.

    Parameters
    ----------
    base
        An `STFT`, or a `CQT` with a multiple of 12 bins per octave.

    Raises
    ------
    AudioError
        If `base` is another transform, or its bins per octave are not a multiple of 12.

    Examples
    --------
    >>> chroma = Chroma(CQT(bins_per_octave=36, n_bins=180, fmin=65.4))
    >>> a = torch.sin(2 * torch.pi * 440 * torch.arange(44100) / 22050)
    >>> int(chroma(a)[:, 40].argmax())  # C, C sharp, D, ...: A is row 9
    9
    """

    bank: Tensor

    def __init__(self, base: STFT | CQT) -> None:
        require(
            isinstance(base, STFT | CQT),
            f"base must be an STFT or a CQT, not a {type(base).__name__}",
        )
        super().__init__(
            sr=base.sr,
            hop_length=base.hop_length,
            window_length=base.window_length,
            reach=base.reach,
        )
        self.base = base
        self.block = base.block
        if isinstance(base, STFT):
            bank = chroma_bank(sr=base.sr, n_fft=base.n_fft)
        else:
            bank = fold_bank(
                n_bins=len(base.frequencies), bins_per_octave=base.bins_per_octave, fmin=base.fmin
            )
        self.register_buffer("bank", torch.from_numpy(bank).to(torch.float32), persistent=False)
        hz = C4 * 2 ** (np.arange(12) / 12)  # in the octave of middle C
        # the duration of a class is the weighted mean over its bins
        durations = bank @ base.durations.numpy() / np.maximum(bank.sum(axis=1), 1e-12)
        semitone = hz * (2 ** (1 / 24) - 2 ** (-1 / 24))
        self.describe(hz, durations, semitone)

    def analyse(self, padded: Tensor) -> Tensor:
        """Fold the power of the frames; real, shape `(..., 12, frames)`."""
        return self.bank @ power_of(self.base.analyse(padded))

"""Harmonic CQT: CQTs of all harmonics, aligned at the fundamental."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..core.checks import require
from .checks import require_bins
from .constant_q import CQT
from .kernels import C1
from .transform import Transform, concatenate


class HarmonicCQT(Transform):
    """Harmonic CQT (Bittner, McFee, Salamon, Li and Bello 2017): a stack of one CQT per harmonic.

    Layer h is a CQT that begins at `h * fmin`, so that the fundamental and the overtones of a note
    have the same bin index, within one small convolution kernel. All layers are slices of one CQT
    (as in Basic Pitch, Bittner et al. 2022), offset by `bins_per_octave * log2(h)` bins, rounded.
    Octaves are exact; the third harmonic deviates by 2 cents at 12, 36 or 60 bins per octave, the
    fifth by 14 at 12 and 36 and by 6 at 60; `cents_off` contains the deviations. Bins above half
    the sampling rate are 0.

    Parameters
    ----------
    sr, hop_length, fmin, n_bins, bins_per_octave
        Parameters of the layer of the fundamental, as for `CQT`.
    harmonics
        Multiples of the fundamental; 0.5 distinguishes a note from the octave above it.

    Attributes
    ----------
    cents_off
        Deviation of each layer from its exact frequencies in cents, shape `(harmonics,)`.

    Raises
    ------
    AudioError
        As for `CQT`, for the layer of the fundamental; also if a harmonic is not positive.

    Examples
    --------
    >>> hcqt = HarmonicCQT(fmin=110.0, n_bins=36, harmonics=(0.5, 1, 2, 3))
    >>> hcqt(torch.randn(22050)).shape  # (harmonics, bins, frames)
    torch.Size([4, 36, 44])
    """

    cents_off: Tensor

    def __init__(
        self,
        *,
        sr: float = 22050,
        hop_length: int = 512,
        fmin: float | None = None,
        n_bins: int = 72,
        bins_per_octave: int = 12,
        harmonics: Sequence[float] = (0.5, 1, 2, 3, 4, 5),
    ) -> None:
        fmin = C1 if fmin is None else fmin
        require_bins(fmin, n_bins, bins_per_octave, sr)
        require(
            len(harmonics) > 0 and min(harmonics) > 0,
            f"harmonics must be one or more positive numbers, not {harmonics}",
        )
        exact = bins_per_octave * np.log2(harmonics)
        offsets = np.round(exact).astype(int)
        lowest = min(0, int(offsets.min()))
        available = int(np.floor(bins_per_octave * np.log2(sr / 2 / fmin) + 1e-9)) + 1  # to Nyquist
        highest = min(n_bins + max(0, int(offsets.max())), available)
        cqt = CQT(
            sr=sr,
            hop_length=hop_length,
            fmin=fmin * 2 ** (lowest / bins_per_octave),
            n_bins=highest - lowest,
            bins_per_octave=bins_per_octave,
        )
        super().__init__(
            sr=sr, hop_length=hop_length, window_length=cqt.window_length, reach=cqt.reach
        )
        self.cqt = cqt
        self.block = cqt.block
        self.offsets = [int(offset) - lowest for offset in offsets]
        cents = torch.from_numpy((offsets - exact) * 1200 / bins_per_octave)
        self.register_buffer("cents_off", cents.to(torch.float32), persistent=False)
        bins = slice(-lowest, n_bins - lowest)  # of the fundamental
        self.describe(cqt.frequencies[bins], cqt.durations[bins], cqt.bandwidths[bins])

    def analyse(self, padded: Tensor) -> Tensor:
        """Compute one CQT and stack its slices; complex, shape `(..., harmonics, bins, frames)`."""
        whole = self.cqt.analyse(padded)
        bins = len(self.frequencies)
        silent = whole.new_zeros(()).expand(*whole.shape[:-2], bins, whole.shape[-1])
        rows = []
        for offset in self.offsets:
            layer = whole[..., offset : offset + bins, :]
            rows += [layer, silent[..., layer.shape[-2] :, :]]
        return concatenate(rows, dim=-2).unflatten(-2, (-1, bins))

"""The mel spectrogram: an STFT folded on to a scale that is even to the ear."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .banks import mel_bank, mel_edges
from .fourier import STFT, griffin_lim
from .scaling import power_of
from .transform import Transform

TOGETHER = 16  # bands that are added up in one product


class Mel(Transform):
    """The mel spectrogram: power in bands as wide as the ear's (Davis and Mermelstein 1980).

    The power of an STFT, added up under triangles on Slaney's mel scale; equals
    `librosa.feature.melspectrogram`. It makes the picture small and smooths harmonics of high notes
    away; time and the bass are resolved as in the STFT.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    n_fft, hop_length
        The STFT's, in samples.
    n_mels
        Number of bands.
    fmin, fmax
        Where the first band begins and the last ends, in Hz; fmax None is half of `sr`.

    Raises
    ------
    AudioError
        For a bad STFT, `fmax` over half of `sr`, or bands narrower than the STFT's bins.

    Examples
    --------
    >>> mel = Mel(n_fft=1024, hop_length=256, n_mels=64)
    >>> mel(torch.randn(2, 22050)).shape  # real power
    torch.Size([2, 64, 87])
    """

    bank: Tensor

    def __init__(
        self,
        *,
        sr: float = 22050,
        n_fft: int = 2048,
        hop_length: int = 512,
        n_mels: int = 128,
        fmin: float = 0.0,
        fmax: float | None = None,
    ) -> None:
        stft = STFT(sr=sr, n_fft=n_fft, hop_length=hop_length)
        super().__init__(sr=sr, hop_length=hop_length, window_length=n_fft, reach=stft.reach)
        self.stft = stft
        fmax = sr / 2 if fmax is None else fmax
        bank = mel_bank(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax)
        self.register_buffer("bank", torch.from_numpy(bank).to(torch.float32), persistent=False)
        # a band hears a few of the bins: its neighbours and it are added up over those alone
        heard = [some.any(dim=0).nonzero() for some in self.bank.split(TOGETHER)]
        self.heard = [slice(int(bins[0]), int(bins[-1]) + 1) for bins in heard]
        edges = mel_edges(n_mels, fmin=fmin, fmax=fmax)
        # a triangle is half its base wide at half its height; the window smears on top of that
        triangles = (edges[2:] - edges[:-2]) / 2
        window = stft.bandwidths[0].item()
        durations = np.full(n_mels, stft.durations[0].item())
        self.describe(edges[1:-1], durations, np.hypot(triangles, window))

    def analyse(self, padded: Tensor) -> Tensor:
        """Fold the power of the frames; real, shape `(..., n_mels, frames)`."""
        folded = [self._fold(power_of(some)) for some in self.stft.pieces(padded)]
        return torch.cat(folded, dim=-1)

    def _fold(self, power: Tensor) -> Tensor:
        """Add up under the triangles: `(..., frames, bins)` to `(..., n_mels, frames)`."""
        groups = zip(self.bank.split(TOGETHER), self.heard, strict=True)
        rows = [bank[:, bins] @ power[..., bins].transpose(-1, -2) for bank, bins in groups]
        return torch.cat(rows, dim=-2)

    def invert(self, spectrum: Tensor, *, length: int, iterations: int = 32) -> Tensor:
        """A sound with about this mel spectrogram: power by NNLS, phases by Griffin and Lim.

        Parameters
        ----------
        spectrum
            Mel power, at least 0, shape `(..., n_mels, frames)`.
        length
            Samples wanted.
        iterations
            Turns of `griffin_lim`.

        Returns
        -------
        Tensor
            Real, shape `(..., length)`; without gradient.

        Raises
        ------
        AudioError
            When the number of bands or frames is not that of a sound of this length.
        """
        self.require_shape(spectrum, length)
        power = nonnegative_least_squares(self.bank, spectrum)
        return griffin_lim(self.stft, power.sqrt(), length=length, iterations=iterations)


@torch.no_grad()
def nonnegative_least_squares(bank: Tensor, target: Tensor, *, iterations: int = 100) -> Tensor:
    """The x >= 0 for which `bank @ x` comes nearest to `target`, by steps downhill with momentum.

    FISTA (Beck and Teboulle 2009), from the least-squares solution cut at 0. Rows of the bank are
    brought to one norm first, so that wide bands count as much as narrow ones.

    Parameters
    ----------
    bank
        Shape `(bands, bins)`.
    target
        Shape `(..., bands, frames)`.
    iterations
        Steps; each costs two products with the bank.

    Returns
    -------
    Tensor
        Shape `(..., bins, frames)`, at least 0.
    """
    norm = bank.norm(dim=1, keepdim=True)
    bank, target = bank / norm, target / norm
    steepest = torch.linalg.matrix_norm(bank, ord=2) ** 2
    x = ahead = (torch.linalg.pinv(bank) @ target).clamp(min=0)
    pace = 1.0
    for _ in range(iterations):
        slope = bank.T @ (bank @ ahead - target)
        new = (ahead - slope / steepest).clamp(min=0)
        faster = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead = new + (pace - 1) / faster * (new - x)
        x, pace = new, faster
    return x

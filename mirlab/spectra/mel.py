"""Mel spectrogram: the power of an STFT in bands on the mel scale."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .banks import mel_bank, mel_edges
from .fourier import STFT, griffin_lim
from .scaling import power_of
from .transform import Transform

GROUP = 16  # bands per matrix product


class Mel(Transform):
    """Mel spectrogram: power in bands of perceptual width (Davis and Mermelstein 1980).

    The power of an STFT, weighted by triangles on Slaney's mel scale and summed; equals
    `librosa.feature.melspectrogram`. It has fewer bins and does not resolve the harmonics of high
    notes; the resolution in time and in the bass is that of the STFT.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    n_fft, hop_length
        Window length and hop of the STFT in samples.
    n_mels
        Number of bands.
    fmin, fmax
        Lower edge of the first band and upper edge of the last, in Hz; fmax None is `sr / 2`.

    Raises
    ------
    AudioError
        If an argument of the STFT is invalid, `fmax` is above `sr / 2`, or bands are narrower than
        the bins of the STFT.

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
        # most weights of a band are 0, so each group of bands is multiplied by a range of bins
        nonzero = [group.any(dim=0).nonzero() for group in self.bank.split(GROUP)]
        self.bin_ranges = [slice(int(bins[0]), int(bins[-1]) + 1) for bins in nonzero]
        edges = mel_edges(n_mels, fmin=fmin, fmax=fmax)
        # the width of a triangle at half its height is half its base; the window adds to it
        triangles = (edges[2:] - edges[:-2]) / 2
        window = stft.bandwidths[0].item()
        durations = np.full(n_mels, stft.durations[0].item())
        self.describe(edges[1:-1], durations, np.hypot(triangles, window))

    def analyse(self, padded: Tensor) -> Tensor:
        """Fold the power of the frames; real, shape `(..., n_mels, frames)`."""
        folded = [self._fold(power_of(block)) for block in self.stft.frame_blocks(padded)]
        return torch.cat(folded, dim=-1)

    def _fold(self, power: Tensor) -> Tensor:
        """Apply the filter bank: `(..., frames, bins)` to `(..., n_mels, frames)`."""
        groups = zip(self.bank.split(GROUP), self.bin_ranges, strict=True)
        rows = [bank[:, bins] @ power[..., bins].transpose(-1, -2) for bank, bins in groups]
        return torch.cat(rows, dim=-2)

    def invert(self, spectrum: Tensor, *, length: int, iterations: int = 32) -> Tensor:
        """Approximate inverse: power of the STFT by NNLS, phases by the Griffin-Lim algorithm.

        Parameters
        ----------
        spectrum
            Mel power, at least 0, shape `(..., n_mels, frames)`.
        length
            Length of the output in samples.
        iterations
            Number of iterations of `griffin_lim`.

        Returns
        -------
        Tensor
            Real, shape `(..., length)`; without gradient.

        Raises
        ------
        AudioError
            If the number of bands or frames does not match `length`.
        """
        self.require_shape(spectrum, length)
        power = nonnegative_least_squares(self.bank, spectrum)
        return griffin_lim(self.stft, power.sqrt(), length=length, iterations=iterations)


@torch.no_grad()
def nonnegative_least_squares(bank: Tensor, target: Tensor, *, iterations: int = 100) -> Tensor:
    """Nonnegative least squares: the x >= 0 that minimises the error of `bank @ x`.

    Accelerated projected gradient descent (FISTA, Beck and Teboulle 2009), starting from the
    least-squares solution clipped at 0. The rows of the bank are normalised, so that wide and
    narrow bands have equal weight.

    Parameters
    ----------
    bank
        Shape `(bands, bins)`.
    target
        Shape `(..., bands, frames)`.
    iterations
        Number of iterations; each computes two products with the bank.

    Returns
    -------
    Tensor
        Shape `(..., bins, frames)`, at least 0.
    """
    norm = bank.norm(dim=1, keepdim=True)
    bank, target = bank / norm, target / norm
    lipschitz = torch.linalg.matrix_norm(bank, ord=2) ** 2
    x = extrapolated = (torch.linalg.pinv(bank) @ target).clamp(min=0)
    t = 1.0
    for _ in range(iterations):
        gradient = bank.T @ (bank @ extrapolated - target)
        new = (extrapolated - gradient / lipschitz).clamp(min=0)
        new_t = (1 + np.sqrt(1 + 4 * t**2)) / 2
        extrapolated = new + (t - 1) / new_t * (new - x)
        x, t = new, new_t
    return x

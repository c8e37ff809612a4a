"""Constant Q: bins as far apart as notes, windows as long as their bin's resolution needs."""

from __future__ import annotations

import numpy as np

from .checks import require, require_bins, require_hop
from .filterbank import FilterBank
from .fourier import half_power_widths

C1 = 440 * 2 ** (-45 / 12)  # Hz
LOBES = 8.0  # how much of a Hann window's spectrum is kept, in bins of its length, either side


class VQT(FilterBank):
    """The variable-Q transform (Schoerkhuber, Klapuri, Holighaus and Doerfler 2014).

    `C[k, t] = 2 / sqrt(N_k) sum_m y[t hop + m] w(m / N_k) exp(-2 pi i f_k m / sr)` with
    `f_k = fmin 2^(k / bins_per_octave)`, the Hann window `w(x) = (1 + cos 2 pi x) / 2` for
    `-1/2 < x < 1/2`, and windows of `N_k = sr / (alpha f_k + alpha_gamma)` samples: bandwidths grow
    with frequency as in the CQT, but do not shrink to nothing in the bass, so bass notes begin more
    sharply there and their neighbours run together. `alpha = (r^2 - 1) / (r^2 + 1)` with
    `r = 2^(1 / bins_per_octave)`, and the scaling, are librosa's.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    hop_length
        Samples from frame to frame. Where windows are shorter than that, frames do not touch: from
        `Q sr / hop_length` Hz on they miss what lies between.
    fmin
        The lowest bin in Hz; None is C1, 32.7 Hz.
    n_bins
        Number of bins.
    bins_per_octave
        Bins an octave.
    gamma
        Hz added to every bandwidth; None is as in librosa, `24.7 alpha / 0.108`, which makes them
        proportional to the ear's (Glasberg and Moore 1990); 0 is the CQT.

    Raises
    ------
    AudioError
        For a highest bin over half the sampling rate, a hop longer than the longest window, or
        numbers that are not positive.

    Examples
    --------
    >>> import torch
    >>> vqt = VQT(n_bins=84, hop_length=512)
    >>> vqt(torch.randn(2, 22050)).shape  # two channels, complex
    torch.Size([2, 84, 44])
    """

    def __init__(
        self,
        *,
        sr: float = 22050,
        hop_length: int = 512,
        fmin: float | None = None,
        n_bins: int = 84,
        bins_per_octave: int = 12,
        gamma: float | None = None,
    ) -> None:
        fmin = C1 if fmin is None else fmin
        hz = require_bins(fmin, n_bins, bins_per_octave, sr)
        ratio = 4 ** (1 / bins_per_octave)
        alpha = (ratio - 1) / (ratio + 1)
        gamma = 24.7 * alpha / 0.108 if gamma is None else gamma
        require(gamma >= 0, f"gamma must be at least 0, not {gamma}")
        lengths = sr / (alpha * hz + gamma)
        longest = int(np.ceil(lengths[0]))
        require_hop(hop_length, longest)

        def response(rows: np.ndarray, points: np.ndarray) -> np.ndarray:
            n = lengths[rows, None]
            return 2 * np.sqrt(n) * hann_spectrum((points - hz[rows, None]) * n / sr)

        super().__init__(
            sr=sr,
            hop_length=hop_length,
            window_length=longest,
            frequencies=hz,
            half_widths=LOBES * sr / lengths,
            response=response,
        )
        self.fmin, self.bins_per_octave = fmin, bins_per_octave
        duration, bandwidth = half_power_widths(np.hanning(1025), sr=1024)  # of a length of 1
        self.describe(hz, duration * lengths / sr, bandwidth * sr / lengths)


class CQT(VQT):
    """The constant-Q transform (Brown 1991; Brown and Puckette 1992).

    The VQT without gamma: every bin's bandwidth is the same fraction of its frequency, a window
    holds the same number of waves in every bin, `Q = 1 / alpha`, 17 at 12 bins an octave and 52 at
    36. Transposed music is the same picture, moved. The bass is late to be seen: at 36 bins an
    octave, the window of A0 lasts 1.9 s.

    Parameters
    ----------
    sr, hop_length, fmin, n_bins, bins_per_octave
        As for `VQT`.

    Raises
    ------
    AudioError
        As for `VQT`.

    Examples
    --------
    >>> import torch
    >>> cqt = CQT(fmin=55.0, n_bins=60)
    >>> cqt(torch.randn(22050)).shape
    torch.Size([60, 44])
    """

    def __init__(
        self,
        *,
        sr: float = 22050,
        hop_length: int = 512,
        fmin: float | None = None,
        n_bins: int = 84,
        bins_per_octave: int = 12,
    ) -> None:
        super().__init__(
            sr=sr,
            hop_length=hop_length,
            fmin=fmin,
            n_bins=n_bins,
            bins_per_octave=bins_per_octave,
            gamma=0.0,
        )


def hann_spectrum(x: np.ndarray) -> np.ndarray:
    """The Fourier transform of a Hann window of length 1 and height 1, at frequency `x`.

    It is `sinc(x) / (2 (1 - x^2))`: 1/2 at 0, 1/4 at 1, nothing at 2, 3, 4, ...
    """
    square = 1 - x**2
    edge = np.abs(square) < 1e-9
    return np.where(edge, 0.25, 0.5 * np.sinc(x) / np.where(edge, 1.0, square))

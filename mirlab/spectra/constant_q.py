"""Constant Q: bins as far apart as notes, windows as long as their bin's resolution needs."""

from __future__ import annotations

import numpy as np

from .filterbank import FilterBank
from .fourier import half_power_widths
from .kernels import C1, variable_q


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
        bins = variable_q(
            sr=sr,
            hop_length=hop_length,
            fmin=fmin,
            n_bins=n_bins,
            bins_per_octave=bins_per_octave,
            gamma=gamma,
        )
        super().__init__(
            sr=sr,
            hop_length=hop_length,
            window_length=bins.window_length,
            frequencies=bins.frequencies,
            half_widths=bins.half_widths,
            response=bins.response,
        )
        self.fmin, self.bins_per_octave = C1 if fmin is None else fmin, bins_per_octave
        duration, bandwidth = half_power_widths(np.hanning(1025), sr=1024)  # of a length of 1
        seconds = bins.lengths / sr
        self.describe(bins.frequencies, duration * seconds, bandwidth / seconds)


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

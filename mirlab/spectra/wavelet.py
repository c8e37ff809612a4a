"""Scalogram: continuous wavelet transform with a Morlet wavelet."""

from __future__ import annotations

import math

import numpy as np

from ..core.checks import require
from .checks import require_bins, require_hop
from .filterbank import FilterBank
from .kernels import C1

FALL = math.sqrt(math.log(1e5))  # exp(-x^2) has decayed to 1e-5, where the wavelet is truncated


class Wavelet(FilterBank):
    """Morlet scalogram (Goupillaud, Grossmann and Morlet 1984).

    `C[k, t] = 1 / sqrt(a) sum_m y[t hop + m] conj(psi(m / a))`, with `a = sr / f_k` samples per
    period and `psi(x) = exp(-x^2 / B) exp(2 pi i x) / sqrt(pi B)`: PyWavelets' `cmor{B}-1.0`,
    sampled every hop. It is a CQT with a Gaussian window, which has the smallest product of spread
    in time and frequency of all windows, and no side lobes.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    hop_length
        Samples between frames.
    fmin
        Lowest bin in Hz; None is C1, 32.7 Hz.
    n_bins, bins_per_octave
        Number of bins, and number of bins per octave.
    bandwidth
        B, in periods squared: at half power, the wavelet is `1.18 sqrt(B)` periods long and its
        bandwidth is `0.37 / sqrt(B)` of its frequency. For 32, these are 6.7 periods and
        1.1 semitones; for 128, twice and half as much.

    Raises
    ------
    AudioError
        If the highest bin is above half the sampling rate, the hop is longer than the longest
        wavelet, or an argument is not positive.

    Examples
    --------
    >>> import torch
    >>> Wavelet(fmin=55.0, n_bins=60)(torch.randn(22050)).shape
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
        bandwidth: float = 32.0,
    ) -> None:
        fmin = C1 if fmin is None else fmin
        require(0 < bandwidth < math.inf, f"bandwidth must be positive, not {bandwidth}")
        hz = require_bins(fmin, n_bins, bins_per_octave, sr)
        root = math.sqrt(bandwidth)
        longest = math.ceil(2 * FALL * root * sr / fmin)
        require_hop(hop_length, longest)

        def response(rows: np.ndarray, points: np.ndarray) -> np.ndarray:
            centre = hz[rows, None]
            return np.sqrt(sr / centre) * np.exp(-((np.pi * root * (points / centre - 1)) ** 2))

        super().__init__(
            sr=sr,
            hop_length=hop_length,
            window_length=longest,
            frequencies=hz,
            half_widths=FALL / (np.pi * root) * hz,
            response=response,
        )
        duration, bandwidths = math.sqrt(2 * math.log(2)) * root, math.sqrt(2 * math.log(2)) / root
        self.describe(hz, duration / hz, bandwidths / np.pi * hz)

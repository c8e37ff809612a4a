"""The scalogram: the continuous wavelet transform with Morlet's wavelet."""

from __future__ import annotations

import math

import numpy as np

from ..core.checks import require
from .checks import require_bins, require_hop
from .filterbank import FilterBank
from .kernels import C1

FALL = math.sqrt(math.log(1e5))  # where exp(-x^2) has fallen to 1e-5: the wave's ends


class Wavelet(FilterBank):
    """The Morlet scalogram (Goupillaud, Grossmann and Morlet 1984).

    `C[k, t] = 1 / sqrt(a) sum_m y[t hop + m] conj(psi(m / a))`, with `a = sr / f_k` samples a wave
    and `psi(x) = exp(-x^2 / B) exp(2 pi i x) / sqrt(pi B)`: PyWavelets' `cmor{B}-1.0`, sampled
    every hop. A CQT whose window is a Gaussian, which of all windows smears least in time and
    frequency together, and has no side lobes.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    hop_length
        Samples from frame to frame.
    fmin
        The lowest bin in Hz; None is C1, 32.7 Hz.
    n_bins, bins_per_octave
        Number of bins, and of bins an octave.
    bandwidth
        B, in waves squared: the wavelet is `1.18 sqrt(B)` waves long and `0.37 / sqrt(B)` of its
        frequency wide, both at half power. 32 is 6.7 waves and 1.1 semitones; 128 twice and half
        of that.

    Raises
    ------
    AudioError
        For a highest bin over half the sampling rate, a hop longer than the longest wavelet, or
        numbers that are not positive.

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
            own = hz[rows, None]
            return np.sqrt(sr / own) * np.exp(-((np.pi * root * (points / own - 1)) ** 2))

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

"""The gammatone spectrogram: filters shaped like those of the inner ear."""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

from ..core.checks import require, require_count
from .banks import erb, erb_frequencies
from .checks import require_band, require_hop
from .filterbank import FilterBank
from .scaling import power_of
from .transform import Transform

ORDER = 4
PEAK = ORDER - 1  # the envelope u^3 exp(-u), with u = 2 pi b t, is highest at 3
END = 20.0  # and there fallen to 1e-5 of that
SIDE = 10.0  # in b: further off, the response is under 1e-4
LOOKS = 8  # at the filters' power in a hop, of which a frame is the mean


class Gammatone(Transform):
    """Power at the output of gammatone filters (Patterson et al. 1992), evenly spaced in ERB.

    The filter at f is `t^3 exp(-2 pi b t) cos(2 pi f t)` with `b = 1.019 ERB(f)` and
    `ERB(f) = 24.7 (0.00437 f + 1)` Hz (Glasberg and Moore 1990), of gain 1 at f: sharp onsets, slow
    decays, wider and quicker the higher. Filters are shifted in time so that all envelopes peak at
    the frame they belong to. Here the complex filter is taken, whose size is the envelope; a frame
    is the mean of its square over a hop, for high filters are quicker than frames.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    hop_length
        Samples from frame to frame, a multiple of 8.
    n_bins
        Number of filters.
    fmin, fmax
        The lowest and the highest one's frequency in Hz; fmax None is 0.45 `sr`.

    Raises
    ------
    AudioError
        For `fmax` over half the sampling rate, a hop that is no multiple of 8 or longer than the
        longest filter, or numbers that are not positive.

    Examples
    --------
    >>> import torch
    >>> Gammatone(n_bins=64)(torch.randn(22050)).shape  # real power
    torch.Size([64, 44])
    """

    def __init__(
        self,
        *,
        sr: float = 22050,
        hop_length: int = 512,
        n_bins: int = 64,
        fmin: float = 50.0,
        fmax: float | None = None,
    ) -> None:
        fmax = 0.45 * sr if fmax is None else fmax
        require_count("n_bins", n_bins)
        require(fmin > 0, f"fmin must be positive, not {fmin} Hz")
        require_band(fmin, fmax, sr)
        hz = erb_frequencies(n_bins, fmin=fmin, fmax=fmax)
        b = 1.019 * erb(hz)
        longest = math.ceil(2 * (END - PEAK) * sr / (2 * np.pi * b[0]))
        require_hop(hop_length, longest)
        require(
            hop_length % LOOKS == 0, f"hop_length must be a multiple of {LOOKS}, not {hop_length}"
        )

        def response(rows: np.ndarray, points: np.ndarray) -> np.ndarray:
            off = (points - hz[rows, None]) / b[rows, None]
            return np.exp(1j * PEAK * off) / (1 + 1j * off) ** ORDER  # shifted to its peak

        u = np.linspace(0, END, 20001)
        half = (u**PEAK * np.exp(-u)) ** 2 >= 0.5 * (PEAK**PEAK * np.exp(-PEAK)) ** 2
        durations = half.mean() * END / (2 * np.pi * b)
        side = math.sqrt(2 ** (1 / ORDER) - 1)  # where |1 / (1 + ix)^4|^2 is a half
        durations, bandwidths = np.maximum(durations, hop_length / sr), 2 * side * b
        bank = FilterBank(
            sr=sr,
            hop_length=hop_length // LOOKS,
            window_length=-(-longest // (2 * hop_length)) * 2 * hop_length,  # whole frames
            frequencies=hz,
            half_widths=SIDE * b,
            response=response,
        )
        super().__init__(
            sr=sr, hop_length=hop_length, window_length=longest, reach=bank.reach + hop_length
        )
        self.bank = bank
        self.block = bank.block // LOOKS
        for transform in (bank, self):
            transform.describe(hz, durations, bandwidths)

    def analyse(self, padded: Tensor) -> Tensor:
        """Filter, and average the power of each hop; real, shape `(..., bins, frames)`."""
        # the looks of a frame lie evenly around its centre
        early = self.hop_length // 2 - self.hop_length // LOOKS // 2
        start = self.hop_length - early
        looks = self.bank.analyse(padded[..., start : padded.shape[-1] - self.hop_length - early])
        return power_of(looks).unflatten(-1, (-1, LOOKS)).mean(-1)

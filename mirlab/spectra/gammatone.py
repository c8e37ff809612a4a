"""Gammatone spectrogram: a model of the auditory filters of the inner ear."""

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
PEAK = ORDER - 1  # the maximum of the envelope u^3 exp(-u), with u = 2 pi b t, is at 3
END = 20.0  # the envelope has decayed to 1e-5 of its maximum
SIDE = 10.0  # in units of b: further from the centre, the response is below 1e-4
SUBFRAMES = 8  # samples of the filters' power per hop, which are averaged


class Gammatone(Transform):
    """Power of gammatone filters (Patterson et al. 1992), evenly spaced on the ERB scale.

    The filter at f is `t^3 exp(-2 pi b t) cos(2 pi f t)` with `b = 1.019 ERB(f)` and
    `ERB(f) = 24.7 (0.00437 f + 1)` Hz (Glasberg and Moore 1990), and has gain 1 at f. It has a
    sharp attack and a slow decay; higher filters are wider and faster. Filters are shifted in time
    so that all envelopes have their maximum at the centre of the frame. The filters are complex, so
    that the magnitude of their output is the envelope. Since high filters vary faster than the
    frames, a frame is the mean power over a hop.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    hop_length
        Samples between frames, a multiple of 8.
    n_bins
        Number of filters.
    fmin, fmax
        Centre frequencies of the lowest and the highest filter in Hz; fmax None is 0.45 `sr`.

    Raises
    ------
    AudioError
        If `fmax` is above half the sampling rate, the hop is not a multiple of 8 or longer than the
        longest filter, or an argument is not positive.

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
            hop_length % SUBFRAMES == 0,
            f"hop_length must be a multiple of {SUBFRAMES}, not {hop_length}",
        )

        def response(rows: np.ndarray, points: np.ndarray) -> np.ndarray:
            distance = (points - hz[rows, None]) / b[rows, None]
            shift = np.exp(1j * PEAK * distance)  # to the maximum of the envelope
            return shift / (1 + 1j * distance) ** ORDER

        u = np.linspace(0, END, 20001)
        half = (u**PEAK * np.exp(-u)) ** 2 >= 0.5 * (PEAK**PEAK * np.exp(-PEAK)) ** 2
        durations = half.mean() * END / (2 * np.pi * b)
        side = math.sqrt(2 ** (1 / ORDER) - 1)  # |1 / (1 + ix)^4|^2 is 0.5 here
        durations, bandwidths = np.maximum(durations, hop_length / sr), 2 * side * b
        bank = FilterBank(
            sr=sr,
            hop_length=hop_length // SUBFRAMES,
            window_length=-(-longest // (2 * hop_length)) * 2 * hop_length,  # whole frames
            frequencies=hz,
            half_widths=SIDE * b,
            response=response,
        )
        super().__init__(
            sr=sr, hop_length=hop_length, window_length=longest, reach=bank.reach + hop_length
        )
        self.bank = bank
        self.block = bank.block // SUBFRAMES
        for transform in (bank, self):
            transform.describe(hz, durations, bandwidths)

    def analyse(self, padded: Tensor) -> Tensor:
        """Filter and average the power over each hop; real, shape `(..., bins, frames)`."""
        # the subframes of a frame are centred on it
        early = self.hop_length // 2 - self.hop_length // SUBFRAMES // 2
        start = self.hop_length - early
        stop = padded.shape[-1] - self.hop_length - early
        subframes = self.bank.analyse(padded[..., start:stop])
        return power_of(subframes).unflatten(-1, (-1, SUBFRAMES)).mean(-1)

"""Windows and spectral weights shared by the torch modules and the numpy functions; numpy."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_float, require, require_count
from ..core.errors import AudioError
from .checks import require_bins, require_hop

Response = Callable[[np.ndarray, np.ndarray], np.ndarray]
C1 = 440 * 2 ** (-45 / 12)  # Hz
LOBES = 8.0  # bins on either side at which the spectrum of a Hann window is truncated
MAX_FFT = 2**24  # samples
MIN_BLOCK = 32768  # samples: shorter blocks are dominated by overhead


def hann(n: int) -> np.ndarray:
    """Periodic Hann window, float64, shape `(n,)`.

    >>> hann(4).round(9).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)


def require_stft(*, n_fft: int, hop_length: int) -> None:
    """Raise an `AudioError` unless window length and hop of an STFT are valid."""
    require_count("n_fft", n_fft, minimum=4)
    require(n_fft <= MAX_FFT, f"n_fft must be at most {MAX_FFT}, not {n_fft}")
    require(n_fft % 2 == 0, f"n_fft must be even, not {n_fft}")
    require_hop(hop_length, n_fft)


@dataclass(frozen=True, eq=False)
class FilterWeights:
    """Spectra of a filter bank, divided into zones; see `FilterBank` for their use.

    Parameters
    ----------
    hop_length
        Samples between frames.
    margin
        Frames at either end of a block that are affected by circular wrap-around.
    points
        Frames of a block including margins: the length of the inverse transform.
    groups
        For each run of bins with the same number of zones, from the lowest bin on: the indices of
        the zones, shape `(bins, zones)`, and the weights, real or complex, shape `(bins, zones,
        points)`.
    """

    hop_length: int
    margin: int
    points: int
    groups: list[tuple[np.ndarray, np.ndarray]]

    @property
    def block(self) -> int:
        """Valid frames of a block."""
        return self.points - 2 * self.margin

    @property
    def reach(self) -> int:
        """Samples of a block before its first valid frame."""
        return self.margin * self.hop_length


def filter_weights(
    *,
    sr: float,
    hop_length: int,
    window_length: int,
    frequencies: ArrayLike,
    half_widths: ArrayLike,
    response: Response,
) -> FilterWeights:
    """Sample the spectra of a filter bank on the frequency grid of a block.

    Parameters
    ----------
    sr, hop_length, window_length, frequencies, half_widths, response
        As for `mirlab.spectra.filterbank.FilterBank`.

    Raises
    ------
    AudioError
        If the hop is below 1.
    """
    require_count("hop_length", hop_length)
    margin = math.ceil(window_length / 2 / hop_length)
    minimum = max(10 * margin, MIN_BLOCK // hop_length)  # a fifth of 10 * margin is margin
    points = 2 ** math.ceil(math.log2(minimum))
    centre, half = np.asarray(frequencies, np.float64), np.asarray(half_widths)
    zone = sr / hop_length  # Hz
    first = np.floor((centre - half) / zone).astype(int)
    count = np.ceil((centre + half) / zone).astype(int) - first
    count = np.maximum.accumulate(count)  # so that groups of equal size keep the order of the bins
    groups = []
    for size in np.unique(count).tolist():
        rows = np.flatnonzero(count == size)
        hz = (first[rows, None] * points + np.arange(size * points)) * (zone / points)
        weights = (response(rows, hz) / hop_length).reshape(len(rows), size, points)
        zones = (first[rows, None] + np.arange(size)) % hop_length  # negative ones from the end
        groups.append((zones, weights))
    return FilterWeights(hop_length, margin, points, groups)


@dataclass(frozen=True, eq=False)
class VariableQ:
    """Bins of a variable-Q transform, see `mirlab.spectra.VQT`.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    frequencies
        Centre frequencies in Hz, shape `(bins,)`.
    lengths
        Lengths of the windows in samples, also fractional, shape `(bins,)`.
    """

    sr: float
    frequencies: np.ndarray
    lengths: np.ndarray

    @property
    def window_length(self) -> int:
        """Length of the longest window in samples."""
        return int(np.ceil(self.lengths[0]))

    @property
    def half_widths(self) -> np.ndarray:
        """Half widths of the passbands in Hz, shape `(bins,)`; the response is 0 outside."""
        return LOBES * self.sr / self.lengths

    def response(self, rows: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Spectra of the filters, see `mirlab.spectra.filterbank.FilterBank`."""
        n = self.lengths[rows, None]
        return 2 * np.sqrt(n) * hann_spectrum((points - self.frequencies[rows, None]) * n / self.sr)


def variable_q(
    *,
    sr: float,
    hop_length: int,
    fmin: float | None,
    n_bins: int,
    bins_per_octave: int,
    gamma: float | None,
) -> VariableQ:
    """Frequencies and window lengths of a variable-Q transform.

    Parameters
    ----------
    sr, hop_length, fmin, n_bins, bins_per_octave, gamma
        As for `mirlab.spectra.VQT`.

    Raises
    ------
    AudioError
        As for `mirlab.spectra.VQT`.
    """
    hz = require_bins(C1 if fmin is None else fmin, n_bins, bins_per_octave, sr)
    ratio = 4 ** (1 / bins_per_octave)
    alpha = (ratio - 1) / (ratio + 1)
    gamma = 24.7 * alpha / 0.108 if gamma is None else gamma
    require(as_float("gamma", gamma, AudioError) >= 0, f"gamma must be at least 0, not {gamma}")
    bins = VariableQ(sr, hz, sr / (alpha * hz + gamma))
    require_hop(hop_length, bins.window_length)
    return bins


def hann_spectrum(x: np.ndarray) -> np.ndarray:
    """Fourier transform of a Hann window of length 1 and height 1 at frequency `x`.

    It is `sinc(x) / (2 (1 - x^2))`: 1/2 at 0, 1/4 at 1, 0 at 2, 3, 4, ...
    """
    square = 1 - x**2
    edge = np.abs(square) < 1e-9
    return np.where(edge, 0.25, 0.5 * np.sinc(x) / np.where(edge, 1.0, square))

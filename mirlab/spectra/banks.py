"""Frequency scales and filter banks: mel, chroma and ERB; numpy, float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import require, require_count
from .checks import MAX_BINS, require_band

MEL_LINEAR = 200 / 3  # Hz per mel below 1 kHz, where Slaney's scale is linear
MEL_BREAK = 1000.0  # Hz
MEL_STEP = np.log(6.4) / 27  # above 1 kHz, 27 mels are a factor of 6.4
C4 = 440 * 2 ** (-9 / 12)  # Hz


def hz_to_mel(hz: ArrayLike) -> np.ndarray:
    """Convert Hz to mel: linear up to 1 kHz, logarithmic above (Slaney 1998; librosa's default).

    >>> hz_to_mel([0, 200, 1000, 6400]).round(6).tolist()
    [0.0, 3.0, 15.0, 42.0]
    """
    hz = np.asarray(hz, dtype=np.float64)
    above = MEL_BREAK / MEL_LINEAR + np.log(np.maximum(hz, MEL_BREAK) / MEL_BREAK) / MEL_STEP
    return np.where(hz < MEL_BREAK, hz / MEL_LINEAR, above)


def mel_to_hz(mel: ArrayLike) -> np.ndarray:
    """Convert mel to Hz, the inverse of `hz_to_mel`.

    >>> mel_to_hz([3, 15, 42]).round(6).tolist()
    [200.0, 1000.0, 6400.0]
    """
    mel = np.asarray(mel, dtype=np.float64)
    break_mel = MEL_BREAK / MEL_LINEAR
    above = MEL_BREAK * np.exp(MEL_STEP * (np.maximum(mel, break_mel) - break_mel))
    return np.where(mel < break_mel, mel * MEL_LINEAR, above)


def mel_edges(n_mels: int, *, fmin: float, fmax: float) -> np.ndarray:
    """Edges of `n_mels` triangular bands: band k extends from edge k to edge k + 2.

    Returns
    -------
    ndarray
        Frequencies in Hz, shape `(n_mels + 2,)`, evenly spaced in mel.
    """
    return mel_to_hz(np.linspace(hz_to_mel(fmin), hz_to_mel(fmax), n_mels + 2))


def mel_bank(*, sr: float, n_fft: int, n_mels: int, fmin: float, fmax: float) -> np.ndarray:
    """Mel filter bank: triangles of area 1 Hz (Slaney 1998); equals `librosa.filters.mel`.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    n_fft
        Window length of the power spectrum.
    n_mels
        Number of bands.
    fmin, fmax
        Lowest and highest edge in Hz; `0 <= fmin < fmax <= sr / 2`.

    Returns
    -------
    ndarray
        Shape `(n_mels, n_fft // 2 + 1)`.

    Raises
    ------
    AudioError
        If the edges are outside of these limits, or a band is so narrow that it contains no bin
        of the spectrum.
    """
    require_count("n_mels", n_mels)
    require(n_mels <= MAX_BINS, f"n_mels must be at most {MAX_BINS}, not {n_mels}")
    require_band(fmin, fmax, sr)
    require(fmin < fmax, f"fmin must lie below fmax, {fmax:g} Hz, not at {fmin:g} Hz")
    edges = mel_edges(n_mels, fmin=fmin, fmax=fmax)
    low, centre, high = (edges[i : i + n_mels, None] for i in range(3))
    hz = np.arange(n_fft // 2 + 1) * sr / n_fft
    rising, falling = (hz - low) / (centre - low), (high - hz) / (high - centre)
    bank = np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)
    silent = np.flatnonzero(~bank.any(axis=1))
    require(
        silent.size == 0,
        f"n_mels is {n_mels}: {silent.size} bands lie between two bins of n_fft={n_fft}; take "
        "fewer bands or a longer window",
    )
    return bank


def chroma_bank(*, sr: float, n_fft: int) -> np.ndarray:
    """Chroma filter bank for an STFT (Ellis 2007); equals `librosa.filters.chroma`.

    Each bin is distributed to the nearest pitch classes by a Gaussian. Its width is a semitone, or
    a bin in the bass, where bins are further apart. A second Gaussian, with its mean at A5 and a
    standard deviation of two octaves, weights the bins.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    n_fft
        Window length of the spectrum.

    Returns
    -------
    ndarray
        Shape `(12, n_fft // 2 + 1)`; row 0 is C.
    """
    hz = np.arange(1, n_fft) * sr / n_fft
    octaves = np.log2(hz / 27.5)  # from A0
    octaves = np.concatenate([octaves[:1] - 1.5, octaves])  # for bin 0, 0 Hz
    widths = np.concatenate([np.maximum(12 * np.diff(octaves), 1), [1]])  # semitones
    distance = 12 * octaves - np.arange(12)[:, None]  # from A, A sharp, ..., modulo an octave
    distance = np.remainder(distance + 6, 12) - 6
    bank = np.exp(-0.5 * (2 * distance / widths) ** 2)
    bank /= np.linalg.norm(bank, axis=0)
    bank *= np.exp(-0.5 * ((octaves - 5) / 2) ** 2)
    return np.roll(bank, -3, axis=0)[:, : n_fft // 2 + 1]


def fold_bank(*, n_bins: int, bins_per_octave: int, fmin: float) -> np.ndarray:
    """Chroma filter bank for a CQT; equals `librosa.filters.cq_to_chroma`.

    Every bin is assigned to the nearest pitch class with weight 1.

    Parameters
    ----------
    n_bins, bins_per_octave
        Size of the CQT; `bins_per_octave` must be a multiple of 12.
    fmin
        Lowest bin of the CQT in Hz.

    Returns
    -------
    ndarray
        Shape `(12, n_bins)`; row 0 is C.

    Raises
    ------
    AudioError
        If `bins_per_octave` is not a multiple of 12.
    """
    require_count("bins_per_octave", bins_per_octave)
    require(
        bins_per_octave % 12 == 0,
        f"bins_per_octave must be a multiple of 12 to be folded on to 12, not {bins_per_octave}",
    )
    merge = bins_per_octave // 12
    lowest = round(12 * np.log2(fmin / C4))
    nearest = (np.arange(n_bins) + merge // 2) // merge
    return (np.arange(12)[:, None] == (nearest + lowest) % 12).astype(np.float64)


def erb(hz: ArrayLike) -> np.ndarray:
    """Equivalent rectangular bandwidth of the auditory filter in Hz (Glasberg and Moore 1990).

    >>> float(erb(1000).round(1))
    132.6
    """
    return 24.7 * (4.37e-3 * np.asarray(hz, dtype=np.float64) + 1)


def erb_frequencies(n_bins: int, *, fmin: float, fmax: float) -> np.ndarray:
    """Frequencies evenly spaced on the ERB scale (Glasberg and Moore 1990).

    Returns
    -------
    ndarray
        Frequencies in Hz, shape `(n_bins,)`, from `fmin` to `fmax`.
    """
    low, high = (np.log1p(4.37e-3 * f) for f in (fmin, fmax))
    return np.expm1(np.linspace(low, high, n_bins)) / 4.37e-3

"""How far a piece lies from A4 = 440 Hz, from the peaks of its spectrum."""

from __future__ import annotations

import numpy as np

from ..spectra import stft_blocks

FMIN, FMAX = 150.0, 4000.0  # Hz
LEAST = 0.1  # of the loudest bin of a frame: lower peaks are left out
N_FFT = 2048
HOP_LENGTH = 512
A0 = 27.5  # Hz
STEP = 0.01  # semitones


def estimate_tuning(y: np.ndarray, sr: float) -> float:
    """The deviation from A4 = 440 Hz that most of the stronger spectral peaks have.

    Each frame's peaks are interpolated by a parabola; a histogram counts how far they lie from
    the nearest semitone. Equals `librosa.piptrack` followed by `librosa.pitch_tuning` on the
    peaks that are not weaker than their median.

    Parameters
    ----------
    y
        Shape `(samples,)`, at least 2,048 samples.
    sr
        Sampling rate in Hz.

    Returns
    -------
    float
        Semitones, -0.5..0.5; 0 where there is no peak.

    Examples
    --------
    >>> t = np.arange(22050) / 22050
    >>> round(estimate_tuning(np.sin(2 * np.pi * 440 * 2 ** (0.2 / 12) * t), 22050), 1)
    0.2
    """
    blocks = stft_blocks(y, n_fft=N_FFT, hop_length=HOP_LENGTH)
    found = [spectral_peaks(np.abs(block), sr=sr) for block in blocks]
    hz, heights = (np.concatenate(column) for column in zip(*found, strict=True))
    if hz.size == 0:
        return 0.0
    strong = hz[heights >= np.median(heights)]
    deviation = np.remainder(12 * np.log2(strong / A0) + 0.5, 1) - 0.5
    edges = np.linspace(-0.5, 0.5, round(1 / STEP) + 1)
    counts, _ = np.histogram(deviation, edges)
    return float(edges[np.argmax(counts)])


def spectral_peaks(magnitude: np.ndarray, *, sr: float) -> tuple[np.ndarray, np.ndarray]:
    """The peaks of each frame between 150 and 4,000 Hz, interpolated by parabolas (Smith 2011).

    Parameters
    ----------
    magnitude
        Of an STFT, shape `(n_fft // 2 + 1, frames)`.
    sr
        Sampling rate in Hz.

    Returns
    -------
    frequencies, heights : ndarray, shape (peaks,)
        Hz, and magnitude at the parabola's top.
    """
    below, middle, above = magnitude[:-2], magnitude[1:-1], magnitude[2:]
    width = sr / (2 * (magnitude.shape[0] - 1))  # Hz a bin
    hz = np.arange(1, magnitude.shape[0] - 1)[:, None] * width
    floor = LEAST * magnitude.max(axis=0)
    # a neighbour below the floor counts as 0, which is lower than any peak
    peak = (middle > floor) & (middle > below) & (middle >= above) & (hz >= FMIN) & (hz < FMAX)
    bins, _ = np.nonzero(peak)
    slope = (above[peak] - below[peak]) / 2
    curve = above[peak] + below[peak] - 2 * middle[peak]
    shift = np.where(np.abs(slope) < np.abs(curve), -slope / np.where(curve == 0, 1, curve), 0)
    return (bins + 1 + shift) * width, middle[peak] + slope * shift / 2

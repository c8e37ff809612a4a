"""Estimate the tuning of a recording, its deviation from A4 = 440 Hz, from spectral peaks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..core import Audio, AudioError, as_audio
from ..core.checks import as_array, require, require_number
from ..core.constants import SAMPLE_RATE
from ..spectra import stft_blocks

FMIN, FMAX = 150.0, 4000.0  # Hz
MIN_HEIGHT = 0.1  # relative to the loudest bin of a frame; lower peaks are ignored
N_FFT = 2048
HOP_LENGTH = 512
A0 = 27.5  # Hz
STEP = 0.01  # semitones
MIN_RATE, MAX_RATE = 1000, 1_000_000  # Hz
TUNING_SECONDS = 60.0  # the tuning is estimated from this long a part in the middle


class Tuning(NamedTuple):
    """Tuning of a recording.

    Parameters
    ----------
    semitones
        Deviation from A4 = 440 Hz, -0.5..0.5.
    clarity
        How closely the spectral peaks agree with it, 0..1: the mean cosine of their distances from
        it, a semitone being a full circle. 1 if all have this tuning, 0 if they are spread evenly;
        0.5 to 0.85 for piano and strings, 0.1 to 0.3 for voices and for pop with drums, near 0 for
        noise and glides.
    """

    semitones: float
    clarity: float


def find_tuning(audio: Audio) -> Tuning:
    """Find the tuning of a recording in its middle minute; see `estimate_tuning`.

    Examples
    --------
    >>> t = np.arange(22050) / 22050
    >>> tuning = find_tuning(Audio(np.sin(2 * np.pi * 415 * t), 22050))
    >>> round(tuning.semitones, 2), round(tuning.clarity, 1)
    (-0.01, 1.0)
    """
    y = as_audio(audio, sr=SAMPLE_RATE, mono=True).y[0]
    half = int(TUNING_SECONDS / 2 * SAMPLE_RATE)
    y = y[max(0, y.size // 2 - half) : y.size // 2 + half]
    return _tuning(np.pad(y, (0, max(0, N_FFT - y.size))), SAMPLE_RATE)


def estimate_tuning(y: np.ndarray, sr: float) -> float:
    """Estimate the deviation from A4 = 440 Hz, the mode over the stronger spectral peaks.

    The peaks of each frame are interpolated by parabolas; the result is the maximum of the
    histogram of their distances to the nearest semitone. Equals `librosa.piptrack` followed by
    `librosa.pitch_tuning` on the peaks that are at least as strong as their median.

    Parameters
    ----------
    y
        Samples, shape `(samples,)`, at least 2,048.
    sr
        Sampling rate in Hz.

    Returns
    -------
    float
        Semitones, -0.5..0.5; 0 if there are no peaks.

    Examples
    --------
    >>> t = np.arange(22050) / 22050
    >>> round(estimate_tuning(np.sin(2 * np.pi * 440 * 2 ** (0.2 / 12) * t), 22050), 1)
    0.2
    """
    y = as_array("y", y, AudioError)
    require(y.size >= N_FFT, f"y must have at least {N_FFT} samples, not {y.size}")
    require_number("sr", sr, minimum=MIN_RATE, maximum=MAX_RATE)
    return _tuning(y, float(sr)).semitones


def _tuning(y: np.ndarray, sr: float) -> Tuning:
    """Mode of the deviations of the stronger peaks, and how closely they agree with it."""
    blocks = stft_blocks(y, n_fft=N_FFT, hop_length=HOP_LENGTH)
    found = [spectral_peaks(np.abs(block), sr=sr) for block in blocks]
    hz, heights = (np.concatenate(column) for column in zip(*found, strict=True))
    if hz.size == 0:
        return Tuning(0.0, 0.0)
    strong = hz[heights >= np.median(heights)]
    deviation = np.remainder(12 * np.log2(strong / A0) + 0.5, 1) - 0.5
    edges = np.linspace(-0.5, 0.5, round(1 / STEP) + 1)
    counts, _ = np.histogram(deviation, edges)
    mode = float(edges[np.argmax(counts)])
    return Tuning(mode, max(0.0, float(np.cos(2 * np.pi * (deviation - mode)).mean())))


def spectral_peaks(magnitude: np.ndarray, *, sr: float) -> tuple[np.ndarray, np.ndarray]:
    """Spectral peaks between 150 and 4,000 Hz, interpolated by parabolas (Smith 2011).

    Parameters
    ----------
    magnitude
        STFT magnitude, shape `(n_fft // 2 + 1, frames)`.
    sr
        Sampling rate in Hz.

    Returns
    -------
    frequencies, heights : ndarray, shape (peaks,)
        Hz, and magnitude at the vertex of the parabola.
    """
    below, middle, above = magnitude[:-2], magnitude[1:-1], magnitude[2:]
    width = sr / (2 * (magnitude.shape[0] - 1))  # Hz per bin
    hz = np.arange(1, magnitude.shape[0] - 1)[:, None] * width
    floor = MIN_HEIGHT * magnitude.max(axis=0)
    # neighbours below the floor count as 0, which is lower than any peak
    peak = (middle > floor) & (middle > below) & (middle >= above) & (hz >= FMIN) & (hz < FMAX)
    bins, _ = np.nonzero(peak)
    slope = (above[peak] - below[peak]) / 2
    curve = above[peak] + below[peak] - 2 * middle[peak]
    shift = np.where(np.abs(slope) < np.abs(curve), -slope / np.where(curve == 0, 1, curve), 0)
    return (bins + 1 + shift) * width, middle[peak] + slope * shift / 2

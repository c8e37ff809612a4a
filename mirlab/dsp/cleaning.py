"""Repairs: an offset, mains hum and clicks, each taken out where it is and nowhere else."""

from __future__ import annotations

import numpy as np

from ..core import Audio
from ..core.checks import require
from ..core.chunks import chunks
from .filters import biquad

HUM_PIECE = 30.0  # s
HUM_MARGIN = 16  # time constants of a notch; what rings in from further off is below -130 dB

ORDER = 32  # of the predictor: 16 resonances
BLOCK = 2048  # samples for which one predictor holds
CLOSE = 8  # samples; what surprises twice within so few is one click
GUARD = 2  # samples on either side of a click that are drawn anew with it
INAUDIBLE = 1e-4  # times the block's level: nobody can be surprised by less
LONGEST = 0.004  # s; what surprises for longer is an attack, not a click


def remove_dc(audio: Audio) -> Audio:
    """Take the offset away: each channel minus its mean.

    Parameters
    ----------
    audio
        Any sound.

    Returns
    -------
    Audio
        Same rate, channels and length.

    Examples
    --------
    >>> remove_dc(Audio(np.array([0.5, 1.5, 0.5, 1.5]), 8000)).y.tolist()
    [[-0.5, 0.5, -0.5, 0.5]]
    """
    mean = audio.y.mean(axis=1, dtype=np.float64, keepdims=True)
    return Audio(audio.y - mean.astype(np.float32), audio.sr)


def remove_hum(
    audio: Audio, *, frequency: float = 50.0, harmonics: int = 10, bandwidth: float = 1.0
) -> Audio:
    """Take mains hum out by notches at its frequency and its multiples.

    Every notch runs forwards and backwards, so that what is left is not shifted in time.

    Parameters
    ----------
    audio
        Any sound.
    frequency
        Of the mains: 50 Hz, or 60 Hz in most of America and parts of Japan.
    harmonics
        How many multiples, the first included; those above half the sampling rate are left out.
    bandwidth
        Of each notch in Hz (-3 dB in each direction). A narrow one spares the notes beside it, but
        takes `1 / (pi * bandwidth)` seconds to settle at the beginning and the end.

    Returns
    -------
    Audio
        Same rate, channels and length.

    Raises
    ------
    AudioError
        For a frequency beyond half the sampling rate, no harmonic, or no bandwidth.

    Examples
    --------
    >>> t = np.arange(16000) / 8000
    >>> hum = Audio(np.sin(2 * np.pi * 60 * t), 8000)
    >>> bool(abs(remove_hum(hum, frequency=60).slice(0.9, 1.1).y).max() < 0.01)
    True
    """
    import scipy.signal

    require(harmonics >= 1, f"harmonics must be at least 1, not {harmonics}")
    require(bandwidth > 0, f"bandwidth must be above 0 Hz, not {bandwidth}")
    lines = [
        frequency * k for k in range(1, harmonics + 1) if k == 1 or frequency * k < audio.sr / 2
    ]
    sections = np.array(
        [np.concatenate(biquad("notch", f, sr=audio.sr, q=f / bandwidth)) for f in lines]
    )
    margin = round(HUM_MARGIN * audio.sr / (np.pi * bandwidth))
    y = np.empty_like(audio.y)
    for chunk in chunks(audio.samples, size=round(HUM_PIECE * audio.sr), margin=margin):
        piece = audio.y[:, chunk.first : chunk.last].astype(np.float64)
        padding = min(margin, piece.shape[1] - 1)  # mirrored, for the notches to settle in
        filtered = scipy.signal.sosfiltfilt(sections, piece, axis=1, padlen=padding)
        inner = slice(chunk.start - chunk.first, chunk.end - chunk.first)
        y[:, chunk.start : chunk.end] = filtered[:, inner]
    return Audio(y, audio.sr)


def remove_clicks(audio: Audio, *, threshold: float = 12.0) -> Audio:
    """Find clicks as what nobody could foresee, and draw the sound anew across them.

    In each block a linear predictor says every sample from the 32 before it, and from the 32 after
    it; a sample that surprises both is a click (Godsill and Rayner, Digital Audio Restoration,
    1998). The samples of a click are then chosen such that the predictor is surprised least
    (Janssen, Veldhuis and Vries, IEEE Trans. ASSP 1986).

    Parameters
    ----------
    audio
        Any sound.
    threshold
        How many times the usual surprise of its block a click has; lower finds more, and takes
        attacks for clicks.

    Returns
    -------
    Audio
        Same rate, channels and length; what is not taken for a click stays bit for bit.

    Raises
    ------
    AudioError
        For a threshold of 0 or less.

    Examples
    --------
    >>> t = np.arange(8000) / 8000
    >>> tone = np.sin(2 * np.pi * 440 * t).astype(np.float32)
    >>> scratched = tone.copy()
    >>> scratched[4000:4005] = 1.0
    >>> bool(abs(remove_clicks(Audio(scratched, 8000)).y - tone).max() < 0.001)
    True
    """
    require(threshold > 0, f"threshold must be above 0, not {threshold}")
    longest = max(round(LONGEST * audio.sr), 2 * ORDER)
    y = audio.y.copy()
    for chunk in chunks(audio.samples, size=BLOCK, margin=4 * ORDER):
        inner = slice(chunk.start - chunk.first, chunk.end - chunk.first)
        for channel, repaired in zip(audio.y, y, strict=True):
            block = channel[chunk.first : chunk.last].astype(np.float64)
            found = _repair(block, threshold, longest)
            repaired[chunk.start : chunk.end] = found[inner]
    return Audio(y, audio.sr)


def _repair(block: np.ndarray, threshold: float, longest: int) -> np.ndarray:
    """One block without its clicks, shape (samples,)."""
    repaired, where = block, np.zeros(0, int)
    for _ in range(2):  # the second predictor, no longer spoilt by the clicks, finds the rest
        if block.size <= ORDER or not np.any(repaired):
            break
        weights = _predictor(repaired)
        where = np.union1d(where, _clicks(repaired, weights, threshold, longest))
        if not where.size:
            break
        repaired = _interpolate(block, where, weights)
    return repaired


def _predictor(block: np.ndarray) -> np.ndarray:
    """Weights `a` of the least prediction error `sum a[k] y[n-k]`, a[0] = 1, shape (ORDER + 1,)."""
    import scipy.linalg

    windowed = np.fft.rfft(block * np.hanning(block.size), 2 * block.size)
    correlation = np.fft.irfft(np.abs(windowed) ** 2)[: ORDER + 1]
    correlation[0] *= 1 + 1e-9  # a pure tone can be foretold exactly: no equation to solve
    return np.r_[1.0, -scipy.linalg.solve_toeplitz(correlation[:-1], correlation[1:])]


def _clicks(block: np.ndarray, weights: np.ndarray, threshold: float, longest: int) -> np.ndarray:
    """Indices of the samples that belong to a click, shape (found,)."""
    import scipy.ndimage

    ahead = np.convolve(block, weights)[: block.size]
    back = np.convolve(block, weights[::-1])[ORDER:]
    surprise = np.minimum(np.abs(ahead), np.abs(back))
    # what is usual changes within a block where a note begins
    usual = scipy.ndimage.median_filter(surprise, 4 * longest + 1, mode="nearest")
    usual = np.maximum(usual, INAUDIBLE * np.sqrt(np.mean(block**2)))
    found = scipy.ndimage.binary_dilation(surprise > threshold * usual, iterations=CLOSE)
    found = scipy.ndimage.binary_erosion(found, iterations=CLOSE - GUARD, border_value=1)
    labels, _ = scipy.ndimage.label(found)
    sizes = np.bincount(labels)
    return np.flatnonzero(found & (sizes[labels] <= longest))


def _interpolate(block: np.ndarray, where: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Choose the samples `where` for the least squared prediction error, shape (samples,)."""
    result = block.copy()
    result[where] = 0.0
    error = np.convolve(result, weights)  # what is left to explain
    effect = np.convolve(error, weights[::-1])[ORDER:][where]
    correlation = np.zeros(block.size)  # of the weights with themselves
    correlation[: ORDER + 1] = np.convolve(weights, weights[::-1])[ORDER : 2 * ORDER + 1]
    matrix = correlation[np.abs(where[:, None] - where)]
    result[where] = np.linalg.solve(matrix, -effect)
    return result

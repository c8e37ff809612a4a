"""Restoration: removal of DC offset, mains hum and clicks, each without changing the rest."""

from __future__ import annotations

import numpy as np

from ..core import Audio, AudioError, as_audio
from ..core.checks import as_float, require, require_count, require_number
from ..core.chunks import chunks
from .checks import require_frequency
from .filters import biquad

HUM_CHUNK = 30.0  # s
MIN_HUM, MIN_BANDWIDTH = 1e-3, 1e-6  # Hz
HUM_MARGIN = 16  # time constants of a notch; ringing from further away is below -130 dB

ORDER = 32  # of the linear predictor: 16 resonances
BLOCK = 2048  # samples per predictor
CLOSE = 8  # samples; large errors no further apart belong to one click
GUARD = 2  # samples on either side of a click that are interpolated with it
MIN_ERROR = 1e-4  # relative to the block's level; smaller prediction errors are ignored
LONGEST = 0.004  # s; longer runs of large errors are attacks, not clicks


def remove_dc(audio: Audio) -> Audio:
    """Remove the DC offset: subtract the mean of each channel.

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
    audio = as_audio(audio)
    mean = audio.y.mean(axis=1, dtype=np.float64, keepdims=True)
    return Audio(audio.y - mean.astype(np.float32), audio.sr)


def remove_hum(
    audio: Audio, *, frequency: float = 50.0, harmonics: int = 10, bandwidth: float = 1.0
) -> Audio:
    """Remove mains hum with notch filters at its frequency and the multiples of it.

    The filters run forwards and backwards, so the output has no phase shift.

    Parameters
    ----------
    audio
        The recording.
    frequency
        Mains frequency in Hz: 50, or 60 in most of America and parts of Japan.
    harmonics
        Number of multiples, including the first; those above half the sampling rate are left out.
    bandwidth
        Bandwidth of each notch in Hz (-3 dB in each direction). A narrow notch preserves
        neighbouring notes, but takes `1 / (pi * bandwidth)` seconds to settle at either end.

    Returns
    -------
    Audio
        Same rate, channels and length.

    Raises
    ------
    AudioError
        If `frequency` or `bandwidth` does not lie between 0 and half the sampling rate, or
        `harmonics` is below 1.

    Examples
    --------
    >>> t = np.arange(16000) / 8000
    >>> hum = Audio(np.sin(2 * np.pi * 60 * t), 8000)
    >>> bool(abs(remove_hum(hum, frequency=60).slice(0.9, 1.1).y).max() < 0.01)
    True
    """
    import scipy.signal

    audio = as_audio(audio)
    require_count("harmonics", harmonics)
    require_frequency("frequency", frequency, audio.sr)
    # narrower or lower notches have their poles on the unit circle, wider ones beyond the rate
    require_number("frequency", frequency, minimum=MIN_HUM)
    require_number("bandwidth", bandwidth, minimum=MIN_BANDWIDTH, maximum=audio.sr / 2)
    below = int(min(harmonics, audio.sr / 2 / frequency + 1))  # k frequency may be sr / 2 or more
    lines = [frequency * k for k in range(1, below + 1) if k == 1 or frequency * k < audio.sr / 2]
    sections = np.array(
        [np.concatenate(biquad("notch", f, sr=audio.sr, q=f / bandwidth)) for f in lines]
    )
    margin = round(HUM_MARGIN * audio.sr / (np.pi * bandwidth))
    y = np.empty_like(audio.y)
    for chunk in chunks(audio.samples, size=round(HUM_CHUNK * audio.sr), margin=margin):
        part = audio.y[:, chunk.first : chunk.last].astype(np.float64)
        padding = min(margin, part.shape[1] - 1)  # mirrored, so that the notches settle
        filtered = scipy.signal.sosfiltfilt(sections, part, axis=1, padlen=padding)
        inner = slice(chunk.start - chunk.first, chunk.end - chunk.first)
        y[:, chunk.start : chunk.end] = filtered[:, inner]
    return Audio(y, audio.sr)


def remove_clicks(audio: Audio, *, threshold: float = 12.0) -> Audio:
    """Detect clicks by linear prediction, and interpolate the samples of each click.

    In each block, a linear predictor estimates every sample from the 32 before it, and from the 32
    after it; samples with a large error in both directions are a click (Godsill and Rayner, Digital
    Audio Restoration, 1998). The samples of a click are then replaced by those that minimise the
    prediction error (Janssen, Veldhuis and Vries, IEEE Trans. ASSP 1986).

    Parameters
    ----------
    audio
        The recording.
    threshold
        Prediction error of a click, relative to the median error around it. A lower threshold
        finds more clicks, but mistakes attacks for clicks.

    Returns
    -------
    Audio
        Same rate, channels and length; samples outside of clicks are unchanged, bit for bit.

    Raises
    ------
    AudioError
        If `threshold` is not positive.

    Examples
    --------
    >>> t = np.arange(8000) / 8000
    >>> tone = np.sin(2 * np.pi * 440 * t).astype(np.float32)
    >>> scratched = tone.copy()
    >>> scratched[4000:4005] = 1.0
    >>> bool(abs(remove_clicks(Audio(scratched, 8000)).y - tone).max() < 0.001)
    True
    """
    audio = as_audio(audio)
    require(
        as_float("threshold", threshold, AudioError) > 0,
        f"threshold must be above 0, not {threshold}",
    )
    longest = max(round(LONGEST * audio.sr), 2 * ORDER)
    y = audio.y.copy()
    for chunk in chunks(audio.samples, size=BLOCK, margin=4 * ORDER):
        inner = slice(chunk.start - chunk.first, chunk.end - chunk.first)
        for channel, repaired in zip(audio.y, y, strict=True):
            block = channel[chunk.first : chunk.last].astype(np.float64)
            repaired[chunk.start : chunk.end] = _repair(block, threshold, longest)[inner]
    return Audio(y, audio.sr)


def _repair(block: np.ndarray, threshold: float, longest: int) -> np.ndarray:
    """Remove the clicks of one block, shape (samples,)."""
    repaired, where = block, np.zeros(0, int)
    for _ in range(2):  # the second predictor, estimated without the clicks, finds the others
        if block.size <= ORDER or not np.any(repaired):
            break
        weights = _predictor(repaired)
        where = np.union1d(where, _clicks(repaired, weights, threshold, longest))
        if not where.size:
            break
        repaired = _interpolate(block, where, weights)
    return repaired


def _predictor(block: np.ndarray) -> np.ndarray:
    """Coefficients `a` that minimise the error `sum a[k] y[n-k]`, a[0] = 1, shape (ORDER + 1,)."""
    import scipy.linalg

    windowed = np.fft.rfft(block * np.hanning(block.size), 2 * block.size)
    correlation = np.fft.irfft(np.abs(windowed) ** 2)[: ORDER + 1]
    correlation[0] *= 1 + 1e-9  # a pure tone is predicted exactly, which makes the system singular
    return np.r_[1.0, -scipy.linalg.solve_toeplitz(correlation[:-1], correlation[1:])]


def _clicks(block: np.ndarray, weights: np.ndarray, threshold: float, longest: int) -> np.ndarray:
    """Indices of the samples that belong to a click, shape (clicked,)."""
    import scipy.ndimage

    forward = np.convolve(block, weights)[: block.size]
    backward = np.convolve(block, weights[::-1])[ORDER:]
    error = np.minimum(np.abs(forward), np.abs(backward))
    # a running median, since the typical error changes within a block where a note begins
    typical = scipy.ndimage.median_filter(error, 4 * longest + 1, mode="nearest")
    typical = np.maximum(typical, MIN_ERROR * np.sqrt(np.mean(block**2)))
    clicks = scipy.ndimage.binary_dilation(error > threshold * typical, iterations=CLOSE)
    clicks = scipy.ndimage.binary_erosion(clicks, iterations=CLOSE - GUARD, border_value=1)
    labels, _ = scipy.ndimage.label(clicks)
    sizes = np.bincount(labels)
    return np.flatnonzero(clicks & (sizes[labels] <= longest))


def _interpolate(block: np.ndarray, where: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Replace the samples `where` to minimise the squared prediction error, shape (samples,)."""
    result = block.copy()
    result[where] = 0.0
    error = np.convolve(result, weights)  # with zeros in place of the clicks
    effect = np.convolve(error, weights[::-1])[ORDER:][where]
    correlation = np.zeros(block.size)  # autocorrelation of the weights
    correlation[: ORDER + 1] = np.convolve(weights, weights[::-1])[ORDER : 2 * ORDER + 1]
    matrix = correlation[np.abs(where[:, None] - where)]
    result[where] = np.linalg.solve(matrix, -effect)
    return result

"""Separation without a model: harmonic-percussive by median filtering, and mid-side."""

from __future__ import annotations

import numpy as np

from ..core import Audio, as_audio
from ..core.chunks import chunks
from ..core.constants import SAMPLE_RATE
from ..spectra import istft, stft

N_FFT = 2048
HOP_LENGTH = 512
KERNEL = 31  # length of the median filters, in frames and in bins
CHUNK = HOP_LENGTH * 1280  # 30 s
MARGIN = HOP_LENGTH * 32  # more than half a kernel and a window, so that chunks join exactly


def hpss(audio: Audio) -> dict[str, Audio]:
    """Separate the harmonic and the percussive part by median filtering (Fitzgerald, DAFx 2010).

    A steady tone is a horizontal line in the spectrogram and is preserved by a median along time;
    a percussive onset is a vertical line and is preserved by a median along frequency. Soft masks
    divide each bin in proportion to the squares of the two medians, so that the parts add up to
    the mono mix.

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz.

    Returns
    -------
    dict
        `"harmonic"` and `"percussive"`, each mono at 22,050 Hz, as long as the input.

    Examples
    --------
    >>> click = np.zeros(22050)
    >>> click[11025] = 1
    >>> {name: round(float(part.y.max()), 1) for name, part in hpss(Audio(click, 22050)).items()}
    {'harmonic': 0.0, 'percussive': 1.0}
    """
    y = as_audio(audio, sr=SAMPLE_RATE, mono=True).y[0]
    parts = {name: np.zeros_like(y) for name in ("harmonic", "percussive")}
    for chunk in chunks(y.size, size=CHUNK, margin=MARGIN):
        harmonic, percussive = _hpss_whole(y[chunk.first : chunk.last])
        inner = slice(chunk.start - chunk.first, chunk.end - chunk.first)
        parts["harmonic"][chunk.start : chunk.end] = harmonic[inner]
        parts["percussive"][chunk.start : chunk.end] = percussive[inner]
    return {name: Audio(part, SAMPLE_RATE) for name, part in parts.items()}


def mid_side(audio: Audio) -> dict[str, Audio]:
    """Separate what all channels share from what differs between them.

    In most stereo recordings, voice, bass and bass drum are in the middle. The mid is the mean of
    the channels; the side is what remains of each, in stereo (left - right) / 2 and its negative.
    The mid also contains the mean of all instruments at the sides. The side is the classical
    karaoke track; it lacks bass and drums, too.

    Parameters
    ----------
    audio
        Any audio; rate and channels are preserved. The side of mono is silent.

    Returns
    -------
    dict
        `"mid"`, with equal channels, and `"side"`; they add up to the input.

    Raises
    ------
    AudioError
        When `audio` is not valid audio.

    References
    ----------
    Blumlein, "Improvements in and relating to sound-transmission, sound-recording and
    sound-reproducing systems", British patent 394325, 1931.

    Examples
    --------
    >>> voice, guitar = np.full(4, 0.5), np.full(4, 0.2)
    >>> stems = mid_side(Audio(np.stack([voice + guitar, voice - guitar]), 8000))
    >>> [stem.y[:, 0].astype(float).round(2).tolist() for stem in stems.values()]
    [[0.5, 0.5], [0.2, -0.2]]
    """
    audio = as_audio(audio)
    mid = np.broadcast_to(audio.y.mean(axis=0), audio.y.shape)
    return {"mid": Audio(mid, audio.sr), "side": Audio(audio.y - mid, audio.sr)}


def _hpss_whole(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both parts of a chunk, each of shape (samples,)."""
    length = y.size
    if length < N_FFT:
        y = np.pad(y, (0, N_FFT - length))
    spectrum = stft(y, n_fft=N_FFT, hop_length=HOP_LENGTH)
    mask = harmonic_mask(np.abs(spectrum))
    harmonic = istft(spectrum * mask, hop_length=HOP_LENGTH, length=y.size)[:length]
    return harmonic, y[:length] - harmonic


def harmonic_mask(magnitude: np.ndarray) -> np.ndarray:
    """Soft mask of the harmonic part.

    Parameters
    ----------
    magnitude
        STFT magnitude, shape `(bins, frames)`.

    Returns
    -------
    ndarray
        `H**2 / (H**2 + P**2)` with the medians H along time and P along frequency, 0..1, same
        shape; 0.5 where both are 0. The percussive mask is one minus this mask.
    """
    harmonic = _median_along_rows(magnitude, KERNEL)
    percussive = _median_along_rows(magnitude.T, KERNEL).T
    scale = np.maximum(np.maximum(harmonic, percussive), np.finfo(magnitude.dtype).tiny)
    harmonic, percussive = (harmonic / scale) ** 2, (percussive / scale) ** 2
    total = harmonic + percussive
    return np.where(total > 0, harmonic / np.where(total > 0, total, 1), 0.5).astype(
        magnitude.dtype
    )


def _median_along_rows(x: np.ndarray, size: int) -> np.ndarray:
    """Running median along the last axis, edges mirrored.

    The rows are concatenated, each with its mirrored edges, because scipy's median filter is ten
    times faster on one long row than on two axes.
    """
    import scipy.ndimage

    half = size // 2
    padded = np.pad(x, ((0, 0), (half, half)), mode="symmetric")
    filtered = scipy.ndimage.median_filter(padded.ravel(), size=size)
    return filtered.reshape(padded.shape)[:, half:-half]

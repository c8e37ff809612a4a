"""Separation without learning: what stands still in a spectrogram, and what strikes."""

from __future__ import annotations

import numpy as np

from ..core import Audio
from ..core.chunks import chunks
from ..core.constants import SAMPLE_RATE
from ..spectra import istft, stft

N_FFT = 2048
HOP_LENGTH = 512
KERNEL = 31  # frames, and bins, of the two median filters
CHUNK = HOP_LENGTH * 1280  # 30 s
MARGIN = HOP_LENGTH * 32  # more than half a kernel and a window: pieces equal the whole


def hpss(audio: Audio) -> dict[str, Audio]:
    """Harmonic and percussive part by median filtering (Fitzgerald, DAFx 2010).

    A steady tone is a horizontal line in the spectrogram and survives a median along time; a
    stroke is a vertical line and survives a median along frequency. The two medians share each
    bin out by their squares (soft masks), so the parts add up to the mono sound.

    Parameters
    ----------
    audio
        Any sound; it is mixed to mono and brought to 22,050 Hz.

    Returns
    -------
    dict
        `"harmonic"` and `"percussive"`, each mono at 22,050 Hz, as long as the sound.
    """
    y = audio.mono().resample(SAMPLE_RATE).y[0]
    parts = {name: np.zeros_like(y) for name in ("harmonic", "percussive")}
    for chunk in chunks(y.size, size=CHUNK, margin=MARGIN):
        harmonic, percussive = _hpss_whole(y[chunk.first : chunk.last])
        inner = slice(chunk.start - chunk.first, chunk.end - chunk.first)
        parts["harmonic"][chunk.start : chunk.end] = harmonic[inner]
        parts["percussive"][chunk.start : chunk.end] = percussive[inner]
    return {name: Audio(part, SAMPLE_RATE) for name, part in parts.items()}


def _hpss_whole(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both parts of a short sound, shape (samples,)."""
    length = y.size
    if length < N_FFT:
        y = np.pad(y, (0, N_FFT - length))
    spectrum = stft(y, n_fft=N_FFT, hop_length=HOP_LENGTH)
    mask = harmonic_mask(np.abs(spectrum))
    harmonic = istft(spectrum * mask, hop_length=HOP_LENGTH, length=y.size)[:length]
    return harmonic, y[:length] - harmonic


def harmonic_mask(magnitude: np.ndarray) -> np.ndarray:
    """The share of each bin that is harmonic.

    Parameters
    ----------
    magnitude
        STFT magnitude, shape `(bins, frames)`.

    Returns
    -------
    ndarray
        `H**2 / (H**2 + P**2)` with the medians H along time and P along frequency, 0..1, same
        shape; one half where both are 0. The percussive share is what is left to 1.
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

    The rows are laid end to end, each with its mirrored edges, because scipy's median of one
    long row is ten times faster than its median over two axes.
    """
    import scipy.ndimage

    half = size // 2
    padded = np.pad(x, ((0, 0), (half, half)), mode="symmetric")
    filtered = scipy.ndimage.median_filter(padded.ravel(), size=size)
    return filtered.reshape(padded.shape)[:, half:-half]

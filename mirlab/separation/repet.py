"""REPET-SIM: separate a repeating background from a foreground that varies."""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from ..core import Audio, as_audio
from ..core.chunks import Chunk
from .masking import apply_masks, stft_size

CHUNK_SECONDS = 60.0  # in which similar frames are sought
MAX_FRAMES = 100  # most similar frames whose median is the background
MIN_DISTANCE = 1.0  # s between two of them
ROWS = 512  # rows of the similarity matrix that are computed at once


def repet_sim(audio: Audio) -> dict[str, Audio]:
    """Separate the repeating background from the foreground (Rafii and Pardo, ISMIR 2012).

    An accompaniment repeats itself, a voice mostly does not. For each frame of the spectrogram, up
    to 100 frames that resemble it most (cosine similarity) and are at least 1 s apart are found
    within the same minute. The median of their magnitudes is the background, at most the magnitude
    of the mixture; the ratio of both is its mask.

    Parameters
    ----------
    audio
        Any audio; rate and channels are preserved. Memory does not grow with its length beyond that
        of input and stems.

    Returns
    -------
    dict
        `"background"` and `"foreground"`, which add up to the input.

    Raises
    ------
    AudioError
        When `audio` is not valid audio.

    Examples
    --------
    >>> second = 0.1 * np.random.default_rng(0).standard_normal(8192)
    >>> parts = repet_sim(Audio(np.tile(second, 10), 8192))
    >>> {name: round(float(part.y.std()), 2) for name, part in parts.items()}
    {'background': 0.1, 'foreground': 0.0}
    """
    audio = as_audio(audio)
    distance = round(MIN_DISTANCE * audio.sr / stft_size(audio.sr)[1])

    def masks_of(magnitude: np.ndarray, chunk: Chunk) -> list[np.ndarray]:
        return [background_mask(magnitude, distance)]

    return apply_masks(audio, ("background", "foreground"), masks_of, chunk_seconds=CHUNK_SECONDS)


def background_mask(magnitude: np.ndarray, distance: int) -> np.ndarray:
    """Mask of the repeating background.

    Parameters
    ----------
    magnitude
        STFT magnitude, shape `(channels, bins, frames)`.
    distance
        Smallest distance of similar frames, in frames.

    Returns
    -------
    ndarray
        Median magnitude of the similar frames over the magnitude, 0..1, same shape; 1 in silence.
        Similarity is that of the mean over the channels.
    """
    mask = np.ones_like(magnitude)
    mean = magnitude.mean(axis=0)
    norm = np.linalg.norm(mean, axis=0)
    unit = mean / np.where(norm > 0, norm, 1)
    for start in range(0, unit.shape[1], ROWS):
        similarity = unit[:, start : start + ROWS].T @ unit
        for row, frames in enumerate(_similar_frames(similarity, distance)):
            median = np.median(magnitude[..., frames], axis=-1)
            frame = magnitude[..., start + row]
            np.divide(np.minimum(median, frame), frame, out=mask[..., start + row], where=frame > 0)
    return mask


def _similar_frames(similarity: np.ndarray, distance: int) -> list[np.ndarray]:
    """Indices of the highest local maxima of each row, at most `MAX_FRAMES`, `distance` apart."""
    size = max(1, 2 * distance - 1)
    highest = scipy.ndimage.maximum_filter1d(similarity, size, axis=1, mode="nearest")
    found = []
    for row, is_peak in zip(similarity, similarity == highest, strict=True):
        peaks = np.flatnonzero(is_peak)
        order = np.argsort(-row[peaks], kind="stable")
        found.append(peaks[order[:MAX_FRAMES]])
    return found

"""Apply spectrogram masks to long audio, so that the stems add up to the mixture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ..core import Audio
from ..core.chunks import Chunk, chunks
from ..spectra import istft, stft

WINDOW_SECONDS = 0.093  # 2048 samples at 22,050 Hz and 4096 at 44,100 Hz
FADE_SECONDS = 0.5  # half the length of the cross-fade between chunks

# from magnitudes and the range of samples that they belong to, to the mask of each stem
Masks = Callable[[np.ndarray, Chunk], Iterable[np.ndarray]]


def stft_size(sr: int) -> tuple[int, int]:
    """Window length, the power of two nearest to 93 ms, and hop, a quarter of it, in samples.

    >>> stft_size(22050), stft_size(44100), stft_size(8000)
    ((2048, 512), (4096, 1024), (1024, 256))
    """
    n_fft = 2 ** max(4, round(np.log2(WINDOW_SECONDS * sr)))
    return n_fft, n_fft // 4


def apply_masks(
    audio: Audio,
    names: Sequence[str],
    masks_of: Masks,
    *,
    chunk_seconds: float,
) -> dict[str, Audio]:
    """Filter audio by masks; the last stem is what the others leave of the mixture.

    The audio is processed in chunks, which overlap and are cross-faded.

    Parameters
    ----------
    audio
        Any audio; rate and channels are preserved.
    names
        Names of the stems.
    masks_of
        Function that returns the masks of a chunk, one by one for each stem, given its magnitudes
        and its range of samples. Magnitudes and masks have shape `(channels, bins, frames)`. The
        mask of the last stem is not used and may be missing.
    chunk_seconds
        Length of a chunk, several times the fade. Memory grows with it.

    Returns
    -------
    dict
        `Audio` of each stem, with rate, channels and length of the input. Stems add up to it.
    """
    y, sr = audio.y, audio.sr
    n_fft, hop_length = stft_size(sr)
    size, fade = (hop_length * round(t * sr / hop_length) for t in (chunk_seconds, FADE_SECONDS))
    parts = {name: np.zeros_like(y) for name in names}
    for chunk in chunks(y.shape[1], size=size, margin=fade + n_fft):
        span = slice(chunk.first, chunk.last)
        weight = fade_weight(chunk, y.shape[1], fade)
        padded = np.pad(y[:, span], ((0, 0), (0, max(0, n_fft - chunk.last + chunk.first))))
        spectrum = stft(padded, n_fft=n_fft, hop_length=hop_length)
        masks = masks_of(np.abs(spectrum), chunk)
        for name, mask in zip(names[:-1], masks, strict=False):
            stem = istft(spectrum * mask, hop_length=hop_length, length=padded.shape[1])
            parts[name][:, span] += weight * stem[:, : weight.size]
    rest = parts[names[-1]]
    rest += y
    for name in names[:-1]:
        rest -= parts[name]
    return {name: Audio(part, sr) for name, part in parts.items()}


def fade_weight(chunk: Chunk, samples: int, fade: int) -> np.ndarray:
    """Weight of each sample of a chunk, 0..1, float32; the weights of all chunks add up to 1.

    Each ramp is linear, from `fade` samples before a boundary between chunks to `fade` after it.

    >>> fade_weight(Chunk(0, 6, 0, 4), 10, 2).tolist()
    [1.0, 1.0, 0.875, 0.625, 0.375, 0.125]
    """
    n = np.arange(chunk.first, chunk.last) + 0.5
    weight = np.ones(n.size)
    if chunk.start > 0:
        weight *= np.clip((n - chunk.start) / (2 * fade) + 0.5, 0, 1)
    if chunk.end < samples:
        weight *= np.clip((chunk.end - n) / (2 * fade) + 0.5, 0, 1)
    return weight.astype(np.float32)

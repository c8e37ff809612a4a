"""Ideal masks: the upper bound of separation by masking, from the true stems."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping

import numpy as np

from ..core import Audio, AudioError, AudioLike, as_audio
from ..core.checks import require, require_choice
from ..core.chunks import Chunk
from ..spectra import stft
from .masking import apply_masks, stft_size

CHUNK_SECONDS = 15.0
KINDS = ("binary", "ratio", "wiener")


def ideal_masks(magnitudes: np.ndarray, *, kind: str = "wiener") -> np.ndarray:
    """Masks from the magnitudes of the true stems.

    Parameters
    ----------
    magnitudes
        STFT magnitudes of the stems, 0 or more, shape `(stems, ...)`.
    kind
        `"binary"`: 1 for the strongest stem of each bin, the first of several, 0 for the others
        (ideal binary mask); `"ratio"`: in proportion to the magnitudes (ideal ratio mask);
        `"wiener"`: in proportion to the powers (Wiener filter), which has the least squared error
        if these are the variances of independent stems.

    Returns
    -------
    ndarray
        Masks, 0..1, same shape; they add up to 1. Soft masks of a bin without energy are equal.

    Raises
    ------
    AudioError
        If magnitudes are negative, not finite or no array, or there is no such kind.

    References
    ----------
    Wang, "On ideal binary mask as the computational goal of auditory scene analysis", 2005;
    Liutkus and Badeau, "Generalized Wiener filtering with fractional power spectrograms",
    ICASSP 2015.

    Examples
    --------
    >>> ideal_masks(np.array([[3.0], [1.0]])).round(2).tolist()
    [[0.9], [0.1]]
    """
    require_choice("kind", kind, KINDS)
    valid = isinstance(magnitudes, np.ndarray) and magnitudes.dtype.kind == "f"
    line = f"magnitudes must be an array of floats, not {reprlib.repr(magnitudes)}"
    require(valid and magnitudes.size > 0 and magnitudes.ndim > 1, " ".join(line.split()))
    in_range = bool(np.isfinite(magnitudes).all() and (magnitudes >= 0).all())
    require(in_range, "magnitudes must be finite and 0 or more")
    largest = magnitudes.max(axis=0)
    if kind == "binary":
        strongest = magnitudes.argmax(axis=0)
        stems = np.arange(len(magnitudes)).reshape(-1, *[1] * strongest.ndim)
        return (strongest == stems).astype(magnitudes.dtype)
    share = magnitudes / np.where(largest > 0, largest, 1)  # squares do not underflow
    share = np.where(largest > 0, share, 1) ** (2 if kind == "wiener" else 1)
    masks: np.ndarray = share / share.sum(axis=0)
    return masks


def separate_ideally(
    mixture: AudioLike, stems: Mapping[str, AudioLike], *, kind: str = "wiener"
) -> dict[str, Audio]:
    """Separate a mixture with the masks of its true stems: the upper bound of masking.

    Parameters
    ----------
    mixture
        A path, an `Audio` or `(y, sr)`; rate and channels are preserved.
    stems
        The true stems by name, two or more, each with rate, channels and length of the mixture.
    kind
        Kind of mask, see `ideal_masks`. Each channel has its masks.

    Returns
    -------
    dict
        `Audio` of each stem, by name; they add up to the mixture.

    Raises
    ------
    AudioError
        When a sound is not valid, the stems do not fit the mixture, or there is no such kind.

    Examples
    --------
    >>> t = np.arange(8000) / 8000
    >>> low, high = (Audio(0.4 * np.sin(2 * np.pi * hz * t), 8000) for hz in (300, 1200))
    >>> parts = separate_ideally((low.y + high.y, 8000), {"low": low, "high": high})
    >>> bool(np.abs(parts["low"].y - low.y)[:, 1000:-1000].max() < 0.001)  # but at the edges
    True
    """
    require_choice("kind", kind, KINDS)
    mixture = as_audio(mixture)
    true = as_stems(stems)
    require(len(true) > 1, "stems must be two or more")
    for name, stem in true.items():
        require_equal_form(name, stem, "the mixture", mixture)
    n_fft, hop_length = stft_size(mixture.sr)

    def masks_of(magnitude: np.ndarray, chunk: Chunk) -> Iterable[np.ndarray]:
        shortage = max(0, n_fft - (chunk.last - chunk.first))
        excerpts = (stem.y[:, chunk.first : chunk.last] for stem in true.values())
        padded = (np.pad(y, ((0, 0), (0, shortage))) for y in excerpts)
        spectra = [np.abs(stft(y, n_fft=n_fft, hop_length=hop_length)) for y in padded]
        return ideal_masks(np.stack(spectra), kind=kind)

    return apply_masks(mixture, list(true), masks_of, chunk_seconds=CHUNK_SECONDS)


def as_stems(stems: Mapping[str, AudioLike]) -> dict[str, Audio]:
    """Convert the sounds of a mapping to `Audio`; raise an `AudioError` if it is none of sounds."""
    kind = type(stems).__name__
    require(isinstance(stems, Mapping), f"stems must be sounds by name, not {kind}")
    found = {}
    for name, stem in stems.items():
        require(isinstance(name, str), f"the name of a stem must be a text, not {name!r}")
        try:
            found[name] = as_audio(stem)
        except AudioError as reason:
            raise AudioError(f"stem {name!r}: {reason}") from None
    return found


def require_equal_form(name: str, stem: Audio, other_name: str, other: Audio) -> None:
    """Raise an `AudioError` unless both have the same rate, channels and length."""
    forms = [(sound.sr, *sound.y.shape) for sound in (stem, other)]
    first, second = (f"{c} channels of {n} samples at {sr} Hz" for sr, c, n in forms)
    line = f"stem {name!r} and {other_name} differ: {first}, and {second}"
    require(forms[0] == forms[1], line)

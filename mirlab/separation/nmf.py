"""Non-negative matrix factorisation of spectrograms by multiplicative updates."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..core import Audio, AudioError, as_audio
from ..core.checks import as_array, require, require_choice, require_count, require_seed
from ..core.chunks import Chunk
from ..spectra import stft
from .masking import apply_masks, stft_size

COMPONENTS = 8
ITERATIONS = 100
FIT_ITERATIONS = 30  # of the activations when the templates are known
CHUNK_SECONDS = 15.0
EXCERPTS, EXCERPT_SECONDS = 12, 2.5  # of long audio, from which the templates are learned
LOSSES = ("kl", "euclidean")
TINY = 1e-12  # of the largest magnitude; keeps denominators from 0


def nmf(
    magnitude: ArrayLike,
    components: int = COMPONENTS,
    *,
    loss: str = "kl",
    iterations: int = ITERATIONS,
    seed: int = 0,
    templates: ArrayLike | None = None,
    activations: ArrayLike | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Factorise a spectrogram into templates and activations (Lee and Seung, NIPS 2000).

    Multiplicative updates, templates first, never increase the loss, and preserve zeros: a
    template or an activation that is 0 at first remains 0, so that what is known about the music
    can be written into them (see `separate_by_score`).

    Parameters
    ----------
    magnitude
        Magnitudes or powers V, 0 or more, shape `(bins, frames)`. float32 is computed in float32,
        everything else in float64.
    components
        Number K of components.
    loss
        `"kl"`, the generalised Kullback-Leibler divergence sum(V log(V / WH) - V + WH), which
        weights quiet bins more; or `"euclidean"`, half the squared error.
    iterations
        Number of updates of both.
    seed
        Of the random factors at the start.
    templates, activations
        Initial factors, shapes `(bins, K)` and `(K, frames)`, 0 or more; random by default.

    Returns
    -------
    templates : ndarray
        W, shape `(bins, K)`.
    activations : ndarray
        H, shape `(K, frames)`; `W @ H` approximates V.

    Raises
    ------
    AudioError
        If an array is negative, not finite or of another shape, or an argument is out of range.

    References
    ----------
    Lee and Seung, "Algorithms for non-negative matrix factorization", NIPS 2000; Smaragdis and
    Brown, "Non-negative matrix factorization for polyphonic music transcription", WASPAA 2003.

    Examples
    --------
    >>> v = np.outer([1.0, 2.0, 0.0], [1.0, 0.0, 3.0])
    >>> w, h = nmf(v, 1)
    >>> bool(np.allclose(w @ h, v))
    True
    """
    v = _non_negative("magnitude", magnitude)
    for name, count in (("components", components), ("iterations", iterations)):
        require_count(name, count)
        require(count <= 100_000, f"{name} must be at most 100000, not {count}")
    require_choice("loss", loss, LOSSES)
    require_seed(seed)
    bins, frames = v.shape
    rng = np.random.default_rng(seed)
    level = np.sqrt(v.mean() / components)  # so that W @ H has the mean of V
    shapes = {"templates": (bins, components), "activations": (components, frames)}
    factors = []
    for (name, shape), given in zip(shapes.items(), (templates, activations), strict=True):
        if given is None:
            factors.append((2 * level * rng.random(shape)).astype(v.dtype))
            continue
        factor = _non_negative(name, given)
        require(factor.shape == shape, f"{name} must have shape {shape}, not {factor.shape}")
        factors.append(factor.astype(v.dtype))
    w, h = factors
    for _ in range(iterations):
        w *= update_ratio(v.T, h.T, w.T, loss).T
        h *= update_ratio(v, w, h, loss)
    return w, h


def update_ratio(v: np.ndarray, w: np.ndarray, h: np.ndarray, loss: str) -> np.ndarray:
    """Factor of the multiplicative update of H, shape `(K, frames)`.

    For KL `W^T (V / WH) / W^T 1`, for the squared error `W^T V / W^T W H`. With the transposed
    matrices, it is that of W.
    """
    tiny = TINY * max(float(v.max()), np.finfo(v.dtype).tiny / TINY)
    if loss == "kl":
        above, below = w.T @ (v / np.maximum(w @ h, tiny)), w.sum(axis=0)[:, None]
    else:
        above, below = w.T @ v, w.T @ w @ h
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def activations_of(v: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Activations for known templates, by KL updates of constant ones; shape `(K, frames)`."""
    total = max(float(w.sum()), np.finfo(w.dtype).tiny)
    h = np.broadcast_to(v.sum(axis=0) / total, (w.shape[1], v.shape[1])).astype(v.dtype)
    for _ in range(FIT_ITERATIONS):
        h = h * update_ratio(v, w, h, "kl")
    return h


def component_masks(
    w: np.ndarray, h: np.ndarray, groups: Sequence[list[int]]
) -> Iterator[np.ndarray]:
    """Share of each group of components in `W @ H`, 0..1; 0 where that is 0.

    Parameters
    ----------
    w
        Templates, shape `(bins, K)`.
    h
        Activations, shape `(K, channels, frames)`.
    groups
        Indices of the components of each group.

    Yields
    ------
    ndarray
        Shape `(channels, bins, frames)`.
    """
    model = np.moveaxis(h, 1, 0)
    total = w @ model
    scale = np.divide(1, total, out=np.zeros_like(total), where=total > 0)
    for group in groups:
        yield w[:, group] @ model[:, group] * scale


def separate_by_nmf(audio: Audio) -> dict[str, Audio]:
    """Separate eight components, each a spectrum that sounds louder or softer, by NMF with KL.

    Nothing is known about the instruments: a note or a drum is one component or several, and you
    choose those that belong together. Templates are learned from the audio, if it is longer than
    half a minute from twelve excerpts of 2.5 s; activations are then fitted everywhere, in each
    channel. Masks are the shares of the components in the model.

    Parameters
    ----------
    audio
        Any audio; rate and channels are preserved. Memory does not grow with its length beyond that
        of input and stems.

    Returns
    -------
    dict
        `"component 1"` to `"component 8"`, those with more energy first (in the model, over
        the excerpts); they add up to the input.

    Raises
    ------
    AudioError
        When `audio` is not valid audio.

    References
    ----------
    Smaragdis and Brown, WASPAA 2003; updates of Lee and Seung, NIPS 2000.

    Examples
    --------
    >>> tone = Audio(0.3 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000), 8000)
    >>> stems = separate_by_nmf(tone)
    >>> list(stems)[:2]
    ['component 1', 'component 2']
    >>> bool(np.allclose(sum(stem.y for stem in stems.values()), tone.y, atol=1e-6))
    True
    """
    audio = as_audio(audio)
    v = _excerpt_magnitudes(audio)
    w, h = nmf(v, COMPONENTS)
    energy = w.sum(axis=0) * h.sum(axis=1)
    w = w[:, np.argsort(-energy, kind="stable")]

    def masks_of(magnitude: np.ndarray, chunk: Chunk) -> Iterator[np.ndarray]:
        h = np.stack([activations_of(v, w) for v in magnitude], axis=1)
        return component_masks(w, h, [[k] for k in range(COMPONENTS)])

    names = [f"component {k + 1}" for k in range(COMPONENTS)]
    return apply_masks(audio, names, masks_of, chunk_seconds=CHUNK_SECONDS)


def _excerpt_magnitudes(audio: Audio) -> np.ndarray:
    """Magnitudes of equally spaced excerpts, mean over the channels, shape `(bins, frames)`."""
    n_fft, hop_length = stft_size(audio.sr)
    length = max(n_fft, round(EXCERPT_SECONDS * audio.sr))
    if audio.samples <= EXCERPTS * length:
        starts, length = np.zeros(1, int), max(n_fft, audio.samples)
    else:
        starts = np.linspace(0, audio.samples - length, EXCERPTS).astype(int)
    found = []
    for start in starts:
        y = audio.y[:, start : start + length]
        y = np.pad(y, ((0, 0), (0, length - y.shape[1])))
        found.append(np.abs(stft(y, n_fft=n_fft, hop_length=hop_length)).mean(axis=0))
    return np.concatenate(found, axis=1)


def _non_negative(name: str, values: ArrayLike) -> np.ndarray:
    """Convert to a matrix of floats, 0 or more, not empty; raise an `AudioError` otherwise."""
    matrix = as_array(name, values, AudioError, ndim=2)
    valid = matrix.size > 0 and bool((matrix >= 0).all())
    line = f"{name} must hold numbers of 0 or more, not {reprlib.repr(values)}"
    require(valid, " ".join(line.split()))
    single = getattr(values, "dtype", None) == np.float32
    return matrix.astype(np.float32) if single else matrix

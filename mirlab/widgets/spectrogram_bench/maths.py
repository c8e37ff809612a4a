"""Computations of the Spectrogram bench: transforms, images and resynthesis.

The JavaScript in `js/transforms` computes the same in a page without a kernel, to 1e-3 (relative,
root mean square).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from ...spectra import (
    CQT,
    STFT,
    VQT,
    Chroma,
    Gammatone,
    HarmonicCQT,
    Mel,
    Reassigned,
    Transform,
    Wavelet,
    scale,
)
from ...spectra.checks import require_window
from ...spectra.transform import as_sound
from ..shared.base import WidgetError
from .inversion import fade_ends, resynthesize_cells
from .settings import Settings

RATE = 22050
FMIN = 55.0  # Hz, A1: lower bins need windows of seconds
OCTAVES = 7
HARMONICS = (1, 2, 3, 4, 5)
FLOOR = 80.0  # dB below the maximum
LOG1P_REFERENCE = 1e-4  # of the maximum power: where log1p turns from linear to logarithmic
LEAD = 1.5  # durations of the lowest bin that are played before and after a region


@torch.inference_mode(False)  # otherwise cached tensors could not take part in gradients later
def transform_for(settings: Settings) -> Transform:
    """The transform with these settings; modules are cached.

    Parameters
    ----------
    settings
        `kind` (`"stft"`, `"reassigned"`, `"mel"`, `"gammatone"`, `"cqt"`, `"vqt"`, `"wavelet"`,
        `"hcqt"` or `"chroma"`), `n_fft` (of the first three), `hop_length`, and `bins_per_octave`
        (of the last five).

    Returns
    -------
    Transform
        Transform at 22,050 Hz. Kinds with bins per octave cover 7 octaves from 55 Hz, hcqt 5
        octaves with harmonics 1 to 5. Mel has 128 bands, or 64 with an `n_fft` of 512, since more
        would lie between its bins. Gammatone has 96 filters from 50 Hz. The bandwidth parameter of
        wavelets is 32 at 12 bins per octave and grows with the square of the resolution.

    Raises
    ------
    WidgetError
        If the kind is unknown.
    AudioError
        If the hop is longer than the window, or the transform rejects other values.
    """
    kind, hop = settings["kind"], settings["hop_length"]
    if kind in ("stft", "reassigned", "mel"):
        return _short(kind, hop, settings["n_fft"])
    if kind == "gammatone":
        return _gammatone(hop)
    return _pitched(kind, hop, settings["bins_per_octave"])


@lru_cache(maxsize=8)
def _short(kind: str, hop: int, n_fft: int) -> Transform:
    """A transform with windows of constant length."""
    if kind == "stft":
        return STFT(sr=RATE, n_fft=n_fft, hop_length=hop)
    if kind == "mel":
        return Mel(sr=RATE, n_fft=n_fft, hop_length=hop, n_mels=min(128, n_fft // 8))
    # in single precision, energy at the border of two cells is assigned arbitrarily
    return Reassigned(sr=RATE, n_fft=n_fft, hop_length=hop).double()


@lru_cache(maxsize=4)
def _gammatone(hop: int) -> Transform:
    return Gammatone(sr=RATE, hop_length=hop, n_bins=96, fmin=50.0)


@lru_cache(maxsize=8)
def _pitched(kind: str, hop: int, each: int) -> Transform:
    """A transform with logarithmic bins."""
    size: dict[str, Any] = {"sr": RATE, "hop_length": hop, "fmin": FMIN, "bins_per_octave": each}
    bins = OCTAVES * each
    if kind == "hcqt":
        return HarmonicCQT(n_bins=5 * each, harmonics=HARMONICS, **size)
    if kind == "wavelet":
        return Wavelet(n_bins=bins, bandwidth=32.0 * (each / 12) ** 2, **size)
    if kind == "vqt":
        return VQT(n_bins=bins, **size)
    if kind not in ("cqt", "chroma"):
        raise WidgetError(f"there is no transform of the kind {kind!r}")
    cqt = CQT(n_bins=bins, **size)
    return Chroma(cqt) if kind == "chroma" else cqt


def power(y: ArrayLike, settings: Settings) -> Tensor:
    """Power spectrogram, float32, shape `(bins, frames)`; for hcqt the mean of the harmonics.

    Raises
    ------
    AudioError
        If the audio is shorter than the longest window or contains NaN or infinity.
    """
    transform = transform_for(settings)
    with torch.no_grad():
        values = scale(transform(np.array(y)), "power")
    return (values.mean(0) if values.ndim == 3 else values).to(torch.float32)


def spectrogram_image(y: ArrayLike, settings: Settings) -> np.ndarray:
    """Image of the bench: bytes, 255 for the maximum, the lowest bin first.

    Parameters
    ----------
    y
        Samples at 22,050 Hz, shape `(samples,)`.
    settings
        As for `transform_for`, and `scale`. In dB, 0 stands for 80 dB below the maximum; log1p
        turns from linear to logarithmic at 1e-4 of the maximum power.

    Returns
    -------
    ndarray
        uint8, shape `(bins, frames)`; silence is all 0.

    Raises
    ------
    WidgetError, AudioError
        As `transform_for`; also if the audio is shorter than the longest window or contains NaN or
        infinity.

    Examples
    --------
    >>> settings = {"kind": "cqt", "hop_length": 512, "bins_per_octave": 12, "scale": "db"}
    >>> a = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    >>> int(spectrogram_image(a, settings)[:, 20].argmax())  # three octaves above 55 Hz
    36
    """
    cells = power(y, settings)
    peak = float(cells.max())
    if peak == 0:
        return np.zeros(cells.shape, dtype=np.uint8)
    to = settings["scale"]
    values = cells.div_(peak)  # in place from here on: there are millions of cells
    if to == "db":
        values = values.clamp_(min=10 ** (-FLOOR / 10)).log10_().mul_(10 / FLOOR).add_(1)
    elif to == "log1p":
        values = scale(values, to, reference=LOG1P_REFERENCE).div_(math.log1p(1 / LOG1P_REFERENCE))
    else:
        values = scale(values, to)
    return values.mul_(255).round_().to(torch.uint8).numpy()


@torch.inference_mode(False)
def region_sound(y: ArrayLike, settings: Settings, region: Mapping[str, float]) -> np.ndarray:
    """Resynthesize a region of the spectrogram.

    The cells outside the region are masked and the rest is inverted: stft by its inverse, mel with
    estimated phases, cqt, vqt and wavelet by least squares. First the hop is halved until it is no
    longer than the highest bin's duration, since frames further apart miss what lies between them.
    Transforms without an inverse use an STFT of 2048 samples instead: hcqt with its harmonics,
    chroma in all octaves (with a window of 8192, to resolve the pitches of the bass).

    Parameters
    ----------
    y
        Samples at 22,050 Hz, shape `(samples,)`.
    settings
        As for `transform_for`.
    region
        `start` and `end` in seconds, `low` and `high` in Hz. A region without bins or frames is
        replaced by the nearest ones.

    Returns
    -------
    ndarray
        float32, shape `(samples,)`: the region, extended on both sides by 1.5 times the lowest
        bin's duration within the audio; faded over 5 ms.

    Raises
    ------
    WidgetError, AudioError
        As `spectrogram_image`.

    Examples
    --------
    >>> settings = {"kind": "stft", "n_fft": 1024, "hop_length": 256}
    >>> a = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    >>> high = {"start": 0.2, "end": 0.8, "low": 2000, "high": 4000}
    >>> bool(np.abs(region_sound(a, settings, high)).max() < 1e-4)
    True
    """
    start, end, low, high = (region[name] for name in ("start", "end", "low", "high"))
    transform, kind = transform_for(settings), settings["kind"]
    sound = as_sound(np.array(y), like=torch.zeros(()))
    require_window(sound.shape[-1], transform.window_length)
    ranges = [(low, high)]
    if kind in ("reassigned", "gammatone", "hcqt", "chroma"):
        ranges = _source_ranges(transform, kind, low, high)
        settings = {"kind": "stft", "hop_length": 512, "n_fft": 8192 if kind == "chroma" else 2048}
        transform = transform_for(settings)
    hz = transform.frequencies.double().numpy()
    bins = np.unique(np.concatenate([_within(hz, *limits) for limits in ranges]))
    transform = _dense(transform, settings, bins[-1])
    hop, long = transform.hop_length, float(transform.durations[bins[0]])
    frames = _within(np.arange(transform.frames(len(sound))) * hop / RATE, start, end)
    reach = math.ceil(3 * long * RATE / hop)  # frames, more than the support of the cells
    skipped = max(0, frames[0] - reach)
    excerpt = sound[skipped * hop : (frames[-1] + reach + 1) * hop]
    result = resynthesize_cells(transform, excerpt, bins, frames - skipped)
    lead = math.ceil(LEAD * long * RATE / hop) * hop  # whole frames, at least one
    first = max(0, math.floor(start * RATE) - lead - skipped * hop)
    last = math.floor(end * RATE) + lead - skipped * hop
    return fade_ends(result[first:last].numpy())


def _dense(transform: Transform, settings: Settings, highest: int) -> Transform:
    """The same transform with a hop no longer than the highest bin's duration.

    Frames further apart than that miss what lies between them.
    """
    hop, duration = transform.hop_length, float(transform.durations[highest]) * RATE
    while hop > duration:
        hop //= 2
    return transform_for({**settings, "hop_length": hop})


def _source_ranges(
    transform: Transform, kind: str, low: float, high: float
) -> list[tuple[float, float]]:
    """Frequency ranges that contribute to a region: harmonics of hcqt, octaves of chroma."""
    if kind == "hcqt":
        return [(h * low, h * high) for h in HARMONICS]
    if kind != "chroma":
        return [(low, high)]
    classes = transform.frequencies.double().numpy()
    side = 2 ** (1 / 24)
    pitches = np.outer(classes[_within(classes, low, high)], 2.0 ** np.arange(-3, 5)).ravel()
    inside = (pitches > FMIN / side) & (pitches < FMIN * 2**OCTAVES / side)
    return [(pitch / side, pitch * side) for pitch in pitches[inside]]


def _within(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Indices of the values within a range; if there are none, of the nearest to its middle."""
    slack = 1e-6 * high  # the limits may be rounded
    inside = np.flatnonzero((values >= low - slack) & (values <= high + slack))
    if inside.size:
        return inside
    return np.array([np.abs(values - (low + high) / 2).argmin()])

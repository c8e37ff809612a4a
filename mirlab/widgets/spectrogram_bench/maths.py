"""What the Spectrogram bench computes: the transform of its settings, its picture and its sound.

`js/spectrogram_bench/transforms` does the same in a page without a kernel, to 1e-3 (relative, root
mean square).
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
from .inversion import faded, sound_of_cells
from .settings import Settings

RATE = 22050
FMIN = 55.0  # Hz, A1: lower bins need windows of seconds
OCTAVES = 7
HARMONICS = (1, 2, 3, 4, 5)
FLOOR = 80.0  # dB under the loudest cell
BEND = 1e-4  # of the loudest cell's power: where log1p bends from line to logarithm
LEAD = 1.5  # durations of the lowest bin that are heard before and after a region


@torch.inference_mode(False)  # or else what is kept could take no part in gradients later
def transform_for(settings: Settings) -> Transform:
    """The transform of these settings; the same module for the same ones.

    Parameters
    ----------
    settings
        `kind` (`"stft"`, `"reassigned"`, `"mel"`, `"gammatone"`, `"cqt"`, `"vqt"`, `"wavelet"`,
        `"hcqt"` or `"chroma"`), `n_fft` (of the first three), `hop_length`, and `bins_per_octave`
        (of the last five).

    Returns
    -------
    Transform
        For sound at 22,050 Hz. Kinds with bins per octave run over 7 octaves from 55 Hz, hcqt over
        5 with harmonics 1 to 5; mel has 128 bands, 64 where `n_fft` is 512 and more would lie
        between its bins; gammatone 96 filters from 50 Hz; wavelets are as narrow as bins are
        close, with a bandwidth of 32 at 12 bins an octave.

    Raises
    ------
    WidgetError
        For another kind.
    AudioError
        For a hop longer than the window, and other numbers that the transform refuses.
    """
    kind, hop = settings["kind"], settings["hop_length"]
    if kind in ("stft", "reassigned", "mel"):
        return _short(kind, hop, settings["n_fft"])
    if kind == "gammatone":
        return _gammatone(hop)
    return _pitched(kind, hop, settings["bins_per_octave"])


@lru_cache(maxsize=8)
def _short(kind: str, hop: int, n_fft: int) -> Transform:
    """A transform made of windows of one length."""
    if kind == "stft":
        return STFT(sr=RATE, n_fft=n_fft, hop_length=hop)
    if kind == "mel":
        return Mel(sr=RATE, n_fft=n_fft, hop_length=hop, n_mels=min(128, n_fft // 8))
    # in single precision, power from the border of two cells falls into either
    return Reassigned(sr=RATE, n_fft=n_fft, hop_length=hop).double()


@lru_cache(maxsize=4)
def _gammatone(hop: int) -> Transform:
    return Gammatone(sr=RATE, hop_length=hop, n_bins=96, fmin=50.0)


@lru_cache(maxsize=8)
def _pitched(kind: str, hop: int, each: int) -> Transform:
    """A transform with so many bins an octave."""
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
    """The power of a sound: real, float32, shape `(bins, frames)`; of hcqt the harmonics' mean.

    Raises
    ------
    AudioError
        For a sound shorter than the longest window, with NaN or infinity.
    """
    transform = transform_for(settings)
    with torch.no_grad():
        found = scale(transform(np.array(y)), "power")
    return (found.mean(0) if found.ndim == 3 else found).to(torch.float32)


def picture(y: ArrayLike, settings: Settings) -> np.ndarray:
    """What the bench shows: bytes, 255 for the loudest cell, the lowest bin first.

    Parameters
    ----------
    y
        Sound at 22,050 Hz, shape `(samples,)`.
    settings
        As for `transform_for`. In dB, 0 stands for 80 below the loudest cell; log1p bends from
        line to logarithm at 1e-4 of its power.

    Returns
    -------
    ndarray
        uint8, shape `(bins, frames)`; silence is all 0.

    Raises
    ------
    WidgetError, AudioError
        As `transform_for`; and for a sound shorter than the longest window, with NaN or infinity.

    Examples
    --------
    >>> settings = {"kind": "cqt", "hop_length": 512, "bins_per_octave": 12, "scale": "db"}
    >>> a = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    >>> int(picture(a, settings)[:, 20].argmax())  # three octaves above 55 Hz
    36
    """
    found = power(y, settings)
    peak = float(found.max())
    if peak == 0:
        return np.zeros(found.shape, dtype=np.uint8)
    to = settings["scale"]
    values = found.div_(peak)  # in place from here on: a picture has millions of cells
    if to == "db":
        values = values.clamp_(min=10 ** (-FLOOR / 10)).log10_().mul_(10 / FLOOR).add_(1)
    elif to == "log1p":
        values = scale(values, to, reference=BEND).div_(math.log1p(1 / BEND))
    else:
        values = scale(values, to)
    return values.mul_(255).round_().to(torch.uint8).numpy()


@torch.inference_mode(False)
def region_sound(y: ArrayLike, settings: Settings, region: Mapping[str, float]) -> np.ndarray:
    """The sound of a region of the picture alone.

    The cells in the region are kept and turned back into sound: of stft by its inverse, of mel with
    phases that are guessed, of cqt, vqt and wavelet as the sound whose cells come nearest. First
    the hop is halved until it is no longer than the highest bin's duration, for frames further
    apart do not say what is between them. Where there is no way back, the region is cut out of an
    STFT of 2048 samples: of hcqt with its harmonics, of chroma in all octaves (and with a window of
    8192, or else the pitches of the bass would not be told apart).

    Parameters
    ----------
    y
        Sound at 22,050 Hz, shape `(samples,)`.
    settings
        As for `transform_for`.
    region
        `start` and `end` in seconds, `low` and `high` in Hz. The nearest bin and frame stand for a
        region without any.

    Returns
    -------
    ndarray
        float32, shape `(samples,)`: from 1.5 times the lowest bin's duration before the region to
        as long after it, as far as the sound goes; faded over 5 ms.

    Raises
    ------
    WidgetError, AudioError
        As `picture`.

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
        ranges = _heard(transform, kind, low, high)
        settings = {"kind": "stft", "hop_length": 512, "n_fft": 8192 if kind == "chroma" else 2048}
        transform = transform_for(settings)
    hz = transform.frequencies.double().numpy()
    bins = np.unique(np.concatenate([_within(hz, *one) for one in ranges]))
    transform = _dense(transform, settings, bins[-1])
    hop, long = transform.hop_length, float(transform.durations[bins[0]])
    frames = _within(np.arange(transform.frames(len(sound))) * hop / RATE, start, end)
    reach = math.ceil(3 * long * RATE / hop)  # frames: all that the cells hear, and more
    skipped = max(0, frames[0] - reach)
    piece = sound[skipped * hop : (frames[-1] + reach + 1) * hop]
    alone = sound_of_cells(transform, piece, bins, frames - skipped)
    lead = math.ceil(LEAD * long * RATE / hop) * hop  # whole frames, at least one
    first = max(0, math.floor(start * RATE) - lead - skipped * hop)
    last = math.floor(end * RATE) + lead - skipped * hop
    return faded(alone[first:last].numpy())


def _dense(transform: Transform, settings: Settings, highest: int) -> Transform:
    """The same transform with a hop no longer than the highest bin's duration.

    Frames further apart than that do not say what is between them.
    """
    hop, duration = transform.hop_length, float(transform.durations[highest]) * RATE
    while hop > duration:
        hop //= 2
    return transform_for({**settings, "hop_length": hop})


def _heard(transform: Transform, kind: str, low: float, high: float) -> list[tuple[float, float]]:
    """The frequencies that a region's rows listen to: of hcqt all harmonics, of chroma octaves."""
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
    """Which of the values lie in a range; where there are none, the nearest to its middle."""
    slack = 1e-6 * high  # numbers may have been rounded on their way
    inside = np.flatnonzero((values >= low - slack) & (values <= high + slack))
    if inside.size:
        return inside
    return np.array([np.abs(values - (low + high) / 2).argmin()])

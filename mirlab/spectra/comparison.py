"""One sound, many pictures, side by side."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from ..core import Audio
from ..core.checks import require
from .scaling import scale
from .transform import Transform

RUNS = 3  # timed, after one that is not


@dataclass(frozen=True)
class Comparison:
    """What one transform makes of a sound, and what it costs.

    Parameters
    ----------
    name
        The transform's name.
    picture
        dB, 0 to -80, float32, shape `(bins, frames)`; the first layer of a harmonic CQT.
    frequencies, times
        Hz and seconds, shapes `(bins,)` and `(frames,)`: what the axes of the picture are.
    time_resolution, frequency_resolution
        Seconds and Hz, shape `(bins,)`: the full width at half power of a click and of a sine.
    redundancy
        Real numbers that come out for each sample that goes in.
    seconds
        Time taken for the whole sound, the median of three runs.
    """

    name: str
    picture: np.ndarray = field(repr=False)
    frequencies: np.ndarray = field(repr=False)
    times: np.ndarray = field(repr=False)
    time_resolution: np.ndarray = field(repr=False)
    frequency_resolution: np.ndarray = field(repr=False)
    redundancy: float
    seconds: float


def compare(audio: Audio, transforms: Sequence[Transform]) -> list[Comparison]:
    """Transform a sound in several ways; one row a transform.

    Parameters
    ----------
    audio
        Channels are mixed to one.
    transforms
        Made for the sound's sampling rate.

    Returns
    -------
    list of Comparison
        In the order of the transforms.

    Raises
    ------
    AudioError
        For a transform of another sampling rate, or a sound too short for one.

    Examples
    --------
    >>> from mirlab.spectra import CQT, STFT
    >>> sound = Audio(np.sin(np.arange(44100) / 8), 22050)
    >>> rows = compare(sound, [STFT(), CQT()])
    >>> [(row.name, row.picture.shape, round(row.redundancy, 2)) for row in rows]
    [('STFT', (1025, 87), 4.0), ('CQT', (84, 87), 0.33)]
    """
    for transform in transforms:
        require(
            transform.sr == audio.sr,
            f"{type(transform).__name__} was made for sr={transform.sr:g}, the sound has "
            f"{audio.sr}; resample it with audio.resample({transform.sr:g})",
        )
    y = torch.from_numpy(audio.mono().y[0])
    return [_row(transform, y) for transform in transforms]


@torch.no_grad()
def _row(transform: Transform, y: torch.Tensor) -> Comparison:
    """One transform's row, for samples of shape `(samples,)`."""
    spectrum = transform(y)  # the first run is not timed
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        transform(y)
        if transform.frequencies.is_cuda:
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    picture = scale(spectrum, "db")
    if picture.ndim == 3:  # harmonics come first
        picture = picture[0]
    numbers = spectrum.numel() / spectrum.shape[-1] * (2 if spectrum.is_complex() else 1)
    return Comparison(
        name=type(transform).__name__,
        picture=(picture - picture.amax()).cpu().numpy(),
        frequencies=transform.frequencies.cpu().numpy(),
        times=transform.times(y.shape[-1]).cpu().numpy(),
        time_resolution=transform.durations.cpu().numpy(),
        frequency_resolution=transform.bandwidths.cpu().numpy(),
        redundancy=numbers / transform.hop_length,
        seconds=statistics.median(seconds),
    )

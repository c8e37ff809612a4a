"""Compare transforms on one recording: spectrograms, resolution and run time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from ..core import Audio
from ..core.checks import require, require_type
from ..core.errors import AudioError
from .scaling import scale
from .transform import Transform

RUNS = 3  # timed runs, after a warm-up


@dataclass(frozen=True)
class Comparison:
    """Spectrogram of one transform, its resolution, redundancy and run time.

    Parameters
    ----------
    name
        Name of the transform.
        spectrogram
        Levels in dB, 0 to -80, float32, shape `(bins, frames)`; of a harmonic CQT, the first
        harmonic.
    frequencies, times
        Axes of the spectrogram in Hz and seconds, shapes `(bins,)` and `(frames,)`.
    time_resolution, frequency_resolution
        Full width at half power of an impulse in seconds and of a sine in Hz, shape `(bins,)`.
    redundancy
        Real output values per input sample.
    seconds
        Run time for the whole recording, the median of three runs.
    """

    name: str
    spectrogram: np.ndarray = field(repr=False)
    frequencies: np.ndarray = field(repr=False)
    times: np.ndarray = field(repr=False)
    time_resolution: np.ndarray = field(repr=False)
    frequency_resolution: np.ndarray = field(repr=False)
    redundancy: float
    seconds: float


def compare(audio: Audio, transforms: Sequence[Transform]) -> list[Comparison]:
    """Compare several transforms of a recording.

    Parameters
    ----------
    audio
        The recording; channels are averaged.
    transforms
        Transforms for its sampling rate.

    Returns
    -------
    list of Comparison
        In the order of the transforms.

    Raises
    ------
    AudioError
        If the sampling rate of a transform differs, or the recording is too short for one.

    Examples
    --------
    >>> from mirlab.spectra import CQT, STFT
    >>> sound = Audio(np.sin(np.arange(44100) / 8), 22050)
    >>> rows = compare(sound, [STFT(), CQT()])
    >>> [(row.name, row.spectrogram.shape, round(row.redundancy, 2)) for row in rows]
    [('STFT', (1025, 87), 4.0), ('CQT', (84, 87), 0.33)]
    """
    require_type("audio", audio, Audio, AudioError)
    require(isinstance(transforms, Sequence), "transforms must be a list of transforms")
    for transform in transforms:
        require_type("each of the transforms", transform, Transform, AudioError)
        require(
            transform.sr == audio.sr,
            f"{type(transform).__name__} was made for sr={transform.sr:g}, the sound has "
            f"{audio.sr}; resample it with audio.resample({transform.sr:g})",
        )
    y = torch.from_numpy(audio.mono().y[0])
    return [_row(transform, y) for transform in transforms]


@torch.no_grad()
def _row(transform: Transform, y: torch.Tensor) -> Comparison:
    """Run and time one transform on samples of shape `(samples,)`."""
    spectrum = transform(y)  # warm-up
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        transform(y)
        if transform.frequencies.is_cuda:
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    spectrogram = scale(spectrum, "db")
    if spectrogram.ndim == 3:  # harmonics come first
        spectrogram = spectrogram[0]
    numbers = spectrum.numel() / spectrum.shape[-1] * (2 if spectrum.is_complex() else 1)
    return Comparison(
        name=type(transform).__name__,
        spectrogram=(spectrogram - spectrogram.amax()).cpu().numpy(),
        frequencies=transform.frequencies.cpu().numpy(),
        times=transform.times(y.shape[-1]).cpu().numpy(),
        time_resolution=transform.durations.cpu().numpy(),
        frequency_resolution=transform.bandwidths.cpu().numpy(),
        redundancy=numbers / transform.hop_length,
        seconds=statistics.median(seconds),
    )

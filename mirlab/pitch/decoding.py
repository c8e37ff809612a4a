"""`PitchTrack` and the methods that return it: pitch and voicing of a single voice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..core import Audio, AudioLike, Progress
from ..core.constants import SAMPLE_RATE
from ..learning import run_model
from .classic import HOP, harmonic_sum, yin
from .pyin import pyin

if TYPE_CHECKING:
    import torch

LOWEST_HZ = 55.0  # A1, the middle of the first bin
PER_OCTAVE = 36
PITCH_BINS = 192  # to 2,175 Hz
PERIODIC = 0.15  # aperiodicity of YIN below which a frame is voiced
NEAR = 3  # bins on either side of the maximum over which a pitch is averaged


class PitchTrack(NamedTuple):
    """Pitch and voicing of a single voice, frame by frame.

    Parameters
    ----------
    times
        Time in seconds, shape `(frames,)`, 256 / 22,050 s apart.
    hz
        Pitch in Hz, shape `(frames,)`; an estimate even in unvoiced frames, 0 in silence.
    voicing
        Probability of voicing, 0..1, shape `(frames,)`; frames with at least 0.5 are voiced.

    Examples
    --------
    >>> track = PitchTrack(np.array([0.0, 0.01]), np.array([220.0, 0.0]), np.array([0.9, 0.0]))
    >>> track.hz[track.voicing >= 0.5].tolist()
    [220.0]
    """

    times: np.ndarray
    hz: np.ndarray
    voicing: np.ndarray


def track_pitch(
    audio: AudioLike,
    *,
    model: str = "mirlab-f0",
    device: str | torch.device = "auto",
    progress: Progress = True,
) -> PitchTrack:
    """Track the pitch of a single voice, including vibrato and glides.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`: a voice, or an instrument that plays one note at a time.
    model
        `"mirlab-f0"`, a network of this package, 55 to 2175 Hz; `"yin"`, `"pyin"` or
        `"harmonic-sum"`, see `track_by_yin` and so on, 65 to 2100 Hz; or your own model, see
        `mirlab.register_model`.
    device
        Device of the network: `"auto"`, a GPU if there is one, else the CPU; or a torch device
        name. Classical methods always run on the CPU.
    progress
        True shows a progress bar for long audio, in a terminal or a live notebook; False shows
        nothing; a function is called with the completed fraction, 0..1, and the task.

    Returns
    -------
    PitchTrack
        Frames 11.6 ms apart.

    Raises
    ------
    LearningError
        When there is no such model, or this computer has no such device.
    AudioError
        When `audio` is not valid audio.

    Examples
    --------
    >>> t = np.arange(22050) / 22050
    >>> tone = sum(np.sin(2 * np.pi * 220 * k * t) / k for k in range(1, 8))
    >>> times, hz, voicing = track_pitch((tone / 4, 22050))
    >>> bool(abs(hz[40] - 220) < 2), bool(voicing[40] > 0.5)
    (True, True)
    """
    track: PitchTrack = run_model("pitch", model, audio, device=device, progress=progress)
    return track


def track_by_yin(audio: Audio) -> PitchTrack:
    """Track the pitch by `yin`; voicing decreases with aperiodicity and is 0.5 at 0.15."""
    hz, aperiodicity = yin(audio)
    voicing = np.where(hz > 0, np.clip(1 - aperiodicity / (2 * PERIODIC), 0, 1), 0.0)
    return PitchTrack(_times(hz), hz, voicing)


def track_by_pyin(audio: Audio) -> PitchTrack:
    """Track the pitch by `pyin`; voicing is 1 in the voiced frames of its path, else 0."""
    hz, _ = pyin(audio)
    return PitchTrack(_times(hz), hz, (hz > 0).astype(float))


def track_by_harmonic_sum(audio: Audio) -> PitchTrack:
    """Track the pitch by `harmonic_sum`, which cannot detect voicing; it is 1 except in silence."""
    hz, _ = harmonic_sum(audio)
    return PitchTrack(_times(hz), hz, (hz > 0).astype(float))


def _times(hz: np.ndarray) -> np.ndarray:
    """Time of each frame in seconds, shape `(frames,)`."""
    return np.arange(hz.size) * HOP / SAMPLE_RATE


def hz_of(probabilities: np.ndarray) -> np.ndarray:
    """Pitch between the bins: the weighted mean of the bins around the maximum (soft argmax).

    Parameters
    ----------
    probabilities
        Probability of each bin, 0 or more, shape `(PITCH_BINS, frames)`.

    Returns
    -------
    ndarray
        Pitch in Hz, shape `(frames,)`.

    Examples
    --------
    >>> bins = np.zeros((PITCH_BINS, 1))
    >>> bins[36] = bins[37] = 0.5  # half a bin above A2
    >>> hz_of(bins).round(2)
    array([111.06])
    """
    best = probabilities.argmax(axis=0)
    bins = best + np.arange(-NEAR, NEAR + 1)[:, None]  # (2 NEAR + 1, frames)
    inside = (bins >= 0) & (bins < PITCH_BINS)
    near = np.take_along_axis(probabilities, bins.clip(0, PITCH_BINS - 1), axis=0) * inside
    centre = (near * bins).sum(axis=0) / np.maximum(near.sum(axis=0), 1e-30)
    return np.asarray(LOWEST_HZ * 2 ** (centre / PER_OCTAVE))

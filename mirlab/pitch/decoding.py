"""The pitch of one voice as every method gives it: when it sounds, and exactly how high."""

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
PERIODIC = 0.15  # aperiodicity of YIN below which a voice sounds
NEAR = 3  # bins on either side of the likeliest over which a pitch is averaged


class PitchTrack(NamedTuple):
    """The pitch of one voice from frame to frame.

    Parameters
    ----------
    times
        Seconds, shape `(frames,)`, 256 / 22,050 s apart.
    hz
        The pitch, shape `(frames,)`: the best guess also where there may be no voice; 0 in silence.
    voicing
        How likely a voice sounds, 0..1, shape `(frames,)`; from 0.5 on it does.
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
    """The pitch of one voice, with its vibrato and glides.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`: a voice or an instrument that plays one note at a time.
    model
        `"mirlab-f0"`, the room's own network, 55 to 2175 Hz; `"yin"`, `"pyin"` or `"harmonic-sum"`,
        see `track_by_yin` and so on, 65 to 2100 Hz; or a model of your own, see
        `mirlab.register_model`.
    device
        Where a network computes: `"auto"`, a GPU where there is one, else the processor; or one of
        torch's names. Classical methods compute on the processor.
    progress
        True shows a bar while a long sound is worked on, in a terminal or a live notebook; False
        shows nothing; a function is called with the share done, 0..1, and the task.

    Returns
    -------
    PitchTrack
        Frames 11.6 ms apart.

    Raises
    ------
    LearningError
        When there is no such model, or the device is not here.
    AudioError
        When `audio` is no sound.

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
    """The pitch by `yin`; voicing falls with aperiodicity and is 0.5 at 0.15."""
    hz, aperiodicity = yin(audio)
    voicing = np.where(hz > 0, np.clip(1 - aperiodicity / (2 * PERIODIC), 0, 1), 0.0)
    return PitchTrack(_times(hz), hz, voicing)


def track_by_pyin(audio: Audio) -> PitchTrack:
    """The pitch by `pyin`; voicing is 1 where its path has a pitch, else 0."""
    hz, _ = pyin(audio)
    return PitchTrack(_times(hz), hz, (hz > 0).astype(float))


def track_by_harmonic_sum(audio: Audio) -> PitchTrack:
    """The pitch by `harmonic_sum`, which does not tell voices from noise; voicing is 1 in sound."""
    hz, _ = harmonic_sum(audio)
    return PitchTrack(_times(hz), hz, (hz > 0).astype(float))


def _times(hz: np.ndarray) -> np.ndarray:
    """Seconds of each frame, shape `(frames,)`."""
    return np.arange(hz.size) * HOP / SAMPLE_RATE


def hz_of(likely: np.ndarray) -> np.ndarray:
    """Where between the bins a pitch lies: the mean of those around the likeliest (soft argmax).

    Parameters
    ----------
    likely
        How likely each bin is, 0 or more, shape `(PITCH_BINS, frames)`.

    Returns
    -------
    ndarray
        Hz, shape `(frames,)`.

    Examples
    --------
    >>> bins = np.zeros((PITCH_BINS, 1))
    >>> bins[36] = bins[37] = 0.5  # half a bin over an octave over A1
    >>> hz_of(bins).round(2)
    array([111.06])
    """
    best = likely.argmax(axis=0)
    places = best + np.arange(-NEAR, NEAR + 1)[:, None]  # (2 NEAR + 1, frames)
    inside = (places >= 0) & (places < PITCH_BINS)
    near = np.take_along_axis(likely, places.clip(0, PITCH_BINS - 1), axis=0) * inside
    centre = (near * places).sum(axis=0) / np.maximum(near.sum(axis=0), 1e-30)
    return np.asarray(LOWEST_HZ * 2 ** (centre / PER_OCTAVE))

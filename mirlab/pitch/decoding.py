"""The pitch of one voice by a small trained net: when it sounds, and exactly how high."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..core import Audio

if TYPE_CHECKING:
    import torch

LOWEST_HZ = 55.0  # A1, the middle of the first bin
PER_OCTAVE = 36
PITCH_BINS = 192  # to 2,175 Hz
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
    audio: Audio, *, model: str = "mirlab-f0", device: str | torch.device = "auto"
) -> PitchTrack:
    """The pitch of one voice, with its vibrato and glides.

    Parameters
    ----------
    audio
        A voice or an instrument that plays one note at a time; it is mixed to mono and brought to
        22,050 Hz.
    model
        `"mirlab-f0"`, the room's own, 55 to 2175 Hz; or a model of your own with a method
        `track_pitch`, see `mirlab.register_model`.
    device
        Where the net computes: `"auto"`, a GPU where there is one, else the processor; or one of
        torch's names.

    Returns
    -------
    PitchTrack
        Frames 11.6 ms apart.

    Raises
    ------
    LearningError
        For a model nobody knows, one that tracks no pitch, or a device that is not here.

    Examples
    --------
    >>> t = np.arange(22050) / 22050
    >>> tone = sum(np.sin(2 * np.pi * 220 * k * t) / k for k in range(1, 8))
    >>> times, hz, voicing = track_pitch(Audio(tone / 4, 22050))
    >>> bool(abs(hz[40] - 220) < 2), bool(voicing[40] > 0.5)
    (True, True)
    """
    from ..learning import ask

    track: PitchTrack = ask("transcription", model, "track_pitch", audio, device=device)
    return track


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

"""Chord recognition: the harmony of a sound, and its key.

Chroma from a constant-Q spectrogram, 24 triad templates, a Viterbi path through them; the key
from the notes of those chords.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core import Audio, AudioLike, Progress, Segments
from ..core.theory import NO_CHORD, chord_templates, key_of
from ..core.viterbi import viterbi
from ..learning import run_model
from .classic import LogSpectrogram, chroma, constant_q, pitch_class_profile
from .decoding import segments_of

if TYPE_CHECKING:
    import torch

__all__ = [
    "NO_CHORD",
    "LogSpectrogram",
    "chord_templates",
    "chords_by_templates",
    "chords_from_spectrogram",
    "chroma",
    "constant_q",
    "estimate_key",
    "key_from_chords",
    "key_of",
    "pitch_class_profile",
    "recognize_chords",
    "viterbi",
]

SHARPNESS = 20.0  # how much a better fit counts; with STAY the best mean over ten pop songs and
STAY = 0.995  # twenty chorales rendered from MIDI; the chance to stay from frame to frame (46 ms)
NO_CHORD_FIT = 0.5  # cosine that a frame must beat to be a chord


def recognize_chords(
    audio: AudioLike,
    *,
    model: str = "templates",
    device: str | torch.device = "auto",
    progress: Progress = True,
) -> Segments:
    """The chords of a sound.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`.
    model
        `"templates"`: 24 major and minor triads, see `chords_from_spectrogram`; or a model of
        your own, see `mirlab.register_model`.
    device
        Where a network computes: `"auto"`, a GPU where there is one, else the processor; or one of
        torch's names. Classical methods compute on the processor.
    progress
        True shows a bar while a long sound is worked on, in a terminal or a live notebook; False
        shows nothing; a function is called with the share done, 0..1, and the task.

    Returns
    -------
    Segments
        Labels in Harte's syntax (`"C:maj"`, `"A:min"`, `"N"` for none), without gaps from 0 to
        the end of the sound.

    Raises
    ------
    LearningError
        When there is no such model, or the device is not here.
    AudioError
        When `audio` is no sound.
    """
    chords: Segments = run_model("chords", model, audio, device=device, progress=progress)
    return chords


def chords_by_templates(audio: Audio) -> Segments:
    """The chords of a sound by `chords_from_spectrogram`, on its `constant_q`."""
    return chords_from_spectrogram(constant_q(audio), audio.duration)


def chords_from_spectrogram(spectrogram: LogSpectrogram, duration: float) -> Segments:
    """Chord templates and Viterbi on a constant-Q spectrogram that is there already.

    Each frame's chroma is compared (cosine) with every triad; `N` fits every frame equally, a
    little, and silence best. A change of chord has to pay for its improbability.

    Parameters
    ----------
    spectrogram
        From `constant_q`.
    duration
        Of the sound, in seconds.
    """
    templates, labels = chord_templates()
    frames = chroma(spectrogram)
    fit = np.vstack([templates @ frames, np.full(frames.shape[1], NO_CHORD_FIT)])
    path = viterbi(SHARPNESS * fit, stay=STAY)
    return segments_of(path, [*labels, NO_CHORD], spectrogram.times, duration)


def estimate_key(audio: AudioLike) -> str | None:
    """The key of a sound, such as `"G minor"`; None where there is no chord.

    The notes of its chords, weighed by their time, are compared with the profiles of Albrecht
    and Shanahan (2013). See `key_from_chords` for chords that are there already.
    """
    return key_from_chords(recognize_chords(audio))


def key_from_chords(chords: Segments) -> str | None:
    """The key from the chords that `recognize_chords` found."""
    return key_of(pitch_class_profile(chords))

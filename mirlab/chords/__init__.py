"""Chord recognition and key estimation.

Chords: chroma from a constant-Q spectrogram, 24 triad templates, and the Viterbi algorithm. Key:
the pitch classes of these chords, compared with key profiles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core import Audio, AudioLike, Progress, Segments, as_audio
from ..core.checks import require_number
from ..core.theory import NO_CHORD, chord_templates, key_of
from ..core.viterbi import viterbi
from ..learning import run_model
from .classic import LogSpectrogram, chroma, constant_q, key_confidence, pitch_class_profile
from .decoding import segments_of
from .tuning import Tuning, estimate_tuning, find_tuning

if TYPE_CHECKING:
    import torch

__all__ = [
    "MIN_KEY_CONFIDENCE",
    "NO_CHORD",
    "LogSpectrogram",
    "Tuning",
    "chord_templates",
    "chords_by_templates",
    "chords_from_spectrogram",
    "chroma",
    "constant_q",
    "estimate_key",
    "estimate_tuning",
    "find_tuning",
    "key_confidence",
    "key_from_chords",
    "key_from_spectrogram",
    "key_of",
    "pitch_class_profile",
    "recognize_chords",
    "viterbi",
]

# Chosen together for the best mean score on ten pop songs and twenty chorales rendered from MIDI:
SHARPNESS = 20.0  # weight of the template fit in the Viterbi path
STAY = 0.995  # probability to keep the chord from frame to frame (46 ms)
MIN_KEY_CONFIDENCE = 0.42  # below it, no key is given; see `estimate_key`
NO_CHORD_FIT = 0.5  # fit of "N"; a chord must have a larger cosine similarity


def recognize_chords(
    audio: AudioLike,
    *,
    model: str = "templates",
    device: str | torch.device = "auto",
    progress: Progress = True,
) -> Segments:
    """Recognize the chords of a recording.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`.
    model
        `"templates"`: 24 major and minor triads, see `chords_from_spectrogram`; or your own model,
        see `mirlab.register_model`.
    device
        Device of the network: `"auto"`, a GPU if there is one, else the CPU; or a torch device
        name. Classical methods always run on the CPU.
    progress
        True shows a progress bar for long audio, in a terminal or a live notebook; False shows
        nothing; a function is called with the completed fraction, 0..1, and the task.

    Returns
    -------
    Segments
        Labels in Harte's syntax (`"C:maj"`, `"A:min"`, `"N"` for no chord), without gaps from 0
        to the end of the audio.

    Raises
    ------
    LearningError
        When there is no such model, or this computer has no such device.
    AudioError
        When `audio` is not valid audio.

    Examples
    --------
    >>> t = np.arange(2 * 22050) / 22050
    >>> triad = sum(np.sin(2 * np.pi * hz * t) for hz in (261.63, 329.63, 392.0))  # C4 E4 G4
    >>> recognize_chords((triad / 4, 22050), progress=False).labels
    ('C:maj',)
    """
    chords: Segments = run_model("chords", model, audio, device=device, progress=progress)
    return chords


def chords_by_templates(audio: Audio) -> Segments:
    """Recognize chords by `chords_from_spectrogram` on the `constant_q` of the audio."""
    audio = as_audio(audio)
    return chords_from_spectrogram(constant_q(audio), audio.duration)


def chords_from_spectrogram(spectrogram: LogSpectrogram, duration: float) -> Segments:
    """Recognize chords from a constant-Q spectrogram by templates and the Viterbi algorithm.

    The chroma of each frame is compared with every triad by cosine similarity; `N` has a constant
    fit, which is the best in silence. Chord changes have a low transition probability.

    Parameters
    ----------
    spectrogram
        From `constant_q`.
    duration
        Duration of the audio in seconds.
    """
    require_number("duration", duration, minimum=0)
    templates, labels = chord_templates()
    frames = chroma(spectrogram)
    fit = np.vstack([templates @ frames, np.full(frames.shape[1], NO_CHORD_FIT)])
    path = viterbi(SHARPNESS * fit, stay=STAY)
    return segments_of(path, [*labels, NO_CHORD], spectrogram.times, duration)


def estimate_key(audio: AudioLike) -> str | None:
    """Estimate the key of a recording, such as `"G minor"`; None if it is not clear.

    The pitch classes of its chords, weighted by duration, are compared with the key profiles of
    Albrecht and Shanahan (2013). Drums and noise have no key: their `key_confidence` is below
    `MIN_KEY_CONFIDENCE`, 0.42. This was chosen between drums (22 grooves of `mirlab.composer`, five
    drum stems; 0.35 at most) and mixes with drums (pop; 0.47 at least).

    Raises
    ------
    AudioError
        When `audio` is not valid audio.

    Examples
    --------
    >>> t = np.arange(2 * 22050) / 22050
    >>> triad = sum(np.sin(2 * np.pi * hz * t) for hz in (261.63, 329.63, 392.0))  # C4 E4 G4
    >>> estimate_key((triad / 4, 22050))
    'C major'
    >>> estimate_key((np.random.default_rng(0).standard_normal(2 * 22050) / 9, 22050)) is None
    True
    """
    sound = as_audio(audio)
    spectrogram = constant_q(sound)
    chords = chords_from_spectrogram(spectrogram, sound.duration)
    return key_from_spectrogram(spectrogram, chords)


def key_from_spectrogram(spectrogram: LogSpectrogram, chords: Segments) -> str | None:
    """Estimate the key from a spectrogram and its chords; None if it is not clear.

    See `estimate_key`; `key_from_chords` takes the chords for granted.
    """
    clear = key_confidence(spectrogram) >= MIN_KEY_CONFIDENCE
    return key_from_chords(chords) if clear else None


def key_from_chords(chords: Segments) -> str | None:
    """Estimate the key from the chords found by `recognize_chords`.

    Examples
    --------
    >>> key_from_chords(Segments([(0, 2), (2, 3), (3, 4)], ["C:maj", "G:maj", "F:maj"]))
    'C major'
    """
    return key_of(pitch_class_profile(chords))

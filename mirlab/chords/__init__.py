"""Chord recognition: the harmony of a sound, and its key.

Chroma from a constant-Q spectrogram, 24 triad templates, a Viterbi path through them; the key
from the notes of those chords.
"""

from __future__ import annotations

import numpy as np

from ..core import Audio, Segments
from ..core.theory import NO_CHORD, chord_templates, key_of
from ..core.viterbi import viterbi
from .classic import LogSpectrogram, chroma, constant_q, pitch_class_profile
from .decoding import segments_of

__all__ = [
    "NO_CHORD",
    "LogSpectrogram",
    "chord_templates",
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


def recognize_chords(audio: Audio, *, model: str = "templates") -> Segments:
    """The chords of a sound.

    Parameters
    ----------
    audio
        Any sound.
    model
        `"templates"`: 24 major and minor triads, see `chords_from_spectrogram`; or a model of
        your own, see `mirlab.register_model`.

    Returns
    -------
    Segments
        Labels in Harte's syntax (`"C:maj"`, `"A:min"`, `"N"` for none), without gaps from 0 to
        the end of the sound.

    Raises
    ------
    LearningError
        For a model nobody knows.
    """
    if model in ("templates", "chords/templates"):
        return chords_from_spectrogram(constant_q(audio), audio.duration)
    from ..learning import ask

    chords: Segments = ask("chords", model, "recognize_chords", audio, others=["templates"])
    return chords


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


def estimate_key(audio: Audio) -> str | None:
    """The key of a sound, such as `"G minor"`; None where there is no chord.

    The notes of its chords, weighed by their time, are compared with the profiles of Albrecht
    and Shanahan (2013). See `key_from_chords` for chords that are there already.
    """
    return key_from_chords(recognize_chords(audio))


def key_from_chords(chords: Segments) -> str | None:
    """The key from the chords that `recognize_chords` found."""
    return key_of(pitch_class_profile(chords))

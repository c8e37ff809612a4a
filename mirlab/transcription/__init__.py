"""Note detection: which notes, exactly when.

Today the room holds the published system Basic Pitch, run from its own weights, and its decoder
written out; and a network of the course's own, `networks.NoteNet`, that can look at any transform
of `mirlab.spectra`, with what it learns from (`training`), its decoder (`notes_from_peaks`) and a
module that has all of it (`detector.NoteDetector`). `track_pitch` follows one voice: a small net of
the course's own, beside YIN, pYIN and the harmonic sum (`classic`, `pyin`).
"""

from __future__ import annotations

from ..core import Audio, Notes
from .decoding import (
    frame_times,
    notes_from_peaks,
    notes_from_posteriors,
    notes_from_thresholds,
)
from .f0 import PitchTrack, track_pitch
from .monophonic import notes_by_yin
from .path import notes_from_path
from .pretrained import basic_pitch_posteriors, basic_pitch_weights, load_basic_pitch

__all__ = [
    "PitchTrack",
    "basic_pitch_posteriors",
    "basic_pitch_weights",
    "frame_times",
    "load_basic_pitch",
    "notes_by_yin",
    "notes_from_path",
    "notes_from_peaks",
    "notes_from_posteriors",
    "notes_from_thresholds",
    "track_pitch",
    "transcribe",
]


def transcribe(audio: Audio, *, model: str = "basic-pitch") -> Notes:
    """The notes of a sound.

    Parameters
    ----------
    audio
        Any sound.
    model
        `"basic-pitch"`: the published network with its published settings; or a model of your
        own, see `mirlab.register_model`.

    Returns
    -------
    Notes
        Pitches A0 to C8, program 0, without a tempo map.

    Raises
    ------
    LearningError
        For a model nobody knows.
    MissingPartError
        When the model's parts are not installed; says the command.
    """
    if model in ("basic-pitch", "transcription/basic-pitch"):
        onset, note, contour = basic_pitch_posteriors(audio)
        return notes_from_posteriors(onset, note, contour)
    from ..learning import ask

    notes: Notes = ask("transcription", model, "transcribe", audio, others=["basic-pitch"])
    return notes

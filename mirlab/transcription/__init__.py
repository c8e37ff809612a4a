"""Note detection: which notes, exactly when.

Today the room holds the published system Basic Pitch, run from its own weights, and its decoder
written out.
"""

from __future__ import annotations

from ..core import Audio, MirlabError, Notes
from .decoding import frame_times, notes_from_posteriors
from .pretrained import basic_pitch_posteriors, basic_pitch_weights

__all__ = [
    "basic_pitch_posteriors",
    "basic_pitch_weights",
    "frame_times",
    "notes_from_posteriors",
    "transcribe",
]


def transcribe(audio: Audio, *, model: str = "basic-pitch") -> Notes:
    """The notes of a sound.

    Parameters
    ----------
    audio
        Any sound.
    model
        `"basic-pitch"`: the published network with its published settings.

    Returns
    -------
    Notes
        Pitches A0 to C8, program 0, without a tempo map.

    Raises
    ------
    MirlabError
        For a model nobody knows.
    MissingPartError
        When the model's parts are not installed; says the command.
    """
    if model not in ("basic-pitch", "transcription/basic-pitch"):
        raise MirlabError(f"no transcription model {model!r}; there is 'basic-pitch'")
    onset, note, contour = basic_pitch_posteriors(audio)
    return notes_from_posteriors(onset, note, contour)

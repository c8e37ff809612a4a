"""Transcription: detect the notes of a recording.

`transcribe` runs a model: `mirlab-notes` or `mirlab-notes-tiny`, the networks of this package
(`networks`, `detector`, `training`), or Basic Pitch with its published weights (`pretrained`,
`basic_pitch`). `decode` converts posteriors (`Rolls`) to notes: by the best path (`path`), by
peaks or a threshold (`decoding`), or by the greedy search of Basic Pitch (`greedy`).
`notes_by_yin` segments the pitch curve of a single voice into notes (`classic`). Sound that is not
tuned to 440 Hz is retuned first (`tuning`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import AudioLike, Notes, Progress
from ..learning import run_model
from .classic import notes_by_yin
from .decoding import decode, notes_from_peaks, notes_from_thresholds
from .greedy import frame_times, notes_from_greedy_search, notes_from_posteriors
from .path import notes_from_path
from .pretrained import basic_pitch_posteriors, basic_pitch_weights, load_basic_pitch
from .rolls import Rolls

if TYPE_CHECKING:
    import torch

__all__ = [
    "Rolls",
    "basic_pitch_posteriors",
    "basic_pitch_weights",
    "decode",
    "frame_times",
    "load_basic_pitch",
    "notes_by_yin",
    "notes_from_greedy_search",
    "notes_from_path",
    "notes_from_peaks",
    "notes_from_posteriors",
    "notes_from_thresholds",
    "transcribe",
]


MODEL = "mirlab-notes"


def transcribe(
    audio: AudioLike,
    *,
    model: str = MODEL,
    device: str | torch.device = "auto",
    progress: Progress = True,
) -> Notes:
    """Transcribe a recording to notes.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`.
    model
        `"mirlab-notes"`, the network of this package; `"mirlab-notes-tiny"`, a sixth of its size
        and about half of its run time; `"basic-pitch"`, the published network with its published
        settings; `"yin"`, a classical method for a single voice, see `notes_by_yin`; or your own
        model, see `mirlab.register_model`.
    device
        Device of the network: `"auto"`, a GPU if there is one, else the CPU; or a torch device
        name. With `"auto"` Basic Pitch runs on the CPU (onnxruntime). Classical methods always run
        on the CPU.
    progress
        True shows a progress bar for long audio, in a terminal or a live notebook; False shows
        nothing; a function is called with the completed fraction, 0..1, and the task.

    Returns
    -------
    Notes
        Pitches A0 to C8, program 0, without a tempo map. In a recording that clearly has another
        tuning than A4 = 440 Hz (an old pitch standard, another speed), pitches are relative to that
        tuning, as chords and key are: each note has the nearest semitone's pitch, and bends are
        deviations from it. Basic Pitch is as published: it does not retune.

    Raises
    ------
    LearningError
        When there is no such model, or this computer has no such device.
    AudioError
        When `audio` is not valid audio.
    MissingPartError
        When a package that the model needs is not installed (Basic Pitch's wheel); the message
        gives the command.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(22050) / 22050
    >>> tone = sum(np.sin(2 * np.pi * 440 * k * t) / k for k in range(1, 8)) * np.exp(-3 * t)
    >>> transcribe((tone / 4, 22050), progress=False).pitch
    array([69])
    """
    notes: Notes = run_model("transcription", model, audio, device=device, progress=progress)
    return notes

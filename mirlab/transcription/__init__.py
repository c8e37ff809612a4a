"""Note detection: which notes, exactly when.

`transcribe` asks a model: `mirlab-notes` and `mirlab-notes-tiny`, our own nets (`networks`, with
what they learn from in `training`, whole in `detector`), or Basic Pitch, run from its own weights
(`pretrained`, `basic_pitch`). `decode` makes notes of their posteriors (`Rolls`): by the best path
(`path`), by peaks, greedily as Basic Pitch does it (`greedy`), or by a threshold (`decoding`).
`notes_by_yin` cuts what YIN hears of one voice into notes (`classic`).
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
    """The notes of a sound.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`.
    model
        `"mirlab-notes"`, our own net; `"mirlab-notes-tiny"`, a sixth of its size, about half of
        its time; `"basic-pitch"`, the published network with its published settings; `"yin"`, one
        voice without learning, see `notes_by_yin`; or a model of your own, see
        `mirlab.register_model`.
    device
        Where a network computes: `"auto"`, a GPU where there is one, else the processor; or one of
        torch's names. Basic Pitch leaves the processor (onnxruntime) only for a name,
        classical methods never.
    progress
        True shows a bar while a long sound is worked on, in a terminal or a live notebook; False
        shows nothing; a function is called with the share done, 0..1, and the task.

    Returns
    -------
    Notes
        Pitches A0 to C8, program 0, without a tempo map.

    Raises
    ------
    LearningError
        When there is no such model, or the device is not here.
    AudioError
        When `audio` is no sound.
    MissingPartError
        When the model's parts are not installed (Basic Pitch's wheel); says the command.
    """
    notes: Notes = run_model("transcription", model, audio, device=device, progress=progress)
    return notes

"""Note detection: which notes, exactly when.

`transcribe` asks a model: `mirlab-notes` and `mirlab-notes-tiny`, our own nets (`networks`, with
what they learn from in `training`, whole in `detector`), or Basic Pitch, run from its own weights
(`pretrained`, `basic_pitch`). `decode` makes notes of their posteriors (`Rolls`): by the best path
(`path`), by peaks, greedily as Basic Pitch does it (`greedy`), or by a threshold (`decoding`).
`notes_by_yin` cuts what YIN hears of one voice into notes (`classic`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import Audio, Notes
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


def transcribe(audio: Audio, *, model: str = MODEL, device: str | torch.device = "auto") -> Notes:
    """The notes of a sound.

    Parameters
    ----------
    audio
        Any sound.
    model
        `"mirlab-notes"`, our own net; `"mirlab-notes-tiny"`, a sixth of its size, about half of
        its time; `"basic-pitch"`, the published network with its published settings; or a model of
        your own, see `mirlab.register_model`.
    device
        Where the net computes: `"auto"`, a GPU where there is one, else the processor; or one of
        torch's names. Basic Pitch leaves the processor (onnxruntime) only for a name.

    Returns
    -------
    Notes
        Pitches A0 to C8, program 0, without a tempo map.

    Raises
    ------
    LearningError
        For a model nobody knows, or a device that is not here.
    MissingPartError
        When the model's parts are not installed (Basic Pitch's wheel); says the command.
    """
    if model in ("basic-pitch", "transcription/basic-pitch"):
        net = None
        if str(device) not in ("auto", "cpu"):
            from ..learning import choose_device

            net = load_basic_pitch().to(choose_device(device))
        onset, note, contour = basic_pitch_posteriors(audio, net=net)
        return notes_from_posteriors(onset, note, contour)
    from ..learning import ask

    notes: Notes = ask("transcription", model, "transcribe", audio, device=device)
    return notes

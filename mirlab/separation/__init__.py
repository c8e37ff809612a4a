"""Source separation: one sound into its stems.

Today the room holds the classical method that needs no training, harmonic-percussive separation;
its stems are named for what they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import Audio, AudioLike, Progress
from ..learning import run_model
from .classic import hpss

if TYPE_CHECKING:
    import torch

__all__ = ["hpss", "separate"]


def separate(
    audio: AudioLike,
    *,
    model: str = "hpss",
    device: str | torch.device = "auto",
    progress: Progress = True,
) -> dict[str, Audio]:
    """Split a sound into stems.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`.
    model
        `"hpss"`: harmonic and percussive part, see `hpss`; or a model of your own, see
        `mirlab.register_model`.
    device
        Where a network computes: `"auto"`, a GPU where there is one, else the processor; or one of
        torch's names. Classical methods compute on the processor.
    progress
        True shows a bar while a long sound is worked on, in a terminal or a live notebook; False
        shows nothing; a function is called with the share done, 0..1, and the task.

    Returns
    -------
    dict
        Stem name to `Audio`.

    Raises
    ------
    LearningError
        When there is no such model, or the device is not here.
    AudioError
        When `audio` is no sound.
    """
    stems: dict[str, Audio] = run_model(
        "separation", model, audio, device=device, progress=progress
    )
    return stems

"""Source separation: split a recording into stems.

The classical method is harmonic-percussive separation (`hpss`), which needs no training.
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
    """Separate a recording into stems.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`.
    model
        `"hpss"`: harmonic and percussive part, see `hpss`; or your own model, see
        `mirlab.register_model`.
    device
        Device of the network: `"auto"`, a GPU if there is one, else the CPU; or a torch device
        name. Classical methods always run on the CPU.
    progress
        True shows a progress bar for long audio, in a terminal or a live notebook; False shows
        nothing; a function is called with the completed fraction, 0..1, and the task.

    Returns
    -------
    dict
        `Audio` of each stem, by name.

    Raises
    ------
    LearningError
        When there is no such model, or this computer has no such device.
    AudioError
        When `audio` is not valid audio.

    Examples
    --------
    >>> import numpy as np
    >>> tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> stems = separate((tone, 22050), progress=False)
    >>> {name: round(float(stem.y.std()), 1) for name, stem in stems.items()}
    {'harmonic': 0.4, 'percussive': 0.0}
    """
    stems: dict[str, Audio] = run_model(
        "separation", model, audio, device=device, progress=progress
    )
    return stems

"""Source separation: split a recording into stems.

`separate` runs methods that need no training: harmonic-percussive separation (`hpss`), mid and
side (`mid_side`), repeating background (`repet_sim`), and non-negative matrix factorisation
(`separate_by_nmf`). Two more need more than the recording: its notes (`separate_by_score`), or its
true stems (`separate_ideally`), which gives the upper bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import Audio, AudioLike, Progress
from ..learning import run_model
from .classic import hpss, mid_side
from .ideal import ideal_masks, separate_ideally
from .nmf import nmf, separate_by_nmf
from .repet import repet_sim
from .score_informed import separate_by_score

if TYPE_CHECKING:
    import torch

__all__ = [
    "hpss",
    "ideal_masks",
    "mid_side",
    "nmf",
    "repet_sim",
    "separate",
    "separate_by_nmf",
    "separate_by_score",
    "separate_ideally",
]


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
        `"hpss"`: harmonic and percussive part, mono at 22,050 Hz, see `hpss`. The others preserve
        rate and channels: `"mid-side"`, mid and side of stereo, see `mid_side`; `"repet-sim"`,
        repeating background and foreground, see `repet_sim`; `"nmf"`, eight components, see
        `separate_by_nmf`. Or your own model, see `mirlab.register_model`.
    device
        Device of the network: `"auto"`, a GPU if there is one, else the CPU; or a torch device
        name. Classical methods always run on the CPU.
    progress
        True shows a progress bar for long audio, in a terminal or a live notebook; False shows
        nothing; a function is called with the completed fraction, 0..1, and the task.

    Returns
    -------
    dict
        `Audio` of each stem, by name. The stems of these methods add up to the recording, those of
        `"hpss"` to its mono mix at 22,050 Hz.

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

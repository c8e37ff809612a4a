"""Source separation: one sound into its stems.

Today the room holds the classical method that needs no training, harmonic-percussive separation;
its stems are named for what they are.
"""

from __future__ import annotations

from ..core import Audio
from .classic import hpss

__all__ = ["hpss", "separate"]


def separate(audio: Audio, *, model: str = "hpss") -> dict[str, Audio]:
    """Split a sound into stems.

    Parameters
    ----------
    audio
        Any sound.
    model
        `"hpss"`: harmonic and percussive part, see `hpss`; or a model of your own, see
        `mirlab.register_model`.

    Returns
    -------
    dict
        Stem name to `Audio`.

    Raises
    ------
    LearningError
        For a model nobody knows.
    """
    if model in ("hpss", "separation/hpss"):
        return hpss(audio)
    from ..learning import ask

    stems: dict[str, Audio] = ask("separation", model, "separate", audio, others=["hpss"])
    return stems

"""Source separation: one sound into its stems.

Today the room holds the classical method that needs no training, harmonic-percussive separation;
its stems are named for what they are.
"""

from __future__ import annotations

from ..core import Audio, MirlabError
from .classic import hpss

__all__ = ["hpss", "separate"]


def separate(audio: Audio, *, model: str = "hpss") -> dict[str, Audio]:
    """Split a sound into stems.

    Parameters
    ----------
    audio
        Any sound.
    model
        `"hpss"`: harmonic and percussive part, see `hpss`.

    Returns
    -------
    dict
        Stem name to `Audio`.

    Raises
    ------
    MirlabError
        For a model nobody knows.
    """
    if model not in ("hpss", "separation/hpss"):
        raise MirlabError(f"no separation model {model!r}; there is 'hpss'")
    return hpss(audio)

"""Training music: rendered by the sound fonts of this machine, the same for every network."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..composer import Piece
from ..core.rendering import has_fluidsynth
from .dataset import SyntheticMusic
from .soundfonts import SoundFont, find_sound_fonts

TEST_FONT = "sf_GMbank"  # the sound font that no network is trained on


def training_fonts() -> Mapping[str, SoundFont]:
    """The sound fonts found here but the one for tests, by name; none without FluidSynth."""
    found = find_sound_fonts() if has_fluidsynth() else {}
    return {name: font for name, font in found.items() if name != TEST_FONT}


def training_music(
    task: str,
    pieces: Callable[[int], Piece],
    *,
    duration: float,
    sr: int,
    hop_length: int,
    seed: int,
    synths: float,
    cents: float,
) -> SyntheticMusic:
    """Items of a task, rendered by `training_fonts` and by synthesizers of the package's own.

    Parameters
    ----------
    task, duration, sr, hop_length, seed, cents
        As in `SyntheticMusic`.
    pieces
        From a seed to a piece.
    synths
        Probability that a synthesizer plays a part where there are sound fonts; elsewhere
        synthesizers play all parts.
    """
    fonts = training_fonts()
    return SyntheticMusic(
        task,
        duration=duration,
        sr=sr,
        hop_length=hop_length,
        seed=seed,
        pieces=pieces,
        fonts=fonts,
        synths=synths if fonts else 1.0,
        cents=cents,
    )

"""Training music, rendered with the sound fonts of this machine, the same for all networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..composer import Piece
from ..core.rendering import has_fluidsynth
from .dataset import SyntheticMusic
from .soundfonts import SoundFont, find_sound_fonts

TEST_FONT = "sf_GMbank"  # the sound font that no network is trained on


def training_fonts() -> Mapping[str, SoundFont]:
    """Installed sound fonts by name, except the test font; empty without FluidSynth."""
    fonts = find_sound_fonts() if has_fluidsynth() else {}
    return {name: font for name, font in fonts.items() if name != TEST_FONT}


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
    """Items of a task, rendered by `training_fonts` and the package's synthesizers.

    Parameters
    ----------
    task, duration, sr, hop_length, seed, cents
        As in `SyntheticMusic`.
    pieces
        Function from a seed to a piece.
    synths
        Probability that a synthesizer plays a part if there are sound fonts; without them
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

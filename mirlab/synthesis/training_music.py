"""Music to learn from, played by whatever there is on a machine; the same for every net here."""

from __future__ import annotations

from collections.abc import Callable

from ..core.rendering import has_fluidsynth
from . import Piece, SyntheticMusic, find_sound_fonts

UNSEEN = 10**6  # added to a seed: music that is not learned from
HELD_OUT = "sf_GMbank"  # a sound font that is kept for tests


def made_music(
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
    """Items of a task, by all sound fonts but the one for tests, and by synths of our own.

    Parameters
    ----------
    task, duration, sr, hop_length, seed, cents
        As in `SyntheticMusic`.
    pieces
        From a seed to a piece.
    synths
        How likely a synth plays a part where there are sound fonts; elsewhere synths play all.
    """
    found = find_sound_fonts() if has_fluidsynth() else {}
    fonts = {name: font for name, font in found.items() if name != HELD_OUT}
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

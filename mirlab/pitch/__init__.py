"""Pitch tracking: the fundamental frequency of one voice.

`track_pitch` runs a small network (`networks`, trained by `training`); YIN, pYIN and the harmonic
sum stand beside it (`classic`, `pyin`).
"""

from .classic import FRAME, HOP, frames_of, harmonic_sum, yin
from .decoding import PitchTrack, track_pitch
from .pyin import pyin

__all__ = [
    "FRAME",
    "HOP",
    "PitchTrack",
    "frames_of",
    "harmonic_sum",
    "pyin",
    "track_pitch",
    "yin",
]

"""Pitch tracking: the fundamental frequency of a single voice.

`track_pitch` runs a small network (`networks`, `training`) or a classical method: YIN, pYIN or
harmonic summation (`classic`, `pyin`).
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

"""Audio effects and label-preserving augmentation.

Effects leave times and pitches unchanged (`Gain`, `Pan`, `Equalizer`, `Compressor`, `Room`,
`Noise`, `Clip`, `Mp3`). Changes of time or pitch transform a `Multitrack` with its labels
(`Detune`, `PitchShift`, `TimeStretch`). All are called with a seed; the same seed gives the same
result.
"""

from .changes import Detune, PitchShift, TimeStretch
from .effects import Clip, Compressor, Effect, Equalizer, Gain, Mp3, Noise, Pan
from .multitrack import MIXTURE, Multitrack
from .room import Room

__all__ = [
    "MIXTURE",
    "Clip",
    "Compressor",
    "Detune",
    "Effect",
    "Equalizer",
    "Gain",
    "Mp3",
    "Multitrack",
    "Noise",
    "Pan",
    "PitchShift",
    "Room",
    "TimeStretch",
]

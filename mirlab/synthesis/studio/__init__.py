"""The studio: what happens to a sound between the instrument and the ear, with its labels.

Effects change a sound and leave its times and pitches alone (`Gain`, `Pan`, `Equalizer`,
`Compressor`, `Room`, `Noise`, `Clip`, `Mp3`). Changes move both, and the labels go with the sound
(`Detune`, `PitchShift`, `TimeStretch`, on a `Multitrack`). All are called with a seed; the same
seed gives the same sound.
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

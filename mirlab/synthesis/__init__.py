"""Synthesis of sounds and training data whose labels are known exactly.

Chapter 6. A source is a small frozen dataclass of settings; called with a `NoteBatch` it returns
the samples of each note, on the CPU or a CUDA GPU. `play` renders and mixes a whole `Notes`, with
a source or a sound font. Nothing aliases, clicks or clips, and the same seed gives the same
samples. Bad arguments raise `AudioError`.
"""

from .additive import Additive, stiff_ratios
from .breath import Breath
from .dataset import SyntheticMusic
from .drums import DrumKit
from .envelopes import Held, Struck
from .excerpts import MidiExcerpts, change_tempo, excerpt
from .filters import resonant_filter
from .fm import FM, Operator
from .note_batch import NoteBatch, Source
from .oscillators import powers
from .patches import FAMILIES, PATCHES, random_patch
from .playing import play, play_all
from .plucked import Plucked
from .recording import master, record
from .sampler import Sampler
from .soundfonts import SoundFont, find_sound_fonts
from .subtractive import Subtractive
from .targets import chord_frames, f0_frames, note_rolls, sounding_ends
from .training_data import training_fonts, training_music
from .wavetable import Wavetable

__all__ = [
    "FAMILIES",
    "FM",
    "PATCHES",
    "Additive",
    "Breath",
    "DrumKit",
    "Held",
    "MidiExcerpts",
    "NoteBatch",
    "Operator",
    "Plucked",
    "Sampler",
    "SoundFont",
    "Source",
    "Struck",
    "Subtractive",
    "SyntheticMusic",
    "Wavetable",
    "change_tempo",
    "chord_frames",
    "excerpt",
    "f0_frames",
    "find_sound_fonts",
    "master",
    "note_rolls",
    "play",
    "play_all",
    "powers",
    "random_patch",
    "record",
    "resonant_filter",
    "sounding_ends",
    "stiff_ratios",
    "training_fonts",
    "training_music",
]

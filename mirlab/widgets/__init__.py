"""Widgets: instruments that play, move and compute, with a kernel or without.

Every one is an `Instrument`: its whole state lies in its traits, so that a page without a kernel
can be rebuilt from them, and `to_html()` writes it into one file that works anywhere.
"""

from .base import Instrument
from .listening_desk import ListeningDesk
from .piano_roll import PianoRoll
from .signal_bench import SignalBench
from .sound_input import SoundInput
from .spectrogram_bench import SpectrogramBench
from .synth_bench import SynthBench

__all__ = [
    "Instrument",
    "ListeningDesk",
    "PianoRoll",
    "SignalBench",
    "SoundInput",
    "SpectrogramBench",
    "SynthBench",
]

"""Widgets: instruments that play, move and compute, with a kernel or without.

Every one is an `Instrument`: its whole state lies in its traits, so that a page without a kernel
can be rebuilt from them, and `to_html()` writes it into one file that works anywhere.
"""

from .listening_desk.widget import ListeningDesk
from .piano_roll.widget import PianoRoll
from .shared.base import Instrument
from .signal_bench.widget import SignalBench
from .sound_input.widget import SoundInput
from .spectrogram_bench.widget import SpectrogramBench
from .synth_bench.widget import SynthBench

__all__ = [
    "Instrument",
    "ListeningDesk",
    "PianoRoll",
    "SignalBench",
    "SoundInput",
    "SpectrogramBench",
    "SynthBench",
]

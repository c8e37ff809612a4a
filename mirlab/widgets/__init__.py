"""Widgets: interactive instruments that work with or without a kernel.

Each is an `Instrument`: its traits hold its whole state, so that a page without a kernel can
rebuild it, and `to_html()` writes it into one self-contained file.
"""

from .beat_bench.widget import BeatBench
from .listening_desk.widget import ListeningDesk
from .piano_roll.widget import PianoRoll
from .shared.base import Instrument
from .signal_bench.widget import SignalBench
from .sound_input.widget import SoundInput
from .spectrogram_bench.widget import SpectrogramBench
from .synth_bench.widget import SynthBench

__all__ = [
    "BeatBench",
    "Instrument",
    "ListeningDesk",
    "PianoRoll",
    "SignalBench",
    "SoundInput",
    "SpectrogramBench",
    "SynthBench",
]

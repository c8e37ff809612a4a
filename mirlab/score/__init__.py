"""Notation: convert notes in seconds to a score.

`quantize` rounds notes to a metrical grid (`grid`) and separates them into voices
(`voice_separation`). `notation` divides them into written notes and rests, `spelling` spells their
pitches, and `expression` adds dynamics, pedal marks and slides. `write_musicxml` writes the file,
and `engrave` draws it.
"""

from .engraving import engrave
from .musicxml import write_musicxml
from .quantize import quantize

__all__ = ["engrave", "quantize", "write_musicxml"]

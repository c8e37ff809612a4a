"""The composer: music to play without end, and every truth about it.

`compose` writes a piece from a seed: keys, progressions, voice leading, melodies, bass, drums,
ornaments, and the small freedoms of human players. `pieces_from_midi` gives the same `Piece` for
every MIDI file of a folder. `texture` and `lines` are no music but material: every register, speed
and loudness for hands on keys, and for voices, bows and winds.
"""

from .composing import compose
from .keyboard_figures import texture
from .midi_pieces import chords_of_notes, piece_from_midi, pieces_from_midi
from .piece import Piece, bare, pitch_at
from .solo_lines import lines
from .styles import STYLES, StyleError

__all__ = [
    "STYLES",
    "Piece",
    "StyleError",
    "bare",
    "chords_of_notes",
    "compose",
    "lines",
    "piece_from_midi",
    "pieces_from_midi",
    "pitch_at",
    "texture",
]

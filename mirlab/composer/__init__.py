"""Algorithmic composition: pieces from a seed or a MIDI file, with all their labels.

`compose` writes a piece from a seed: keys, progressions, voice leading, melodies, bass, drums,
ornaments, and the timing and dynamics of human players. `pieces_from_midi` gives a `Piece` for
every MIDI file of a folder. `random_keyboard_piece` and `random_solo_parts` make training data
rather than music: every register, speed and loudness, for keyboards and for voices, strings and
winds.
"""

from .composing import compose
from .human_timing import humanize
from .keyboard_figures import random_keyboard_piece
from .midi_pieces import chords_of_notes, piece_from_midi, pieces_from_midi
from .odd_meters import odd_meter
from .piece import Piece, piece_from_notes, pitch_at
from .solo_lines import random_solo_parts
from .styles import STYLES, StyleError

__all__ = [
    "STYLES",
    "Piece",
    "StyleError",
    "chords_of_notes",
    "compose",
    "humanize",
    "odd_meter",
    "piece_from_midi",
    "piece_from_notes",
    "pieces_from_midi",
    "pitch_at",
    "random_keyboard_piece",
    "random_solo_parts",
]

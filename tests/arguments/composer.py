"""Calls of the functions of `mirlab.composer`, and what their errors say."""

from __future__ import annotations

from mirlab import composer
from mirlab.core import NotesError
from tests.bad_arguments import NOTES, Calls, Messages

ROOMS = ("composer",)
PIECE = composer.compose(0, duration=4)
BEATS = PIECE.beats
CALLS: Calls = {
    composer.chords_of_notes: {"notes": NOTES, "beats": BEATS},
    composer.compose: {"seed": 1, "duration": 4.0},
    composer.humanize: {"piece": PIECE, "seed": 1, "rubato": 0.1},
    composer.odd_meter: {"piece": PIECE},
    composer.piece_from_midi: {"path": "there is no such file.mid"},
    composer.piece_from_notes: {"parts": {"flute": NOTES}, "style": "example", "seed": 0},
    composer.pieces_from_midi: {"folder": "there is no such folder"},
    composer.pitch_at: {"notes": NOTES, "times": [0.2, 0.7]},
    composer.random_keyboard_piece: {"seed": 1, "duration": 4.0},
    composer.random_solo_parts: {"seed": 1, "duration": 4.0},
}
MESSAGES: Messages = [
    (lambda: composer.compose("1"), NotesError, "seed must be an integer of 0 or more, not '1'"),
    (lambda: composer.compose(1, duration="4"), NotesError, "duration must be numbers, not '4'"),
    (lambda: composer.random_solo_parts(None), NotesError, "seed must be an integer of 0 or more"),
    (lambda: composer.pitch_at([1], [0.2]), NotesError, "notes must be Notes, not list"),
    (
        lambda: composer.piece_from_notes([NOTES], "x", 0),
        NotesError,
        "parts must be Mapping, not list",
    ),
]

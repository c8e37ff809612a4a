"""Wrong arguments for the functions of `mirlab.composer`: a result, or one line of an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mirlab import composer
from mirlab.core import NotesError
from tests.bad_arguments import (
    NOTES,
    Calls,
    call,
    name_of,
    public_functions,
    try_one_by_one,
)

BEATS = composer.compose(0, duration=4).beats
CALLS: Calls = {
    composer.chords_of_notes: {"notes": NOTES, "beats": BEATS},
    composer.compose: {"seed": 1, "duration": 4.0},
    composer.piece_from_midi: {"path": "there is no such file.mid"},
    composer.piece_from_notes: {"parts": {"flute": NOTES}, "style": "example", "seed": 0},
    composer.pieces_from_midi: {"folder": "there is no such folder"},
    composer.pitch_at: {"notes": NOTES, "times": [0.2, 0.7]},
    composer.random_keyboard_piece: {"seed": 1, "duration": 4.0},
    composer.random_solo_parts: {"seed": 1, "duration": 4.0},
}


def test_every_public_function_is_tried() -> None:
    assert public_functions(("composer",)) <= {f.__name__ for f in CALLS}


@pytest.mark.slow
@pytest.mark.parametrize("function", CALLS, ids=name_of)
def test_one_wrong_argument_is_refused_or_used(function: Callable[..., Any]) -> None:
    call(function, CALLS[function])
    try_one_by_one(function, CALLS[function])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: composer.compose("1"), "seed must be an integer of 0 or more, not '1'"),
        (lambda: composer.compose(1, duration="4"), "duration must be numbers, not '4'"),
        (lambda: composer.random_solo_parts(None), "seed must be an integer of 0 or more"),
        (lambda: composer.pitch_at([1], [0.2]), "notes must be Notes, not list"),
        (lambda: composer.piece_from_notes([NOTES], "x", 0), "parts must be Mapping, not list"),
    ],
)
def test_the_message_says_what_the_argument_takes(wrong: Callable[[], Any], message: str) -> None:
    with pytest.raises(NotesError, match=message):
        wrong()

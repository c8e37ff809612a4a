"""Key signatures, the names of notes under them, and the accidentals that are printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import NotesError
from ..core.theory import LETTERS
from .notation import NotatedEvent

if TYPE_CHECKING:
    from ..core.notes import Notes


def signature(key: str) -> int:
    """The key signature: sharps, or flats where negative, -7..7.

    >>> signature("Bb major"), signature("C# minor"), signature("G# major")
    (-2, 4, -4)

    Raises
    ------
    NotesError
        For anything that is not a letter, accidentals, and `major` or `minor`.
    """
    match = re.fullmatch(r"([A-Ga-g])(#{0,2}|b{0,2}) (major|minor)", key.strip())
    if match is None:
        raise NotesError(f'the key must be like "G minor" or "Bb major", not "{key}"')
    letter, accidentals, mode = match.groups()
    fifths = LETTERS.index(letter.upper()) - 1 - 3 * (mode == "minor")
    fifths += 7 * (accidentals.count("#") - accidentals.count("b"))
    return (fifths + 7) % 12 - 7 if abs(fifths) > 7 else fifths  # G# major is Ab major


def plainest_signature(notes: Notes) -> int:
    """The key signature, -6..5, whose scale holds the notes for most of the time they sound."""
    played = ~notes.is_drum
    sounding = np.bincount(
        notes.pitch[played] % 12, (notes.offset - notes.onset)[played], minlength=12
    )
    candidates = sorted(range(-6, 6), key=abs)  # of equals the plainest wins
    scales = [[7 * place % 12 for place in range(s - 1, s + 6)] for s in candidates]
    return candidates[int(np.argmax([round(sounding[scale].sum(), 6) for scale in scales]))]


def spell(pitch: int, fifths: int) -> tuple[str, int, int]:
    """Letter, alteration in semitones and octave of a MIDI number under a key signature.

    Twelve neighbours on the line of fifths, from the minor third above the major tonic to the
    leading tone of the parallel minor's dominant, spell every pitch once: the scale, the raised
    steps of the minor, and the usual chromatic ones. MusicXML has no octave below 0 (16 Hz): what
    lies lower is written an octave higher.

    >>> spell(66, 0), spell(61, -4), spell(70, 0)
    (('F', 1, 4), ('D', -1, 4), ('B', -1, 4))
    """
    lowest = fifths - 3
    place = lowest + (7 * pitch - lowest) % 12  # going up a fifth is 7 semitones, and 7 * 7 = 49
    alter, letter = divmod(place + 1, 7)
    octave = (pitch - alter) // 12 - 1
    if octave < 0:
        return ("C", 0, 0) if pitch == 12 else spell(pitch + 12, fifths)
    return LETTERS[letter], alter, octave


def accidentals(voices: tuple[tuple[NotatedEvent, ...], ...], fifths: int) -> set[tuple[int, int]]:
    """Which accidentals are printed in this bar of a staff: (step, MIDI number).

    An accidental holds for its line until the bar ends; a note tied to the last bar repeats none.
    """
    signed = {LETTERS[i]: (fifths + 6 - i) // 7 for i in range(7)}
    holding: dict[tuple[str, int], int] = {}
    shown = set()
    for piece in sorted((p for voice in voices for p in voice), key=lambda p: p.start):
        for midi in piece.pitches:
            letter, alter, octave = spell(midi, fifths)
            if piece.tied_from:
                continue
            if alter != holding.get((letter, octave), signed[letter]):
                shown.add((piece.start, midi))
            holding[letter, octave] = alter
    return shown

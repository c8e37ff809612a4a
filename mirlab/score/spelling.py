"""Key signatures, pitch spelling, and printed accidentals."""

from __future__ import annotations

import re
import reprlib
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import NotesError
from ..core.theory import LETTERS, note_letter, pitch_class
from .notation import NotatedEvent

if TYPE_CHECKING:
    from ..core.notes import Notes


def signature(key: str) -> int:
    """Key signature of a key: number of sharps, or of flats if negative, -7..7.

    >>> signature("Bb major"), signature("C# minor"), signature("G# major")
    (-2, 4, -4)

    Raises
    ------
    NotesError
        If `key` is not a letter with accidentals, followed by `major` or `minor`.
    """
    name = key.strip() if isinstance(key, str) else ""
    match = re.fullmatch(r"([A-Ga-g])(#{0,2}|b{0,2}) (major|minor)", name)
    if match is None:
        given = reprlib.repr(key)
        raise NotesError(f'the key must be like "G minor" or "Bb major", not {given}')
    letter, accidentals, mode = match.groups()
    fifths = LETTERS.index(letter.upper()) - 1 - 3 * (mode == "minor")
    fifths += 7 * (accidentals.count("#") - accidentals.count("b"))
    return (fifths + 7) % 12 - 7 if abs(fifths) > 7 else fifths  # G# major is Ab major


def simplest_signature(notes: Notes) -> int:
    """Key signature (-6..5) whose scale contains the notes for most of their duration."""
    played = ~notes.is_drum
    sounding = np.bincount(
        notes.pitch[played] % 12, (notes.offset - notes.onset)[played], minlength=12
    )
    candidates = sorted(range(-6, 6), key=abs)  # among equals, the fewest accidentals
    scales = [[7 * fifths % 12 for fifths in range(s - 1, s + 6)] for s in candidates]
    return candidates[int(np.argmax([round(sounding[scale].sum(), 6) for scale in scales]))]


def spell(pitch: int, fifths: int) -> tuple[str, int, int]:
    """Spell a MIDI number under a key signature: letter, alteration in semitones, octave.

    Twelve neighbours on the line of fifths, from the minor third above the major tonic to the
    leading tone of the parallel minor's dominant, spell every pitch class once: the scale, the
    raised degrees of the minor, and the usual chromatic notes. Below C0 (16 Hz) the octave is -1,
    which the schema of MusicXML lacks, but notation programs read.

    >>> spell(66, 0), spell(61, -4), spell(70, 0), spell(12, 6)
    (('F', 1, 4), ('D', -1, 4), ('B', -1, 4), ('C', 0, 0))
    """
    lowest = fifths - 3
    position = lowest + (7 * pitch - lowest) % 12  # a fifth is 7 semitones, and 7 * 7 % 12 == 1
    alter, letter = divmod(position + 1, 7)
    octave = (pitch - alter) // 12 - 1
    if octave < 0 and pitch >= 12:  # C0 as B# would need an octave that the schema lacks
        return "C", pitch - 12, 0
    return LETTERS[letter], alter, octave


def spell_chord(label: str, fifths: int) -> str:
    """Spell the root of a chord label under a key signature.

    Twelve neighbours on the line of fifths, from the lowered second to the raised fourth degree of
    the major scale, spell every root once; they lie between G flat and A sharp, so that no root is
    a C flat or an E sharp. Labels without a root, such as `"N"`, are returned unchanged.

    >>> spell_chord("Ab:min", 4), spell_chord("G#:maj7", -3), spell_chord("C:maj", 4)
    ('G#:min', 'Ab:maj7', 'C:maj')
    """
    root = re.match(r"[A-G][#b]*(?![a-z])", label)
    if root is None:
        return label
    lowest = min(max(fifths - 5, -6), -1)
    return note_letter(lowest + (7 * pitch_class(root[0]) - lowest) % 12) + label[root.end() :]


def accidentals(voices: tuple[tuple[NotatedEvent, ...], ...], fifths: int) -> set[tuple[int, int]]:
    """Printed accidentals in one bar of a staff: set of (step, MIDI number).

    An accidental is valid for its line until the end of the bar. A note tied from the previous bar
    does not repeat it.
    """
    signed = {LETTERS[i]: (fifths + 6 - i) // 7 for i in range(7)}
    current: dict[tuple[str, int], int] = {}
    shown = set()
    for event in sorted((p for voice in voices for p in voice), key=lambda p: p.start):
        for midi in event.pitches:
            letter, alter, octave = spell(midi, fifths)
            if event.tied_from:
                continue
            if alter != current.get((letter, octave), signed[letter]):
                shown.add((event.start, midi))
            current[letter, octave] = alter
    return shown

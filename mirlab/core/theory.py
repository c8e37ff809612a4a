"""Keys and chords, named and spelled on the line of fifths."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

LETTERS = "FCGDAEB"  # the line of fifths between two accidentals
MAJOR = (0, 2, 4, -1, 1, 3, 5)  # fifths from the tonic to each step of the scale
MINOR = (0, 2, -3, -1, 1, -4, -2)
QUALITIES = {  # Harte's names; semitones over the root
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "sus4": (0, 5, 7),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "7": (0, 4, 7, 10),
    "hdim7": (0, 3, 6, 10),
}
FIFTHS = {0: 0, 3: -3, 4: 4, 5: -1, 6: -6, 7: 1, 10: -2, 11: 5}  # from semitones
DEGREES = {3: "b3", 4: "3", 5: "4", 6: "b5", 7: "5", 10: "b7", 11: "7"}  # Harte's


def note_letter(fifths: int) -> str:
    """The name of the pitch class so many fifths above C.

    >>> [note_letter(n) for n in (0, 1, -2, 6, -6)]
    ['C', 'G', 'Bb', 'F#', 'Gb']
    """
    octave, place = divmod(fifths + 1, 7)
    return LETTERS[place] + ("#" * octave if octave > 0 else "b" * -octave)


@dataclass(frozen=True)
class Key:
    """A major or minor key.

    Parameters
    ----------
    tonic
        Fifths above C: G is 1, F is -1.
    mode
        `"major"` or `"minor"`.

    Examples
    --------
    >>> key = Key(-2, "minor")
    >>> key.name, key.scale
    ('Bb minor', (10, 0, 1, 3, 5, 6, 8))
    """

    tonic: int
    mode: str

    @property
    def name(self) -> str:
        """Such as `"Bb major"`."""
        return f"{note_letter(self.tonic)} {self.mode}"

    @cached_property
    def scale(self) -> tuple[int, ...]:
        """The pitch classes of its seven steps, 0 is C; in minor the natural scale."""
        steps = MAJOR if self.mode == "major" else MINOR
        return tuple((self.tonic + step) * 7 % 12 for step in steps)


@dataclass(frozen=True)
class Chord:
    """A chord: root, quality, and which of its tones lies in the bass.

    Parameters
    ----------
    root
        Fifths above C.
    quality
        A name of `QUALITIES`.
    inversion
        0 has the root in the bass, 1 the third, 2 the fifth, 3 the seventh.

    Examples
    --------
    >>> chord = Chord(1, "7", inversion=1)
    >>> chord.label, chord.tones, chord.bass
    ('G:7/3', (7, 11, 2, 5), 11)
    """

    root: int
    quality: str
    inversion: int = 0

    @cached_property  # asked for a thousand times a piece
    def tones(self) -> tuple[int, ...]:
        """Pitch classes from the root upwards, 0 is C."""
        return tuple((self.root * 7 + step) % 12 for step in QUALITIES[self.quality])

    @property
    def bass(self) -> int:
        """The pitch class of the lowest note."""
        return self.tones[self.inversion]

    @property
    def label(self) -> str:
        """In Harte's syntax (Harte et al., ISMIR 2005), such as `"G:7/3"`."""
        name = f"{note_letter(self.root)}:{self.quality}"
        if not self.inversion:
            return name
        return f"{name}/{DEGREES[QUALITIES[self.quality][self.inversion]]}"

    def scale(self, key: Key) -> tuple[int, ...]:
        """What a melody may step through over this chord, in this key; pitch classes, sorted.

        The key's scale; where the chord raises or lowers a step of it, the chord's tone stands.

        >>> Chord(2, "7").scale(Key(0, "major"))  # D F# A C in C major: F sharp, no F
        (0, 2, 4, 6, 7, 9, 11)
        """
        flattest = key.tonic + min(MAJOR if key.mode == "major" else MINOR)
        kept = set(key.scale)
        for step in QUALITIES[self.quality]:
            fifths = self.root + FIFTHS[step]
            if fifths * 7 % 12 not in key.scale:
                kept.discard((fifths * 7 + (1 if fifths < flattest else -1)) % 12)
        return tuple(sorted(kept | set(self.tones)))

"""Music theory: pitch names, keys, chords, chord templates and key profiles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .checks import as_array, require
from .errors import MirlabError, NotesError

PITCH_CLASSES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")  # of keys, chords
SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")  # of MIDI numbers
LETTERS = "FCGDAEB"  # the natural notes on the line of fifths; C is 0, F is -1
MAJOR = (0, 2, 4, -1, 1, 3, 5)  # fifths from the tonic to each degree of the scale
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
NO_CHORD = "N"  # Harte's label

# Albrecht & Shanahan (Music Perception 31, 2013): relative frequency of each pitch class, tonic
# first, in a corpus of tonal music.
MAJOR_PROFILE = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
MINOR_PROFILE = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)


def note_name(pitch: int) -> str:
    """Name of a MIDI number: 60 is C4.

    >>> note_name(69), note_name(61)
    ('A4', 'C#4')
    """
    whole = isinstance(pitch, int | np.integer)
    require(whole, f"pitch must be an integer, not {pitch!r}", NotesError)
    return f"{SHARPS[pitch % 12]}{pitch // 12 - 1}"


def pitch_class(name: str) -> int:
    """Pitch class (0..11, C is 0) of a letter `A` to `G` with any number of `#` or `b`.

    >>> [pitch_class(name) for name in ("C", "Bb", "E#", "Cb")]
    [0, 10, 5, 11]
    """
    fifths = LETTERS.index(name[0]) - 1 + 7 * (name.count("#") - name.count("b"))
    return 7 * fifths % 12


def note_letter(fifths: int) -> str:
    """Name of the pitch class `fifths` fifths above C.

    >>> [note_letter(n) for n in (0, 1, -2, 6, -6)]
    ['C', 'G', 'Bb', 'F#', 'Gb']
    """
    sharps, letter = divmod(fifths + 1, 7)
    return LETTERS[letter] + ("#" * sharps if sharps > 0 else "b" * -sharps)


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
        """Name, such as `"Bb major"`."""
        return f"{note_letter(self.tonic)} {self.mode}"

    @cached_property
    def scale(self) -> tuple[int, ...]:
        """Pitch classes of the seven scale degrees (C is 0); in minor, the natural scale."""
        steps = MAJOR if self.mode == "major" else MINOR
        return tuple((self.tonic + step) * 7 % 12 for step in steps)


@dataclass(frozen=True)
class Chord:
    """A chord: root, quality and inversion.

    Parameters
    ----------
    root
        Fifths above C.
    quality
        A key of `QUALITIES`.
    inversion
        Chord tone in the bass: 0 the root, 1 the third, 2 the fifth, 3 the seventh.

    Examples
    --------
    >>> chord = Chord(1, "7", inversion=1)
    >>> chord.label, chord.tones, chord.bass
    ('G:7/3', (7, 11, 2, 5), 11)
    """

    root: int
    quality: str
    inversion: int = 0

    @cached_property  # used a thousand times per piece
    def tones(self) -> tuple[int, ...]:
        """Pitch classes from the root upwards (C is 0)."""
        return tuple((self.root * 7 + step) % 12 for step in QUALITIES[self.quality])

    @property
    def bass(self) -> int:
        """Pitch class of the lowest note."""
        return self.tones[self.inversion]

    @property
    def label(self) -> str:
        """Label in Harte's syntax (Harte et al., ISMIR 2005), such as `"G:7/3"`."""
        name = f"{note_letter(self.root)}:{self.quality}"
        if not self.inversion:
            return name
        return f"{name}/{DEGREES[QUALITIES[self.quality][self.inversion]]}"

    def scale(self, key: Key) -> tuple[int, ...]:
        """Chord scale: the sorted pitch classes that a melody may use over this chord in this key.

        It is the scale of the key; a degree that the chord raises or lowers is replaced.

        >>> Chord(2, "7").scale(Key(0, "major"))  # D F# A C in C major: F sharp, no F
        (0, 2, 4, 6, 7, 9, 11)
        """
        flattest = key.tonic + min(MAJOR if key.mode == "major" else MINOR)
        scale = set(key.scale)
        for step in QUALITIES[self.quality]:
            fifths = self.root + FIFTHS[step]
            if fifths * 7 % 12 not in key.scale:
                scale.discard((fifths * 7 + (1 if fifths < flattest else -1)) % 12)
        return tuple(sorted(scale | set(self.tones)))


def chord_templates() -> tuple[np.ndarray, list[str]]:
    """The 24 major and minor triads as chroma vectors of unit norm.

    Returns
    -------
    templates : shape (24, 12)
    labels : Harte's syntax, `"C:maj"` ... `"B:min"`

    Examples
    --------
    >>> templates, labels = chord_templates()
    >>> labels[0], (templates[0] > 0).nonzero()[0].tolist()
    ('C:maj', [0, 4, 7])
    """
    rows, labels = [], []
    for quality in ("maj", "min"):
        for root, name in enumerate(PITCH_CLASSES):
            row = np.zeros(12)
            row[[(root + step) % 12 for step in QUALITIES[quality]]] = 1 / np.sqrt(3)
            rows.append(row)
            labels.append(f"{name}:{quality}")
    return np.array(rows), labels


def key_of(profile: np.ndarray) -> str | None:
    """Estimate the key: the largest correlation with 24 key profiles (Krumhansl 1990).

    Parameters
    ----------
    profile
        Weight of each pitch class, shape `(12,)`, C first.

    Returns
    -------
    str or None
        Name, such as `"G minor"`; None if all pitch classes are equal, as in silence.
    """
    profile = as_array("profile", profile, MirlabError)
    require(profile.shape == (12,), f"profile must have 12 values, not {profile.size}", MirlabError)
    if np.ptp(profile) == 0:
        return None
    fits = {}
    for mode, weights in (("major", MAJOR_PROFILE), ("minor", MINOR_PROFILE)):
        for tonic, name in enumerate(PITCH_CLASSES):
            fits[f"{name} {mode}"] = float(np.corrcoef(profile, np.roll(weights, tonic))[0, 1])
    return max(fits, key=lambda key: fits[key])

"""What the composer writes and players play: notes in beats, and chords in beats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..core.theory import Chord


@dataclass(frozen=True)
class ScoreNote:
    """A written note.

    Parameters
    ----------
    beat
        Where it begins, in quarter notes from the start of the piece.
    beats
        How long it is written, in quarter notes.
    pitch
        MIDI number; for drums the General MIDI drum key.
    accent
        Added to the velocity.
    bend
        `""`, `"vibrato"`, `"scoop"` (from below) or `"fall"` (down at the end).
    """

    beat: float
    beats: float
    pitch: int
    accent: float = 0.0
    bend: str = ""

    @property
    def end(self) -> float:
        """Where it ends, in quarter notes."""
        return self.beat + self.beats


@dataclass(frozen=True)
class Harmony:
    """A chord at its place: from `beat` on for `beats` quarter notes."""

    beat: float
    beats: float
    chord: Chord

    @property
    def end(self) -> float:
        """Where it ends, in quarter notes."""
        return self.beat + self.beats


def harmony_at(harmonies: Sequence[Harmony], beat: float) -> Harmony:
    """The chord that sounds at a beat; the last one from its beginning on."""
    for harmony in harmonies:
        if beat < harmony.end - 1e-9:
            return harmony
    return harmonies[-1]


def apply_swing(notes: Iterable[ScoreNote], share: float) -> list[ScoreNote]:
    """The notes with every beat divided unevenly: its first half takes this share of it.

    Two thirds is the swing of triplets, a half leaves everything where it is.

    >>> apply_swing([ScoreNote(0.5, 0.5, 60)], 2 / 3)[0].beat.__round__(3)
    0.667
    """
    found = []
    for note in notes:
        start, end = _uneven(note.beat, share), _uneven(note.end, share)
        found.append(replace(note, beat=start, beats=end - start))
    return found


def _uneven(beat: float, share: float) -> float:
    """A place in time whose beat's first half is stretched to `share` of it."""
    whole, part = divmod(beat, 1.0)
    if part < 0.5:
        return whole + part * 2 * share
    return whole + share + (part - 0.5) * 2 * (1 - share)

"""Notes and chords of a score, with times in beats."""

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
        Onset, in quarter notes from the start of the piece.
    beats
        Written duration, in quarter notes.
    pitch
        MIDI number; for drums the General MIDI drum key.
    accent
        Change of velocity.
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
        """End, in quarter notes."""
        return self.beat + self.beats


@dataclass(frozen=True)
class Harmony:
    """A chord of `beats` quarter notes that begins at `beat`."""

    beat: float
    beats: float
    chord: Chord

    @property
    def end(self) -> float:
        """End, in quarter notes."""
        return self.beat + self.beats


def harmony_at(harmonies: Sequence[Harmony], beat: float) -> Harmony:
    """The chord that sounds at a beat; after the end, the last one."""
    for harmony in harmonies:
        if beat < harmony.end - 1e-9:
            return harmony
    return harmonies[-1]


def apply_swing(notes: Iterable[ScoreNote], ratio: float) -> list[ScoreNote]:
    """Divide every beat unevenly: its first half takes the fraction `ratio` of it.

    Two thirds is triplet swing; a half changes nothing.

    >>> apply_swing([ScoreNote(0.5, 0.5, 60)], 2 / 3)[0].beat.__round__(3)
    0.667
    """
    result = []
    for note in notes:
        start, end = _swing_beat(note.beat, ratio), _swing_beat(note.end, ratio)
        result.append(replace(note, beat=start, beats=end - start))
    return result


def _swing_beat(beat: float, ratio: float) -> float:
    """Position in beats after the first half of the beat is stretched to `ratio` of it."""
    whole, part = divmod(beat, 1.0)
    if part < 0.5:
        return whole + part * 2 * ratio
    return whole + ratio + (part - 0.5) * 2 * (1 - ratio)

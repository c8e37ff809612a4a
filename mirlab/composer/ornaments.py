"""Ornaments: repeated notes, trills, grace notes and pitch bends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core.theory import Key
from .sampling import uniform
from .score import Harmony, ScoreNote, harmony_at

SLOWEST, FASTEST = 4.0, 20.0  # repeated notes per second
TRILLS = (8.0, 14.0)  # notes per second
GRACE = 0.06  # s
BENDS = ("vibrato", "scoop", "fall")


def ornament(
    notes: Sequence[ScoreNote],
    harmonies: Sequence[Harmony],
    key: Key,
    rng: np.random.Generator,
    *,
    bpm: float,
    repeats: float,
    trills: float,
    bends: float,
) -> list[ScoreNote]:
    """Ornament a melody: repeat or trill some notes, add grace notes, bend others.

    Parameters
    ----------
    notes
        A monophonic melody.
    harmonies
        The chords; the upper neighbours of trills and grace notes lie in their scales.
    key
        The key.
    rng
        Random generator.
    bpm
        Beats per minute; it converts the speeds of repetitions and trills, in notes per second.
    repeats, trills
        Probability that a note of half a second or more is repeated or trilled, 0..1; a grace
        note has the probability of a trill.
    bends
        Probability that any other note is bent, 0..1.
    """
    result: list[ScoreNote] = []
    for note in notes:
        seconds = note.beats * 60 / bpm
        random = rng.random()
        neighbour = _neighbour(note.pitch, harmony_at(harmonies, note.beat).chord.scale(key))
        if seconds >= 0.5 and random < repeats:
            rate = SLOWEST * (FASTEST / SLOWEST) ** rng.random()
            result += repeat_note(note, count=int(seconds * rate))
        elif seconds >= 0.5 and random < repeats + trills:
            rate = uniform(TRILLS, rng)
            result += trill(note, neighbour, count=int(seconds * rate))
        elif seconds >= 0.25 and random < repeats + 2 * trills:
            short = GRACE * bpm / 60
            result.append(ScoreNote(note.beat, short, neighbour, -8.0))
            result.append(replace(note, beat=note.beat + short, beats=note.beats - short))
        elif seconds >= 0.2 and rng.random() < bends:
            result.append(replace(note, bend=BENDS[int(rng.choice(3, p=(0.7, 0.2, 0.1)))]))
        else:
            result.append(note)
    return result


def repeat_note(note: ScoreNote, *, count: int) -> list[ScoreNote]:
    """Divide a note into `count` notes of the same pitch.

    >>> [n.beat for n in repeat_note(ScoreNote(2.0, 1.0, 60), count=4)]
    [2.0, 2.25, 2.5, 2.75]
    """
    width = note.beats / count
    return [
        replace(note, beat=note.beat + i * width, beats=width, accent=note.accent - 6.0 * (i % 2))
        for i in range(count)
    ]


def trill(note: ScoreNote, neighbour: int, *, count: int) -> list[ScoreNote]:
    """Alternate a note with its neighbour; the trill begins and ends on the note itself."""
    count += 1 - count % 2
    notes = repeat_note(note, count=count)
    return [replace(n, pitch=(note.pitch, neighbour)[i % 2]) for i, n in enumerate(notes)]


def _neighbour(pitch: int, scale: Sequence[int]) -> int:
    """The next higher note of a scale."""
    return next(p for p in range(pitch + 1, pitch + 13) if p % 12 in scale)


def bend_curve(kind: str, start: float, end: float, rng: np.random.Generator) -> np.ndarray:
    """Pitch bend of one note.

    Parameters
    ----------
    kind
        `"vibrato"`: a sine of 4.5 to 7 Hz and 0.15 to 0.6 semitones, with a delayed onset;
        `"scoop"`: up into the note from 1 to 2 semitones below; `"fall"`: down from it at its end.
    start, end
        Start and end of the note, in seconds.
    rng
        Random generator.

    Returns
    -------
    ndarray
        Seconds, every 10 ms, and semitones; shape `(points, 2)`.
    """
    t = np.arange(start, end, 0.01)
    if kind == "vibrato":
        rate, depth = uniform((4.5, 7.0), rng), uniform((0.15, 0.6), rng)
        delay = min(0.3, 0.4 * (end - start)) * rng.random()
        growing = np.clip((t - start - delay) / 0.2, 0, 1)
        bend = depth * growing * np.sin(2 * np.pi * rate * (t - start - delay))
    else:
        depth, length = uniform((1.0, 2.0), rng), min(uniform((0.06, 0.16), rng), (end - start) / 2)
        distance = t - start if kind == "scoop" else end - t
        bend = -depth * np.clip(1 - distance / length, 0, 1) ** 2
    return np.column_stack([np.round(t, 6), np.round(bend, 4)])

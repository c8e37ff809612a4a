"""Ornaments: what a player makes of one written note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core.theory import Key
from .sampling import between
from .score import Harmony, ScoreNote, harmony_at

SLOWEST, FASTEST = 4.0, 20.0  # repeated notes a second
TRILLS = (8.0, 14.0)  # notes a second
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
    """Some notes repeated fast, some trilled, some with a grace note before, some bent.

    Parameters
    ----------
    notes
        A melody, one note at a time.
    harmonies
        The chords below, in whose scale the neighbours of trills and grace notes lie.
    key
        The key.
    rng
        Chance.
    bpm
        Beats a minute: how fast repetitions and trills are, is said in notes a second.
    repeats, trills
        How likely a note of half a second or more is repeated or trilled, 0..1; a grace note is as
        likely as a trill.
    bends
        How likely any other note is bent, 0..1.
    """
    found: list[ScoreNote] = []
    for note in notes:
        seconds = note.beats * 60 / bpm
        chance = rng.random()
        neighbour = _neighbour(note.pitch, harmony_at(harmonies, note.beat).chord.scale(key))
        if seconds >= 0.5 and chance < repeats:
            rate = SLOWEST * (FASTEST / SLOWEST) ** rng.random()
            found += repeated(note, count=int(seconds * rate))
        elif seconds >= 0.5 and chance < repeats + trills:
            rate = between(TRILLS, rng)
            found += trilled(note, neighbour, count=int(seconds * rate))
        elif seconds >= 0.25 and chance < repeats + 2 * trills:
            short = GRACE * bpm / 60
            found.append(ScoreNote(note.beat, short, neighbour, -8.0))
            found.append(replace(note, beat=note.beat + short, beats=note.beats - short))
        elif seconds >= 0.2 and rng.random() < bends:
            found.append(replace(note, bend=BENDS[int(rng.choice(3, p=(0.7, 0.2, 0.1)))]))
        else:
            found.append(note)
    return found


def repeated(note: ScoreNote, *, count: int) -> list[ScoreNote]:
    """A note as so many of the same pitch, one after another.

    >>> [n.beat for n in repeated(ScoreNote(2.0, 1.0, 60), count=4)]
    [2.0, 2.25, 2.5, 2.75]
    """
    width = note.beats / count
    return [
        replace(note, beat=note.beat + i * width, beats=width, accent=note.accent - 6.0 * (i % 2))
        for i in range(count)
    ]


def trilled(note: ScoreNote, neighbour: int, *, count: int) -> list[ScoreNote]:
    """A note in quick turn with its neighbour, beginning and ending on itself."""
    count += 1 - count % 2
    turns = repeated(note, count=count)
    return [replace(turn, pitch=(note.pitch, neighbour)[i % 2]) for i, turn in enumerate(turns)]


def _neighbour(pitch: int, scale: Sequence[int]) -> int:
    """The next higher note of a scale."""
    return next(p for p in range(pitch + 1, pitch + 13) if p % 12 in scale)


def bend_curve(kind: str, start: float, end: float, rng: np.random.Generator) -> np.ndarray:
    """How the pitch of one note moves.

    Parameters
    ----------
    kind
        `"vibrato"`: a sine of 4.5 to 7 Hz and 0.15 to 0.6 semitones that sets in after the note;
        `"scoop"`: up into the note from 1 to 2 semitones below; `"fall"`: down from it at its end.
    start, end
        The note, in seconds.
    rng
        Chance.

    Returns
    -------
    ndarray
        Shape `(points, 2)`: seconds, a point each 10 ms, and semitones.
    """
    t = np.arange(start, end, 0.01)
    if kind == "vibrato":
        rate, depth = between((4.5, 7.0), rng), between((0.15, 0.6), rng)
        delay = min(0.3, 0.4 * (end - start)) * rng.random()
        growing = np.clip((t - start - delay) / 0.2, 0, 1)
        bend = depth * growing * np.sin(2 * np.pi * rate * (t - start - delay))
    else:
        depth, length = between((1.0, 2.0), rng), min(between((0.06, 0.16), rng), (end - start) / 2)
        away = t - start if kind == "scoop" else end - t
        bend = -depth * np.clip(1 - away / length, 0, 1) ** 2
    return np.column_stack([np.round(t, 6), np.round(bend, 4)])

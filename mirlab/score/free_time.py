"""Free time: notes without beats, written by their seconds between dashed lines."""

from __future__ import annotations

import numpy as np

from ..core.notes import Notes
from ..core.tempo import TempoMap
from .grid import STEPS, Grid

QUARTERS = (1.0, 0.5, 0.25)  # s; possible lengths of a quarter note, the longest first
CHORD = 0.05  # s; onsets this close are a chord
MAX_MERGED = 0.03  # fraction of onsets that may fall on the sixteenth of the previous one
SHORTEST, LONGEST = 3 * STEPS, 8 * STEPS  # steps between dashed lines


def in_free_time(notes: Notes) -> Notes:
    """Notes with a constant tempo at which sixteenths are short enough for them.

    A quarter note is a second; it is shorter if notes would fall on the same sixteenth.

    Examples
    --------
    >>> seconds = np.arange(9)
    >>> in_free_time(Notes(seconds, seconds + 0.5, 60)).tempo_map
    TempoMap(60.0 bpm, 1 tempi)
    >>> in_free_time(Notes(seconds / 10, seconds / 10 + 0.1, 60)).tempo_map
    TempoMap(240.0 bpm, 1 tempi)
    """
    onset = notes.onset[~notes.is_drum]
    apart = onset[np.r_[True, np.diff(onset) > CHORD]] if onset.size else onset
    for quarter in QUARTERS:
        merged = np.diff(np.round(apart * 4 / quarter)) == 0
        if merged.sum() <= MAX_MERGED * apart.size:
            break
    return notes.with_tempo(TempoMap(0, 60 / quarter))


def free_grid(onset: np.ndarray) -> Grid:
    """Sixteenths everywhere; `onset` in quarter notes."""
    beats = int(np.max(onset, initial=0.0)) + 1
    return Grid(0, 0, STEPS, np.full(beats, 4), 0.5)


def dashed_lines(starts: np.ndarray, ends: np.ndarray) -> tuple[int, ...]:
    """Steps of dashed lines, at which accidentals end and systems may break.

    Each is where the fewest notes sound on, and best where one begins, three to eight quarter
    notes after the previous one.

    Parameters
    ----------
    starts, ends
        Steps of the notes, shape `(n,)`.

    Examples
    --------
    >>> dashed_lines(np.array([0, 12, 30, 60]), np.array([12, 30, 60, 99]))
    (0, 60, 99)
    """
    last = int(np.max(ends, initial=STEPS))
    lines = [0]
    while last - lines[-1] > LONGEST:
        steps = lines[-1] + np.arange(SHORTEST, LONGEST + 1, 3)
        cut = ((starts < steps[:, None]) & (ends > steps[:, None])).sum(axis=1)
        silent = ~np.isin(steps, starts)
        lines.append(int(steps[np.lexsort((np.abs(steps - steps.mean()), silent, cut))[0]]))
    return (*lines, last)

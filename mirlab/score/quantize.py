"""Quantize played notes to a readable score: assign each note a step, a staff and a voice.

A grid step is a twelfth of a quarter note of the tempo map; `mirlab.score.grid` decides for each
beat at which steps notes may begin. Step 0 is time 0. A score has one staff if one clef suffices,
otherwise two. A staff has one voice, and a second one while notes are held under or over others.

Players deviate from the grid, so a score is an interpretation: onsets are preserved (rounded), and
durations are changed where they would be hard to read. Cambouropoulos, "From MIDI to traditional
musical notation" (AAAI Workshop on AI and Music, 2000) separates these problems; the rules here are
simpler.
"""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_floats, require, require_type
from ..core.errors import NotesError
from ..core.notes import Notes
from .grid import STEPS, TOGETHER, Grid, find_grid
from .voice_separation import SIXTEENTH, Event, separate_voices

# Meter: (steps per bar, steps per beat that beams and rests show)
METERS = {(2, 4): (24, 12), (3, 4): (36, 12), (4, 4): (48, 12), (6, 8): (36, 18)}
LATEST = 1e6  # quarter notes; later downbeats are refused
MAX_BARS = 20_000  # three hours in 4/4 at 240 bpm are 10,800

# Clef: range of MIDI numbers that need at most three or four ledger lines.
CLEFS = {"treble": (54, 91), "bass": (31, 65), "treble8vb": (43, 74)}
OUTLIERS = 0.06  # fraction of notes allowed outside, so that a stray note adds no staff
SPLITS = np.arange(53.5, 68.0)  # possible split points between the hands: F3/F#3 up to G4/G#4
MIDDLE = 59.5  # just below middle C
FROM_MIDDLE = 0.15 * np.abs(SPLITS - MIDDLE)


@dataclass(frozen=True)
class Staff:
    """A clef (`"treble"`, `"bass"`, `"treble8vb"`) and one or two voices, the upper one first.

    The events of a voice are sorted by time and never overlap.
    """

    clef: str
    voices: tuple[tuple[Event, ...], ...]


@dataclass(frozen=True)
class GridScore:
    """A score in grid steps.

    Parameters
    ----------
    staves
        One or two staves, the upper one first.
    meter
        Numerator and denominator.
    lines
        Steps of the bar lines, increasing, at least two: before the first one is a pick-up of less
        than a bar, or nothing; the last one ends the piece. Bars usually have the length of the
        meter.
    swings
        Whether straight eighths are played long and short.
    """

    staves: tuple[Staff, ...]
    meter: tuple[int, int]
    lines: tuple[int, ...]
    swings: bool = False

    @property
    def pickup(self) -> int:
        """Steps before the first full bar; 0 for none, less than a bar."""
        return self.lines[0]

    @property
    def length(self) -> int:
        """Total number of steps: the pick-up and at least one full bar."""
        return self.lines[-1]

    @property
    def start(self) -> int:
        """Step at which the written score begins: a pick-up without notes is left out."""
        voices = [voice for staff in self.staves for voice in staff.voices if voice]
        return 0 if any(voice[0].start < self.pickup for voice in voices) else self.pickup


def quantize(
    notes: Notes, *, meter: tuple[int, int] = (4, 4), downbeat: ArrayLike = 0
) -> GridScore:
    """Quantize notes to the grid of their beats, on at most two staves of at most two voices.

    Every pitch that is played is written at its step (drums are left out; the same pitch twice on
    one step is one note). Durations are those played, rounded to the grid. They are longer where a
    short rest would follow, shorter where the same pitch is played again or where two voices do
    not suffice, and equal for all notes of a chord.

    Parameters
    ----------
    notes
        Notes with a tempo map.
    meter
        (2, 4), (3, 4), (4, 4) or (6, 8).
    downbeat
        A beat (in quarter notes since time 0) on which a bar begins, or several, increasing, from
        each of which a bar lasts to the next. Before the first and after the last one, bars have
        the length of the meter. Notes before the first bar are a pick-up.

    Raises
    ------
    NotesError
        If there is no tempo map, the meter is another, the downbeats are no finite numbers or do
        not increase by a sixteenth at least, or the score is longer than 20,000 bars.
    """
    require_type("notes", notes, Notes, NotesError)
    if notes.tempo_map is None:
        raise NotesError("a score needs beats: give the notes a tempo map (notes.with_tempo)")
    bar, beat = _steps_of(meter)
    downbeats = _downbeat_steps(downbeat, bar)
    pickup = int(downbeats[0]) % bar
    played = ~notes.is_drum
    onset = notes.tempo_map.beats(notes.onset[played])
    offset = notes.tempo_map.beats(notes.offset[played])
    if np.max(offset, initial=0.0) * STEPS > MAX_BARS * bar:
        raise NotesError(f"at these tempi the score is longer than {MAX_BARS} bars")
    onset = _align_chords(onset)
    grid = find_grid(onset, origin=pickup, span=beat)
    starts, ends, pitches = _round_to_grid(onset, offset, notes.pitch[played], grid)
    clefs, staff = _assign_staves(starts, ends, pitches)
    staves = tuple(
        Staff(clef, separate_voices(starts[staff == i], ends[staff == i], pitches[staff == i]))
        for i, clef in enumerate(clefs)
    )
    last = max((v[-1].end for s in staves for v in s.voices if v), default=0)
    lines = _bar_lines(downbeats, bar, last)
    return GridScore(staves, (meter[0], meter[1]), lines, grid.swings)


def _downbeat_steps(downbeat: ArrayLike, bar: int) -> np.ndarray:
    """Downbeats in steps, rounded to sixteenths; integers, shape (n,)."""
    quarters = np.atleast_1d(as_floats("downbeat", downbeat, NotesError))
    require(quarters.ndim == 1 and quarters.size > 0, "downbeat must be numbers", NotesError)
    finite = bool(np.isfinite(quarters).all()) and np.abs(quarters).max() <= LATEST
    require(finite, f"downbeat must be from -{LATEST:g} to {LATEST:g} quarter notes", NotesError)
    steps = np.round(quarters * 4).astype(int) * SIXTEENTH
    increase = bool(np.all(np.diff(steps) > 0))
    require(increase, "the downbeats must increase by a sixteenth at least", NotesError)
    return steps


def _bar_lines(downbeats: np.ndarray, bar: int, last: int) -> tuple[int, ...]:
    """Bar lines from the first one at or after step 0 to the first one at or after `last`."""
    first, final = int(downbeats[0]), int(downbeats[-1])
    end = max(last, 0) + 2 * bar
    before = np.arange(first % bar, min(first, end), bar)
    after = np.arange(final + bar * max(1, -(final // bar)), end, bar)
    lines = np.r_[before, downbeats, after]
    lines = lines[lines >= 0]
    return tuple(lines[: max(2, int(np.searchsorted(lines, last)) + 1)].tolist())


def _steps_of(meter: tuple[int, int]) -> tuple[int, int]:
    """Steps per bar and per beat of a meter; a `NotesError` if it is none of `METERS`."""
    are_numbers = isinstance(meter, Sequence) and all(isinstance(n, Real) for n in meter)
    for known_meter, steps in METERS.items():
        if are_numbers and tuple(meter) == known_meter:
            return steps
    known = ", ".join(f"{n}/{d}" for n, d in METERS)
    raise NotesError(f"the meter must be one of {known}, not {reprlib.repr(meter)}")


def _round_to_grid(
    onset: np.ndarray, offset: np.ndarray, pitches: np.ndarray, grid: Grid
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Round quarter notes to steps; arrays of shape (n,), sorted by start, then pitch.

    A pitch begins at most once per step, and ends where it is played again.
    """
    starts = np.maximum(grid.steps(onset), 0)
    ends = np.maximum(grid.steps(offset), starts + grid.units(starts / STEPS))
    order = np.lexsort((-ends, starts, pitches))  # by pitch, then start, the longest first
    starts, ends, pitches = starts[order], ends[order], pitches[order]
    same = pitches[1:] == pitches[:-1]
    first = np.r_[True, ~(same & (starts[1:] == starts[:-1]))][: starts.size]
    starts, ends, pitches = starts[first], ends[first], pitches[first]
    again = pitches[1:] == pitches[:-1]
    ends[:-1][again] = np.minimum(ends[:-1], starts[1:])[again]
    order = np.lexsort((pitches, starts))
    return starts[order], ends[order], pitches[order]


def _align_chords(onset: np.ndarray) -> np.ndarray:
    """Align the onsets of each chord to their middle; sorted quarter notes, shape (n,)."""
    together = onset.copy()
    first = 0
    for i in range(1, onset.size + 1):
        if i == onset.size or onset[i] - onset[first] > TOGETHER:
            together[first:i] = (onset[first] + onset[i - 1]) / 2
            first = i
    return together


def _assign_staves(
    starts: np.ndarray, ends: np.ndarray, pitches: np.ndarray
) -> tuple[tuple[str, ...], np.ndarray]:
    """Choose the clefs; return them and the index of each note's staff, shape (n,)."""
    overlapping = np.mean(ends[:-1] > starts[1:] + SIXTEENTH) if pitches.size > 1 else 0.0
    for clef, (low, high) in CLEFS.items():
        if clef == "treble8vb" and overlapping > OUTLIERS:
            continue  # the clef of low voices, only for monophonic lines
        if np.sum((pitches < low) | (pitches > high)) <= OUTLIERS * pitches.size:
            return (clef,), np.zeros(pitches.size, int)
    return ("treble", "bass"), (pitches < _hand_splits(starts, ends, pitches)).astype(int)


def _hand_splits(starts: np.ndarray, ends: np.ndarray, pitches: np.ndarray) -> np.ndarray:
    """Split point between the hands at the time of each note: MIDI pitch, shape (n,).

    The split lies in a large gap between the pitches of the surrounding beat, preferably between
    notes and not outside of them. It penalises chords that one hand cannot reach, and the distance
    from middle C and from the previous split.
    """
    splits = np.empty(pitches.size)
    split = MIDDLE
    steps, first = np.unique(starts, return_index=True)
    last = np.r_[first[1:], pitches.size][: steps.size]
    before, after = np.searchsorted(starts, [steps - 4 * STEPS, steps + STEPS])
    for t, i, k, a, b in zip(steps, first, last, before, after, strict=True):
        around = pitches[a:b][ends[a:b] > t - STEPS]
        now = pitches[a:k][ends[a:k] > t]
        gap = np.abs(SPLITS[:, None] - around).min(axis=1)  # (splits,)
        score = np.minimum(gap, 4) - ((around.min() > SPLITS) | (around.max() < SPLITS))
        score -= FROM_MIDDLE + 0.1 * np.abs(SPLITS - split)
        if now.max() - now.min() > 12:
            score -= 0.5 * _excess_span(now, SPLITS[:, None] > now)
            score -= 0.5 * _excess_span(now, SPLITS[:, None] < now)
        split = float(SPLITS[score.argmax()])
        splits[i:k] = split
    return splits


def _excess_span(chord: np.ndarray, in_hand: np.ndarray) -> np.ndarray:
    """Span of one hand beyond an octave, in semitones: chord (n,), in_hand (splits, n)."""
    top = np.where(in_hand, chord, -1).max(axis=1)
    bottom = np.where(in_hand, chord, 128).min(axis=1)
    return np.maximum(top - bottom - 12, 0)

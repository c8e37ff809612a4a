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
from typing import Any

import numpy as np

from ..core.bars import Bars
from ..core.checks import require, require_number, require_type
from ..core.errors import NotesError
from ..core.notes import Notes
from .free_time import dashed_lines, free_grid, in_free_time
from .grid import STEPS, TOGETHER, Grid, find_grid
from .voice_separation import SIXTEENTH, Event, separate_voices

# Meters of whole beats: a beat is a quarter note, or a dotted quarter note in compound time.
METERS = (
    *((2, 4), (3, 4), (4, 4), (5, 4), (6, 4), (7, 4)),
    *((6, 8), (9, 8), (12, 8)),
)
COMPOUND = 18  # steps per beat in compound time
MAX_BARS = 20_000  # three hours in 4/4 at 240 bpm are 10,800
MAX_DOWNBEAT = 1e6  # quarter notes

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
    lines
        Steps of the bar lines, increasing, at least two: before the first one is a pick-up of less
        than a bar, or nothing; the last one ends the piece.
    meters
        Numerator and denominator of each bar; None in free time, where the lines are dashed. One
        fewer than `lines`.
    swings
        Whether straight eighths are played long and short.
    """

    staves: tuple[Staff, ...]
    lines: tuple[int, ...]
    meters: tuple[tuple[int, int] | None, ...]
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
    notes: Notes,
    *,
    meter: tuple[int, int] | None = (4, 4),
    downbeat: float = 0,
    bars: Bars | Sequence[tuple[float, int, int]] | None = None,
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
        The meter of all bars: 2/4 to 7/4, 6/8, 9/8 or 12/8, such as `(3, 4)`. None writes the notes
        in free time: without meter and tempo map, a quarter note is a second, or half or a quarter
        of one if the notes are fast.
    downbeat
        A beat (in quarter notes since beat 0 of the tempo map) on which a bar begins. Notes before
        the first such bar are a pick-up.
    bars
        Instead of meter and downbeat, for meters that change: bars of whole beats, either all of
        quarter notes or all of dotted ones. None is as if it were not given, so that
        `meter=None, bars=analysis.bars` writes free time where no beat was found.

    Raises
    ------
    NotesError
        If there is no tempo map, the meter is another, the downbeat is no number, bars are given
        besides a meter or contain parts of beats, or the score is longer than 20,000 bars.
    """
    require_type("notes", notes, Notes, NotesError)
    played = notes[~notes.is_drum]
    if meter is None and bars is None:
        return _in_free_time(played)
    if notes.tempo_map is None:
        raise NotesError(
            "a score needs beats: give the notes a tempo map (notes.with_tempo), or meter=None"
        )
    found = _bars(meter, downbeat, bars)
    beat = _steps_per_beat(found)
    onset, offset = notes.tempo_map.beats([played.onset, played.offset])
    shortest = min(change.end - change.start for change in found.changes)
    if np.max(offset, initial=0.0) > MAX_BARS * shortest:
        raise NotesError(f"at these tempi the score is longer than {MAX_BARS} bars")
    onset = _align_chords(onset)
    origin = round(found.until(0)[0].start * STEPS)
    grid = find_grid(onset, origin=origin, span=beat)
    staves = _staves(*_round_to_grid(onset, offset, played.pitch, grid))
    written = found.until(_last_step(staves) / STEPS)
    lines = (*(round(bar.start * STEPS) for bar in written), round(written[-1].end * STEPS))
    return GridScore(staves, lines, tuple(bar.meter for bar in written), grid.swings)


def _in_free_time(played: Notes) -> GridScore:
    """Quantize notes without beats, see `in_free_time`."""
    notes = in_free_time(played)
    assert notes.tempo_map is not None
    onset, offset = notes.tempo_map.beats([notes.onset, notes.offset])
    if np.max(offset, initial=0.0) > MAX_BARS * 4:
        raise NotesError(f"the score is longer than {MAX_BARS} whole notes")
    grid = free_grid(onset)
    starts, ends, pitches = _round_to_grid(_align_chords(onset), offset, notes.pitch, grid)
    lines = dashed_lines(starts, ends)
    return GridScore(_staves(starts, ends, pitches), lines, (None,) * (len(lines) - 1))


def _staves(starts: np.ndarray, ends: np.ndarray, pitches: np.ndarray) -> tuple[Staff, ...]:
    """Distribute notes on staves and voices."""
    clefs, staff = _assign_staves(starts, ends, pitches)
    return tuple(
        Staff(clef, separate_voices(starts[staff == i], ends[staff == i], pitches[staff == i]))
        for i, clef in enumerate(clefs)
    )


def _last_step(staves: tuple[Staff, ...]) -> int:
    """Step on which the last event ends; 0 without events."""
    return max((v[-1].end for s in staves for v in s.voices if v), default=0)


def _bars(meter: Any, downbeat: float, bars: Any) -> Bars:
    """The bars that the arguments of `quantize` describe."""
    numbers = isinstance(meter, Sequence) and all(isinstance(n, Real) for n in meter)
    if bars is not None:
        default = meter is None or (numbers and tuple(meter) == (4, 4))
        single = default and isinstance(downbeat, Real) and downbeat == 0
        require(single, "give bars, or meter and downbeat, not both", NotesError)
        return bars if isinstance(bars, Bars) else Bars(bars)
    if not numbers or tuple(meter) not in METERS:
        known = ", ".join(f"{n}/{d}" for n, d in METERS)
        raise NotesError(f"the meter must be one of {known}, not {reprlib.repr(meter)}")
    require_number(
        "downbeat", downbeat, minimum=-MAX_DOWNBEAT, maximum=MAX_DOWNBEAT, error=NotesError
    )
    return Bars([(round(float(downbeat) * 4) / 4, *meter)])


def _steps_per_beat(bars: Bars) -> int:
    """Steps per beat of bars of whole beats; a `NotesError` for others."""
    compound = {change.denominator == 8 and change.numerator % 3 == 0 for change in bars.changes}
    unit = 1.5 if compound == {True} else 1.0
    edges = np.array([x for change in bars.changes for x in (change.start, change.end)])
    count = (edges - bars.changes[0].start) / unit
    known = all(change.denominator in (4, 8) for change in bars.changes)
    whole = known and bool(np.all(np.abs(count - np.round(count)) < 1e-6))
    line = "bars must contain whole beats, quarter notes everywhere or dotted ones everywhere"
    require(whole, line, NotesError)
    return COMPOUND if unit == 1.5 else STEPS


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

"""From played notes to a readable grid: what stands on which staff, in which voice, on which step.

One grid step is a twelfth of a quarter note of the tempo map; which steps notes may stand on is
said by `mirlab.score.grid`, beat by beat. Step 0 is time 0. A score has one staff where one clef
suits, two where not; a staff has one voice, and a second one while notes are held under or over
others.

A player is never on the grid, so a score is an opinion: onsets are kept (rounded), lengths give
way where they would make the page unreadable. Cambouropoulos, "From MIDI to traditional musical
notation" (AAAI Workshop on AI and Music, 2000) tells the problems apart; our rules are plainer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import NotesError
from .grid import STEPS, TOGETHER, Grid, find_grid
from .voice_separation import SIXTEENTH, Event, separate_voices

if TYPE_CHECKING:
    from ..core.notes import Notes

# Meter: (steps a bar, steps a beat that beams and rests keep visible)
METERS = {(2, 4): (24, 12), (3, 4): (36, 12), (4, 4): (48, 12), (6, 8): (36, 18)}
MAX_BARS = 20_000  # three hours in 4/4 at 240 bpm are 10,800

# Clef: the pitches it writes with at most three or four ledger lines (MIDI numbers).
CLEFS = {"treble": (54, 91), "bass": (31, 65), "treble8vb": (43, 74)}
OUTLIERS = 0.06  # share of the notes that may lie beyond, so that one stray note opens no staff
SPLITS = np.arange(53.5, 68.0)  # where the hands may part: F3/F#3 up to G4/G#4
MIDDLE = 59.5  # just below middle C


@dataclass(frozen=True)
class Staff:
    """A clef (`"treble"`, `"bass"`, `"treble8vb"`) and one or two voices, the upper one first.

    The events of a voice rise in time and never overlap.
    """

    clef: str
    voices: tuple[tuple[Event, ...], ...]


@dataclass(frozen=True)
class GridScore:
    """A score in grid steps.

    Parameters
    ----------
    staves
        One or two, the upper one first.
    meter
        Numerator and denominator.
    pickup
        Steps before the first full bar, 0 for none; less than a bar.
    length
        Steps in all: the pick-up and at least one whole bar.
    swings
        Whether straight eighths are to be played long and short.
    """

    staves: tuple[Staff, ...]
    meter: tuple[int, int]
    pickup: int
    length: int
    swings: bool = False

    @property
    def bar(self) -> int:
        """Steps of a full bar."""
        return METERS[self.meter][0]


def quantize(notes: Notes, *, meter: tuple[int, int] = (4, 4), downbeat: float = 0) -> GridScore:
    """Notes on the grid of their beats, in at most two staves of at most two voices.

    Every pitch that is played stands at its step (drums are left out; the same pitch twice on one
    step is one note). Lengths are those played, to a place of the grid; longer where a short rest
    would follow, shorter where the same pitch is struck again or more would sound than two voices
    can write, and one for all notes of a chord.

    Parameters
    ----------
    notes
        With a tempo map.
    meter
        (2, 4), (3, 4), (4, 4) or (6, 8).
    downbeat
        A beat (quarter note since time 0) on which a bar begins. What lies before the first such
        bar is a pick-up.

    Raises
    ------
    NotesError
        Without a tempo map, for another meter, or when the tempo map makes more than 20,000 bars.
    """
    if notes.tempo_map is None:
        raise NotesError("a score needs beats: give the notes a tempo map (notes.with_tempo)")
    if tuple(meter) not in METERS:
        known = ", ".join(f"{n}/{d}" for n, d in METERS)
        raise NotesError(f"the meter must be one of {known}, not {meter}")
    bar, beat = METERS[meter]
    pickup = round(downbeat * 4) * SIXTEENTH % bar
    played = ~notes.is_drum
    onset = notes.tempo_map.beats(notes.onset[played])
    offset = notes.tempo_map.beats(notes.offset[played])
    if np.max(offset, initial=0.0) * STEPS > MAX_BARS * bar:
        raise NotesError(f"at the tempi given the notes fill more than {MAX_BARS} bars")
    onset = _gathered(onset)
    grid = find_grid(onset, origin=pickup, span=beat)
    starts, ends, pitches = _on_grid(onset, offset, notes.pitch[played], grid)
    clefs, staff = _staves(starts, ends, pitches)
    staves = tuple(
        Staff(clef, separate_voices(starts[staff == i], ends[staff == i], pitches[staff == i]))
        for i, clef in enumerate(clefs)
    )
    last = max((v[-1].end for s in staves for v in s.voices if v), default=0)
    bars = max(1, -((pickup - last) // bar))
    return GridScore(staves, (meter[0], meter[1]), pickup, pickup + bars * bar, grid.swings)


def _on_grid(
    onset: np.ndarray, offset: np.ndarray, pitches: np.ndarray, grid: Grid
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whole steps from quarter notes; arrays of shape (n,), sorted by start, then pitch.

    One pitch begins once a step, and ends where it is struck again.
    """
    starts = np.maximum(grid.steps(onset), 0)
    ends = np.maximum(grid.steps(offset), starts + grid.units(starts / STEPS))
    order = np.lexsort((-ends, starts, pitches))  # by pitch, then time, the longest first
    starts, ends, pitches = starts[order], ends[order], pitches[order]
    same = pitches[1:] == pitches[:-1]
    first = np.r_[True, ~(same & (starts[1:] == starts[:-1]))][: starts.size]
    starts, ends, pitches = starts[first], ends[first], pitches[first]
    again = pitches[1:] == pitches[:-1]
    ends[:-1][again] = np.minimum(ends[:-1], starts[1:])[again]
    order = np.lexsort((pitches, starts))
    return starts[order], ends[order], pitches[order]


def _gathered(onset: np.ndarray) -> np.ndarray:
    """Rising onsets in quarter notes, those of one chord moved to their middle. Shape (n,)."""
    together = onset.copy()
    first = 0
    for i in range(1, onset.size + 1):
        if i == onset.size or onset[i] - onset[first] > TOGETHER:
            together[first:i] = (onset[first] + onset[i - 1]) / 2
            first = i
    return together


def _staves(
    starts: np.ndarray, ends: np.ndarray, pitches: np.ndarray
) -> tuple[tuple[str, ...], np.ndarray]:
    """The clefs, and for each note the index of its staff, shape (n,)."""
    one = np.zeros(pitches.size, int)
    overlapping = np.mean(ends[:-1] > starts[1:] + SIXTEENTH) if pitches.size > 1 else 0.0
    for clef, (low, high) in CLEFS.items():
        if clef == "treble8vb" and overlapping > OUTLIERS:
            continue  # the clef of low voices, for single lines
        if np.sum((pitches < low) | (pitches > high)) <= OUTLIERS * pitches.size:
            return (clef,), one
    return ("treble", "bass"), (pitches < _hand_splits(starts, ends, pitches)).astype(int)


def _hand_splits(starts: np.ndarray, ends: np.ndarray, pitches: np.ndarray) -> np.ndarray:
    """For each note the pitch between the hands at that time, shape (n,).

    The split stands in a wide gap among the pitches of the beat around it, rather between notes
    than beyond them, leaves no hand a chord out of reach, and leans to middle C and its last place.
    """
    splits = np.empty(pitches.size)
    split = MIDDLE
    for t in np.unique(starts):
        a, b = np.searchsorted(starts, [t - 4 * STEPS, t + STEPS])
        near = pitches[a:b][ends[a:b] > t - STEPS]
        now = pitches[a:b][(starts[a:b] <= t) & (ends[a:b] > t)]
        gap = np.abs(SPLITS[:, None] - near).min(axis=1)  # (splits,)
        score = np.minimum(gap, 4) - (np.clip(SPLITS, near.min(), near.max()) != SPLITS)
        score -= 0.15 * np.abs(SPLITS - MIDDLE) + 0.1 * np.abs(SPLITS - split)
        score -= 0.5 * (_stretch(now, SPLITS[:, None] > now) + _stretch(now, SPLITS[:, None] < now))
        split = float(SPLITS[np.argmax(score)])
        splits[starts == t] = split
    return splits


def _stretch(chord: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Semitones beyond an octave that one hand must reach: chord (n,), taken (splits, n)."""
    top = np.where(taken, chord, -1).max(axis=1)
    bottom = np.where(taken, chord, 128).min(axis=1)
    return np.maximum(top - bottom - 12, 0)

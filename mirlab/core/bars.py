"""`Bars`: where bars begin, and their meters."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .checks import as_floats, require, require_type
from .errors import NotesError
from .segments import Segments

MAX_NUMERATOR = 64
DENOMINATORS = (1, 2, 4, 8, 16, 32, 64)
LATEST = 1e6  # quarter notes; later bar lines are refused
EXACT = 1e-6  # quarter notes


class Bar(NamedTuple):
    """A bar: start in quarter notes since beat 0 of the tempo map, numerator, denominator."""

    start: float
    numerator: int
    denominator: int

    @property
    def end(self) -> float:
        """Quarter notes from beat 0 of the tempo map to the next bar line."""
        return self.start + 4 * self.numerator / self.denominator

    @property
    def meter(self) -> tuple[int, int]:
        """Numerator and denominator."""
        return self.numerator, self.denominator


@dataclass(frozen=True)
class Bars:
    """Bar lines and meters of a piece.

    Bars of a meter begin at each change and follow each other up to the next one; the last bar
    before a change is shorter if the change comes earlier. Bars of the first meter fill the time
    before the first change, as far as they are whole; the rest is a pick-up.

    Parameters
    ----------
    changes
        `(start, numerator, denominator)` of each change of meter, `start` in quarter notes since
        beat 0 of the tempo map, as `read_meters` returns the time signatures of a MIDI file.

    Raises
    ------
    NotesError
        If there is no change, the starts do not increase, a meter is invalid, or a bar is cut
        between the note values that its meter counts.

    Examples
    --------
    >>> bars = Bars([(1, 4, 4), (9, 3, 4)])
    >>> [tuple(bar) for bar in bars.until(15)]
    [(1.0, 4, 4), (5.0, 4, 4), (9.0, 3, 4), (12.0, 3, 4)]
    """

    changes: tuple[Bar, ...]

    def __init__(self, changes: Iterable[tuple[float, int, int]]) -> None:
        found = [_checked(change) for change in _listed(changes)]
        require(bool(found), "bars need a meter, such as (0, 4, 4)", NotesError)
        for bar, following in pairwise(found):
            require(following.start > bar.start, "changes of the meter must increase", NotesError)
            count = (following.start - bar.start) * bar.denominator / 4
            whole = abs(count - round(count)) < EXACT * bar.denominator
            line = f"a bar of {bar.numerator}/{bar.denominator} cannot end at {following.start:g}"
            require(whole, f"{line} quarter notes", NotesError)
        object.__setattr__(self, "changes", tuple(found))

    @classmethod
    def from_beats(
        cls,
        beats: Segments,
        *,
        first: float = 0,
        compound: bool = False,
        per_bar: int | None = None,
    ) -> Bars:
        """Bars from beats that are numbered: a bar begins at each beat labelled `"1"`.

        Beats before the first of these are a pick-up. The last bar, in which the music may end
        early, has at least the beats of the bar before it.

        Parameters
        ----------
        beats
            One segment per beat, labelled with its number in the bar.
        first
            Quarter notes from beat 0 of the tempo map to the first of these beats.
        compound
            Whether a beat is a dotted quarter note, divided in three; otherwise a quarter note.
        per_bar
            Beats per bar where no bar is complete; by default the largest number.

        Raises
        ------
        NotesError
            If there are no beats, or a label is not a number of 1 or more.

        Examples
        --------
        >>> beats = Segments([(i, i + 1) for i in range(8)], list("31231212"))
        >>> [tuple(change) for change in Bars.from_beats(beats).changes]
        [(1.0, 3, 4), (4.0, 2, 4)]
        """
        numbers = beat_numbers(beats)
        require(numbers.size > 0, "bars need beats", NotesError)
        unit = 1.5 if compound else 1.0
        starts = np.flatnonzero(numbers == 1)
        if not starts.size:  # within one bar, which begins before the first beat
            starts = np.array([1 - numbers[0]])
        counts = np.diff(np.r_[starts, numbers.size])
        usual = counts[-2] if counts.size > 1 else per_bar or numbers.max()
        counts[-1] = max(counts[-1], usual)
        changed = np.r_[True, np.diff(counts) != 0]
        return cls(
            (first + unit * start, 3 * count if compound else count, 8 if compound else 4)
            for start, count in zip(starts[changed].tolist(), counts[changed].tolist(), strict=True)
        )

    def until(self, end: float) -> list[Bar]:
        """The bars from the first one that begins at 0 or later to the one that ends at `end`.

        At least one; the last one ends at `end` or later. A bar that is shorter than its meter has
        the meter that its length amounts to.
        """
        found: list[Bar] = []
        ends = [change.start for change in self.changes[1:]] + [np.inf]
        for i, (change, stop) in enumerate(zip(self.changes, ends, strict=True)):
            length = change.end - change.start
            position = change.start
            if i == 0 and position > 0:
                position -= length * (position // length)
            while position < stop - EXACT and (not found or found[-1].end < end - EXACT):
                numerator = change.numerator
                if position + length > stop + EXACT:
                    numerator = round((stop - position) * change.denominator / 4)
                bar = Bar(position, numerator, change.denominator)
                if position >= 0:
                    found.append(bar)
                position = bar.end
        return found


def beat_numbers(beats: Segments) -> np.ndarray:
    """Numbers of beats in their bars, from their labels; integers, shape `(beats,)`.

    Raises
    ------
    NotesError
        If a label is not a number of 1 or more.
    """
    require_type("beats", beats, Segments, NotesError)
    wrong = [label for label in beats.labels if not label.isdecimal() or int(label[:9]) < 1]
    if wrong:
        raise NotesError(f'beats must be labelled "1", "2" and so on, not {reprlib.repr(wrong[0])}')
    return np.array([int(label[:9]) for label in beats.labels], int)


def _listed(changes: Any) -> list[Any]:
    """The changes as a list."""
    if isinstance(changes, Bars):
        return list(changes.changes)
    if isinstance(changes, str) or not isinstance(changes, Iterable):
        raise NotesError(f"bars must be a list such as [(0, 4, 4)], not {reprlib.repr(changes)}")
    return list(changes)


def _checked(change: Any) -> Bar:
    """One change, with valid numbers."""
    values = as_floats("a change of the meter", change, NotesError)
    valid = values.shape == (3,) and bool(np.isfinite(values).all())
    if valid:
        start, numerator, denominator = values.tolist()
        valid = (
            abs(start) <= LATEST
            and numerator in range(1, MAX_NUMERATOR + 1)
            and denominator in DENOMINATORS
        )
    if not valid:
        given = reprlib.repr(change)
        raise NotesError(f"bars must be (start, numerator, denominator), not {given}")
    return Bar(start, int(numerator), int(denominator))

"""Beats that are corrected by hand: tempo, bar lines and single beats, numbered in bars anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ..core import Segments
from ..core.errors import MirlabError

COUNTED, BY_HAND = 1, 2  # kinds of bar lines at which counting begins anew
SAME_BEAT = 0.05  # s; a beat is meant by a time this close to it
MIN_GAP = 0.02  # s between two beats
MIN_PERIOD = 0.1  # s; the shortest beat of any music


class CorrectionsError(MirlabError, ValueError):
    """A correction that is invalid, or does not fit the analysis; the message names it."""


@dataclass(frozen=True, eq=False)
class BeatGrid:
    """Beat times and the bar lines from which beats are counted.

    Counting goes on from each of these bar lines to the next, and from the first one backwards to
    the beginning. The bar before a bar line can therefore be short.

    Parameters
    ----------
    times
        Beat times in seconds, increasing, at least two. Shape `(beats,)`.
    lines
        0; `COUNTED` at the first downbeat and at bar lines that are out of step with those before;
        `BY_HAND` at those set by `with_bar_line`. At least one is not 0. Shape `(beats,)`.
    counts
        Beats per bar from each of these bar lines on; 0 elsewhere. Shape `(beats,)`.
    placed
        Whether a beat was placed by hand. Shape `(beats,)`.

    Examples
    --------
    >>> grid = BeatGrid.from_segments(Segments([(0, 1), (1, 2), (2, 3)], ["3", "1", "2"]), 3)
    >>> grid.with_tempo(Fraction(2)).beats().labels
    ('2', '3', '1', '2', '3', '1')
    >>> grid.with_bar_line(2.1).beats().labels
    ('2', '3', '1')
    """

    times: np.ndarray
    lines: np.ndarray
    counts: np.ndarray
    placed: np.ndarray

    @classmethod
    def from_segments(cls, beats: Segments, per_bar: int) -> BeatGrid:
        """The grid of detected beats, labelled with their numbers in the bar.

        `per_bar` is the number of beats in most bars; the labels stay as they are, also in others.

        Raises
        ------
        CorrectionsError
            For fewer than two beats.
        """
        if len(beats) < 2:
            raise CorrectionsError("no beats were found that could be corrected")
        numbers = np.array([int(label) for label in beats.labels])
        lines, counts = np.zeros((2, numbers.size), int)
        downbeats = np.flatnonzero(numbers == 1).tolist() or [0]
        lengths = np.diff([*downbeats, numbers.size]).tolist()
        count, before = per_bar, None
        for k, (i, length) in enumerate(zip(downbeats, lengths, strict=True)):
            repeats = k + 2 < len(lengths) and lengths[k + 1] == length
            new = length if length > count or (length < count and repeats) else count
            if new != count or before != count:  # the meter changes, or the bar before is short
                lines[i], counts[i] = COUNTED, new
            count, before = new, length
        return cls(beats.intervals[:, 0].copy(), lines, counts, np.zeros(numbers.size, bool))

    @property
    def numbers(self) -> np.ndarray:
        """Number of each beat in its bar, from 1. Shape `(beats,)`."""
        anchor = self._anchors
        return (np.arange(self.times.size) - anchor) % self.counts[anchor] + 1

    @property
    def _anchors(self) -> np.ndarray:
        """Index of the bar line from which each beat is counted. Shape `(beats,)`."""
        anchors = np.flatnonzero(self.lines)
        index = np.searchsorted(anchors, np.arange(self.times.size), side="right") - 1
        return anchors[np.maximum(index, 0)]

    def beats(self) -> Segments:
        """One segment per beat, labelled with its number; the last is as long as the previous."""
        ends = np.r_[self.times[1:], 2 * self.times[-1] - self.times[-2]]
        return Segments(np.column_stack([self.times, ends]), [str(n) for n in self.numbers])

    def with_count(self, count: int) -> BeatGrid:
        """Count this many beats in all bars."""
        return replace(self, counts=np.where(self.lines > 0, count, 0))

    def with_tempo(self, factor: Fraction) -> BeatGrid:
        """Divide the beats anew: `factor` times as many, counted from the same bar lines.

        New beats lie on straight lines between the old ones.
        """
        anchors = np.flatnonzero(self.lines)
        count, step = self.times.size, 1 / factor
        positions: list[Fraction] = []
        at_line: list[int] = []  # index of the old bar line, or -1
        position = anchors[0] - step * int(anchors[0] // step)
        for anchor, end in zip(anchors.tolist(), [*anchors[1:].tolist(), count], strict=True):
            position = anchor if positions else position
            while position < end:
                positions.append(Fraction(position))
                at_line.append(anchor if position == anchor else -1)
                position += step
        if len(positions) < 2:
            raise CorrectionsError("fewer than two beats would be left")
        edges = np.r_[self.times, 2 * self.times[-1] - self.times[-2]]
        times = np.interp([float(p) for p in positions], np.arange(count + 1), edges)
        if np.median(np.diff(times)) < MIN_PERIOD:
            raise CorrectionsError(f"the beats would be less than {MIN_PERIOD:g} s apart")
        placed = [p.denominator == 1 and bool(self.placed[int(p)]) for p in positions]
        lines, counts = (
            np.where(np.array(at_line) >= 0, kind[at_line], 0) for kind in (self.lines, self.counts)
        )
        return BeatGrid(times, lines, counts, np.array(placed))

    def with_bar_line(self, time: float) -> BeatGrid:
        """Begin a bar at the beat nearest to a time, and count from there to the next bar line.

        If the middle between two beats is nearer, the beats are off the beat: they are shifted by
        half a beat up to the next bar line. Within the first bar, earlier beats are shifted and
        counted likewise.
        """
        end = 2 * self.times[-1] - self.times[-2]
        middles = (self.times + np.r_[self.times[1:], end]) / 2
        i = int(np.abs(self.times - time).argmin())
        j = int(np.abs(middles - time).argmin())
        period = float(np.median(np.diff(self.times)))
        if not self.times[0] - period < time < end:
            raise CorrectionsError("there is no beat near this time")
        if abs(self.times[i] - time) <= abs(middles[j] - time):
            return self._with_line(i)
        return self._shifted_by_half(j, middles)

    def _with_line(self, i: int) -> BeatGrid:
        """A bar line at beat `i`."""
        lines = self._lines_around(i)
        lines[i] = BY_HAND
        counts = np.where(lines > 0, self.counts, 0)
        counts[i] = self.counts[self._anchors[i]]
        return replace(self, lines=lines, counts=counts)

    def _lines_around(self, i: int) -> np.ndarray:
        """The bar lines that hold when a bar begins at beat `i`.

        The first downbeat gives way if the new bar line is before it or in the first bar.
        """
        lines = self.lines.copy()
        first = int((lines > 0).argmax())
        if lines[first] == COUNTED and (first > i or i < self.counts[first]):
            lines[first] = 0
        return lines

    def _shifted_by_half(self, j: int, middles: np.ndarray) -> BeatGrid:
        """A bar line at the middle after beat `j`; the beats up to the next one are shifted."""
        lines = self._lines_around(j)
        later = j + 1 + np.flatnonzero(lines[j + 1 :])
        stop = int(later[0]) if later.size else self.times.size
        if j < self.counts[self._anchors[0]]:
            lead = self.times[0] - (self.times[1] - self.times[0]) / 2
            before = np.r_[[lead] if lead >= 0 else [], middles[:j]]
            unchanged = 0
        else:
            before = self.times[: j + 1]
            unchanged = j + 1
        times = np.r_[before, middles[j:stop], self.times[stop:]]
        new = times.size - unchanged - (self.times.size - stop)
        kinds, counts, placed = (
            np.r_[kind[:unchanged], np.zeros(new, kind.dtype), kind[stop:]]
            for kind in (lines, np.where(lines > 0, self.counts, 0), self.placed)
        )
        kinds[before.size] = BY_HAND
        counts[before.size] = self.counts[self._anchors[j]]
        return BeatGrid(times, kinds, counts, placed)

    def with_beat_moved(self, time: float, to: float) -> BeatGrid:
        """Move the beat at a time; it stays between its neighbours."""
        i = self._at(time)
        low = self.times[i - 1] + MIN_GAP if i else 0.0
        high = self.times[i + 1] - MIN_GAP if i + 1 < self.times.size else np.inf
        if not low <= to <= high:
            raise CorrectionsError(f"a beat moves between its neighbours, not to {to:g} s")
        times, placed = self.times.copy(), self.placed.copy()
        times[i], placed[i] = to, True
        return replace(self, times=times, placed=placed)

    def with_beat_added(self, time: float) -> BeatGrid:
        """Add a beat; the following ones are counted anew up to the next bar line."""
        if np.abs(self.times - time).min() < MIN_GAP:
            raise CorrectionsError("there is a beat at this time")
        i = int(np.searchsorted(self.times, time))
        return replace(
            self,
            times=np.insert(self.times, i, time),
            lines=np.insert(self.lines, i, 0),
            counts=np.insert(self.counts, i, 0),
            placed=np.insert(self.placed, i, True),
        )

    def with_beat_deleted(self, time: float) -> BeatGrid:
        """Delete the beat at a time; a bar line on it goes to the next beat."""
        i = self._at(time)
        if self.times.size < 3:
            raise CorrectionsError("fewer than two beats would be left")
        lines, counts = np.delete(self.lines, i), np.delete(self.counts, i)
        following = min(i, lines.size - 1)
        if self.lines[i] > lines[following]:
            lines[following], counts[following] = self.lines[i], self.counts[i]
        return replace(
            self,
            times=np.delete(self.times, i),
            lines=lines,
            counts=counts,
            placed=np.delete(self.placed, i),
        )

    def _at(self, time: float) -> int:
        """Index of the beat at a time."""
        i = int(np.abs(self.times - time).argmin())
        if abs(self.times[i] - time) > SAME_BEAT:
            raise CorrectionsError("there is no beat at this time")
        return i

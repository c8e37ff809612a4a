"""`TempoMap`: conversion between seconds and beats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .errors import NotesError

STEADY = 0.05  # s; largest deviation of beats from a straight line for one constant tempo


@dataclass(frozen=True, eq=False)
class TempoMap:
    """Piecewise constant tempo.

    Parameters
    ----------
    times
        Start of each tempo in seconds, increasing, the first 0. Shape `(n,)`.
    bpm
        Tempo from there on, in quarter notes per minute. Shape `(n,)`.

    Raises
    ------
    NotesError
        If the shapes differ, the arrays are empty, the times do not increase from 0, or a tempo
        is not positive and finite.

    Examples
    --------
    >>> tempo = TempoMap([0.0, 2.0], [60.0, 120.0])
    >>> tempo.beats([0.0, 1.0, 2.0, 3.0])
    array([0., 1., 2., 4.])
    >>> tempo.seconds([4.0])
    array([3.])
    """

    times: np.ndarray
    bpm: np.ndarray

    def __init__(self, times: ArrayLike, bpm: ArrayLike) -> None:
        starts = np.atleast_1d(np.asarray(times, float))
        tempi = np.atleast_1d(np.asarray(bpm, float))
        if starts.ndim != 1 or starts.shape != tempi.shape or starts.size == 0:
            raise NotesError(
                f"times and bpm must have one shape (n,), not {starts.shape}, {tempi.shape}"
            )
        if starts[0] != 0 or not np.all(np.diff(starts) > 0) or not np.isfinite(starts[-1]):
            raise NotesError("the times of a tempo map must start at 0 s and increase")
        if not (np.all(np.isfinite(tempi)) and np.all(tempi > 0)):
            raise NotesError("every tempo must be positive and finite")
        object.__setattr__(self, "times", starts)
        object.__setattr__(self, "bpm", tempi)

    @classmethod
    def from_beats(cls, beat_times: ArrayLike) -> TempoMap:
        """Create the tempo map whose beats are the given beat times.

        If all beats lie within 50 ms of a straight line, the tempo is constant (the slope of the
        line); otherwise each interval has its own tempo. The time before the first beat is divided
        into a whole number of beats, so that the given beats are whole beats of the map; a first
        beat less than half a beat after time 0 is beat 0.

        Parameters
        ----------
        beat_times
            Increasing times of at least two beats, in seconds.

        Raises
        ------
        NotesError
            If there are fewer than two beats, or they do not increase.
        """
        beats = np.asarray(beat_times, float)
        if beats.ndim != 1 or beats.size < 2 or not np.all(np.diff(beats) > 0):
            raise NotesError("a tempo needs at least two increasing beat times")
        count = np.arange(beats.size)
        period, first = np.polyfit(count, beats, 1)
        steady = np.abs(first + period * count - beats).max() <= STEADY
        if steady:
            beats = max(first, 0.0) + period * np.arange(3)
        starts, periods = beats[:-1], np.diff(beats)
        lead = round(starts[0] / periods[0])  # whole beats before the first given one
        if lead:
            starts, periods = np.r_[0.0, starts], np.r_[starts[0] / lead, periods]
        else:  # the first beat is moved to time 0
            starts, periods = np.r_[0.0, starts[1:]], np.r_[beats[1], periods[1:]]
        changed = np.r_[True, np.abs(np.diff(periods)) > 1e-9]
        return cls(starts[changed], 60 / periods[changed])

    def beats(self, seconds: ArrayLike) -> np.ndarray:
        """Convert seconds to beats (quarter notes since time 0); same shape."""
        t = np.asarray(seconds, float)
        i = np.maximum(np.searchsorted(self.times, t, side="right") - 1, 0)
        return self._beats_at_change[i] + (t - self.times[i]) * self.bpm[i] / 60

    def seconds(self, beats: ArrayLike) -> np.ndarray:
        """Convert beats to seconds, the inverse of `beats`."""
        b = np.asarray(beats, float)
        i = np.maximum(np.searchsorted(self._beats_at_change, b, side="right") - 1, 0)
        return self.times[i] + (b - self._beats_at_change[i]) * 60 / self.bpm[i]

    @property
    def typical_bpm(self) -> float:
        """Typical tempo of the whole piece: the median of the mean tempo over eight beats.

        Single beat intervals are rounded to the frames of a beat tracker, too coarse for a tempo.
        The last tempo of the map is taken to last for sixteen beats.
        """
        end = self.times[-1] + 16 * 60 / self.bpm[-1]
        times = self.seconds(np.arange(int(self.beats(end) + 1e-6) + 1))
        span = min(8, times.size - 1)
        return float(60 * span / np.median(times[span:] - times[:-span]))

    @property
    def _beats_at_change(self) -> np.ndarray:
        """Beats since time 0 at each change of tempo, shape `(n,)`."""
        return np.r_[0.0, np.cumsum(np.diff(self.times) * self.bpm[:-1] / 60)]

    def __repr__(self) -> str:
        low, high = self.bpm.min(), self.bpm.max()
        span = f"{low:.1f}" if low == high else f"{low:.1f} to {high:.1f}"
        return f"TempoMap({span} bpm, {self.times.size} tempi)"

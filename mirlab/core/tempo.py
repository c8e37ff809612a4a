"""`TempoMap`: conversion between seconds and beats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .checks import as_floats
from .errors import NotesError
from .segments import Segments

STEADY = 0.05  # s; largest deviation of beats from a straight line for one constant tempo
AT_START = 1 / 24  # beats; a first beat this close to time 0 is moved to it
LATEST = 1e9  # s; later beat times are refused
SPAN = 8  # beats over which the typical tempo is averaged
MAX_SPANS = 100_000  # of these, more than in any music; bounds the memory


@dataclass(frozen=True, eq=False)
class TempoMap:
    """Piecewise constant tempo.

    Parameters
    ----------
    times
        Start of each tempo in seconds, increasing. The first is the time of beat 0: 0, or earlier
        if the recording begins between two beats. Shape `(n,)`.
    bpm
        Tempo from there on, in quarter notes per minute. Shape `(n,)`.

    Raises
    ------
    NotesError
        If the shapes differ, the arrays are empty, the times do not increase, the first is after
        0, or a tempo is not positive and finite.

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
        starts = np.atleast_1d(as_floats("times", times, NotesError))
        tempi = np.atleast_1d(as_floats("bpm", bpm, NotesError))
        if starts.ndim != 1 or starts.shape != tempi.shape or starts.size == 0:
            raise NotesError(
                f"times and bpm must have one shape (n,), not {starts.shape}, {tempi.shape}"
            )
        if not (np.all(np.isfinite(starts)) and np.all(np.diff(starts) > 0) and starts[0] <= 0):
            raise NotesError("the times of a tempo map must start at 0 s, or before, and increase")
        if not (np.all(np.isfinite(tempi)) and np.all(tempi > 0)):
            raise NotesError("every tempo must be positive and finite")
        object.__setattr__(self, "times", starts)
        object.__setattr__(self, "bpm", tempi)

    @classmethod
    def from_beats(cls, beat_times: ArrayLike | Segments) -> TempoMap:
        """Create the tempo map whose beats are the given beat times.

        If all beats lie within 50 ms of a straight line, the tempo is constant (the slope of the
        line); otherwise each interval has its own tempo. A first beat at 0 s does not count for the
        line, because trackers move a beat that would lie before the recording to its start.

        The tempo of the first interval is continued back to a whole beat at or before time 0, and
        the tempo after the last beat is the typical one (see `typical_bpm`). So the given beats are
        whole beats of the map, and the map begins between two beats where the recording does. A
        first beat within a 24th of a beat of time 0 is moved to it.

        Parameters
        ----------
        beat_times
            Increasing times of at least two beats, in seconds, at least one of them after 0; or the
            beats that `mirlab.track_beats` returns.

        Raises
        ------
        NotesError
            If there are fewer than two beats, they do not increase, or none is after 0.

        Examples
        --------
        >>> tempo = TempoMap.from_beats([0.2, 0.7, 1.2, 1.7])
        >>> tempo.times, tempo.beats([0.0, 0.2, 0.7])
        (array([-0.3]), array([0.6, 1. , 2. ]))
        """
        if isinstance(beat_times, Segments):
            beat_times = beat_times.intervals[:, 0]
        beats = as_floats("beat_times", beat_times, NotesError)
        if beats.ndim != 1 or beats.size < 2 or not np.all(np.diff(beats) > 0):
            raise NotesError("a tempo needs at least two increasing beat times")
        if np.abs(beats).max() > LATEST:
            raise NotesError(f"beat times must be between -{LATEST:g} and {LATEST:g} s")
        if beats[-1] <= AT_START * (beats[1] - beats[0]):
            raise NotesError("at least one beat must be after 0 s")
        line = _steady_line(beats)
        if line is not None:
            first, period = line
            beats = first + period * (np.arange(3) + max(0, np.ceil(-first / period)))
        period = beats[1] - beats[0]
        later = beats[beats > AT_START * period]
        start, lead = 0.0, later[0]  # time and period of beat 0
        if not np.any(np.abs(beats) <= AT_START * period):
            start, lead = min(0.0, later[0] - period * np.ceil(later[0] / period - 1e-9)), period
        starts = np.r_[start, later]
        periods = np.r_[lead, np.diff(later), _typical_period(beats)]
        changed = np.r_[True, np.abs(np.diff(periods)) > 1e-9]
        return cls(starts[changed], 60 / periods[changed])

    def beats(self, seconds: ArrayLike) -> np.ndarray:
        """Convert seconds to beats (quarter notes since beat 0); same shape."""
        t = as_floats("seconds", seconds, NotesError)
        i = np.maximum(np.searchsorted(self.times, t, side="right") - 1, 0)
        return self._beats_at_change[i] + (t - self.times[i]) * self.bpm[i] / 60

    def seconds(self, beats: ArrayLike) -> np.ndarray:
        """Convert beats to seconds, the inverse of `beats`."""
        b = as_floats("beats", beats, NotesError)
        i = np.maximum(np.searchsorted(self._beats_at_change, b, side="right") - 1, 0)
        return self.times[i] + (b - self._beats_at_change[i]) * 60 / self.bpm[i]

    def from_zero(self) -> TempoMap:
        """The same map, but beat 0 is at time 0, as in a MIDI file.

        Where the map begins between two beats, all of the first beat is played in what the
        recording has of it: a higher tempo until halfway to the next beat makes up for the rest.

        Examples
        --------
        >>> tempo = TempoMap([-0.25], [60.0]).from_zero()
        >>> tempo.beats([0.0, 0.375, 0.75, 1.75])
        array([0.   , 0.625, 1.   , 2.   ])
        """
        if self.times[0] == 0:
            return self
        half = float(self.seconds(np.floor(self.beats(0.0)) + 1)) / 2
        beats = float(self.beats(half))
        now = self.bpm[self.times <= half][-1]
        later = self.times > half
        return TempoMap(
            np.r_[0.0, half, self.times[later]], np.r_[60 * beats / half, now, self.bpm[later]]
        )

    @property
    def typical_bpm(self) -> float:
        """Typical tempo of the whole piece: the median of the mean tempo over eight beats.

        Single beat intervals are rounded to the frames of a beat tracker, too coarse for a tempo.
        The last tempo of the map is taken to last for sixteen beats.
        """
        end = self.times[-1] + 2 * SPAN * 60 / self.bpm[-1]
        count = int(self.beats(end) + 1e-6)
        span = min(SPAN, count)
        first = np.arange(0, count - span + 1, max(1, count // MAX_SPANS))
        return float(60 * span / np.median(self.seconds(first + span) - self.seconds(first)))

    @property
    def _beats_at_change(self) -> np.ndarray:
        """Beats since beat 0 at each change of tempo, shape `(n,)`."""
        return np.r_[0.0, np.cumsum(np.diff(self.times) * self.bpm[:-1] / 60)]

    def __repr__(self) -> str:
        low, high = self.bpm.min(), self.bpm.max()
        span = f"{low:.1f}" if low == high else f"{low:.1f} to {high:.1f}"
        return f"TempoMap({span} bpm, {self.times.size} tempi)"


def _steady_line(beats: np.ndarray) -> tuple[float, float] | None:
    """Time of the first beat and period of the straight line through the beats.

    None if a beat is more than 50 ms from it. The first beat may be before time 0.
    """
    count = np.arange(beats.size)
    counts = count >= (beats.size > 2 and beats[0] <= 0)
    period, first = np.polyfit(count[counts], beats[counts], 1)
    steady = period > 0 and np.abs(first + period * count - beats).max() <= STEADY
    return (float(first), float(period)) if steady else None


def _typical_period(beats: np.ndarray) -> float:
    """Median of the mean period over eight beats, or over all if there are fewer."""
    span = min(SPAN, beats.size - 1)
    return float(np.median(beats[span:] - beats[:-span]) / span)

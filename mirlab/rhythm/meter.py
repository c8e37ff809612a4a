"""Meter estimation: accents of the beats, and the number of beats per bar."""

from __future__ import annotations

import numpy as np

from ..core import Audio, Notes, NotesError, Segments, SegmentsError
from ..core.checks import as_array, as_floats, require, require_type
from .checks import as_times
from .classic import beat_times, number_beats, onset_strength

DEFAULT_BEATS = 4  # beats per bar, without evidence for another number
MIN_CLEARNESS = 3.0  # standard errors between the accents of downbeats and other beats
MIN_RATIO = 1.3  # clearness of another number relative to that of four beats


def beats_by_dynamic_programming(audio: Audio, *, notes: Notes | None = None) -> Segments:
    """Track beats and number them in bars; see `beat_times` and `number_beats`.

    A bar has four beats, or the number that the accents of the notes suggest (`beats_per_bar`). It
    begins where the onsets on the beats are strongest.

    Parameters
    ----------
    audio
        Any audio.
    notes
        Notes of the recording, if known.

    Returns
    -------
    Segments
        As returned by `number_beats`.
    """
    if notes is not None:
        require_type("notes", notes, Notes, NotesError)
    strength = onset_strength(audio)
    times = beat_times(strength)
    no_changes = np.zeros(0)  # the chords are unknown
    per_bar = DEFAULT_BEATS
    if notes is not None and times.size > 1:
        per_bar, _ = beats_per_bar(accents(times, no_changes, notes))
    return number_beats(times, strength, no_changes, per_bar=per_bar)


def accents(times: np.ndarray, changes: np.ndarray, notes: Notes) -> np.ndarray:
    """Accent of each beat, the evidence that it is a downbeat; shape `(beats,)`.

    A chord change on the beat counts 2. Of the notes that begin on it, the longest and the lowest
    count up to 1 each, because bars tend to begin with long and low notes.
    """
    times = as_times("times", times)
    changes = as_array("changes", changes, SegmentsError)
    require_type("notes", notes, Notes, NotesError)
    found = np.zeros(times.size)
    if changes.size:
        found += 2.0 * (np.bincount(nearest(times, changes), minlength=times.size) > 0)
    if not len(notes) or times.size < 2:
        return found
    beat = nearest(times, notes.onset)
    period = float(np.median(np.diff(times)))
    on_beat = np.abs(notes.onset - times[beat]) < period / 6
    length = (notes.offset - notes.onset) / (4 * period)
    depth = (72 - notes.pitch) / 36
    for weight in (length, depth):
        largest = np.zeros(times.size)
        np.maximum.at(largest, beat[on_beat], np.minimum(weight[on_beat], 1.0))
        found += largest
    return found


def nearest(grid: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Index of the element of `grid` (increasing, not empty) nearest to each of `times`.

    Examples
    --------
    >>> nearest(np.array([0.0, 1.0, 2.0]), np.array([0.4, 1.6])).tolist()
    [0, 2]
    """
    grid = as_array("grid", grid, SegmentsError)
    times = as_floats("times", times, SegmentsError)
    sorted_ = grid.size > 0 and bool(np.all(np.diff(grid) >= 0))
    require(sorted_, "grid must be sorted and not empty", SegmentsError)
    after = np.searchsorted(grid, times).clip(1, max(1, grid.size - 1))
    after = np.minimum(after, grid.size - 1)
    before = np.maximum(after - 1, 0)
    return np.where(times - grid[before] <= grid[after] - times, before, after)


def beats_per_bar(accent: np.ndarray) -> tuple[int, bool]:
    """Estimate the number of beats per bar, 2, 3 or 4, and whether the accents support it clearly.

    For each number and each phase, the accents of the downbeats are compared with those of the
    other beats. The number with the largest difference in standard errors is chosen; four beats
    unless another number is clearly better.

    Examples
    --------
    >>> beats_per_bar(np.tile([1.0, 0.1, 0.0], 10)), beats_per_bar(np.ones(12))
    ((3, True), (4, False))
    """
    accent = as_array("accent", accent, SegmentsError)
    clear = {count: _clearness(accent, count) for count in (2, 3, DEFAULT_BEATS)}
    best = DEFAULT_BEATS  # accents of a bar of four are also accents of bars of two
    for count in (2, 3) if clear[DEFAULT_BEATS] < MIN_CLEARNESS else (3,):
        if clear[count] >= max(MIN_CLEARNESS, MIN_RATIO * clear[best]):
            best = count
    return best, clear[best] >= MIN_CLEARNESS


def _clearness(accent: np.ndarray, count: int) -> float:
    """Difference between downbeats and other beats in standard errors, for the best phase."""
    if accent.size < 2 * count or np.ptp(accent) == 0:
        return 0.0
    best = 0.0
    for phase in range(count):
        downbeat = np.arange(accent.size) % count == phase
        difference = accent[downbeat].mean() - accent[~downbeat].mean()
        spread = max(float(np.hypot(accent[downbeat].std(), accent[~downbeat].std())), 0.2)
        best = max(best, difference / spread * np.sqrt(downbeat.sum() * (count - 1) / count))
    return float(best)

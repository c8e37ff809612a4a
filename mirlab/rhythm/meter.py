"""From beats to bars: which beats are accented, and how many make a bar."""

from __future__ import annotations

import numpy as np

from ..core import Audio, Notes, Segments
from .classic import beat_times, number_beats, onset_strength

COMMON = 4  # beats a bar where nothing says otherwise
CLEAR = 3.0  # standard errors by which the ones must stand out
BETTER = 1.3  # times as clear as four beats must another count be


def beats_by_dynamic_programming(audio: Audio, *, notes: Notes | None = None) -> Segments:
    """The beats of a sound, counted in bars; see `beat_times` and `number_beats`.

    A bar has four beats, or what the accents of the notes say where these are known
    (`beats_a_bar`); it begins where the onsets on the beats are strongest.

    Parameters
    ----------
    audio
        Any sound.
    notes
        Of this sound.

    Returns
    -------
    Segments
        As `number_beats` gives them.
    """
    strength = onset_strength(audio)
    times = beat_times(strength)
    unknown = np.zeros(0)  # the chords
    per_bar = COMMON
    if notes is not None and times.size > 1:
        per_bar, _ = beats_a_bar(accents(times, unknown, notes))
    return number_beats(times, strength, unknown, per_bar=per_bar)


def accents(times: np.ndarray, changes: np.ndarray, notes: Notes) -> np.ndarray:
    """How much speaks for each beat as the first of a bar; shape `(beats,)`.

    Chord changes there count two; of the notes that begin there the longest and the lowest count
    up to one each, as long and low notes stand at the beginnings of bars.
    """
    found = np.zeros(times.size)
    if changes.size:
        found += 2.0 * (np.bincount(nearest(times, changes), minlength=times.size) > 0)
    if not len(notes):
        return found
    beat = nearest(times, notes.onset)
    period = float(np.median(np.diff(times)))
    on = np.abs(notes.onset - times[beat]) < period / 6
    length = (notes.offset - notes.onset) / (4 * period)
    depth = (72 - notes.pitch) / 36
    for speaks in (length, depth):
        most = np.zeros(times.size)
        np.maximum.at(most, beat[on], np.minimum(speaks[on], 1.0))
        found += most
    return found


def nearest(rising: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Index of the nearest of `rising` times, shape `(n,)` and not empty, to each of `times`."""
    after = np.searchsorted(rising, times).clip(1, max(1, rising.size - 1))
    after = np.minimum(after, rising.size - 1)
    before = np.maximum(after - 1, 0)
    return np.where(times - rising[before] <= rising[after] - times, before, after)


def beats_a_bar(accent: np.ndarray) -> tuple[int, bool]:
    """How many beats make a bar, 2, 3 or 4, and whether the accents say so clearly.

    For each count and each way to begin it the accents of the ones are held against the others';
    what stands out by most standard errors wins, four beats where it is not clearly another.

    Examples
    --------
    >>> beats_a_bar(np.tile([1.0, 0.1, 0.0], 10)), beats_a_bar(np.ones(12))
    ((3, True), (4, False))
    """
    clear = {count: _clearness(accent, count) for count in (2, 3, COMMON)}
    best = COMMON  # two strong beats in four are strong ones in two, too
    for count in (2, 3) if clear[COMMON] < CLEAR else (3,):
        if clear[count] >= max(CLEAR, BETTER * clear[best]):
            best = count
    return best, clear[best] >= CLEAR


def _clearness(accent: np.ndarray, count: int) -> float:
    """Standard errors by which the best choice of ones stands out; 0 where there is no choice."""
    if accent.size < 2 * count or np.ptp(accent) == 0:
        return 0.0
    best = 0.0
    for phase in range(count):
        one = np.arange(accent.size) % count == phase
        difference = accent[one].mean() - accent[~one].mean()
        spread = max(float(np.hypot(accent[one].std(), accent[~one].std())), 0.2)
        best = max(best, difference / spread * np.sqrt(one.sum() * (count - 1) / count))
    return float(best)

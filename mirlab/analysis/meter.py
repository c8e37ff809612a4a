"""Beats, bars, meter and key of a recording, as needed to write a score of its notes.

Used by `analyze` and `mirlab transcribe`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..chords import chords_from_spectrogram, constant_q, key_from_spectrogram
from ..core import Audio, Notes, Segments, TempoMap
from ..core.bars import Bars, beat_numbers
from ..core.constants import SAMPLE_RATE
from ..rhythm import (
    DEFAULT_BEATS,
    accents,
    beat_times,
    beats_per_bar,
    nearest,
    number_beats,
    onset_strength,
)
from ..score.grid import SIXTHS, STEPS, find_grid

MIN_TRIPLE = 0.7  # fraction of divided beats divided in three, from which the meter is 6/8
MAX_SHIFT = 0.08  # s; largest distance of a beat from the note that is on it
NEIGHBOURS = 3  # beats before and after that are shifted alike
MAX_DEVIATION = 0.03  # s; largest difference between the shift of a beat and of its neighbours
MIN_DIVIDED = 8  # divided beats needed to decide
MAX_BEATS = 7  # per bar
CHANGED_METER, WRONG_DOWNBEAT = 1.0, 1.2  # costs in `steady_bars`


@dataclass(frozen=True, eq=False)
class MeteredNotes:
    """Notes with beats and meter, from which a score is written.

    Parameters
    ----------
    notes
        Notes with the tempo map of the beats, which are aligned with the notes (`align_beats`);
        without a tempo map if no beat was found.
    beats
        One segment per beat, labelled with its number in the bar; `"1"` is the downbeat.
    meter
        The meter of most bars; in compound time, such as (6, 8), a beat is a dotted quarter note.
    sure
        Whether the meter was found; otherwise it is a default.
    """

    notes: Notes
    beats: Segments
    meter: tuple[int, int]
    sure: bool

    @property
    def bars(self) -> Bars | None:
        """The bars on the tempo map of the notes; None without beats."""
        return bars_of_beats(self.beats, self.notes, self.meter)


def meter_from_audio(audio: Audio, notes: Notes) -> tuple[MeteredNotes, str | None]:
    """Estimate beats and meter of a recording for its notes, and its key."""
    audio = audio.mono().resample(SAMPLE_RATE)
    spectrogram = constant_q(audio)
    chords = chords_from_spectrogram(spectrogram, audio.duration)
    strength = onset_strength(audio)
    found = infer_meter(notes, beat_times(strength), strength, chords)
    return found, key_from_spectrogram(spectrogram, chords)


def infer_meter(
    notes: Notes, times: np.ndarray, strength: np.ndarray, chords: Segments
) -> MeteredNotes:
    """Infer the meter from notes, beats and chords, and give the notes a tempo map.

    For beat trackers that find times only; all bars have one meter. Where a model numbers the
    beats, use `metered_notes`.

    Parameters
    ----------
    notes
        Detected notes.
    times
        Beat times in seconds, increasing, shape `(beats,)`.
    strength
        From `onset_strength`.
    chords
        Recognized chords; bars tend to begin at chord changes.

    Examples
    --------
    >>> beats = np.arange(0, 12, 0.5)
    >>> notes = Notes(beats, beats + 0.4, np.tile([40, 64, 67], 8))  # low, high, high
    >>> metered = infer_meter(notes, beats, np.ones(600), Segments([(0, 12)], ["C:maj"]))
    >>> metered.meter, metered.beats.labels[:4]
    ((3, 4), ('1', '2', '3', '1'))
    """
    if times.size < 2:
        return MeteredNotes(notes, Segments([], []), (DEFAULT_BEATS, 4), False)
    changes = chords.intervals[:, 0]
    compound = _is_compound(notes, times)
    per_bar, sure = beats_per_bar(accents(times, changes, notes))
    if compound:
        per_bar = 2
    beats = number_beats(times, strength, changes, per_bar=per_bar)
    meter = _meter(per_bar, compound=compound)
    tempo = tempo_of_beats(times, notes.onset, meter)
    return MeteredNotes(notes.with_tempo(tempo), beats, meter, sure)


def metered_notes(notes: Notes, beats: Segments) -> MeteredNotes:
    """Lay notes on beats that a model has numbered, whose bars may change.

    The numbers are kept, except where downbeats disagree with the bars around them (see
    `steady_bars`).

    Parameters
    ----------
    notes
        Detected notes.
    beats
        One segment per beat, labelled with its number in the bar, as from `track_beats`.

    Returns
    -------
    MeteredNotes
        Without tempo map and beats if there are fewer than two beats.

    Raises
    ------
    NotesError
        If a label is not a number.

    Examples
    --------
    >>> times = np.arange(14) / 2
    >>> beats = Segments(np.column_stack([times, times + 0.5]), list("41234123123123"))
    >>> found = metered_notes(Notes(times, times + 0.4, 60), beats)
    >>> found.meter, [tuple(change) for change in found.bars.changes]
    ((3, 4), [(1.0, 4, 4), (5.0, 3, 4)])
    """
    numbers = beat_numbers(beats)
    if numbers.size < 2:
        return MeteredNotes(notes, Segments([], []), (DEFAULT_BEATS, 4), False)
    numbers = steady_bars(numbers)
    times = beats.intervals[:, 0]
    compound = _is_compound(notes, times)
    counts = bar_counts(numbers)
    per_bar = int(np.bincount(counts).argmax())
    meter = _meter(per_bar, compound=compound)
    tempo = tempo_of_beats(times, notes.onset, meter)
    numbered = Segments(beats.intervals, [str(n) for n in numbers])
    return MeteredNotes(notes.with_tempo(tempo), numbered, meter, True)


def _is_compound(notes: Notes, times: np.ndarray) -> bool:
    """Whether the beats at these times are divided in three."""
    return has_triple_division(tempo_of_beats(times, notes.onset, (4, 4)).beats(notes.onset))


def _meter(per_bar: int, *, compound: bool) -> tuple[int, int]:
    """The meter with so many beats per bar."""
    return (3 * per_bar, 8) if compound else (per_bar, 4)


def bar_counts(numbers: np.ndarray) -> np.ndarray:
    """Beats of each complete bar; of the longest if there is none. At least one.

    >>> bar_counts(np.array([3, 1, 2, 3, 1, 2, 1])), bar_counts(np.array([3, 4, 1]))
    (array([3, 2]), array([4]))
    """
    counts = np.diff(np.flatnonzero(numbers == 1))
    return counts if counts.size else np.array([numbers.max()])


def steady_bars(numbers: np.ndarray) -> np.ndarray:
    """Number beats anew where a downbeat is out of step with the bars before and after it.

    A change of meter is kept if later downbeats confirm it: it lasts, or a single bar is longer or
    shorter and bars go on from its end. A single downbeat that is set too early or too late, or
    missing, or one too many, would be two changes; it is corrected. Dynamic programming finds the
    bars with the fewest changes and the fewest corrected downbeats in sum.

    Parameters
    ----------
    numbers
        Numbers of the beats in their bars, shape `(beats,)`.

    Examples
    --------
    >>> steady_bars(np.array([1, 2, 3, 1, 2, 1, 2, 3, 4, 1, 2, 3, 1, 2, 3])).tolist()
    [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]
    >>> steady_bars(np.array([1, 2, 3, 4, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4])).tolist()
    [1, 2, 3, 4, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4]
    """
    downbeat = numbers == 1
    starts = np.flatnonzero(downbeat)
    if starts.size < 3:
        return numbers
    first, last = int(starts[0]), int(starts[-1])
    before = np.r_[0, np.cumsum(downbeat)]  # downbeats before each beat
    longest = int(max(MAX_BEATS, np.diff(starts).max()))
    best: dict[int, dict[int, tuple[float, int]]] = {first: {0: (0.0, 0)}}
    for i in range(first + 1, last + 1):  # a bar of `count` beats ends at beat i
        missed = 0.0 if downbeat[i] else WRONG_DOWNBEAT
        for count in range(1, min(longest, i - first) + 1):
            extra = WRONG_DOWNBEAT * (before[i] - before[i - count + 1])
            for previous, (cost, _) in best.get(i - count, {}).items():
                change = CHANGED_METER * (previous not in (0, count))
                total = cost + change + extra + missed
                found = best.setdefault(i, {})
                if count not in found or total < found[count][0]:
                    found[count] = total, previous
    steady = numbers.copy()
    i, count = last, min(best[last], key=lambda count: best[last][count][0])
    while i > first:
        steady[i - count : i] = 1 + np.arange(count)
        i, count = i - count, best[i][count][1]
    return steady


def tempo_of_beats(
    times: np.ndarray,
    onsets: np.ndarray,
    meter: tuple[int, int],
    *,
    placed: np.ndarray | None = None,
) -> TempoMap:
    """The tempo map of beats, aligned with the notes on them, in quarter notes.

    Parameters
    ----------
    times, onsets
        As in `align_beats`.
    meter
        A beat is a dotted quarter in 6/8, otherwise a quarter.
    placed
        Beats that stay where they are, because somebody placed them. Shape `(beats,)`.
    """
    aligned = align_beats(times, onsets)
    if placed is not None:
        aligned = np.where(placed, times, aligned)
    tempo = TempoMap.from_beats(aligned)
    return TempoMap(tempo.times, tempo.bpm * quarters_per_beat(meter))


def align_beats(times: np.ndarray, onsets: np.ndarray) -> np.ndarray:
    """Shift each detected beat to the onset of the note on it.

    A beat tracker places beats on its frames and smooths the timing of the player; rhythms between
    the beats are quantized better relative to the notes themselves. A beat without a note, or whose
    shift would differ from that of its neighbours, is shifted like these.

    Parameters
    ----------
    times, onsets
        Beat times (at least two) and note onsets in seconds, increasing. Shapes `(beats,)`, `(n,)`.

    Examples
    --------
    >>> align_beats(np.array([0.5, 1.0, 1.5]), np.array([0.47, 0.96, 1.25])).round(3)
    array([0.47 , 0.96 , 1.465])
    """
    if not onsets.size:
        return times
    gap = np.diff(times)
    limit = np.minimum(np.r_[gap[0], gap], np.r_[gap, gap[-1]]) / 6  # off-beats are farther away
    limit = np.minimum(limit, MAX_SHIFT)
    shift = onsets[nearest(onsets, times)] - times
    on_beat = np.abs(shift) <= limit
    median = np.zeros(times.size)
    for i in range(times.size):
        near = slice(max(0, i - NEIGHBOURS), i + NEIGHBOURS + 1)
        if on_beat[near].any():
            median[i] = np.median(shift[near][on_beat[near]])
    consistent = on_beat & (np.abs(shift - median) <= MAX_DEVIATION)
    return times + np.where(consistent, shift, np.clip(median, -limit, limit))


def has_triple_division(onsets: np.ndarray) -> bool:
    """Whether most of the divided beats are divided in three or six; `onsets` in beats.

    Examples
    --------
    >>> [bool(has_triple_division(np.arange(60) / n)) for n in (2, 3)]
    [False, True]
    """
    inside = onsets - np.round(onsets)
    divided = np.unique(np.floor(onsets[np.abs(inside) > 1 / 8]).astype(int))
    if divided.size < MIN_DIVIDED:
        return False
    grid = find_grid(np.sort(onsets), span=STEPS, costs_of_divisions=SIXTHS)
    triple = grid.first + np.flatnonzero(grid.divisions % 3 == 0)
    return not grid.swings and np.isin(divided, triple).mean() >= MIN_TRIPLE


def quarters_per_beat(meter: tuple[int, int]) -> float:
    """Quarter notes per beat of a meter: 1.5 in 6/8.

    Examples
    --------
    >>> quarters_per_beat((3, 4)), quarters_per_beat((6, 8))
    (1.0, 1.5)
    """
    return 1.5 if meter[1] == 8 else 1.0


def beat_count(meter: tuple[int, int]) -> int:
    """Beats per bar of a meter: 2 in 6/8.

    Examples
    --------
    >>> beat_count((3, 4)), beat_count((6, 8))
    (3, 2)
    """
    return meter[0] // 3 if meter[1] == 8 else meter[0]


def bars_of_beats(beats: Segments, notes: Notes | None, meter: tuple[int, int]) -> Bars | None:
    """The bars of numbered beats, in quarter notes of the tempo map of the notes.

    None without beats or tempo map. `meter` is that of most bars, and says whether beats are
    quarter notes or dotted ones.
    """
    if not len(beats) or notes is None or notes.tempo_map is None:
        return None
    unit = quarters_per_beat(meter)
    first = round(float(notes.tempo_map.beats(beats.intervals[0, 0])) / unit)
    return Bars.from_beats(beats, first=first * unit, compound=unit != 1, per_bar=beat_count(meter))


def first_downbeat(beats: Segments, notes: Notes | None, meter: tuple[int, int]) -> int:
    """Number of beats between beat 0 of the tempo map and the first detected downbeat.

    Counted with the tempo map of the notes, which begins the score; without one, with that of the
    beats.
    """
    if not len(beats):
        return 0
    first = next((i for i, label in enumerate(beats.labels) if label == "1"), 0)
    if notes is None or notes.tempo_map is None:
        tempo, unit = TempoMap.from_beats(beats), 1.0
    else:
        tempo, unit = notes.tempo_map, quarters_per_beat(meter)
    return round(float(tempo.beats(beats.intervals[first, 0])) / unit)

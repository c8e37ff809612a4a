"""From a sound and its notes to what a score needs: beats, bars, meter and key.

`analyze` and `mirlab transcribe` share it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..chords import chords_from_spectrogram, constant_q, key_from_chords
from ..core import Audio, Notes, Segments, TempoMap
from ..core.constants import SAMPLE_RATE
from ..rhythm import COMMON, accents, beat_times, beats_a_bar, nearest, number_beats, onset_strength
from ..score.grid import STEPS, find_grid

TRIPLE = 0.7  # share of the divided beats; from there on the bar is written as 6/8
BESIDE = 0.08  # s; how far from a beat the note may be that is on it
AROUND = 3  # beats before and after that move alike
UNLIKE = 0.03  # s; how differently one may move
LEAST_DIVIDED = 8  # beats that must be divided before that is believed


@dataclass(frozen=True, eq=False)
class MeteredNotes:
    """What the score of a sound is written from.

    Parameters
    ----------
    notes
        With the tempo map of the beats, these moved to the notes beside them (`played`); without
        one where no beat was found; None as given.
    beats
        From beat to beat; the label is the beat's number in its bar, `"1"` the downbeat.
    meter
        (2, 4), (3, 4), (4, 4), or (6, 8) with two beats a bar.
    sure
        Whether the sound says so; otherwise the meter is assumed.
    """

    notes: Notes
    beats: Segments
    meter: tuple[int, int]
    sure: bool

    @property
    def downbeat(self) -> float:
        """Quarter notes between time 0 and the first downbeat that was found."""
        return first_downbeat(self.beats) * quarters_a_beat(self.meter)


def meter_from_audio(audio: Audio, notes: Notes) -> tuple[MeteredNotes, str | None]:
    """Everything that the score of these notes needs, from the sound; the key beside it."""
    audio = audio.mono().resample(SAMPLE_RATE)
    chords = chords_from_spectrogram(constant_q(audio), audio.duration)
    strength = onset_strength(audio)
    found = infer_meter(notes, beat_times(strength), strength, chords)
    return found, key_from_chords(chords)


def infer_meter(
    notes: Notes, times: np.ndarray, strength: np.ndarray, chords: Segments
) -> MeteredNotes:
    """Lay notes on beats, and find out how many make a bar.

    Parameters
    ----------
    notes
        Those that were found.
    times
        Of the beats, in seconds, rising, shape `(beats,)`.
    strength
        From `onset_strength`.
    chords
        Where they change, bars tend to begin.
    """
    if times.size < 2:
        return MeteredNotes(notes, Segments([], []), (COMMON, 4), False)
    tempo = TempoMap.from_beats(played(times, notes.onset))
    changes = chords.intervals[:, 0]
    compound = divided_in_three(tempo.beats(notes.onset))
    per_bar, sure = beats_a_bar(accents(times, changes, notes))
    if compound:
        per_bar = 2
    beats = number_beats(times, strength, changes, per_bar=per_bar)
    meter = (6, 8) if compound else (per_bar, 4)
    tempo = TempoMap(tempo.times, tempo.bpm * quarters_a_beat(meter))
    return MeteredNotes(notes.with_tempo(tempo), beats, meter, sure)


def played(times: np.ndarray, onsets: np.ndarray) -> np.ndarray:
    """Found beats, each moved to the note that begins beside it, if one does.

    A tracker says which notes are on the beat, but places beats on its frames and smooths the
    player's time; what lies between the beats is read better from the notes themselves. A beat
    without a note, or with one that would move it unlike its neighbours, moves as these do.

    Parameters
    ----------
    times, onsets
        In seconds, rising, at least two beats. Shapes `(beats,)`, `(n,)`.

    Examples
    --------
    >>> played(np.array([0.5, 1.0, 1.5]), np.array([0.47, 0.96, 1.25])).round(3)
    array([0.47 , 0.96 , 1.465])
    """
    if not onsets.size:
        return times
    gap = np.diff(times)
    room = np.minimum(np.r_[gap[0], gap], np.r_[gap, gap[-1]]) / 6  # an off-beat is farther away
    room = np.minimum(room, BESIDE)
    move = onsets[nearest(onsets, times)] - times
    beside = np.abs(move) <= room
    common = np.zeros(times.size)
    for i in range(times.size):
        near = slice(max(0, i - AROUND), i + AROUND + 1)
        if beside[near].any():
            common[i] = np.median(move[near][beside[near]])
    alike = beside & (np.abs(move - common) <= UNLIKE)
    return times + np.where(alike, move, np.clip(common, -room, room))


def divided_in_three(onsets: np.ndarray) -> bool:
    """Whether most beats that are divided at all, are divided in three; onsets in beats."""
    inside = onsets - np.round(onsets)
    divided = np.unique(np.floor(onsets[np.abs(inside) > 1 / 8]).astype(int))
    if divided.size < LEAST_DIVIDED:
        return False
    grid = find_grid(np.sort(onsets), span=STEPS)
    triple = grid.first + np.flatnonzero(grid.divisions == 3)
    return not grid.swings and np.isin(divided, triple).mean() >= TRIPLE


def quarters_a_beat(meter: tuple[int, int]) -> float:
    """Quarter notes in a beat of this meter: 1.5 in 6/8."""
    return 1.5 if meter[1] == 8 else 1.0


def count_a_bar(meter: tuple[int, int]) -> int:
    """Beats in a bar of this meter: two in 6/8."""
    return meter[0] // 3 if meter[1] == 8 else meter[0]


def first_downbeat(beats: Segments) -> int:
    """How many beats lie between time 0 and the first downbeat that was found."""
    if not len(beats):
        return 0
    first = next((i for i, label in enumerate(beats.labels) if label == "1"), 0)
    tempo = TempoMap.from_beats(beats.intervals[:, 0])
    return round(float(tempo.beats(beats.intervals[first, 0])))

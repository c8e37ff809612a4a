"""Expressive performance of a score: tempo changes, timing deviations and dynamics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core import Notes, TempoMap
from .ornaments import bend_curve
from .score import Harmony, ScoreNote

DRIFT = (64.0, 23.0)  # beats, periods of the tempo's drift: a page, a phrase
SHORTEST = 0.02  # s, minimum duration of a note
GAP = 0.002  # s between two notes of the same pitch
DRUM_LENGTH = 0.1  # s


@dataclass(frozen=True)
class Performer:
    """A performer: an instrument and a manner of playing.

    Parameters
    ----------
    program
        General MIDI program; ignored for drums.
    velocity
        Velocity of a note without accent on a weak beat.
    loose
        Standard deviation of the timing, in seconds.
    lag
        Mean delay behind the beat in seconds; negative values anticipate it.
    legato
        Sounding duration as a fraction of the written one; above 1 notes overlap.
    staccato
        Probability that a note is cut to half of that.
    strum
        Seconds between successive notes of a chord, from the lowest up.
    pedal
        Whether the sustain pedal is used.
    is_drum
        Whether the instrument is a drum kit.
    """

    program: int
    velocity: float = 78.0
    loose: float = 0.006
    lag: float = 0.0
    legato: float = 0.95
    staccato: float = 0.0
    strum: float = 0.0
    pedal: bool = False
    is_drum: bool = False


def tempo_curve(beats: int, bpm: float, rng: np.random.Generator, *, rubato: float) -> TempoMap:
    """Tempo of every beat: slow drift, acceleration within phrases, and a final ritardando.

    Parameters
    ----------
    beats
        Number of beats, at least 1.
    bpm
        Mean tempo, in beats per minute.
    rng
        Random generator.
    rubato
        Size of the deviations, as a fraction of the tempo; 0 gives a constant tempo.
    """
    position = np.arange(beats, dtype=float)
    slow, quick = (np.sin(2 * np.pi * (position / period + rng.random())) for period in DRIFT)
    jitter = rng.standard_normal(beats)
    end = np.clip((position - (beats - 6)) / 6, 0, 1)  # the last six beats
    speed = bpm * (1 + rubato * (0.5 * slow + 0.5 * quick + 0.15 * jitter)) * (1 - 4 * rubato * end)
    tempi = np.clip(speed, 0.4 * bpm, 1.6 * bpm).round(3)
    return TempoMap(np.r_[0.0, np.cumsum(60 / tempi[:-1])].round(6), tempi)


def perform(
    score: Sequence[ScoreNote],
    player: Performer,
    tempo: TempoMap,
    rng: np.random.Generator,
    *,
    meter: int,
    harmonies: Sequence[Harmony] = (),
) -> Notes:
    """Perform a part.

    Onsets deviate randomly and by the performer's lag, but by no more than a tenth of the note's
    length, so that fast repetitions stay even. Velocities follow the meter, the phrase and a random
    term. A note ends before the next one of its pitch begins.

    Parameters
    ----------
    score
        Notes of the part.
    player
        Performer.
    tempo
        Map from beats to seconds.
    rng
        Random generator.
    meter
        Beats per bar.
    harmonies
        Chords; the pedal is changed with each of them.

    Returns
    -------
    Notes
        With times in whole microseconds.
    """
    beat, beats, pitch, accent = (
        np.array([getattr(note, name) for note in score])
        for name in ("beat", "beats", "pitch", "accent")
    )
    start = tempo.seconds(beat)
    length = tempo.seconds(beat + beats) - start
    loose = player.loose * rng.standard_normal(beat.size) + player.lag
    start = start + np.clip(loose, -0.1 * length, 0.1 * length)
    onset = np.maximum(start + player.strum * _rank_in_chord(beat, pitch), 0).round(6)
    legato = player.legato * np.where(rng.random(beat.size) < player.staccato, 0.5, 1.0)
    offset = start + (DRUM_LENGTH if player.is_drum else length * legato)
    offset = np.maximum(offset, onset + SHORTEST).round(6)
    swell = 5 * np.sin(2 * np.pi * (beat / (8 * meter) + rng.random()))
    loudness = player.velocity + accent + swell + _metrical_accent(beat, meter)
    velocity = np.clip(np.round(loudness + 4 * rng.standard_normal(beat.size)), 10, 127)
    keep, offset = remove_overlaps(onset, offset, pitch)
    bends = [
        bend_curve(score[i].bend, onset[i], offset[i], rng) if score[i].bend else np.zeros((0, 2))
        for i in keep
    ]
    return Notes(
        onset[keep],
        offset[keep],
        pitch[keep],
        velocity[keep],
        0 if player.is_drum else player.program,
        player.is_drum,
        bends=bends,
        tempo_map=tempo,
        pedal=_pedal(harmonies, tempo, player) if player.pedal else None,
    )


def _metrical_accent(beat: np.ndarray, meter: int) -> np.ndarray:
    """Increase of velocity on downbeats and on beats."""
    on_bar, on_beat = beat % meter < 1e-6, beat % 1 < 1e-6
    return np.where(on_bar, 8.0, np.where(on_beat, 3.0, 0.0))


def _rank_in_chord(beat: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Number of lower notes on the same beat, for each note."""
    order = np.lexsort((pitch, beat))
    _, first, group = np.unique(beat[order], return_index=True, return_inverse=True)
    rank = np.empty(beat.size, int)
    rank[order] = np.arange(beat.size) - first[group]
    return rank


def remove_overlaps(
    onset: np.ndarray, offset: np.ndarray, pitch: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the notes to keep, and new offsets, so that no two of one pitch overlap."""
    end, keep = offset.copy(), np.ones(onset.size, bool)
    order = np.lexsort((onset, pitch))
    for now, after in zip(order[:-1], order[1:], strict=True):
        if pitch[now] == pitch[after]:
            end[now] = min(end[now], round(onset[after] - GAP, 6))
            keep[now] = end[now] > onset[now] + GAP
    return np.flatnonzero(keep), end


def _pedal(harmonies: Sequence[Harmony], tempo: TempoMap, player: Performer) -> np.ndarray:
    """Pedal from just after each chord to just after the next one begins, shape `(chords, 3)`."""
    start = tempo.seconds([harmony.beat for harmony in harmonies]) + 0.06
    end = tempo.seconds([harmony.end for harmony in harmonies]) + 0.02
    table = np.column_stack([start, end, np.full(start.size, player.program)])
    return np.round(table[end > start], 6)

"""From a score to a performance: a pulse that breathes, and hands that are human."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core import Notes, TempoMap
from .ornaments import bend_curve
from .score import Harmony, ScoreNote

DRIFT = (64.0, 23.0)  # beats after which the tempo comes back: a page, a phrase
SHORTEST = 0.02  # s: no key is let go sooner
GAP = 0.002  # s between two notes of one pitch
DRUM_LENGTH = 0.1  # s


@dataclass(frozen=True)
class Performer:
    """Someone at an instrument.

    Parameters
    ----------
    program
        General MIDI program; ignored for drums.
    velocity
        Of a plain note on a weak beat.
    loose
        Standard deviation of the timing, in seconds.
    lag
        How far behind the beat the player sits, in seconds; below 0 before it.
    legato
        How much of its written length a note sounds; over 1 notes overlap.
    staccato
        How likely a note is cut to half of that.
    strum
        Seconds from one note of a chord to the next higher one.
    pedal
        Whether the sustain pedal is used.
    is_drum
        Whether it is the drum kit.
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
    """A tempo for every beat: it drifts, phrases lean forward and back, and the end slows down.

    Parameters
    ----------
    beats
        Number of beats, at least 1.
    bpm
        The tempo about which it moves.
    rng
        Chance.
    rubato
        How far, as a share of the tempo; 0 is a machine.
    """
    place = np.arange(beats, dtype=float)
    slow, quick = (np.sin(2 * np.pi * (place / period + rng.random())) for period in DRIFT)
    jitter = rng.standard_normal(beats)
    end = np.clip((place - (beats - 6)) / 6, 0, 1)  # the last six beats
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
    """A part as someone plays it.

    Times are moved by chance and by habit, but by no more than a tenth of the note's length, so
    that fast repetitions stay even; velocities follow the meter, the phrase and chance. A key is
    let go before it is struck again.

    Parameters
    ----------
    score
        The part.
    player
        Who plays it.
    tempo
        When the beats are.
    rng
        Chance.
    meter
        Beats a bar.
    harmonies
        Where the pedal is changed.

    Returns
    -------
    Notes
        Times in whole microseconds.
    """
    beat, beats, pitch, accent = (
        np.array([getattr(note, name) for note in score])
        for name in ("beat", "beats", "pitch", "accent")
    )
    start = tempo.seconds(beat)
    length = tempo.seconds(beat + beats) - start
    loose = player.loose * rng.standard_normal(beat.size) + player.lag
    start = start + np.clip(loose, -0.1 * length, 0.1 * length)
    onset = np.maximum(start + player.strum * _place_in_chord(beat, pitch), 0).round(6)
    held = player.legato * np.where(rng.random(beat.size) < player.staccato, 0.5, 1.0)
    offset = start + (DRUM_LENGTH if player.is_drum else length * held)
    offset = np.maximum(offset, onset + SHORTEST).round(6)
    swell = 5 * np.sin(2 * np.pi * (beat / (8 * meter) + rng.random()))
    loudness = player.velocity + accent + swell + _metre(beat, meter)
    velocity = np.clip(np.round(loudness + 4 * rng.standard_normal(beat.size)), 10, 127)
    kept, offset = apart(onset, offset, pitch)
    bends = [
        bend_curve(score[i].bend, onset[i], offset[i], rng) if score[i].bend else np.zeros((0, 2))
        for i in kept
    ]
    return Notes(
        onset[kept],
        offset[kept],
        pitch[kept],
        velocity[kept],
        0 if player.is_drum else player.program,
        player.is_drum,
        bends=bends,
        tempo_map=tempo,
        pedal=_pedal(harmonies, tempo, player) if player.pedal else None,
    )


def _metre(beat: np.ndarray, meter: int) -> np.ndarray:
    """How much louder a note is for its place in the bar."""
    on_bar, on_beat = beat % meter < 1e-6, beat % 1 < 1e-6
    return np.where(on_bar, 8.0, np.where(on_beat, 3.0, 0.0))


def _place_in_chord(beat: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """How many notes of the same beat are lower, for each note."""
    order = np.lexsort((pitch, beat))
    _, first, which = np.unique(beat[order], return_index=True, return_inverse=True)
    place = np.empty(beat.size, int)
    place[order] = np.arange(beat.size) - first[which]
    return place


def apart(
    onset: np.ndarray, offset: np.ndarray, pitch: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which notes to keep, and their ends, so that no two of one pitch overlap."""
    end, kept = offset.copy(), np.ones(onset.size, bool)
    order = np.lexsort((onset, pitch))
    for now, after in zip(order[:-1], order[1:], strict=True):
        if pitch[now] == pitch[after]:
            end[now] = min(end[now], round(onset[after] - GAP, 6))
            kept[now] = end[now] > onset[now] + GAP
    return np.flatnonzero(kept), end


def _pedal(harmonies: Sequence[Harmony], tempo: TempoMap, player: Performer) -> np.ndarray:
    """Down just after each chord, up as the next one comes: shape `(chords, 3)`."""
    start = tempo.seconds([harmony.beat for harmony in harmonies]) + 0.06
    end = tempo.seconds([harmony.end for harmony in harmonies]) + 0.02
    table = np.column_stack([start, end, np.full(start.size, player.program)])
    return np.round(table[end > start], 6)

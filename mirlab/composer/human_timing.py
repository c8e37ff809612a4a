"""Human timing for a piece that is in strict time: rubato, spread chords, uneven dynamics.

`humanize` performs scores from MIDI files, which have no performers as the parts of `compose` do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..core import Notes, NotesError, Segments, TempoMap
from ..core.checks import as_float, require, require_seed, require_type
from .performance import remove_overlaps
from .piece import Piece
from .sampling import choice

MOST_RUBATO = 0.5
PERIODS = (4.0, 64.0)  # beats, of the waves of the tempo
PHRASES = (2, 4, 8)  # bars, after which players slow down
SHORTEST = 0.02  # s, minimum duration of a note
LARGEST_SHIFT = 0.08  # s, of a note from its chord, unless the chord is rolled
ON_BEAT = 0.05  # beats, largest distance of a note that is on a beat


def humanize(piece: Piece, *, seed: int, rubato: float, loose: float = 0.01) -> Piece:
    """Perform a piece in the time of a human player.

    The tempo moves in waves, slows at the ends of phrases and of the piece, hesitates before some
    beats, and is uneven from beat to beat. Notes of a chord do not begin together: each deviates,
    the melody may lead, and chords may be rolled. Accents mark some of the beats.

    Parameters
    ----------
    piece
        A piece with beats, such as from `piece_from_midi`.
    seed
        Seed of the performance, 0 or more.
    rubato
        Size of the tempo changes: about the standard deviation of the logarithm of the length of a
        beat, 0 (strict time) to 0.5.
    loose
        Standard deviation of the timing of chords and notes, in seconds, 0 to 0.1.

    Returns
    -------
    Piece
        The same piece; onsets, offsets, velocities, chords, beats and tempo map are new.

    Raises
    ------
    NotesError
        If an argument is out of range.

    Examples
    --------
    >>> from .composing import compose
    >>> piece = compose(1, style="waltz", duration=20)
    >>> strict = np.diff(piece.beats.intervals[:, 0])
    >>> free = np.diff(humanize(piece, seed=1, rubato=0.15).beats.intervals[:, 0])
    >>> bool(free.std() > 5 * strict.std()), free.size == strict.size
    (True, True)
    """
    require_type("piece", piece, Piece, NotesError)
    require_seed(seed, NotesError)
    for name, value, most in (("rubato", rubato, MOST_RUBATO), ("loose", loose, 0.1)):
        inside = 0 <= as_float(name, value, NotesError) <= most
        require(inside, f"{name} must be between 0 and {most}, not {value}", NotesError)
    if len(piece.beats) < 2:
        return piece
    rng = np.random.default_rng(seed)
    before = np.r_[piece.beats.intervals[:, 0], piece.beats.intervals[-1, 1]]
    factors = tempo_factors(piece.beats.labels, rng, rubato=rubato)
    after = before[0] + np.r_[0.0, np.cumsum(np.diff(before) * factors)]

    def warp(times: np.ndarray) -> np.ndarray:
        """Times of the strict piece to times of the performance; strict outside the beats."""
        inside = np.interp(times, before, after)
        return inside + np.minimum(times - before[0], 0) + np.maximum(times - before[-1], 0)

    accents = _accents(piece.beats, rng)
    parts = {
        name: _perform(notes, warp, rng, loose=loose, beats=before[:-1], accents=accents)
        for name, notes in piece.parts.items()
    }
    beats = Segments(warp(piece.beats.intervals), piece.beats.labels)
    return replace(
        piece,
        parts=parts,
        chords=Segments(warp(piece.chords.intervals), piece.chords.labels),
        beats=beats,
        tempo_map=TempoMap.from_beats(beats),
    )


def tempo_factors(labels: Sequence[str], rng: np.random.Generator, *, rubato: float) -> np.ndarray:
    """Factor on the length of each beat.

    Parameters
    ----------
    labels
        Number of each beat in its bar; `"1"` is the downbeat.
    rng
        Random generator.
    rubato
        As in `humanize`.

    Returns
    -------
    ndarray
        Positive, shape `(beats,)`; all 1 without rubato.
    """
    n = len(labels)
    position = np.arange(n)
    shortest, longest = np.log(PERIODS)
    periods = np.exp(rng.uniform(shortest, longest, 3))
    waves = np.sin(2 * np.pi * (position[:, None] / periods + rng.random(3)))
    curve = waves @ rng.uniform(0.2, 0.7, 3)
    jitter = 0.3 * rng.standard_normal(n + 1)
    curve += jitter[1:] - 0.5 * jitter[:-1]  # a beat that is too long is followed by a shorter one
    downbeats = np.flatnonzero(np.array(labels) == "1")
    for end in downbeats[:: choice(PHRASES, rng)]:
        if rng.random() < 0.7:
            slowing = rng.uniform(0.5, 2.5) * np.array([0.2, 0.5, 1.0])
            last = np.arange(max(0, end - 3), end)
            curve[last] += slowing[3 - last.size :]
    curve += (rng.random(n) < 0.04) * rng.uniform(0.5, 2.0, n)
    curve += 3 * rng.random() * np.clip((position - (n - 6)) / 6, 0, 1)
    return np.exp(np.clip(rubato * curve, -0.7, 1.0))


def _accents(beats: Segments, rng: np.random.Generator) -> np.ndarray:
    """Increase of the velocity on each beat, shape `(beats,)`."""
    on_bar, on_beat = rng.uniform(0, 12), rng.uniform(0, 6)
    return np.where(np.array(beats.labels) == "1", on_bar, on_beat)


def _perform(
    notes: Notes,
    warp: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
    *,
    loose: float,
    beats: np.ndarray,
    accents: np.ndarray,
) -> Notes:
    """Perform a part: human onsets, durations and velocities."""
    chord = np.unique(np.round(notes.onset, 3), return_inverse=True)[1]
    onset = warp(notes.onset)
    shift = loose * rng.standard_normal(chord.max() + 1)[chord]
    shift = shift + 0.5 * loose * rng.standard_normal(len(notes))
    highest = np.zeros(chord.max() + 1)
    np.maximum.at(highest, chord, notes.pitch)
    melody = notes.pitch == highest[chord]
    if rng.random() < 0.4:
        shift = shift - rng.uniform(0, 0.03) * melody
    shift = np.clip(shift, -LARGEST_SHIFT, LARGEST_SHIFT) + _rolled(notes, chord, rng)
    at = np.maximum(onset + shift, 0.0)
    length = (warp(notes.offset) - onset) * rng.uniform(0.7, 1.05)
    offset = at + np.maximum(length * rng.uniform(0.85, 1.1, len(notes)), SHORTEST)
    position = np.interp(notes.onset, beats, np.arange(beats.size))  # in beats
    index = position.round().astype(int)
    on_beat = np.abs(position - index) < ON_BEAT
    velocity = notes.velocity + accents[index] * on_beat + rng.uniform(0, 12) * melody
    velocity = velocity + rng.uniform(-20, 15) + 5 * rng.standard_normal(len(notes))
    keep, offset = remove_overlaps(at.round(6), offset.round(6), notes.pitch)
    return Notes(
        at.round(6)[keep],
        offset[keep],
        notes.pitch[keep],
        np.clip(np.round(velocity[keep]), 8, 127),
        notes.program[keep],
        notes.is_drum[keep],
    )


def _rolled(notes: Notes, chord: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Delay of each note of the rolled chords, from the lowest up; shape `(notes,)`."""
    order = np.lexsort((notes.pitch, chord))
    first = np.searchsorted(chord[order], chord)
    rank = np.empty(len(notes), int)
    rank[order] = np.arange(len(notes))
    rank -= first
    rolled = rng.random(chord.max() + 1) < rng.choice([0.0, 0.05, 0.3], p=[0.6, 0.3, 0.1])
    step = rng.uniform(0.01, 0.05, chord.max() + 1)
    return np.where(rolled[chord], rank * step[chord], 0.0)

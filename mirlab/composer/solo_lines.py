"""Random solo lines for voices, strings and winds: training data with slides and vibrato."""

from __future__ import annotations

import numpy as np

from ..core import Notes
from .keyboard_figures import SCALES, training_rng
from .ornaments import bend_curve
from .piece import Piece, piece_from_notes
from .sampling import choice, uniform
from .styles import BENDABLE, RANGES

PARTS = (1, 2, 3, 4)
PROBABILITIES = (0.55, 0.2, 0.15, 0.1)
SUNG = (52, 53, 54)  # choir, voice, synth voice
MARGIN = 7  # semitones by which a line may leave the instrument's range on either side
LENGTHS = (0.09, 1.6)  # s
GLIDE = (0.03, 0.14)  # s
STEP = 0.01  # s between points of a bend


def random_solo_parts(seed: int, *, duration: float = 30.0) -> Piece:
    """One to four random monophonic parts, slightly out of tune and out of time.

    Notes are legato or separated by breaths; pitches repeat, as in sung syllables. A note may slide
    in from the previous one, begin with a scoop or have vibrato, and is slightly detuned.

    Parameters
    ----------
    seed
        0 or more.
    duration
        Approximate duration in seconds.

    Returns
    -------
    Piece
        With the parts `voice 1`, `voice 2`, ...; it has no key, chords or beats.

    Raises
    ------
    NotesError
        If the seed is negative or the duration less than a second.

    Examples
    --------
    >>> sorted(random_solo_parts(4, duration=10).parts)
    ['voice 1', 'voice 2', 'voice 3', 'voice 4']
    """
    rng = training_rng(seed, duration)
    parts = {
        f"voice {i + 1}": _line(duration, rng)
        for i in range(int(rng.choice(PARTS, p=PROBABILITIES)))
    }
    return piece_from_notes(parts, "lines", seed)


def _line(duration: float, rng: np.random.Generator) -> Notes:
    """A random monophonic part."""
    program = choice(SUNG, rng) if rng.random() < 0.35 else choice(list(RANGES), rng)
    lowest, highest = RANGES.get(program, RANGES[53])
    if program in SUNG and rng.random() < 0.5:
        lowest, highest = lowest - 12, highest - 12  # a male voice
    key, scale = int(rng.integers(12)), choice(SCALES, rng)
    keys = np.arange(lowest - MARGIN, highest + MARGIN + 1)
    allowed = keys[np.isin((keys - key) % 12, scale)]
    tempo, evenness = uniform((0.12, 0.7), rng), uniform((0.2, 0.7), rng)
    legato, breath = uniform((0.7, 1.0), rng), uniform((0.03, 0.3), rng)
    flexible = program in BENDABLE or program in SUNG
    detuning, vibrato = 0.0, 0.0
    if flexible:
        detuning, vibrato = uniform((0, 0.2), rng), uniform((0.0, 0.9), rng)
    loudness, now = uniform((45, 105), rng), uniform((0.05, 0.6), rng)
    index = int(rng.integers(allowed.size))
    rows, bends = [], []
    while now < duration:
        length = float(np.clip(tempo * np.exp(evenness * rng.standard_normal()), *LENGTHS))
        end = now + max(length * legato * uniform((0.9, 1.0), rng), 0.05)
        previous = allowed[index]
        step = rng.choice((-4, -2, -1, -1, 0, 0, 1, 1, 2, 4))
        index = int(np.clip(index + step, 0, allowed.size - 1))
        rows.append((now, end, allowed[index], loudness + 8 * rng.standard_normal()))
        slide = float(previous - allowed[index]) if legato > 0.85 and rng.random() < 0.4 else 0.0
        bend = _bend(now, end, slide, detuning, vibrato, rng) if flexible else np.zeros((0, 2))
        bends.append(bend)
        now += length
        now += uniform((0.08, 0.7), rng) if rng.random() < breath else 0.0
    onset, offset, pitch, velocity = np.array(rows).T
    return Notes(
        onset.round(6),
        offset.round(6),
        pitch.astype(int),
        np.clip(np.round(velocity), 15, 127),
        program,
        bends=bends,
    )


def _bend(
    start: float,
    end: float,
    slide: float,
    detuning: float,
    vibrato: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Pitch bend of one note: detuning, slide from the previous note, vibrato or scoop.

    Parameters
    ----------
    start, end
        Start and end of the note, in seconds.
    slide
        Semitones from the note to the previous one; the slide covers at most two of them.
    detuning
        Standard deviation of the tuning, in semitones.
    vibrato
        Probability of vibrato or a scoop, 0..1.
    rng
        Random generator.
    """
    t = np.arange(start, end, STEP)
    bend = np.full(t.size, detuning * float(np.clip(rng.standard_normal(), -2, 2)))
    decay = np.clip(1 - (t - start) / uniform(GLIDE, rng), 0, 1) ** 2
    bend += np.clip(slide, -2, 2) * 0.5 * decay
    if rng.random() < vibrato:
        kind = "vibrato" if end - start > 0.25 and rng.random() < 0.8 else "scoop"
        bend += bend_curve(kind, start, end, rng)[:, 1]
    return np.column_stack([t.round(6), bend.round(4)])

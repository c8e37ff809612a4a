"""Lines: voices, bows and winds that sing, slide and breathe; for machines that learn to hear."""

from __future__ import annotations

import numpy as np

from ..core import Notes
from .keyboard_figures import SCALES, material_rng
from .ornaments import bend_curve
from .piece import Piece, piece_from_notes
from .sampling import between, one_of
from .styles import BENDABLE, RANGES

PARTS = (1, 2, 3, 4)
PROBABILITIES = (0.55, 0.2, 0.15, 0.1)
SUNG = (52, 53, 54)  # choir, voice, synth voice
WIDER = 7  # semitones by which a range may be left on either side
LENGTHS = (0.09, 1.6)  # s
GLIDE = (0.03, 0.14)  # s
POINT = 0.01  # s from point to point of a bend


def random_solo_parts(seed: int, *, duration: float = 30.0) -> Piece:
    """One to four voices, each a note after the other, none quite in tune or in time.

    Notes are bound or parted by breath; pitches repeat as syllables do; a note slides in from the
    one before, is scooped, or trembles, and lies a little beside its key.

    Parameters
    ----------
    seed
        0 or more.
    duration
        Seconds, about.

    Returns
    -------
    Piece
        Its parts are `voice 1`, `voice 2`, ...; it has no key, chords or beats.

    Raises
    ------
    NotesError
        For a negative seed, or less than a second.

    Examples
    --------
    >>> sorted(random_solo_parts(4, duration=10).parts)
    ['voice 1', 'voice 2', 'voice 3', 'voice 4']
    """
    rng = material_rng(seed, duration)
    parts = {
        f"voice {i + 1}": _line(duration, rng)
        for i in range(int(rng.choice(PARTS, p=PROBABILITIES)))
    }
    return piece_from_notes(parts, "lines", seed)


def _line(duration: float, rng: np.random.Generator) -> Notes:
    """One voice."""
    program = one_of(SUNG, rng) if rng.random() < 0.35 else one_of(list(RANGES), rng)
    lowest, highest = RANGES.get(program, RANGES[53])
    if program in SUNG and rng.random() < 0.5:
        lowest, highest = lowest - 12, highest - 12  # a man
    key, scale = int(rng.integers(12)), one_of(SCALES, rng)
    keys = np.arange(lowest - WIDER, highest + WIDER + 1)
    allowed = keys[np.isin((keys - key) % 12, scale)]
    tempo, evenness = between((0.12, 0.7), rng), between((0.2, 0.7), rng)
    legato, breath = between((0.7, 1.0), rng), between((0.03, 0.3), rng)
    flexible = program in BENDABLE or program in SUNG
    off, shaking = (between((0, 0.2), rng), between((0.0, 0.9), rng)) if flexible else (0.0, 0.0)
    loud, now = between((45, 105), rng), between((0.05, 0.6), rng)
    at = int(rng.integers(allowed.size))
    rows, bends = [], []
    while now < duration:
        length = float(np.clip(tempo * np.exp(evenness * rng.standard_normal()), *LENGTHS))
        end = now + max(length * legato * between((0.9, 1.0), rng), 0.05)
        before = allowed[at]
        at = int(np.clip(at + rng.choice((-4, -2, -1, -1, 0, 0, 1, 1, 2, 4)), 0, allowed.size - 1))
        rows.append((now, end, allowed[at], loud + 8 * rng.standard_normal()))
        slide = float(before - allowed[at]) if legato > 0.85 and rng.random() < 0.4 else 0.0
        bends.append(_bend(now, end, slide, off, shaking, rng) if flexible else np.zeros((0, 2)))
        now += length
        now += between((0.08, 0.7), rng) if rng.random() < breath else 0.0
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
    start: float, end: float, slide: float, off: float, shaking: float, rng: np.random.Generator
) -> np.ndarray:
    """How one note's pitch moves: beside its key, from the note before, and in a tremble.

    Parameters
    ----------
    start, end
        The note, in seconds.
    slide
        Semitones from its key to the note before; of it at most two are slid through.
    off
        Semitones, standard deviation of how far it lies beside its key.
    shaking
        How likely there is vibrato, or a scoop, 0..1.
    rng
        Chance.
    """
    t = np.arange(start, end, POINT)
    bend = np.full(t.size, off * float(np.clip(rng.standard_normal(), -2, 2)))
    away = np.clip(1 - (t - start) / between(GLIDE, rng), 0, 1) ** 2
    bend += np.clip(slide, -2, 2) * 0.5 * away
    if rng.random() < shaking:
        kind = "vibrato" if end - start > 0.25 and rng.random() < 0.8 else "scoop"
        bend += bend_curve(kind, start, end, rng)[:, 1]
    return np.column_stack([t.round(6), bend.round(4)])

"""Errors as a transcription makes them, added to true notes to train the beat network.

The network reads the notes that `mirlab.transcribe` finds. Running it on every training item would
cost more than the training; its errors are simulated instead, with other rates for every item.
"""

from __future__ import annotations

import numpy as np

from ..core import Notes

SHORTEST = 0.03  # s
OCTAVES = np.array([-12, 12, 12, 19, 24])  # semitones from a note to a false one
RATES = {  # largest rate of each error; an item has a random part of it
    "missed": 0.35,
    "octaves": 0.12,
    "repeated": 0.08,
    "random": 0.05,
}
LAG = 0.02  # s, mean delay of the softest notes
JITTER = (0.003, 0.015)  # s


def with_errors(notes: Notes, rng: np.random.Generator) -> Notes:
    """A transcription of the notes with random errors.

    Soft notes are missed more often and found later; false notes are octaves and twelfths of true
    ones, repetitions of notes that still sound, and random notes; offsets and velocities are
    inaccurate.

    Parameters
    ----------
    notes
        True notes; drums are omitted.
    rng
        Random generator.

    Returns
    -------
    Notes
        Possibly empty.
    """
    notes = notes[~notes.is_drum]
    strength = rng.random() ** 1.5
    softness = 1 - notes.velocity / 127
    missed = strength * RATES["missed"] * 2 * softness
    notes = notes[rng.random(len(notes)) >= missed]
    if not len(notes):
        return notes
    softness = 1 - notes.velocity / 127
    lag = rng.normal(0.004, 0.008) + rng.uniform(0, 2 * LAG) * softness
    onset = notes.onset + lag + rng.uniform(*JITTER) * rng.standard_normal(len(notes))
    length = (notes.offset - notes.onset) * np.exp(
        strength * 0.6 * rng.standard_normal(len(notes)) + rng.normal(0, 0.2)
    )
    velocity = notes.velocity + rng.uniform(-15, 15) + 10 * rng.standard_normal(len(notes))
    table = np.column_stack([onset, onset + np.maximum(length, SHORTEST), notes.pitch, velocity])
    false = _false_notes(table, strength, rng)
    table = np.concatenate([table, false])
    table = table[(table[:, 2] >= 21) & (table[:, 2] <= 108)]
    table[:, 0] = np.maximum(table[:, 0], 0)
    table[:, 1] = np.maximum(table[:, 1], table[:, 0] + SHORTEST)
    return Notes(table[:, 0], table[:, 1], table[:, 2], np.clip(np.round(table[:, 3]), 1, 127))


def _false_notes(table: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """False notes beside those of the table (onset, offset, pitch, velocity)."""
    found = []
    for kind in ("octaves", "repeated", "random"):
        number = rng.poisson(strength * RATES[kind] * rng.random() * len(table))
        rows = table[rng.integers(len(table), size=number)].copy()
        rows[:, 3] *= rng.uniform(0.3, 0.9, number)
        if kind == "octaves":
            rows[:, 2] += rng.choice(OCTAVES, number)
        elif kind == "repeated":
            rows[:, 0] += rng.random(number) * (rows[:, 1] - rows[:, 0])
        else:
            rows[:, :2] += rng.uniform(-1, 1, (number, 1))
            rows[:, 2] = rng.integers(30, 100, number)
        found.append(rows)
    return np.concatenate(found)

"""One pitch, struck faster and faster: who still counts along."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.results import Score
from benchmarks.spectra.repetitions import OTHER_PITCHES, PITCHES
from benchmarks.transcription.test_sets import Repeated, repetitions
from benchmarks.transcription.thresholds import Setting, decoded
from mirlab.core import Audio, Notes
from mirlab.core.constants import SAMPLE_RATE
from mirlab.evaluation import match_notes
from mirlab.synthesis import note_rolls
from mirlab.transcription import Rolls, basic_pitch_posteriors, notes_from_posteriors
from mirlab.transcription.detector import HOP

THRESHOLDS = np.arange(0.05, 1.0, 0.05)


def repeated_notes(
    row: str, listen: Callable[[Audio], Rolls[np.ndarray]], decoder: str
) -> list[Score]:
    """How many fast repetitions are found, and how many of those that are found are there."""

    def decode(rolls: Rolls[np.ndarray], threshold: float) -> Notes:
        return decoded(rolls, decoder, Setting(onset=threshold))

    def hear(one: Repeated) -> Rolls[np.ndarray]:
        return listen(Audio(one.y, SAMPLE_RATE))

    return repeated(row, hear, decode)


def repeated_by_others() -> list[Score]:
    """Repeated notes by Basic Pitch, by nobody, and by who knows them."""

    def hear(one: Repeated) -> tuple[np.ndarray, ...]:
        return basic_pitch_posteriors(Audio(one.y, SAMPLE_RATE))[:2]

    def decode(posteriors: tuple[np.ndarray, ...], threshold: float) -> Notes:
        return notes_from_posteriors(*posteriors, onset_threshold=threshold)

    def taught(one: Repeated) -> Rolls[np.ndarray]:
        frames = 1 + int(one.y.size / SAMPLE_RATE / (HOP / SAMPLE_RATE))
        return Rolls(*note_rolls(one.notes, frames=frames, hop_length=HOP, sr=SAMPLE_RATE))

    return [
        *repeated("basic-pitch", hear, decode),
        *repeated("silence", lambda one: one, lambda one, threshold: Notes.empty()),
        *repeated("ceiling", taught, lambda rolls, threshold: decoded(rolls, "path")),
    ]


def repeated(
    row: str, hear: Callable[[Repeated], object], decode: Callable[..., Notes]
) -> list[Score]:
    """Recall and precision at each rate, with a threshold chosen on other pitches."""
    chosen = [(one, hear(one)) for one in repetitions(OTHER_PITCHES)]

    def f(value: float) -> float:
        matched, found, true = np.sum([counts(one, decode(x, value)) for one, x in chosen], axis=0)
        return float(2 * matched / (found + true))

    threshold = max(THRESHOLDS, key=f)
    scores = []
    for one in repetitions(PITCHES):
        matched, found, true = counts(one, decode(hear(one), threshold))
        values = {"recall": matched / true, "precision": matched / found if found else 1.0}
        pitch = f"MIDI {one.notes.pitch[0]}"
        scores.append(Score(f"repeated notes, {one.rate} a second", pitch, row, values))
    return scores


def counts(one: Repeated, found: Notes) -> tuple[int, int, int]:
    """How many notes are matched, found, true."""
    near = min(0.05, 0.4 / one.rate)
    return len(match_notes(one.notes, found, onset_tolerance=near)), len(found), len(one.notes)

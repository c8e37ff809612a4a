"""Recall of repeated notes against repetition rate."""

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
    """Recall and precision of fast repeated notes."""

    def decode(rolls: Rolls[np.ndarray], threshold: float) -> Notes:
        return decoded(rolls, decoder, Setting(onset=threshold))

    def predict(sound: Repeated) -> Rolls[np.ndarray]:
        return listen(Audio(sound.y, SAMPLE_RATE))

    return repeated(row, predict, decode)


def repeated_by_others() -> list[Score]:
    """Repeated notes by Basic Pitch, by silence, and by the upper bound."""

    def predict(sound: Repeated) -> tuple[np.ndarray, ...]:
        return basic_pitch_posteriors(Audio(sound.y, SAMPLE_RATE))[:2]

    def decode(posteriors: tuple[np.ndarray, ...], threshold: float) -> Notes:
        return notes_from_posteriors(*posteriors, onset_threshold=threshold)

    def decode_truth(sound: Repeated) -> Rolls[np.ndarray]:
        frames = 1 + int(sound.y.size / SAMPLE_RATE / (HOP / SAMPLE_RATE))
        return Rolls(*note_rolls(sound.notes, frames=frames, hop_length=HOP, sr=SAMPLE_RATE))

    return [
        *repeated("basic-pitch", predict, decode),
        *repeated("silence", lambda sound: sound, lambda sound, threshold: Notes.empty()),
        *repeated("ceiling", decode_truth, lambda rolls, threshold: decoded(rolls, "path")),
    ]


def repeated(
    row: str, predict: Callable[[Repeated], object], decode: Callable[..., Notes]
) -> list[Score]:
    """Recall and precision at each rate, with a threshold chosen on other pitches."""
    chosen = [(sound, predict(sound)) for sound in repetitions(OTHER_PITCHES)]

    def f(value: float) -> float:
        matched, found, true = np.sum(
            [counts(sound, decode(x, value)) for sound, x in chosen], axis=0
        )
        return float(2 * matched / (found + true))

    threshold = max(THRESHOLDS, key=f)
    scores = []
    for sound in repetitions(PITCHES):
        matched, found, true = counts(sound, decode(predict(sound), threshold))
        values = {"recall": matched / true, "precision": matched / found if found else 1.0}
        pitch = f"MIDI {sound.notes.pitch[0]}"
        scores.append(Score(f"repeated notes, {sound.rate} a second", pitch, row, values))
    return scores


def counts(sound: Repeated, found: Notes) -> tuple[int, int, int]:
    """Numbers of matched, detected and true notes."""
    near = min(0.05, 0.4 / sound.rate)
    return len(match_notes(sound.notes, found, onset_tolerance=near)), len(found), len(sound.notes)

"""Baselines and upper bound of the note benchmarks: silence, Basic Pitch, decoded true rolls."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.results import Score
from benchmarks.transcription.small_net_scores import decoded, frame_f, onset_f
from benchmarks.transcription.test_sets import HOP, SR, Sound, sounds
from mirlab.core import Audio, Notes
from mirlab.synthesis import note_rolls
from mirlab.transcription import transcribe

PROTOCOL = """
Beside them: silence = no notes; basic-pitch = the published network with its published settings;
ceiling = the true rolls through the nets' decoder (thresholds 0.5 and 0.5). Their scores are those
of the whole sets; they have no seed.
"""


def measured() -> Iterator[Score]:
    """Onset F and frame F of the compared systems: the mean of each set."""
    import numpy as np

    rows: dict[tuple[str, str], list[dict[str, float]]] = {}
    for sound in sounds():
        for row, notes in _answers(sound).items():
            values = {"onset_f": onset_f(sound, notes), "frame_f": frame_f(sound, notes)}
            rows.setdefault((sound.set, row), []).append(values)
    for (name, row), found in rows.items():
        means = {m: float(np.mean([scores[m] for scores in found])) for m in ("onset_f", "frame_f")}
        yield Score(name, "no seed", row, means)


def _answers(sound: Sound) -> dict[str, Notes]:
    """Notes that each compared system finds in a sound."""
    frames = 1 + sound.y.size // HOP
    ideal = note_rolls(sound.notes, frames=frames, hop_length=HOP, sr=SR)
    return {
        "silence": Notes.empty(),
        "basic-pitch": transcribe(Audio(sound.y, SR), model="basic-pitch"),
        "ceiling": decoded(ideal, 0.5, 0.5),
    }

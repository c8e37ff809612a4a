"""A test piece for the Listening desk, and its position on the page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from mirlab.core import Audio, Notes, Segments

RATE = 22050


def tone(f: float, seconds: float, level: float = 0.5) -> np.ndarray:
    return level * np.sin(2 * np.pi * f * np.arange(round(seconds * RATE)) / RATE)


def segments(times: list[float], labels: list[str]) -> Segments:
    return Segments(np.column_stack([times[:-1], times[1:]]), labels)


def piece(seconds: float = 12.0) -> SimpleNamespace:
    """Two stems, one note per second, two chords, a beat every half second."""
    count = int(seconds)
    pitches = [60 + 2 * (i % 5) for i in range(count)]
    low = tone(110, seconds, 0.2)
    high = np.concatenate([tone(440 * 2 ** ((p - 69) / 12), 1, 0.3) for p in pitches])
    beats = list(np.arange(0, seconds + 0.1, 0.5))
    return SimpleNamespace(
        name="test piece",
        audio=Audio((low + high).astype(np.float32), RATE),
        stems={"low": Audio(low.astype("f4"), RATE), "high": Audio(high.astype("f4"), RATE)},
        notes=Notes(np.arange(count), np.arange(count) + 0.9, pitches),
        chords=segments([0, seconds / 2, seconds], ["C:maj", "A:min"]),
        beats=segments(beats, [str(i % 4 + 1) for i in range(len(beats) - 1)]),
        key="C major",
    )


def with_errors(right: SimpleNamespace) -> SimpleNamespace:
    """The piece with one note late, one chord wrong and one beat lost."""
    late = np.where(np.arange(len(right.notes)) == 2, 0.2, 0.0)
    notes = Notes(right.notes.onset + late, right.notes.offset + late, right.notes.pitch)
    chords = Segments(right.chords.intervals, ["C:maj", "F:maj"])
    beats = Segments(right.beats.intervals[:-1] + 0.01, right.beats.labels[:-1])
    return SimpleNamespace(**{**vars(right), "notes": notes, "chords": chords, "beats": beats})


def ruler(page: Any) -> Any:
    return page.get_by_role("slider", name="Position")


def playhead(page: Any) -> float:
    return float(ruler(page).get_attribute("aria-valuenow"))

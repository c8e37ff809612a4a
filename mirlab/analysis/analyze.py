"""`analyze`: the tasks put together, one sound in, everything known about it out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..chords import LogSpectrogram, chords_from_spectrogram, constant_q, key_from_chords
from ..core import Audio, AudioError, AudioLike, Progress, Segments, as_audio
from ..core.constants import SAMPLE_RATE
from ..core.progress import reporting, step
from ..rhythm import beat_times, onset_strength
from ..separation import separate
from ..transcription import transcribe
from .meter import infer_meter
from .result import Analysis

if TYPE_CHECKING:
    import torch

Found = TypeVar("Found")
SHORTEST = 0.02  # s; less than that is a click, not a sound to analyse


def analyze(
    audio: AudioLike,
    *,
    device: str | torch.device = "auto",
    progress: Progress = True,
    name: str = "",
) -> Analysis:
    """Take one sound apart: stems, notes, chords, key, beats.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`.
    device
        Where the network that finds the notes computes, see `mirlab.transcribe`.
    progress
        True shows a bar, in a terminal or a live notebook; False shows nothing; a function is
        called with the share done, 0..1, and the task at work, one of `TASKS`.
    name
        Of the piece; by default the file's name.

    Returns
    -------
    Analysis
        All that was found.

    Raises
    ------
    AudioError
        When `audio` is no sound, or lasts less than 0.02 s.
    LearningError
        When the device is not here.
    """
    if not name:
        name = Path(audio).stem if isinstance(audio, str | os.PathLike) else "sound"
    clock = _Clock()
    with reporting(progress, "analyze"), ThreadPoolExecutor(1) as beside:
        with step("load", TASKS):
            sound = clock("load", lambda: as_audio(audio, sr=SAMPLE_RATE, mono=True))
        if sound.duration < SHORTEST:
            raise AudioError(f"{name}: lasts {sound.duration:.5f} s, too short to analyse")
        others = [beside.submit(clock, task, partial(OTHERS[task], sound)) for task in OTHERS]
        with step("notes", TASKS):
            notes = clock("notes", lambda: transcribe(sound, device=device))
        found = []
        for task, other in zip(OTHERS, others, strict=True):
            with step(task, TASKS):
                found.append(other.result())
    stems, (spectrogram, chords), (strength, times) = found
    scored = infer_meter(notes, times, strength, chords)
    clock.stop()
    return Analysis(
        name,
        sound,
        stems,
        scored.notes,
        chords,
        key_from_chords(chords),
        scored.beats,
        scored.meter,
        spectrogram,
        clock.seconds,
        scored.sure,
    )


def _harmony(sound: Audio) -> tuple[LogSpectrogram, Segments]:
    """The spectrogram and the chords in it."""
    spectrogram = constant_q(sound)
    return spectrogram, chords_from_spectrogram(spectrogram, sound.duration)


def _beats(sound: Audio) -> tuple[np.ndarray, np.ndarray]:
    """The onset strength and the times of the beats in it."""
    strength = onset_strength(sound)
    return strength, beat_times(strength)


# What is found in a thread beside the notes, which take longer than all of it.
OTHERS: dict[str, Callable[[Audio], Any]] = {
    "stems": separate,
    "harmony": _harmony,
    "beats": _beats,
}
TASKS = ("load", "notes", *OTHERS)


class _Clock:
    """Measures how long each task takes, and all of them together."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.start = time.perf_counter()

    def __call__(self, task: str, work: Callable[[], Found]) -> Found:
        """Do some work, and keep how long it took."""
        start = time.perf_counter()
        found = work()
        self.seconds[task] = round(time.perf_counter() - start, 3)
        return found

    def stop(self) -> None:
        """Keep how long everything took."""
        self.seconds["total"] = round(time.perf_counter() - self.start, 3)

"""`analyze`: the tasks put together, one sound in, everything known about it out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..chords import chords_from_spectrogram, constant_q, key_from_chords
from ..core import AudioError, AudioLike, Progress, as_audio
from ..core.progress import reporting, step
from ..rhythm import beat_times, onset_strength
from ..separation import separate
from ..transcription import transcribe
from .meter import WORKING_RATE, score_notes
from .result import Analysis

if TYPE_CHECKING:
    import torch

TASKS = ("load", "stems", "harmony", "beats", "notes")
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
    with reporting(progress, "analyze"):
        with clock("load"):
            sound = as_audio(audio, sr=WORKING_RATE, mono=True)
        if sound.duration < SHORTEST:
            raise AudioError(f"{name}: lasts {sound.duration:.5f} s, too short to analyse")
        with clock("stems"):
            stems = separate(sound)
        with clock("harmony"):
            spectrogram = constant_q(sound)
            chords = chords_from_spectrogram(spectrogram, sound.duration)
            key = key_from_chords(chords)
        with clock("beats"):
            strength = onset_strength(sound)
            times = beat_times(strength)
        with clock("notes"):
            notes = transcribe(sound, device=device)
            scored = score_notes(notes, times, strength, chords)
    return Analysis(
        name,
        sound,
        stems,
        scored.notes,
        chords,
        key,
        scored.beats,
        scored.meter,
        spectrogram,
        clock.seconds,
        scored.sure,
    )


class _Clock:
    """Reports which task is at work and measures how long each takes."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, task: str) -> Iterator[None]:
        """Measure what is done within as this task."""
        start = time.perf_counter()
        with step(task, TASKS):
            yield
        self.seconds[task] = round(time.perf_counter() - start, 3)

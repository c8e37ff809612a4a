"""`analyze`: run all tasks on a recording."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..chords import (
    LogSpectrogram,
    chords_from_spectrogram,
    constant_q,
    key_confidence,
    key_from_spectrogram,
)
from ..core import Audio, AudioError, AudioLike, Progress, Segments, as_audio
from ..core.checks import require_type
from ..core.constants import SAMPLE_RATE
from ..core.progress import reporting, step
from ..rhythm import beat_times, onset_strength, tempo_confidence
from ..separation import separate
from ..structure import sections_from_spectrogram
from ..transcription import transcribe
from .meter import infer_meter
from .result import Analysis

if TYPE_CHECKING:
    import torch

Found = TypeVar("Found")
MIN_SECONDS = 0.02  # shorter audio is not analysed


def analyze(
    audio: AudioLike,
    *,
    device: str | torch.device = "auto",
    progress: Progress = True,
    name: str = "",
) -> Analysis:
    """Analyse a recording: stems, notes, chords, key, beats, meter and sections.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`.
    device
        Device of the network that detects the notes, see `mirlab.transcribe`.
    progress
        True shows a progress bar, in a terminal or a live notebook; False shows nothing; a function
        is called with the completed fraction, 0..1, and the current task, one of `TASKS`.
    name
        Name of the piece; by default the name of the file.

    Returns
    -------
    Analysis
        The results of all tasks.

    Raises
    ------
    AudioError
        When `audio` is not valid audio, or is shorter than 0.02 s.
    LearningError
        When this computer has no such device.

    Examples
    --------
    >>> t = np.arange(2 * 22050) / 22050
    >>> triad = sum(np.sin(2 * np.pi * hz * t) for hz in (261.63, 329.63, 392.0))  # C4 E4 G4
    >>> analysis = analyze((triad / 4, 22050), progress=False)
    >>> analysis.key, analysis.chords.labels, sorted(analysis.stems)
    ('C major', ('C:maj',), ['harmonic', 'percussive'])
    """
    require_type("name", name, str, AudioError)
    if not name:
        name = Path(audio).stem if isinstance(audio, str | os.PathLike) else "sound"
    clock = _Clock()
    with reporting(progress, "analyze"), ThreadPoolExecutor(1) as beside:
        with step("load", TASKS):
            sound = clock("load", lambda: as_audio(audio, sr=SAMPLE_RATE, mono=True))
        if sound.duration < MIN_SECONDS:
            raise AudioError(f"{name}: lasts {sound.duration:.5f} s, too short to analyse")
        others = [beside.submit(clock, task, partial(OTHERS[task], sound)) for task in OTHERS]
        with step("notes", TASKS):
            notes = clock("notes", lambda: transcribe(sound, device=device))
        found = []
        for task, other in zip(OTHERS, others, strict=True):
            with step(task, TASKS):
                found.append(other.result())
    stems, (spectrogram, chords), (strength, times) = found
    metered = infer_meter(notes, times, strength, chords)
    find = partial(sections_from_spectrogram, spectrogram, sound.duration, beats=metered.beats)
    sections = clock("sections", find)
    clock.stop()
    return Analysis(
        name,
        sound,
        stems,
        metered.notes,
        chords,
        key_from_spectrogram(spectrogram, chords),
        metered.beats,
        metered.meter,
        spectrogram,
        clock.seconds,
        metered.sure,
        tempo_confidence(strength, times),
        key_confidence(spectrogram),
        sections,
    )


def _harmony(sound: Audio) -> tuple[LogSpectrogram, Segments]:
    """The constant-Q spectrogram and the chords."""
    spectrogram = constant_q(sound)
    return spectrogram, chords_from_spectrogram(spectrogram, sound.duration)


def _beats(sound: Audio) -> tuple[np.ndarray, np.ndarray]:
    """The onset strength and the beat times."""
    strength = onset_strength(sound)
    return strength, beat_times(strength)


# Tasks that run in a second thread; the notes take longer than all of them.
OTHERS: dict[str, Callable[[Audio], Any]] = {
    "stems": separate,
    "harmony": _harmony,
    "beats": _beats,
}
TASKS = ("load", "notes", *OTHERS)


class _Clock:
    """Measure the duration of each task and the total."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.start = time.perf_counter()

    def __call__(self, task: str, work: Callable[[], Found]) -> Found:
        """Run a task and store its duration."""
        start = time.perf_counter()
        found = work()
        self.seconds[task] = round(time.perf_counter() - start, 3)
        return found

    def stop(self) -> None:
        """Store the total duration."""
        self.seconds["total"] = round(time.perf_counter() - self.start, 3)

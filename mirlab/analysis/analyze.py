"""`analyze`: the tasks put together, one sound in, everything known about it out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from ..chords import chords_from_spectrogram, constant_q, key_from_chords
from ..core import Audio, AudioError
from ..rhythm import onset_strength, track_beats
from ..separation import separate
from ..transcription import transcribe
from .meter import WORKING_RATE, score_notes
from .result import Analysis

SHORTEST = 0.02  # s; less than that is a click, not a sound to analyse


def analyze(
    source: str | os.PathLike[str] | Audio,
    *,
    name: str = "",
    progress: Callable[[str], None] | None = None,
) -> Analysis:
    """Take one sound apart: stems, notes, chords, key, beats.

    Parameters
    ----------
    source
        A sound file or an `Audio`.
    name
        Of the piece; by default the file's name.
    progress
        Called with the name of each task as it begins.

    Returns
    -------
    Analysis
        All that was found.

    Raises
    ------
    AudioError
        When the file is no sound, or lasts less than 0.02 s.
    """
    clock = _Clock(progress or (lambda task: None))
    with clock("load"):
        if isinstance(source, Audio):
            audio = source.mono().resample(WORKING_RATE)
        else:
            audio = Audio.load(source, sr=WORKING_RATE, mono=True)
            name = name or Path(source).stem
    if audio.duration < SHORTEST:
        raise AudioError(f"{name or source}: lasts {audio.duration:.5f} s, too short to analyse")
    with clock("stems"):
        stems = separate(audio)
    with clock("harmony"):
        spectrogram = constant_q(audio)
        chords = chords_from_spectrogram(spectrogram, audio.duration)
        key = key_from_chords(chords)
    with clock("beats"):
        strength = onset_strength(audio)
        times = track_beats(strength)
    with clock("notes"):
        scored = score_notes(transcribe(audio), times, strength, chords)
    return Analysis(
        name or "sound",
        audio,
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
    """Tells which task begins and keeps how long each took."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell = tell
        self.seconds: dict[str, float] = {}

    def __call__(self, task: str) -> _Clock:
        self.tell(task)
        self.task = task
        return self

    def __enter__(self) -> None:
        self.start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds[self.task] = round(time.perf_counter() - self.start, 3)

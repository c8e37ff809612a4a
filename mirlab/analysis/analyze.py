"""`analyze`: the tasks put together, one sound in, everything known about it out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..chords import LogSpectrogram, chords_from_spectrogram, constant_q, key_from_chords
from ..core import Audio, AudioError, Notes, Segments, TempoMap
from ..core.display import segments_html
from ..rhythm import onset_strength, track_beats
from ..separation import separate
from ..transcription import transcribe
from .meter import WORKING_RATE, score_notes

SHORTEST = 0.02  # s; less than that is a click, not a sound to analyse


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything that `analyze` found in one sound.

    Parameters
    ----------
    name
        Of the piece: the file's name without its suffix.
    audio
        The sound as it was heard: mono, 22,050 Hz.
    stems
        `"harmonic"` and `"percussive"`, mono at 22,050 Hz; they add up to `audio`.
    notes
        With the tempo map of the beats; None where nobody looked for them.
    chords
        Harte labels from 0 to the end.
    key
        Such as `"G minor"`; None for silence.
    beats
        From beat to beat; the label is the beat's number in its bar, `"1"` the downbeat.
    meter
        Of every bar: 2/4, 3/4, 4/4, or 6/8 with two beats in a bar.
    spectrogram
        Constant-Q, seven octaves from C1.
    seconds
        Time taken, by task.
    meter_sure
        Whether the sound says the meter clearly; otherwise it is assumed.
    """

    name: str
    audio: Audio
    stems: dict[str, Audio]
    notes: Notes | None
    chords: Segments
    key: str | None
    beats: Segments
    meter: tuple[int, int]
    spectrogram: LogSpectrogram
    seconds: dict[str, float]
    meter_sure: bool = False

    @property
    def tempo(self) -> float | None:
        """Beats a minute (see `TempoMap.typical_bpm`); None without two beats."""
        if not len(self.beats):
            return None
        return TempoMap.from_beats(self.beats.intervals[:, 0]).typical_bpm

    def save(self, folder: str | os.PathLike[str]) -> tuple[list[Path], list[str]]:
        """Write everything into a folder, made when it is missing; each file whole or not at all.

        Files of an earlier analysis that this one does not give are removed; what else lies in
        the folder stays.

        Parameters
        ----------
        folder
            Gets `notes.mid`, `score.musicxml`, `score.svg`, `chords.lab`, `key.lab`,
            `beats.lab`, `spectrogram.png`, `stems/*.flac` and `analysis.json`.

        Returns
        -------
        files : the files written
        missing : a line for each that could not be, with the command that would bring it

        Raises
        ------
        AudioError
            When the folder cannot be made or written.
        """
        from .saving import save

        return save(self, Path(folder))

    def to_json(self) -> dict[str, Any]:
        """Everything but sound and picture, as plain numbers, strings, lists and dictionaries."""
        from .saving import as_json

        return as_json(self)

    def __repr__(self) -> str:
        return f"Analysis({self._headline()})"

    def _headline(self) -> str:
        """The piece in one line."""
        tempo = "no beat" if self.tempo is None else f"{self.tempo:.0f} bpm"
        notes = "notes not looked for" if self.notes is None else f"{len(self.notes)} notes"
        return (
            f"{self.name}: {self.audio.duration:.1f} s, {self.key or 'no key'}, {tempo}, "
            f"{notes}, {len(self.chords)} chords"
        )

    def _repr_html_(self) -> str:
        parts = [self.audio.player(self._headline())._repr_html_()]
        if self.notes is not None:
            parts.append(self.notes._repr_html_())
        parts.append(segments_html(self.chords.intervals, self.chords.labels, title="Chords"))
        return "".join(parts)


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

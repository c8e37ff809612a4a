"""`analyze`: the tasks put together, one sound in, everything known about it out."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import __version__
from .chords import (
    LogSpectrogram,
    chords_from_spectrogram,
    constant_q,
    key_from_chords,
)
from .core import Audio, AudioError, MissingPartError, Notes, Segments, TempoMap
from .core.files import replacing
from .rhythm import number_beats, onset_strength, track_beats
from .separation import separate
from .transcription import transcribe

WORKING_RATE = 22050  # Hz, mono: what every task hears
SHORTEST = 0.02  # s; less than that is a click, not a sound to analyse
METER = (4, 4)

# Every file that `save` may write, in the order in which people look for them.
FILES = (
    "score.svg",
    "score.musicxml",
    "notes.mid",
    "chords.lab",
    "key.lab",
    "beats.lab",
    "spectrogram.png",
    "stems/harmonic.flac",
    "stems/percussive.flac",
    "analysis.json",
)


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
        With the tempo map of the beats; None when the note detector is not installed.
    chords
        Harte labels from 0 to the end.
    key
        Such as `"G minor"`; None for silence.
    beats
        From beat to beat; the label is the beat's number in its bar, `"1"` the downbeat.
    spectrogram
        Constant-Q, seven octaves from C1.
    missing
        A line for each part that is not installed: what it would have given, and the command.
    seconds
        Time taken, by task.
    """

    name: str
    audio: Audio
    stems: dict[str, Audio]
    notes: Notes | None
    chords: Segments
    key: str | None
    beats: Segments
    spectrogram: LogSpectrogram
    missing: tuple[str, ...]
    seconds: dict[str, float]

    @property
    def tempo(self) -> float | None:
        """Beats a minute, the middle of the means over eight beats; None without two beats."""
        if not len(self.beats):
            return None
        times = self.beats.intervals[:, 0]
        span = min(8, times.size - 1)  # single beats lie on a 23 ms grid, too coarse for a tempo
        return float(60 * span / np.median(times[span:] - times[:-span]))

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
        return _save(self, Path(folder))

    def to_json(self) -> dict[str, Any]:
        """Everything but sound and picture, as plain numbers, strings, lists and dictionaries."""
        return _as_json(self)

    def _repr_html_(self) -> str:
        from .core.display import audio_html, notes_html, segments_html

        tempo = f"{self.tempo:.0f} bpm" if self.tempo else "no beat"
        parts = [audio_html(self.audio, title=f"{self.name}: {self.key or 'no key'}, {tempo}")]
        if self.notes is not None:
            parts.append(notes_html(self.notes))
        parts.append(segments_html(self.chords, title="Chords"))
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
        Where an optional part is not installed, what it would have given is None and a line in
        `missing` says how to get it.

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
    missing: list[str] = []
    with clock("stems"):
        stems = separate(audio)
    with clock("harmony"):
        spectrogram = constant_q(audio)
        chords = chords_from_spectrogram(spectrogram, audio.duration)
        key = key_from_chords(chords)
    with clock("beats"):
        strength = onset_strength(audio)
        times = track_beats(strength)
        beats = number_beats(times, strength, chords.intervals[:, 0], per_bar=METER[0])
    with clock("notes"):
        try:
            notes = transcribe(audio).with_tempo(TempoMap.from_beats(times) if len(beats) else None)
        except MissingPartError as reason:
            notes = None
            missing.append(f"no notes, MIDI or score: {reason}")
    return Analysis(
        name or "sound",
        audio,
        stems,
        notes,
        chords,
        key,
        beats,
        spectrogram,
        tuple(missing),
        clock.seconds,
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


def _save(analysis: Analysis, folder: Path) -> tuple[list[Path], list[str]]:
    """Write what there is; see `Analysis.save`."""
    try:
        (folder / "stems").mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise AudioError(f"{folder}: cannot be made ({reason.strerror})") from reason
    missing = list(analysis.missing)
    written = []
    gain = _stem_gain(analysis.stems)
    for stem, audio in analysis.stems.items():
        path = folder / "stems" / f"{stem}.flac"
        written.append(Audio(audio.y * np.float32(gain), audio.sr).save(path))
    end = analysis.audio.duration
    written.append(analysis.chords.save(folder / "chords.lab"))
    written.append(analysis.beats.save(folder / "beats.lab"))
    if analysis.key:
        label = analysis.key.replace(" ", ":")
        written.append(Segments([(0, end)], [label]).save(folder / "key.lab"))
    written.append(_save_picture(analysis, folder / "spectrogram.png"))
    if analysis.notes is not None:
        written.append(analysis.notes.save(folder / "notes.mid"))
        files, lines = _save_score(analysis, analysis.notes, folder)
        written += files
        missing += lines
    with replacing(folder / "analysis.json", error=AudioError) as temporary:
        text = json.dumps(_as_json(analysis), allow_nan=False, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")
    written.append(folder / "analysis.json")
    for name in FILES:
        if folder / name not in written:
            (folder / name).unlink(missing_ok=True)
    return sorted(written, key=[folder / name for name in FILES].index), missing


def _stem_gain(stems: dict[str, Audio]) -> float:
    """What all stems are turned down by so that none clips: a part can peak above its sum."""
    peak = max(float(max(stem.y.max(), -stem.y.min())) for stem in stems.values())
    return min(1.0, 0.999 / peak) if peak > 0 else 1.0


def _save_picture(analysis: Analysis, path: Path) -> Path:
    from .pictures import save_spectrogram

    return save_spectrogram(path, analysis.spectrogram, analysis.chords, analysis.notes)


def _save_score(analysis: Analysis, notes: Notes, folder: Path) -> tuple[list[Path], list[str]]:
    """MusicXML and its engraving, as far as the libraries for them are installed."""
    from .core.engraving import engrave

    if notes.tempo_map is None:
        return [], ["no score: no beat was found, and without beats there is no bar to write"]
    tempo = notes.tempo_map
    first = next((i for i, label in enumerate(analysis.beats.labels) if label == "1"), 0)
    downbeat = round(float(tempo.beats(analysis.beats.intervals[first, 0])))
    files = []
    try:
        files.append(
            notes.to_musicxml(
                folder / "score.musicxml",
                key=analysis.key,
                meter=METER,
                downbeat=downbeat % METER[0],
                title=analysis.name.replace("_", " "),
            )
        )
        picture = engrave(files[0])
    except MissingPartError as reason:
        return files, [f"no {'engraved ' if files else ''}score: {reason}"]
    with replacing(folder / "score.svg", error=AudioError) as temporary:
        temporary.write_text(picture, encoding="utf-8")
    return [*files, folder / "score.svg"], []


def _as_json(analysis: Analysis) -> dict[str, Any]:
    """See `Analysis.to_json`."""
    notes = analysis.notes
    columns = ("onset", "offset", "pitch", "velocity")
    return {
        "mirlab": __version__,
        "name": analysis.name,
        "duration": round(analysis.audio.duration, 6),
        "key": analysis.key,
        "tempo_bpm": analysis.tempo,
        "meter": "/".join(map(str, METER)),
        "tuning_semitones": analysis.spectrogram.tuning,
        "beats": _rows(analysis.beats),
        "chords": _rows(analysis.chords),
        "notes": None
        if notes is None
        else [
            dict(zip(columns, row, strict=True))
            for row in zip(*(np.round(getattr(notes, c), 6).tolist() for c in columns), strict=True)
        ],
        "stems": {name: f"stems/{name}.flac" for name in analysis.stems},
        "stem_gain": _stem_gain(analysis.stems),
        "models": {"stems": "hpss", "notes": "basic-pitch", "chords": "templates"},
        "missing": list(analysis.missing),
        "seconds": analysis.seconds,
    }


def _rows(segments: Segments) -> list[dict[str, Any]]:
    """Segments as a list of start, end and label."""
    return [
        {"start": round(a, 6), "end": round(b, 6), "label": label}
        for (a, b), label in zip(segments.intervals.tolist(), segments.labels, strict=True)
    ]

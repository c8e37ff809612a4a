"""Readers of the development recordings and their truth; each set has its own traps."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mirlab.core.errors import MirlabError
from mirlab.core.notes import Notes
from mirlab.core.segments import Segments

EVERYTHING_IS_FREE_KEYS = {  # as the album's own notes have them
    "Caesium": "C major",
    "Lithium": "G minor",
    "Potassium": "C major",
}


@dataclass(frozen=True)
class NoteRecording:
    """A recording whose notes are known.

    `onset_tolerance` in seconds is what the truth's own exactness allows; `second` is another
    listener's truth, where there is one.
    """

    set: str
    name: str
    audio: Path
    notes: Notes
    onset_tolerance: float = 0.05
    second: Notes | None = None


@dataclass(frozen=True)
class ChordRecording:
    """A recording whose chords (Harte's syntax) and key (such as `"G minor"`) are known."""

    set: str
    name: str
    audio: Path
    chords: Segments
    key: str


@dataclass(frozen=True)
class BeatRecording:
    """A recording whose beats (seconds, shape (n,)) are known, and perhaps its key."""

    set: str
    name: str
    audio: Path
    beats: np.ndarray
    key: str | None


def data_folder() -> Path:
    """Give the folder that the environment variable `MIRLAB_DATA` names.

    Raises
    ------
    MirlabError
        When it is not set or is no folder.
    """
    name = os.environ.get("MIRLAB_DATA", "")
    if not name:
        raise MirlabError(
            "set MIRLAB_DATA to the folder of the development recordings; they are not part of "
            "the project"
        )
    if not Path(name).is_dir():
        raise MirlabError(f"MIRLAB_DATA={name}: there is no such folder")
    return Path(name)


def note_recordings(folder: Path) -> list[NoteRecording]:
    """Read every recording with notes: piano, violin, voice, two strings.

    Raises
    ------
    MirlabError
        When a set is missing or a line of its truth makes no sense.
    """
    maps, voice, bach = "piano_maps_disklavier", "voice_vocadito", "violin_bach"
    recordings = [
        NoteRecording(maps, _short(path), path, _piano_notes(path))
        for path in _files(folder / maps / "audio", "*.flac")
    ]
    for path in _files(folder / "piano_smd_chopin", "*.mp3"):
        start, length, pitch, loudness = _table(path.with_suffix(".csv"), 4).T
        velocity = np.clip(np.round(127 * loudness), 1, 127)  # given as 0..1
        notes = Notes(start, start + length, pitch, velocity)
        recordings.append(NoteRecording("piano_smd_chopin", path.stem, path, notes))
    for path in _files(folder / bach / "audio", "*.mp3"):
        start, end, pitch = _table(folder / bach / "notes" / f"{path.stem}.csv", 3).T
        # the times are an automatic alignment: 50 ms would ask more than the truth knows
        recordings.append(NoteRecording(bach, path.stem, path, Notes(start, end, pitch), 0.1))
    for path in _files(folder / voice, "vocadito_[0-9].flac"):
        first, second = (
            _sung_notes(path.with_name(f"{path.stem}_notes{annotator}.csv"))
            for annotator in ("A1", "A2")
        )
        recordings.append(NoteRecording(voice, path.stem, path, first, second=second))
    piece = folder / "stems_urmp" / "01_Jupiter"  # the other piece has no truth
    parts = [_table(path, 3) for path in _files(piece, "*.notes.csv")]
    start, end, pitch = np.concatenate(parts).T
    mixture = _existing(piece / "mixture.flac")
    recordings.append(NoteRecording("stems_urmp", piece.name, mixture, Notes(start, end, pitch)))
    return recordings


def chord_recordings(folder: Path) -> list[ChordRecording]:
    """Read every recording with chords: ten piano pieces and a song for voice and piano.

    Raises
    ------
    MirlabError
        When a set is missing or a line of its truth makes no sense.
    """
    maps, lied = folder / "piano_maps_disklavier", folder / "lied_winterreise"
    recordings = [
        ChordRecording(
            maps.name,
            _short(audio),
            audio,
            Segments.load(path, chords=True),
            _longest_key(maps / "keys" / path.name),
        )
        for path in _files(maps / "chords", "*.lab")
        for audio in [_existing(maps / "audio" / f"{path.stem}.flac")]
    ]
    for path in _files(lied, "*.chords.lab"):
        name = path.name.removesuffix(".chords.lab")
        audio = _existing(lied / f"{name}.flac")
        chords = Segments.load(path, chords=True)
        # no key is given; the song begins and ends on its tonic
        key = _key_name(chords.labels[-1])
        recordings.append(ChordRecording(lied.name, name, audio, chords, key))
    return recordings


def beat_recordings(folder: Path) -> list[BeatRecording]:
    """Read every recording with beats: piano, violin and piano, electronic pop.

    A 6 s clip of percussion (BRID) is left out: none of its three labelled beats comes after the
    5 s that the measures trim.

    Raises
    ------
    MirlabError
        When a set is missing or a line of its truth makes no sense.
    """
    maps, pop = folder / "piano_maps_disklavier", folder / "stems_everythingisfree"
    smd = folder / "beats_smd"
    recordings = [
        BeatRecording(
            maps.name,
            _short(audio),
            audio,
            _table(path, 1)[:, 0],
            _longest_key(maps / "keys" / f"{path.stem}.lab"),
        )
        for path in _files(maps / "beats", "*.beats")
        for audio in [_existing(maps / "audio" / f"{path.stem}.flac")]
    ]
    for path in _files(smd, "*SMD*.wav"):
        quarters = path.with_name(f"{path.stem}_quarter.csv")
        truth = quarters if quarters.exists() else path.with_suffix(".csv")
        recordings.append(BeatRecording(smd.name, path.stem, path, _table(truth, 1)[:, 0], None))
    for path in _files(pop, "*/beats.txt"):
        name, audio = path.parent.name, _existing(path.with_name("mixture.flac"))
        beats = _table(path, 1)[:, 0]
        key = EVERYTHING_IS_FREE_KEYS.get(name)
        recordings.append(BeatRecording(pop.name, name, audio, beats, key))
    return recordings


def notes_of_a_part(folder: Path, part: str) -> tuple[Path, Notes]:
    """Give one player's own recording of the string duet, and its notes.

    Parameters
    ----------
    folder
        Of the development recordings.
    part
        `"1_vn"` or `"2_vc"`.

    Raises
    ------
    MirlabError
        When it is missing.
    """
    stem = folder / "stems_urmp/01_Jupiter" / f"AuSep_{part}_01_Jupiter"
    start, end, pitch = _table(stem.with_suffix(".notes.csv"), 3).T
    return _existing(stem.with_suffix(".flac")), Notes(start, end, pitch)


def _piano_notes(audio: Path) -> Notes:
    """Read the notes of a MAPS recording; the header has commas where the rows have tabs."""
    onset, offset, pitch, velocity = _table(
        audio.parent.parent / "notes" / f"{audio.stem}.tsv", 4
    ).T
    return Notes(onset, offset, pitch, velocity)


def _sung_notes(path: Path) -> Notes:
    """Read a vocadito annotation: onset, pitch in Hz (not rounded to a key), length."""
    start, hz, length = _table(path, 3).T
    pitch = np.round(69 + 12 * np.log2(hz / 440))
    return Notes(start, start + length, pitch)


def _longest_key(path: Path) -> str:
    """Find the local key that holds the longest, `"Db:maj"` written as `"Db major"`."""
    local = Segments.load(path)
    totals = dict.fromkeys(local.labels, 0.0)
    for label, seconds in zip(local.labels, local.durations, strict=True):
        totals[label] += seconds
    return _key_name(max(totals, key=totals.__getitem__))


def _key_name(label: str) -> str:
    """Turn `"Db:maj"` or `"F:min"` into `"Db major"` or `"F minor"`."""
    tonic, quality = label.split(":")
    return f"{tonic} {'minor' if quality.startswith('min') else 'major'}"


def _short(path: Path) -> str:
    """Name a MAPS recording by its piece: every one is of the same set, piano and microphone."""
    return path.stem.removeprefix("MAPS_MUS-").removesuffix("_ENSTDkCl")


def _files(folder: Path, pattern: str) -> list[Path]:
    """List the files of a set in order; an error when there are none, so no set is forgotten."""
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise MirlabError(f"{folder}: holds no {pattern}; the development recordings are needed")
    return paths


def _existing(path: Path) -> Path:
    """Give the path back if there is such a file."""
    if not path.is_file():
        raise MirlabError(f"{path}: there is no such file")
    return path


def _table(path: Path, columns: int) -> np.ndarray:
    """Read the first columns of a table as numbers, shape (rows, columns).

    Fields lie between tabs, commas, semicolons or spaces; a header line, and lines that begin
    with `#`, are passed over.
    """
    rows = []
    for number, line in enumerate(_existing(path).read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = re.split(r"[\t,;]\s*| +", line.strip())[:columns]
        try:
            rows.append([float(field) for field in fields])
        except ValueError:
            if number > 1:
                raise MirlabError(
                    f"{path}, line {number}: {line[:60]!r} holds no numbers"
                ) from None
            continue
        if len(fields) < columns:
            raise MirlabError(f"{path}, line {number}: needs {columns} columns")
    if not rows:
        raise MirlabError(f"{path}: holds no numbers")
    return np.array(rows)

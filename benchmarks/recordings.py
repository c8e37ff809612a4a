"""Readers of the development recordings and their labels; each set has its own pitfalls."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mirlab.core.errors import MirlabError
from mirlab.core.notes import Notes
from mirlab.core.segments import Segments

EVERYTHING_IS_FREE_KEYS = {  # from the booklet of the album
    "Caesium": "C major",
    "Lithium": "G minor",
    "Potassium": "C major",
}


@dataclass(frozen=True)
class NoteRecording:
    """A recording with labelled notes.

    `onset_tolerance` in seconds allows for the precision of the labels; `second` has the labels of
    a second annotator, if there is one.
    """

    set: str
    name: str
    audio: Path
    notes: Notes
    onset_tolerance: float = 0.05
    second: Notes | None = None


@dataclass(frozen=True)
class ChordRecording:
    """A recording with labelled chords (Harte's syntax) and key (such as `"G minor"`)."""

    set: str
    name: str
    audio: Path
    chords: Segments
    key: str


@dataclass(frozen=True)
class BeatRecording:
    """A recording with labelled beats, and perhaps bars and a key.

    `beats` are times in seconds, shape (n,); `bars` are the same beats, each labelled with its
    number in the bar, or None without labelled downbeats. `only_bars`: downbeats are labelled, and
    the beats between them are interpolated.
    """

    set: str
    name: str
    audio: Path
    beats: np.ndarray
    bars: Segments | None
    key: str | None
    only_bars: bool = False


def data_folder() -> Path:
    """Return the folder named by the environment variable `MIRLAB_DATA`.

    Raises
    ------
    MirlabError
        When it is not set or is not a folder.
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
        When a set is missing or a line of its labels is invalid.
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
        # labels from automatic alignment, less precise than 50 ms
        recordings.append(NoteRecording(bach, path.stem, path, Notes(start, end, pitch), 0.1))
    for path in _files(folder / voice, "vocadito_[0-9].flac"):
        first, second = (
            _sung_notes(path.with_name(f"{path.stem}_notes{annotator}.csv"))
            for annotator in ("A1", "A2")
        )
        recordings.append(NoteRecording(voice, path.stem, path, first, second=second))
    piece = folder / "stems_urmp" / "01_Jupiter"  # the other piece has no labels
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
        When a set is missing or a line of its labels is invalid.
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
        # no key is labelled; the song begins and ends on its tonic
        key = _key_name(chords.labels[-1])
        recordings.append(ChordRecording(lied.name, name, audio, chords, key))
    return recordings


def beat_recordings(folder: Path) -> list[BeatRecording]:
    """Read every recording with beats or bars: piano, violin and piano, a song, electronic pop.

    A 6 s clip of percussion (BRID) is omitted: none of its three labelled beats comes after the
    5 s that the measures ignore. So are the violin solos, whose score positions are automatically
    aligned with the sound.

    Raises
    ------
    MirlabError
        When a set is missing or a line of its labels is invalid.
    """
    maps, pop = folder / "piano_maps_disklavier", folder / "stems_everythingisfree"
    recordings = []
    for path in _files(maps / "beats", "*.beats"):
        audio = _existing(maps / "audio" / f"{path.stem}.flac")
        bars, key = numbered(*_table(path, 2).T), _longest_key(maps / "keys" / f"{path.stem}.lab")
        recordings.append(
            BeatRecording(maps.name, _short(audio), audio, bars.intervals[:, 0], bars, key)
        )
    recordings += _chamber_music(folder / "beats_smd")
    recordings += _song_with_bars(folder / "lied_winterreise")
    for path in _files(pop, "*/beats.txt"):
        name, audio = path.parent.name, _existing(path.with_name("mixture.flac"))
        bars, booklet = numbered(*_table(path, 2).T), EVERYTHING_IS_FREE_KEYS.get(name)
        recordings.append(BeatRecording(pop.name, name, audio, bars.intervals[:, 0], bars, booklet))
    return recordings


def _chamber_music(folder: Path) -> list[BeatRecording]:
    """Two movements with labelled beats; of the sonata, the bars are labelled, too."""
    recordings = []
    for path in _files(folder, "*SMD*.wav"):
        quarters = path.with_name(f"{path.stem}_quarter.csv")
        bars = None
        if quarters.exists():
            beats = _table(quarters, 1)[:, 0]
            downbeats = _table(path.with_name(f"{path.stem}_measure.csv"), 1)[:, 0]
            bars = numbered(beats, numbers_in_bars(beats, downbeats))
        else:
            beats = _table(path.with_suffix(".csv"), 1)[:, 0]
        recordings.append(BeatRecording(folder.name, path.stem, path, beats, bars, None))
    return recordings


def numbers_in_bars(beats: np.ndarray, downbeats: np.ndarray) -> np.ndarray:
    """Number of each beat in its bar; an upbeat is numbered as in a bar as long as the first."""
    first = np.abs(beats[:, None] - downbeats).argmin(axis=0)
    i = np.arange(beats.size)
    since = i - first[np.maximum(np.searchsorted(first, i, side="right") - 1, 0)]
    return since % (first[1] - first[0]) + 1 if since[0] < 0 else since + 1


def _song_with_bars(folder: Path) -> list[BeatRecording]:
    """Read the song, Schubert's "Mut": 2/4, of which only the downbeats are labelled."""
    recordings = []
    for path in _files(folder, "*.measures.csv"):
        name = path.name.removesuffix(".measures.csv")
        starts, number = _table(path, 2).T
        downbeats = starts[number == np.round(number)]  # the last row is the end of the last bar
        middles = (downbeats[1:] + downbeats[:-1]) / 2
        times = np.sort(np.r_[downbeats, middles])
        bars = numbered(times, np.arange(times.size) % 2 + 1)
        recordings.append(
            BeatRecording(
                folder.name, name, _existing(folder / f"{name}.flac"), times, bars, None, True
            )
        )
    return recordings


def numbered(times: np.ndarray, numbers: Iterable[float]) -> Segments:
    """Beats with their numbers in the bar; the last one lasts as long as the one before.

    >>> numbered(np.array([0.5, 1.0, 1.5]), [1, 2, 1]).labels
    ('1', '2', '1')
    """
    if times.size < 2:
        return Segments([], [])
    ends = np.r_[times[1:], 2 * times[-1] - times[-2]]
    return Segments(np.column_stack([times, ends]), [str(int(n)) for n in numbers])


def notes_of_a_part(folder: Path, part: str) -> tuple[Path, Notes]:
    """Read the separate recording of one player of the string duet, and its notes.

    Parameters
    ----------
    folder
        Folder of the development recordings.
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
    """Read a vocadito annotation: onset, pitch in Hz (not rounded to a semitone), duration."""
    start, hz, length = _table(path, 3).T
    pitch = np.round(69 + 12 * np.log2(hz / 440))
    return Notes(start, start + length, pitch)


def _longest_key(path: Path) -> str:
    """Find the local key with the longest total duration, with `"Db:maj"` as `"Db major"`."""
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
    """Name of the piece of a MAPS recording: set, piano and microphone are always the same."""
    return path.stem.removeprefix("MAPS_MUS-").removesuffix("_ENSTDkCl")


def _files(folder: Path, pattern: str) -> list[Path]:
    """List the files of a set in order; an empty set is an error."""
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise MirlabError(f"{folder}: has no {pattern}; the development recordings are needed")
    return paths


def _existing(path: Path) -> Path:
    """Return the path if the file exists."""
    if not path.is_file():
        raise MirlabError(f"{path}: there is no such file")
    return path


def _table(path: Path, columns: int) -> np.ndarray:
    """Read the first columns of a table as numbers, shape (rows, columns).

    Fields are separated by tabs, commas, semicolons or spaces; a header line and lines that begin
    with `#` are skipped.
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
                raise MirlabError(f"{path}, line {number}: {line[:60]!r} has no numbers") from None
            continue
        if len(fields) < columns:
            raise MirlabError(f"{path}, line {number}: needs {columns} columns")
    if not rows:
        raise MirlabError(f"{path}: has no numbers")
    return np.array(rows)

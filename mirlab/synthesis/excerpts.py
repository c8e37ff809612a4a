"""Random excerpts of MIDI files, transposed and at a different tempo."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from ..composer import Piece, piece_from_midi
from ..core import AudioError, Notes, NotesError, Segments, TempoMap
from ..core.checks import as_float, as_path, require, require_seed, require_type
from .checks import require_range
from .studio.changes import speed_up, transpose, transpose_label

SEMITONES = 5  # largest transposition, up or down
RATES = (0.85, 1.18)  # smallest and largest factor on the tempo
CACHE_SIZE = 8  # files per process


@dataclass(frozen=True)
class MidiExcerpts:
    """Random excerpts of the MIDI files of a folder, as `pieces` of `SyntheticMusic`.

    The score is transposed and its tempo changed before it is rendered: that costs nothing and
    leaves no artefacts in the audio. Notes that begin before the excerpt are omitted from the audio
    and from the labels. Chords are estimated from the notes and are not ground truth.

    Parameters
    ----------
    folder
        Folder with `.mid` and `.midi` files; subfolders are searched.
    duration
        Approximate duration of an excerpt in seconds, 1..600.

    Raises
    ------
    AudioError
        If the folder is no path, or the duration out of range.
    NotesError
        On a call, if the folder has no readable MIDI file.
    """

    folder: str | os.PathLike[str]
    duration: float

    def __post_init__(self) -> None:
        as_path("folder", self.folder, AudioError)
        require_range("duration", self.duration, 1, 600, " s")

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The MIDI files, sorted."""
        paths = Path(self.folder).rglob("*")
        return tuple(sorted(p for p in paths if p.suffix.lower() in (".mid", ".midi")))

    def __call__(self, seed: int) -> Piece:
        """The excerpt of a seed; unreadable files are skipped."""
        require_seed(seed, NotesError)
        rng = np.random.default_rng(seed)
        for index in rng.permutation(len(self.paths)):
            try:
                piece = _read(self.paths[index])
            except NotesError:
                continue
            steps = int(rng.integers(-SEMITONES, SEMITONES + 1))
            rate = float(np.exp(rng.uniform(*np.log(RATES))))
            length = self.duration * rate  # in the file's own time
            onsets = piece.notes.onset
            latest = max(0.0, piece.duration - length)
            start = min(float(rng.choice(onsets)), latest, float(onsets[-1]))
            return change_tempo(transpose_piece(excerpt(piece, start, start + length), steps), rate)
        raise NotesError(f"{self.folder}: there is no MIDI file in it that can be read")


def excerpt(piece: Piece, start: float, end: float) -> Piece:
    """Cut the notes that begin between two times from a piece; `start` becomes time 0.

    Raises
    ------
    NotesError
        If an argument is not valid, or no note begins in the excerpt.
    """
    require_type("piece", piece, Piece, NotesError)
    start, end = as_float("start", start, NotesError), as_float("end", end, NotesError)
    valid = 0 <= start < end
    require(valid, f"an excerpt needs 0 <= start < end, not {start} and {end}", NotesError)
    parts = {name: _within(notes, start, end) for name, notes in piece.parts.items()}
    tempo = piece.tempo_map
    later = tempo.times > start
    now = tempo.bpm[~later][-1]
    return replace(
        piece,
        parts={name: notes for name, notes in parts.items() if len(notes)},
        chords=_crop(piece.chords, start, end),
        beats=_crop(piece.beats, start, end),
        tempo_map=TempoMap(np.r_[0.0, tempo.times[later] - start], np.r_[now, tempo.bpm[later]]),
    )


def transpose_piece(piece: Piece, semitones: int) -> Piece:
    """Transpose a piece, as far as the range of MIDI pitches allows."""
    pitches = [notes.pitch[~notes.is_drum] for notes in piece.parts.values()]
    pitch = np.concatenate(pitches)
    if pitch.size:
        semitones = int(np.clip(semitones, -pitch.min(), 127 - pitch.max()))
    labels = [transpose_label(label, semitones) for label in piece.chords.labels]
    return replace(
        piece,
        parts={name: transpose(notes, semitones) for name, notes in piece.parts.items()},
        chords=Segments(piece.chords.intervals, labels),
        key=None if piece.key is None else transpose_label(piece.key, semitones),
    )


def change_tempo(piece: Piece, rate: float) -> Piece:
    """Play a piece `rate` times as fast, 0.01 to 100.

    Raises
    ------
    NotesError
        If an argument is not valid.
    """
    require_type("piece", piece, Piece, NotesError)
    rate = as_float("rate", rate, NotesError)
    require(0.01 <= rate <= 100, f"rate must be between 0.01 and 100, not {rate}", NotesError)
    tempo = piece.tempo_map
    return replace(
        piece,
        parts={name: speed_up(notes, rate) for name, notes in piece.parts.items()},
        chords=Segments(piece.chords.intervals / rate, piece.chords.labels),
        beats=Segments(piece.beats.intervals / rate, piece.beats.labels),
        tempo_map=TempoMap(tempo.times / rate, tempo.bpm * rate),
    )


@lru_cache(maxsize=CACHE_SIZE)
def _read(path: Path) -> Piece:
    """Read a file as a piece; cached, since chord estimation is slow."""
    return piece_from_midi(path)


def _within(notes: Notes, start: float, end: float) -> Notes:
    """Notes that begin in an excerpt, with its start as time 0 and cut at its end."""
    inside = notes.slice(start, end)
    if not len(inside):
        return inside
    bends, pedal = inside.bends, inside.pedal
    if pedal is not None:
        pedal = pedal[(pedal[:, 1] > start) & (pedal[:, 0] < end)]
        pedal = np.column_stack([np.clip(pedal[:, :2] - start, 0, end - start), pedal[:, 2]])
    return Notes(
        inside.onset - start,
        np.minimum(inside.offset, end) - start,
        inside.pitch,
        inside.velocity,
        inside.program,
        inside.is_drum,
        bends=None if bends is None else [curve - (start, 0) for curve in bends],
        pedal=pedal,
    )


def _crop(segments: Segments, start: float, end: float) -> Segments:
    """Segments of an excerpt, with its start as time 0."""
    return segments.crop(start, end).shift(-start)

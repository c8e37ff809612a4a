"""Excerpts of MIDI files, each in another key and at another tempo than the file's."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from ..composer import Piece, piece_from_midi
from ..core import Notes, NotesError, Segments, TempoMap
from .checks import require_range
from .studio.changes import faster_notes, transposed, transposed_label

SEMITONES = 5  # by which an excerpt may be transposed, up or down
RATES = (0.85, 1.18)  # by which it may be faster
KEPT = 8  # files that a process remembers


@dataclass(frozen=True)
class MidiExcerpts:
    """From a seed to an excerpt of one of a folder's MIDI files, for `SyntheticMusic`.

    The score is transposed and its tempo changed before it is played: that costs nothing and
    leaves no trace in the sound. Notes that began before the excerpt are left out, of the sound as
    of the labels. Chords are read off the notes: an estimate, not the truth.

    Parameters
    ----------
    folder
        Where `.mid` and `.midi` files lie, also in folders of its own.
    duration
        About how long an excerpt is, in seconds, 1..600.

    Raises
    ------
    AudioError
        For a duration out of its range.
    NotesError
        When an excerpt is asked for and there is no MIDI file that can be read.
    """

    folder: str | os.PathLike[str]
    duration: float

    def __post_init__(self) -> None:
        require_range("duration", self.duration, 1, 600, " s")

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The files, in the order of their names."""
        found = Path(self.folder).rglob("*")
        return tuple(sorted(p for p in found if p.suffix.lower() in (".mid", ".midi")))

    def __call__(self, seed: int) -> Piece:
        """The excerpt of a seed; a file that cannot be read gives way to another."""
        rng = np.random.default_rng(seed)
        for place in rng.permutation(len(self.paths)):
            try:
                piece = _read(self.paths[place])
            except NotesError:
                continue
            steps = int(rng.integers(-SEMITONES, SEMITONES + 1))
            rate = float(np.exp(rng.uniform(*np.log(RATES))))
            length = self.duration * rate  # in the file's own time
            onsets = piece.notes.onset
            latest = max(0.0, piece.duration - length)
            start = min(float(rng.choice(onsets)), latest, float(onsets[-1]))
            return change_tempo(in_other_key(excerpt(piece, start, start + length), steps), rate)
        raise NotesError(f"{self.folder}: there is no MIDI file in it that can be read")


def excerpt(piece: Piece, start: float, end: float) -> Piece:
    """What begins in a stretch of a piece, with the stretch's beginning as time 0.

    Raises
    ------
    NotesError
        When no note begins in it.
    """
    parts = {name: _within(notes, start, end) for name, notes in piece.parts.items()}
    tempo = piece.tempo_map
    later = tempo.times > start
    now = tempo.bpm[~later][-1]
    return replace(
        piece,
        parts={name: notes for name, notes in parts.items() if len(notes)},
        chords=_moved(piece.chords, start, end),
        beats=_moved(piece.beats, start, end),
        tempo_map=TempoMap(np.r_[0.0, tempo.times[later] - start], np.r_[now, tempo.bpm[later]]),
    )


def in_other_key(piece: Piece, semitones: int) -> Piece:
    """A piece transposed, as far as its notes allow."""
    pitches = [notes.pitch[~notes.is_drum] for notes in piece.parts.values()]
    pitch = np.concatenate(pitches)
    if pitch.size:
        semitones = int(np.clip(semitones, -pitch.min(), 127 - pitch.max()))
    labels = [transposed_label(label, semitones) for label in piece.chords.labels]
    return replace(
        piece,
        parts={name: transposed(notes, semitones) for name, notes in piece.parts.items()},
        chords=Segments(piece.chords.intervals, labels),
        key=None if piece.key is None else transposed_label(piece.key, semitones),
    )


def change_tempo(piece: Piece, rate: float) -> Piece:
    """A piece played so many times as fast."""
    tempo = piece.tempo_map
    return replace(
        piece,
        parts={name: faster_notes(notes, rate) for name, notes in piece.parts.items()},
        chords=Segments(piece.chords.intervals / rate, piece.chords.labels),
        beats=Segments(piece.beats.intervals / rate, piece.beats.labels),
        tempo_map=TempoMap(tempo.times / rate, tempo.bpm * rate),
    )


@lru_cache(maxsize=KEPT)
def _read(path: Path) -> Piece:
    """A file as a piece; chords take a while to be found, so it is remembered."""
    return piece_from_midi(path)


def _within(notes: Notes, start: float, end: float) -> Notes:
    """The notes that begin in a stretch, moved to its beginning and cut at its end."""
    mine = notes.slice(start, end)
    if not len(mine):
        return mine
    bends, pedal = mine.bends, mine.pedal
    if pedal is not None:
        pedal = pedal[(pedal[:, 1] > start) & (pedal[:, 0] < end)]
        pedal = np.column_stack([np.clip(pedal[:, :2] - start, 0, end - start), pedal[:, 2]])
    return Notes(
        mine.onset - start,
        np.minimum(mine.offset, end) - start,
        mine.pitch,
        mine.velocity,
        mine.program,
        mine.is_drum,
        bends=None if bends is None else [curve - (start, 0) for curve in bends],
        pedal=pedal,
    )


def _moved(segments: Segments, start: float, end: float) -> Segments:
    """The segments of a stretch, with its beginning as time 0."""
    return segments.crop(start, end).shift(-start)

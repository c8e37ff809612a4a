"""Pieces from MIDI files: beats from the tempo and meter events, harmony from the notes."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..core import Notes, NotesError, Segments, TempoMap
from ..core.checks import require_type
from ..core.midi_files import read_meters
from ..core.theory import NO_CHORD, chord_templates, key_of
from ..core.viterbi import viterbi
from .piece import Piece

# the best of a few values on sixty pieces of `compose`
SHARPNESS = 12.0  # weight of the fit against the cost of a change of chord
STAY = 0.5  # probability that a chord continues from one beat to the next
ROOT = 0.2  # bonus, in cosine similarity, for a chord whose root is the lowest note
FINEST = 32  # largest denominator accepted as a beat; damaged files contain any number
ROUNDING = 1e-6  # s: less than this is a rounding error, not a sounding note
BRIEF = 0.03  # s: notes that sound for less within a beat belong to its neighbour


class Meter(NamedTuple):
    """A time signature from `start` on; times in quarter notes."""

    start: float
    beat: float
    beats: int  # per bar


def pieces_from_midi(folder: str | os.PathLike[str]) -> Iterator[Piece]:
    """Read every MIDI file of a folder and its subfolders, sorted by path.

    A file that cannot be read or contains no note is skipped with a warning that names it.

    Parameters
    ----------
    folder
        Folder with `.mid` and `.midi` files.

    Raises
    ------
    NotesError
        If there is none.
    """
    if not isinstance(folder, str | os.PathLike):
        raise NotesError(f"{folder!r}: is not the name of a folder")
    paths = sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in (".mid", ".midi"))
    if not paths:
        raise NotesError(f"{folder}: there is no MIDI file in it")
    return _readable(paths)


def _readable(paths: Sequence[Path]) -> Iterator[Piece]:
    """Yield a piece for each readable file; warn about the others."""
    for path in paths:
        try:
            yield piece_from_midi(path)
        except NotesError as reason:
            warnings.warn(f"{reason}; the file is skipped", stacklevel=2)


def piece_from_midi(path: str | os.PathLike[str]) -> Piece:
    """Read a MIDI file: a part for each program, beats from tempi and time signatures.

    MIDI has no chords, and its key signatures are often a program's default of C major. So both
    are estimated from the notes (see `chords_of_notes`; the key is the one whose profile fits
    best) and are not ground truth.

    Raises
    ------
    NotesError
        If the file is not MIDI, is damaged or contains no note. The message names the file.

    Examples
    --------
    >>> import tempfile
    >>> from mirlab.core import Notes
    >>> triads = Notes([0, 0, 0, 2, 2, 2], [2, 2, 2, 4, 4, 4], [60, 64, 67, 59, 62, 67])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     piece = piece_from_midi(triads.save(folder + "/two chords.mid"))
    >>> piece.style, list(piece.parts), piece.chords.labels, len(piece.beats)
    ('two chords', ['acoustic grand piano'], ('C:maj', 'G:maj'), 8)
    """
    import pretty_midi

    notes = Notes.from_midi(path)
    if not len(notes):
        raise NotesError(f"{path}: contains no note")
    assert notes.tempo_map is not None  # every MIDI file has one
    parts = {}
    for program in np.unique(notes.program[~notes.is_drum]):
        name = pretty_midi.program_to_instrument_name(int(program)).lower()
        parts[name] = notes[(notes.program == program) & ~notes.is_drum]
    if notes.is_drum.any():
        parts["drums"] = notes[notes.is_drum]
    beats = _beats(notes.tempo_map, _meters(Path(path)), notes.duration)
    pitched = notes[~notes.is_drum]
    chords = chords_of_notes(pitched, beats)
    profile = _profile(pitched, np.array([[0.0, notes.duration]]))[:, 0]
    return Piece(parts, chords, key_of(profile), beats, notes.tempo_map, style=Path(path).stem)


def chords_of_notes(notes: Notes, beats: Segments) -> Segments:
    """Estimate major and minor triads from the notes and the bass of each beat.

    The Viterbi algorithm finds the best sequence of chords.

    Parameters
    ----------
    notes
        Notes without drums.
    beats
        Beats; chords change only on beats.

    Returns
    -------
    Segments
        Labels in Harte's syntax; `"N"` where nothing sounds.
    """
    require_type("notes", notes, Notes, NotesError)
    require_type("beats", beats, Segments, NotesError)
    templates, labels = chord_templates()
    profile = _profile(notes, beats.intervals)
    length = np.linalg.norm(profile, axis=0)
    fit = templates @ (profile / np.maximum(length, 1e-9))
    fit += ROOT * (np.tile(np.arange(12), 2)[:, None] == _lowest(notes, beats.intervals) % 12)
    fit = np.vstack([fit, np.where(length > 0, 0.0, 1.0)])
    path = viterbi(SHARPNESS * fit, stay=STAY)
    names = [*labels, NO_CHORD]
    return Segments(beats.intervals, [names[state] for state in path]).merge()


def _profile(notes: Notes, intervals: np.ndarray) -> np.ndarray:
    """Seconds that each pitch class sounds in each interval, shape `(12, intervals)`.

    The seconds that the notes have sounded up to a time are a difference of two sums, one over
    onsets and one over offsets, so that the cost does not grow with notes times intervals.
    """
    rows = []
    for tone in range(12):
        mask = notes.pitch % 12 == tone
        until = _seconds_since(notes.onset[mask], intervals)
        until -= _seconds_since(notes.offset[mask], intervals)
        rows.append(until[:, 1] - until[:, 0])
    profile = np.array(rows)
    return np.where(profile < ROUNDING, 0.0, profile)


def _seconds_since(events: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Sum of the seconds since all earlier events, at each time; the shape is that of `times`."""
    events = np.sort(events)
    number = np.searchsorted(events, times)
    sums = np.r_[0.0, np.cumsum(events)]
    return np.asarray(number * times - sums[number])


def _lowest(notes: Notes, intervals: np.ndarray) -> np.ndarray:
    """The lowest sounding pitch of each interval, shape `(intervals,)`; 0 for silence.

    The intervals follow each other.
    """
    first = np.searchsorted(intervals[:, 1] - BRIEF, notes.onset, side="right")
    last = np.searchsorted(intervals[:, 0] + BRIEF, notes.offset, side="left")
    lowest = np.zeros(len(intervals), notes.pitch.dtype)
    for i in np.argsort(-notes.pitch.astype(int), kind="stable"):  # the lowest is written last
        lowest[first[i] : last[i]] = notes.pitch[i]
    return lowest


def _meters(path: Path) -> list[Meter]:
    """Time signatures of a file; 4/4 before the first."""
    meters = {0.0: Meter(0.0, 1.0, 4)}
    for position, numerator, denominator in read_meters(path):
        if denominator <= FINEST:
            beat, beats = 4 / denominator, max(numerator, 1)
            if beats > 3 and beats % 3 == 0 and denominator >= 8:  # 6/8 has two beats
                beat, beats = 3 * beat, beats // 3
            meters[position] = Meter(position, beat, beats)
    return [meters[position] for position in sorted(meters)]


def _beats(tempo: TempoMap, meters: Sequence[Meter], duration: float) -> Segments:
    """Beats up to the end of the last note, labelled with their number in the bar."""
    end = float(tempo.beats(duration))
    edges, labels = [], []
    for i, meter in enumerate(meters):
        until = meters[i + 1].start if i + 1 < len(meters) else np.inf
        positions = np.arange(meter.start, min(until, end) - 1e-6, meter.beat)
        edges += [(position, min(position + meter.beat, until)) for position in positions]
        labels += [str(1 + n % meter.beats) for n in range(positions.size)]
    return Segments(tempo.seconds(edges), labels)

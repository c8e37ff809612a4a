"""Printed scores of songs and chorales, and their performance by `mirlab.composer`."""

from __future__ import annotations

import csv
import warnings
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recordings import numbered
from benchmarks.score.agreement import PlayedScore
from benchmarks.score.note_values import match, read_score
from mirlab.composer.performance import Performer, perform, tempo_curve
from mirlab.composer.score import ScoreNote
from mirlab.core import MirlabError, Notes, Segments

LIEDER, CHORALES = "symbolic_lieder", "symbolic_chorales"
PIANO, VOICE, ORGAN = 0, 52, 19  # General MIDI programs
BPM = {LIEDER: (60.0, 100.0), CHORALES: (60.0, 90.0)}  # quarters, or dotted quarters
RUBATO = (0.02, 0.08)
LOOSE = (0.005, 0.02)  # s, standard deviation of the timing
SECONDS = 40.0  # of each performance


@dataclass(frozen=True, eq=False)
class PrintedPiece:
    """A printed score.

    Parameters
    ----------
    set, name
        Of the benchmark's result.
    parts
        By General MIDI program: notes (onset, length, pitch) in quarters, shape (n, 3). Tied notes
        are joined, grace notes left out.
    bars
        First quarter of every full bar, and the end of the last; increasing. Beat 0 is the
        beginning of a bar, which an upbeat does not fill.
    meter
        First time signature.
    """

    set: str
    name: str
    parts: tuple[tuple[int, np.ndarray], ...]
    bars: np.ndarray
    meter: tuple[int, int]

    @property
    def unit(self) -> float:
        """Quarters of a beat: 1.5 for meters in eighths, otherwise 1."""
        return 1.5 if self.meter[1] == 8 else 1.0


def printed_pieces(folder: Path) -> list[PrintedPiece]:
    """Read all songs and chorales.

    Raises
    ------
    MirlabError
        When a set is missing.
    """
    songs = sorted((folder / LIEDER).glob("*/score.mxl"))
    chorales = sorted((folder / CHORALES).glob("*.notes.tsv"))
    if not songs or not chorales:
        raise MirlabError(f"{folder}: has no {LIEDER} or no {CHORALES}")
    return [*map(read_song, songs), *map(read_chorale, chorales)]


def read_song(path: Path) -> PrintedPiece:
    """Read a song for voice and piano from MusicXML, up to a change to or from dotted beats."""
    from music21 import converter, stream

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about dashes and wedges
        score = converter.parse(path)
    assert isinstance(score, stream.Score)
    measures = list(score.parts[0].getElementsByClass("Measure"))
    first, upbeat = measures[0].timeSignature, float(measures[0].paddingLeft)
    starts, end = [0.0], float(score.highestTime) + upbeat
    for measure in measures[1:]:
        changed = measure.timeSignature
        if changed is not None and (changed.denominator == 8) != (first.denominator == 8):
            end = float(measure.offset) + upbeat
            break
        if measure.paddingLeft == 0:  # not the second half of a bar
            starts.append(float(measure.offset) + upbeat)
    parts = []
    for k, part in enumerate(score.parts):
        notes = np.array(
            [
                (float(note.offset) + upbeat, float(note.quarterLength), pitch.midi)
                for note in part.stripTies().flatten().notes
                if note.quarterLength > 0  # no grace notes
                for pitch in note.pitches
            ]
        )
        parts.append((PIANO if k else VOICE, notes[notes[:, 0] < end]))
    meter = int(first.numerator), int(first.denominator)
    return PrintedPiece(LIEDER, path.parent.name, tuple(parts), np.r_[starts, end], meter)


def read_chorale(path: Path) -> PrintedPiece:
    """Read a chorale from its table of notes."""
    notes, meter = read_score(path)
    starts, end = set(), 0.0
    with path.open(encoding="utf-8") as file:
        for line in csv.DictReader(file, delimiter="\t"):
            if line["quarterbeats"]:
                onset = Fraction(line["quarterbeats"])
                starts.add(float(onset - 4 * Fraction(line["mn_onset"])))
                end = max(end, float(onset + 4 * Fraction(line["duration"])))
    upbeat = max(0.0, -min(starts))
    notes[:, 0] += upbeat
    bars = np.r_[np.array(sorted(starts)) + upbeat, end + upbeat]
    name = path.name.split(".")[0]
    return PrintedPiece(CHORALES, name, ((ORGAN, notes),), bars, meter)


def perform_piece(piece: PrintedPiece, seed: int) -> PlayedScore:
    """Perform the first 40 s of a piece with human timing, and render it.

    Parameters
    ----------
    piece
        The piece.
    seed
        Seed of tempo, rubato and timing.
    """
    rng = np.random.default_rng(seed)
    bpm = rng.uniform(*BPM[piece.set]) * piece.unit
    quarters = int(np.ceil(piece.bars[-1]))
    tempo = tempo_curve(quarters, bpm, rng, rubato=rng.uniform(*RUBATO))
    loose, bar = rng.uniform(*LOOSE), piece.bars[1] - piece.bars[0]
    played = [
        perform(
            [ScoreNote(onset, length, int(pitch)) for onset, length, pitch in notes],
            Performer(program, loose=loose),
            tempo,
            rng,
            meter=round(bar),
        )
        for program, notes in piece.parts
    ]
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in played])
        for name in ("onset", "offset", "pitch", "velocity", "program")
    }
    whole = Notes(**columns, tempo_map=tempo)
    notes = whole[whole.onset < SECONDS]
    printed = np.concatenate([table for _, table in piece.parts])
    beats = beats_of(piece)
    times = tempo.seconds(beats.intervals)
    inside = (times[:, 0] > notes.onset[0] - 0.1) & (times[:, 0] < SECONDS)
    return PlayedScore(
        piece.set,
        piece.name,
        notes.render(),
        notes,
        Segments(times[inside], np.array(beats.labels)[inside].tolist()),
        piece.meter,
        match(tempo.beats(notes.onset), notes.pitch, printed, unfold=False),
    )


def beats_of(piece: PrintedPiece) -> Segments:
    """Beats of all bars in quarters, numbered in bars."""
    edges = [
        (position, number)
        for start, end in zip(piece.bars[:-1], piece.bars[1:], strict=True)
        for number, position in enumerate(np.arange(start, end - 1e-6, piece.unit), 1)
    ]
    positions, numbers = np.array(edges).T
    return numbered(positions, numbers)

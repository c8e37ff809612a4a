"""Pieces that train the beat network: performed scores, composed pieces, click tracks."""

from __future__ import annotations

import hashlib
import os
import zipfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..composer import Piece, compose, humanize, odd_meter, piece_from_midi
from ..core import Notes, NotesError, Segments, TempoMap
from ..core.files import atomic_write
from ..learning import LearningError
from ..learning.cache import cache_folder
from ..synthesis import change_tempo, excerpt

FOLDER = "symbolic_openscore_cc0"  # in MIRLAB_TRAIN; see data_scripts/fetch_openscore.py
SCORES = ("lieder", "quartets", "orchestra")
PROBABILITIES = {
    "lieder": 0.42,
    "quartets": 0.1,
    "orchestra": 0.06,
    "composed": 0.37,
    "clicks": 0.05,
}
SECONDS = 40.0  # of an item
MOST_NOTES = 1600  # of a piece
RUBATO = ((0.0, 0.0), (0.02, 0.1), (0.1, 0.25))  # none, some, much
RUBATO_PROBABILITIES = (0.2, 0.4, 0.4)
PIANO = 0.6  # probability that a score is played on one piano
PEDAL_DELAY = 0.06  # s from a chord to the pedal
CLICK_TEMPI = (38.0, 260.0)  # beats per minute
CLICKS = ((76, 77), (33, 34), (37, 37), (42, 42), (75, 75))  # drums: of downbeats, of other beats


def random_piece(seed: int) -> Piece:
    """A performed excerpt of about 40 s: of a score from MIRLAB_TRAIN, composed, or clicks."""
    rng = np.random.default_rng(seed)
    kind = str(rng.choice(list(PROBABILITIES), p=list(PROBABILITIES.values())))
    for _ in range(100):
        if kind in SCORES:
            piece = _scored(kind, rng)
        else:
            piece = _composed(rng) if kind == "composed" else click_piece(rng)
        if piece is not None:
            return piece
    raise LearningError(f"{kind}: no excerpt has beats and at most {MOST_NOTES} notes")


def click_piece(rng: np.random.Generator) -> Piece:
    """A metronome: all clicks alike, or with higher or louder downbeats; some divide the beats.

    If all clicks are alike, no beat is labelled a downbeat.
    """
    bpm = float(np.exp(rng.uniform(*np.log(CLICK_TEMPI))))
    accented, per_bar = rng.random() < 0.6, int(rng.integers(2, 8))
    times = np.arange(0, 1.6 * SECONDS, 60 / bpm)
    number = 1 + np.arange(times.size) % per_bar
    downbeat = accented & (number == 1)
    high, low = CLICKS[int(rng.integers(len(CLICKS)))]
    pitch = np.where(downbeat, high, low)
    velocity = np.where(downbeat, 110, 80)
    if rng.random() < 0.3 and bpm < 140:
        times = np.r_[times, times + 30 / bpm]
        pitch, velocity = np.r_[pitch, np.full(pitch.size, low)], np.r_[velocity, velocity * 0 + 50]
    clicks = Notes(times, times + 0.05, pitch, velocity, 0, True)
    beats = times[: number.size]
    labels = [str(n) if accented else "2" for n in number]
    segments = Segments(np.column_stack([beats, np.r_[beats[1:], beats[-1] + 60 / bpm]]), labels)
    nothing = Segments([], [])
    return Piece({"drums": clicks}, nothing, None, segments, TempoMap([0.0], [bpm]), "clicks")


def _composed(rng: np.random.Generator) -> Piece | None:
    """A composed piece, some in 5/4 or 7/4, some with human timing."""
    piece = compose(int(rng.integers(2**31)), duration=float(rng.uniform(40, 75)))
    if rng.random() < 0.12:
        piece = odd_meter(piece)
    piece = change_tempo(piece, float(np.exp(rng.uniform(-0.35, 0.3))))
    if rng.random() < 0.4:
        piece = humanize(
            piece, seed=int(rng.integers(2**31)), rubato=rng.uniform(0, 0.08), loose=0.006
        )
    return _from_beat(piece, rng)


def _scored(kind: str, rng: np.random.Generator) -> Piece | None:
    """An excerpt of a score with human timing, on its instruments or on a piano."""
    paths = _paths(kind, os.environ.get("MIRLAB_TRAIN", ""))
    try:
        piece = _read(paths[int(rng.integers(len(paths)))])
    except NotesError:
        return None
    piece = change_tempo(piece, float(np.exp(rng.uniform(-0.35, 0.35))))
    part = _from_beat(piece, rng)
    if part is None:
        return None
    if rng.random() < PIANO:
        part = _on_piano(part)
    least, most = RUBATO[int(rng.choice(len(RUBATO), p=RUBATO_PROBABILITIES))]
    rubato = float(rng.uniform(least, most))
    return humanize(
        part, seed=int(rng.integers(2**31)), rubato=rubato, loose=float(rng.uniform(0.002, 0.02))
    )


def _from_beat(piece: Piece, rng: np.random.Generator) -> Piece | None:
    """An excerpt that begins with a beat; None if it has too few beats or too many notes."""
    times = piece.beats.intervals[:, 0]
    times = times[times <= max(0.0, piece.duration - SECONDS)]
    if not times.size:
        return None
    start = float(rng.choice(times)) if rng.random() < 0.7 else float(times[0])
    try:
        part = excerpt(piece, start, start + 1.6 * SECONDS)
    except NotesError:
        return None
    count = sum(map(len, part.parts.values()))
    return part if len(part.beats) >= 8 and 8 <= count <= MOST_NOTES else None


def _on_piano(piece: Piece) -> Piece:
    """All parts of a piece but drums as one piano part with pedal."""
    notes = piece.notes
    notes = notes[~notes.is_drum]
    start, end = piece.chords.intervals.T + np.array([[PEDAL_DELAY], [0.02]])
    pedal = np.column_stack([start, end, np.zeros(start.size)])[end > start]
    part = Notes(
        notes.onset, notes.offset, notes.pitch, notes.velocity, pedal=pedal if len(pedal) else None
    )
    return replace(piece, parts={"piano": part})


@lru_cache(maxsize=4)
def _paths(kind: str, root: str) -> list[Path]:
    """The MIDI files of a set, sorted; its archive is unpacked into the cache first."""
    archive = Path(root) / FOLDER / f"{kind}.zip"
    if not archive.is_file():
        raise LearningError(
            f"{archive}: there is no such file; set MIRLAB_TRAIN to the folder that "
            "data_scripts/fetch_openscore.py has written"
        )
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()[:16]
    folder = cache_folder() / f"openscore-{kind}-{digest}"
    with zipfile.ZipFile(archive) as members:
        for name in members.namelist():
            path = folder / Path(name).name
            if path.suffix == ".mid" and not path.exists():
                folder.mkdir(parents=True, exist_ok=True)
                with atomic_write(path, error=LearningError) as temporary:
                    temporary.write_bytes(members.read(name))
    return sorted(folder.glob("*.mid"))


@lru_cache(maxsize=64)
def _read(path: Path) -> Piece:
    """Read a score."""
    return piece_from_midi(path)

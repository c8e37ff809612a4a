"""Training of the beat network: performed scores and composed pieces, targets, loss, recipe."""

from __future__ import annotations

import hashlib
import os
import zipfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from ..composer import Piece, compose, humanize, odd_meter, piece_from_midi
from ..core import Audio, Notes, NotesError, Segments
from ..core.constants import SAMPLE_RATE
from ..core.files import atomic_write
from ..evaluation import beat_scores
from ..learning import LearningError, Recipe, TrainingData, register_recipe
from ..learning.cache import Item, cache_folder
from ..learning.supply import TEST_SEED
from ..synthesis import change_tempo, excerpt, master, record, training_fonts
from .detector import BeatDetector
from .features import FPS, MELS, beat_rolls, log_mel
from .note_errors import with_errors

FOLDER = "symbolic_openscore_cc0"  # in MIRLAB_TRAIN; see data_scripts/fetch_openscore.py
SETS = {"lieder": 0.5, "quartets": 0.12, "orchestra": 0.08}  # share of each; the rest is composed
SECONDS = 40.0  # of an item
FRAMES = round(SECONDS * FPS)
MOST_SILENCE = 2.0  # s, before an item
MOST_NOTES = 1600  # of an item
MOST_BEATS = 240
RUBATO = ((0.0, 0.0), (0.02, 0.1), (0.1, 0.25))  # none, some, much
PIANO = 0.6  # probability that a score is played on one piano
PEDAL_DELAY = 0.06  # s from a chord to the pedal
SCORED = 20  # test items
VERSION = 1  # of the items: raise it when they change
WIDTH = 2  # frames on either side of a beat that count in part
STRETCH = 0.15  # largest change of speed
NOTES_ONLY, AUDIO_ONLY = 0.5, 0.25  # probability that one input is absent
WEIGHTS = (1.0, 2.0)  # of beats and downbeats in the loss
POSITIVE = 2.0  # weight of frames on a beat


def random_piece(seed: int) -> Piece:
    """A performed excerpt of about 40 s: of a score from MIRLAB_TRAIN, or composed."""
    rng = np.random.default_rng(seed)
    kinds = [*SETS, "composed"]
    kind = str(rng.choice(kinds, p=[*SETS.values(), 1 - sum(SETS.values())]))
    for _ in range(100):
        piece = _composed(rng) if kind == "composed" else _scored(kind, rng)
        if piece is not None:
            return piece
    raise LearningError(f"{kind}: no excerpt has beats and at most {MOST_NOTES} notes")


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
    paths = _paths(kind)
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
    rubato = float(
        rng.choice([0.0, rng.uniform(0.02, 0.1), rng.uniform(0.1, 0.25)], p=[0.2, 0.4, 0.4])
    )
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
def _paths(kind: str) -> list[Path]:
    """The MIDI files of a set, sorted; its archive is unpacked into the cache first."""
    archive = Path(os.environ.get("MIRLAB_TRAIN") or ".") / FOLDER / f"{kind}.zip"
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


def beat_item(k: int, *, seed: int) -> dict[str, np.ndarray]:
    """Item k: `mel` (64, FRAMES) uint8, `notes` (MOST_NOTES, 4) and `beats` (MOST_BEATS, 2).

    The rows of `notes` are onset, offset, pitch and velocity, those of `beats` a time and 1 for a
    downbeat; missing rows are NaN. Times are in seconds.
    """
    rng = np.random.default_rng([seed, k])
    piece = random_piece(int(rng.integers(2**31)))
    take = record(
        piece,
        seed=int(rng.integers(2**31)),
        sr=SAMPLE_RATE,
        fonts=training_fonts(),
        synths=0.15,
        cents=20,
        apart=False,
    )
    sound = master(take.audio, seed=int(rng.integers(2**31)))
    samples = round(SECONDS * SAMPLE_RATE)
    delay = float(rng.uniform(0, MOST_SILENCE))
    y = np.pad(sound.y, ((0, 0), (round(delay * SAMPLE_RATE), samples)))[:, :samples]
    mel = log_mel(Audio(y, SAMPLE_RATE))[:, :FRAMES]
    rows = [
        np.column_stack([part.onset, part.offset, part.pitch, part.velocity])[~part.is_drum]
        for part in take.notes.values()
    ]
    notes = np.concatenate(rows)
    notes[:, :2] += delay
    downbeat = np.array([label == "1" for label in take.beats.labels], float)
    beats = np.column_stack([take.beats.intervals[:, 0] + delay, downbeat])
    return {
        "mel": np.round(255 * mel).astype(np.uint8),
        "notes": _padded(notes, MOST_NOTES),
        "beats": _padded(beats, MOST_BEATS),
    }


def _padded(rows: np.ndarray, number: int) -> np.ndarray:
    """Rows within the item, followed by NaN, as float32: `(number, columns)`."""
    rows = rows[(rows[:, 0] >= 0) & (rows[:, 0] < SECONDS)][:number]
    table = np.full((number, rows.shape[1]), np.nan, np.float32)
    table[: len(rows)] = rows
    return table


def beat_example(item: Item, rng: np.random.Generator) -> dict[str, Tensor]:
    """A training example: stretched in time, transposed, with transcription errors."""
    rate = float(np.exp(rng.uniform(-STRETCH, STRETCH)))
    notes = _table(item["notes"])
    beats = _table(item["beats"])
    present = np.array([1.0, 1.0], np.float32)
    draw = rng.random()
    if draw < NOTES_ONLY and len(notes):
        present[0] = 0
        notes[:, 2] = np.clip(notes[:, 2] + rng.integers(-5, 6), 21, 108)
    elif draw < NOTES_ONLY + AUDIO_ONLY:
        present[1] = 0
    frames = int(FRAMES / rate) if rate > 1 else FRAMES
    notes[:, :2] /= rate
    played = Notes(notes[:, 0], notes[:, 1], notes[:, 2], notes[:, 3])
    rolls = beat_rolls(with_errors(played, rng), FRAMES)
    return {
        "mel": torch.from_numpy(_stretched(item["mel"], rate, rng)),
        "rolls": torch.from_numpy(rolls),
        "present": torch.from_numpy(present),
        "targets": torch.from_numpy(beat_targets(beats[:, 0] / rate, beats[:, 1] > 0)),
        "known": torch.from_numpy((np.arange(FRAMES) < frames).astype(np.float32)),
    }


def _table(rows: np.ndarray) -> np.ndarray:
    """The rows that are not NaN, as float64."""
    return np.array(rows[~np.isnan(rows[:, 0])], float)


def _stretched(mel: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    """A mel spectrogram played `rate` times as fast, at another level: float32, same shape."""
    at = np.arange(FRAMES) * rate
    left = np.minimum(at.astype(int), FRAMES - 1)
    right = np.minimum(left + 1, FRAMES - 1)
    part = (at - left).clip(0, 1).astype(np.float32)
    level = mel.astype(np.float32) / 255
    mixed = level[:, left] * (1 - part) + level[:, right] * part
    tilt = rng.normal(0, 0.03) + rng.normal(0, 0.05) * np.linspace(-1, 1, MELS)[:, None]
    return np.clip(mixed + tilt, 0, 1).astype(np.float32) * (at < FRAMES - 1)


def beat_targets(times: np.ndarray, downbeat: np.ndarray) -> np.ndarray:
    """Targets of the activations: triangles of two frames on either side of each beat.

    Parameters
    ----------
    times
        Beat times in seconds, shape `(beats,)`.
    downbeat
        Whether each is a downbeat, shape `(beats,)`.

    Returns
    -------
    ndarray
        Shape `(2, FRAMES)`, float32, 0..1: beats, downbeats.
    """
    targets = np.zeros((2, FRAMES), np.float32)
    for row, at in ((0, times), (1, times[downbeat])):
        near = np.round(at * FPS).astype(int)[:, None] + np.arange(-WIDTH, WIDTH + 1)
        height = 1 - np.abs(near - at[:, None] * FPS) / (WIDTH + 1)
        inside = (near >= 0) & (near < FRAMES)
        np.maximum.at(targets[row], near[inside], height[inside].clip(0))
    return targets


def beat_loss(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """Cross entropy of beats and downbeats; frames on a beat weigh more."""
    assert isinstance(model, BeatDetector)
    logits = model(batch["mel"], batch["rolls"], batch["present"]).float()
    targets = batch["targets"]  # (batch, 2, frames)
    weight = (1 + (POSITIVE - 1) * targets) * batch["known"][:, None]
    weight = weight * torch.tensor(WEIGHTS, device=weight.device)[:, None]
    return cross_entropy(logits, targets, weight=weight, reduction="sum") / weight.sum()


def _cache_key() -> str:
    """Cache key: everything that the items depend on."""
    settings = (VERSION, SETS, SECONDS, MOST_NOTES, PIANO)
    return f"beats {settings} {sorted(training_fonts())}"


BEAT_DATA = TrainingData(
    item=beat_item, augment=beat_example, key=_cache_key, items=3000, validation_items=32
)


def _score(model: nn.Module) -> dict[str, float]:
    """Mean F of beats and downbeats on test items, disjoint from training and validation."""
    assert isinstance(model, BeatDetector)
    rows = []
    for k in range(SCORED):
        item = beat_item(k, seed=TEST_SEED)
        true = _table(item["beats"])
        notes = _table(item["notes"])
        played = with_errors(Notes(*notes.T), np.random.default_rng(k))
        found = model.beats_of(item["mel"].astype(np.float32) / 255, played)
        rows.append(_item_scores(true, found))
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def _item_scores(true: np.ndarray, found: Segments) -> dict[str, float]:
    """F of beats and of downbeats."""
    times = found.intervals[:, 0]
    first = np.array([label == "1" for label in found.labels], bool)
    return {
        "f": beat_scores(true[:, 0], times)["f"],
        "downbeat_f": beat_scores(true[true[:, 1] > 0, 0], times[first])["f"],
    }


register_recipe(
    "rhythm/mirlab-beats",
    Recipe(
        network=BeatDetector,
        arguments={"channels": 64},
        loss=beat_loss,
        data=BEAT_DATA.training_batches,
        validation=BEAT_DATA.validation_batches,
        score=_score,
        protocol=(
            "mir_eval F within 70 ms after 5 s, of beats and of downbeats; mean over "
            f"{SCORED} items of a test seed"
        ),
        trained_on="OpenScore songs, quartets and orchestral movements (CC0) and pieces of "
        "mirlab.composer, performed with human timing and rendered by mirlab.synthesis",
        licence="CC0-1.0",
        steps=6000,
        options={"lr": 3e-3, "ema": 0.998, "every": 200, "precision": "auto"},
    ),
)

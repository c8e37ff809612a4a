"""Training of the beat network: performed scores and composed pieces, targets, loss, recipe."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from ..core import Audio, Notes, Segments
from ..core.constants import SAMPLE_RATE
from ..evaluation import beat_scores
from ..learning import Recipe, TrainingData, register_recipe
from ..learning.cache import Item
from ..learning.supply import TEST_SEED
from ..synthesis import master, record, training_fonts
from .detector import BeatDetector
from .features import FPS, MELS, beat_rolls, log_mel
from .note_errors import with_errors
from .performed_pieces import MOST_NOTES, PROBABILITIES, SECONDS, random_piece

FRAMES = round(SECONDS * FPS)
SYNTHS, COMPOSED_SYNTHS = 0.15, 0.5  # probability that a synthesizer plays a part
MOST_SILENCE = 2.0  # s, before an item
MOST_BEATS = 320
SCORED = 20  # test items
VERSION = 2  # of the items: raise it when they change
WIDTH = 2  # frames on either side of a beat that count in part
STRETCH = 0.15  # largest change of speed
NOTES_ONLY, AUDIO_ONLY = 0.5, 0.25  # probability that one input is absent
WEIGHTS = (1.0, 2.0)  # of beats and downbeats in the loss
POSITIVE = 2.0  # weight of frames on a beat


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
        synths=SYNTHS if piece.seed is None else COMPOSED_SYNTHS,
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
    settings = (VERSION, PROBABILITIES, SECONDS, MOST_NOTES)
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

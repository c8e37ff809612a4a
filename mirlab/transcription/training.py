"""Training of the note networks: the data, the loss, and the recipes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from ..composer import Piece, compose, random_keyboard_piece, random_solo_parts
from ..core import Audio, Notes
from ..core.constants import SAMPLE_RATE
from ..evaluation import note_scores
from ..learning import Recipe, TrainingData, register_recipe
from ..learning.cache import Item
from ..learning.supply import TEST_SEED, random_start
from ..synthesis import SyntheticMusic, sounding_ends, training_fonts, training_music
from .detector import HOP, NoteDetector
from .rolls import Rolls

__all__ = ["detector_loss", "note_loss", "reference_notes"]

SCORED = 20  # test pieces
SECONDS = 12.0  # of an item
PADDING_SECONDS = 1.0  # by which a piece is longer than an item, which starts at random in it
FRAMES = 512  # of an excerpt, 5.9 s
# kinds of pieces and their probabilities
PIECES: tuple[tuple[Callable[..., Piece], float], ...] = (
    (random_keyboard_piece, 0.5),
    (random_solo_parts, 0.25),
    (compose, 0.25),
)
SYNTHS = 0.4  # probability that a synthesizer plays a part, if there are sound fonts
CENTS = 20.0  # largest deviation of the tuning
VERSION = 1  # of the items: raise it when the synthesis changes

POSITIVE_WEIGHT = 3.0  # of frames with an onset or offset; others have weight 1
# balance the heads: onsets fill fewer cells than sounding frames
LOSS_WEIGHTS = Rolls(onset=10.0, frame=2.5, offset=3.0, velocity=5.0)


def note_loss(logits: Tensor, rolls: Tensor) -> Tensor:
    """Cross entropy of onsets, frames and offsets, and the squared error of velocities at onsets.

    Parameters
    ----------
    logits
        Output of a note network, shape `(batch, 4, 88, frames)`.
    rolls
        Targets from `note_rolls`, same shape.

    Returns
    -------
    Tensor
        Shape `()`.
    """
    predicted, true = Rolls(*logits.unbind(1)), Rolls(*rolls.unbind(1))
    onset_mask = (true.onset > 0.25).to(true.onset)
    error = (torch.sigmoid(predicted.velocity) - true.velocity).square()
    losses = Rolls(
        onset=cross_entropy(
            predicted.onset, true.onset, weight=1 + (POSITIVE_WEIGHT - 1) * true.onset
        ),
        frame=cross_entropy(predicted.frame, true.frame, weight=1 + 0.5 * true.frame),
        offset=cross_entropy(
            predicted.offset, true.offset, weight=1 + (POSITIVE_WEIGHT - 1) * true.offset
        ),
        velocity=(error * onset_mask).sum() / (onset_mask.sum() + 1),
    )
    return torch.stack(
        [weight * value for weight, value in zip(LOSS_WEIGHTS, losses, strict=True)]
    ).sum()


def training_piece(seed: int) -> Piece:
    """A random piece of about 13 s: keyboard figures, solo parts, or a composed band."""
    probabilities = [share for _, share in PIECES]
    kind, _ = PIECES[int(np.random.default_rng(seed).choice(len(PIECES), p=probabilities))]
    return kind(seed, duration=SECONDS + PADDING_SECONDS)


def note_music(seed: int) -> SyntheticMusic:
    """Training music, rendered with the installed sound fonts."""
    return training_music(
        "notes",
        training_piece,
        duration=SECONDS,
        sr=SAMPLE_RATE,
        hop_length=HOP,
        seed=seed,
        synths=SYNTHS,
        cents=CENTS,
    )


def note_item(k: int, *, seed: int) -> dict[str, np.ndarray]:
    """Item k quantised to int16 and uint8: `audio` (samples,), `rolls` (4, 88, frames)."""
    item = note_music(seed).item(k)
    sound = np.round(32767 * item["audio"].numpy().clip(-1, 1)).astype(np.int16)
    return {"audio": sound, "rolls": np.round(255 * item["rolls"].numpy()).astype(np.uint8)}


def note_excerpt(item: Item, rng: np.random.Generator) -> dict[str, Tensor]:
    """A random excerpt: `audio` ((FRAMES - 1) * HOP,) in -1..1, `rolls` (4, 88, FRAMES) in 0..1."""
    first = random_start(item["rolls"].shape[-1], FRAMES, rng)
    sound = item["audio"][first * HOP : (first + FRAMES - 1) * HOP].astype(np.float32)
    rolls = item["rolls"][..., first : first + FRAMES].astype(np.float32)
    return {"audio": torch.from_numpy(sound / 32767), "rolls": torch.from_numpy(rolls / 255)}


def _cache_key() -> str:
    """Cache key: everything that the items depend on."""
    kinds = [(kind.__name__, share) for kind, share in PIECES]
    settings = (VERSION, kinds, SECONDS, SYNTHS, CENTS)
    return f"notes {settings} {sorted(training_fonts())}"


# rendered at the first use in about five minutes on two cores; 4 GB on disk
NOTE_DATA = TrainingData(
    item=note_item, augment=note_excerpt, key=_cache_key, items=4000, validation_items=16
)


def detector_loss(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """Loss of a detector on a batch of excerpts."""
    return note_loss(model(batch["audio"]).float(), batch["rolls"])


def _score(model: nn.Module) -> dict[str, float]:
    """Mean onset F and onset-offset F on test pieces, disjoint from training and validation."""
    assert isinstance(model, NoteDetector)
    test_music = note_music(TEST_SEED)
    rows = []
    for k in range(SCORED):
        take = test_music.take(k)
        found = model.transcribe(Audio(test_music.sound(k, take).y, SAMPLE_RATE))
        rows.append(note_scores(reference_notes(take.notes.values()), found))
    names = ("onset_f", "onset_offset_f")
    return {name: sum(row[name] for row in rows) / len(rows) for name in names}


def reference_notes(parts: Iterable[Notes]) -> Notes:
    """Reference notes of several parts: without drums, each note as long as it sounds.

    Parameters
    ----------
    parts
        Notes of each part, such as `Multitrack.notes.values()`.

    Returns
    -------
    Notes
        Program 0; offsets include the sustain pedal, as in recordings of real pianos.
    """
    rows = [
        np.column_stack([part.onset, sounding_ends(part), part.pitch, part.velocity])[~part.is_drum]
        for part in parts
    ]
    onset, offset, pitch, velocity = np.concatenate(rows).T
    return Notes(onset, offset, pitch, velocity)


def _recipe(channels: int, steps: int) -> Recipe:
    """The recipe, for one network size."""
    return Recipe(
        network=NoteDetector,
        arguments={"channels": channels},
        loss=detector_loss,
        data=NOTE_DATA.training_batches,
        validation=NOTE_DATA.validation_batches,
        score=_score,
        protocol=(
            "mir_eval notes: onset within 50 ms, pitch within 50 cents, offset within 50 ms or "
            f"20 %; mean over {SCORED} pieces of a test seed"
        ),
        trained_on="mirlab.synthesis only: keyboard figures, solo parts and composed pieces, "
        "rendered with installed sound fonts and mirlab's synthesizers",
        licence="CC0-1.0",
        steps=steps,
        options={"lr": 4e-3, "ema": 0.995, "every": 100, "precision": "auto"},
    )


register_recipe("transcription/mirlab-notes", _recipe(48, 3000))
register_recipe("transcription/mirlab-notes-tiny", _recipe(16, 4000))

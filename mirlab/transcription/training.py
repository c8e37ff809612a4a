"""What a note network learns from: targets between the frames, the loss, and the recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from ..core import Audio, Notes
from ..evaluation import note_scores
from ..learning import Batches, Recipe, register_recipe, shuffled
from ..learning.cache import Item, Kept
from ..synthesis import Piece, SyntheticMusic, compose, lines, sounding_ends, texture
from ..synthesis.training_music import UNSEEN, made_music
from .detector import HOP, SR, NoteDetector
from .rolls import Rolls

__all__ = ["detector_loss", "heard_notes", "note_loss", "stretches"]

PIECES = 20  # that the score is measured on
ITEMS, SECONDS = 4000, 12.0  # 13 hours, made once and kept
SPARE = 1.0  # s by which a piece is longer than an item, which begins somewhere in it
FRAMES = 512  # of a stretch that is learned from, 5.9 s
# what is heard: hands on keys, voices and bows and winds, bands; and how often
MATERIAL: tuple[tuple[Callable[..., Piece], float], ...] = (
    (texture, 0.5),
    (lines, 0.25),
    (compose, 0.25),
)
SYNTHS = 0.4  # how likely a part is played by a synth of our own, where there are sound fonts
CENTS = 20.0  # how far it may be out of tune
VERSION = 1  # of what is learned from: a change of the synthesis is another

RARE = 3.0  # how much more a frame with an onset or offset counts than one without
# so that no head drowns the others: an onset fills fewer cells than a sounding frame
SHARES = Rolls(onset=10.0, frame=2.5, offset=3.0, velocity=5.0)


def note_loss(logits: Tensor, rolls: Tensor) -> Tensor:
    """Cross entropy of onsets, frames and offsets, and the squared error of velocities at onsets.

    Parameters
    ----------
    logits
        From a note network, shape `(batch, 4, 88, frames)`.
    rolls
        From `note_rolls`, same shape.

    Returns
    -------
    Tensor
        Shape `()`.
    """
    found, true = Rolls(*logits.unbind(1)), Rolls(*rolls.unbind(1))
    struck = (true.onset > 0.25).to(true.onset)
    wrong = (torch.sigmoid(found.velocity) - true.velocity).square()
    losses = Rolls(
        onset=cross_entropy(found.onset, true.onset, weight=1 + (RARE - 1) * true.onset),
        frame=cross_entropy(found.frame, true.frame, weight=1 + 0.5 * true.frame),
        offset=cross_entropy(found.offset, true.offset, weight=1 + (RARE - 1) * true.offset),
        velocity=(wrong * struck).sum() / (struck.sum() + 1),
    )
    return torch.stack([share * value for share, value in zip(SHARES, losses, strict=True)]).sum()


def material(seed: int) -> Piece:
    """Something to play, about 13 s of it: hands, voices, or a band."""
    likely = [share for _, share in MATERIAL]
    kind, _ = MATERIAL[int(np.random.default_rng(seed).choice(len(likely), p=likely))]
    return kind(seed, duration=SECONDS + SPARE)


def music(seed: int) -> SyntheticMusic:
    """What is learned from: material, played by whatever there is on this machine."""
    return made_music(
        "notes",
        material,
        duration=SECONDS,
        sr=SR,
        hop_length=HOP,
        seed=seed,
        synths=SYNTHS,
        cents=CENTS,
    )


def small_item(k: int, *, seed: int) -> dict[str, np.ndarray]:
    """Item k as little numbers: sound of 16 bits, rolls of 8."""
    item = music(seed).item(k)
    sound = np.round(32767 * item["audio"].numpy().clip(-1, 1)).astype(np.int16)
    return {"audio": sound, "rolls": np.round(255 * item["rolls"].numpy()).astype(np.uint8)}


def kept_items(seed: int, number: int) -> Kept:
    """What is learned from, made at the first use: about five minutes on two cores, 4 GB."""
    kinds = [(kind.__name__, share) for kind, share in MATERIAL]
    told = (VERSION, seed, kinds, SECONDS, SYNTHS, CENTS, sorted(music(seed).fonts))
    return Kept(partial(small_item, seed=seed), number, told=f"notes {told}")


def stretch(k: int, *, order: Callable[[int], Item], seed: int) -> dict[str, Tensor]:
    """A few seconds of a kept item, drawn by its number."""
    item = order(k)
    spare = item["rolls"].shape[-1] - FRAMES
    first = int(np.random.default_rng([seed, k]).integers(spare + 1))
    sound = item["audio"][first * HOP : (first + FRAMES - 1) * HOP].astype(np.float32)
    rolls = item["rolls"][..., first : first + FRAMES].astype(np.float32)
    return {"audio": torch.from_numpy(sound / 32767), "rolls": torch.from_numpy(rolls / 255)}


def stretches(seed: int) -> Batches:
    """Eight stretches a batch, without end."""
    order = shuffled(kept_items(seed, ITEMS), seed=seed)
    return Batches(partial(stretch, order=order, seed=seed), size=8)


def unseen(seed: int) -> list[dict[str, Tensor]]:
    """Two batches of other music."""
    items = kept_items(seed + UNSEEN, 16)
    return Batches(partial(stretch, order=items.__getitem__, seed=seed), size=8).take(2)


def detector_loss(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """The loss of a detector on stretches of sound."""
    return note_loss(model(batch["audio"]).float(), batch["rolls"])


def _score(model: nn.Module) -> dict[str, float]:
    """Mean onset F, and that of onsets and offsets, on pieces that were not learned from."""
    assert isinstance(model, NoteDetector)
    other = music(2 * UNSEEN)  # nor chosen by: `fit` keeps what is best on the validation
    rows = []
    for k in range(PIECES):
        take = other.take(k)
        found = model.transcribe(Audio(other.sound(k, take).y, SR))
        rows.append(note_scores(heard_notes(take.notes.values()), found))
    names = ("onset_f", "onset_offset_f")
    return {name: sum(row[name] for row in rows) / len(rows) for name in names}


def heard_notes(parts: Iterable[Notes]) -> Notes:
    """The truth of what several parts play: no drums, every note for as long as it sounds.

    Parameters
    ----------
    parts
        Such as `Take.notes.values()`.

    Returns
    -------
    Notes
        Program 0; offsets carry the pedal, as those of a real piano's recordings do.
    """
    rows = [
        np.column_stack([part.onset, sounding_ends(part), part.pitch, part.velocity])[~part.is_drum]
        for part in parts
    ]
    onset, offset, pitch, velocity = np.concatenate(rows).T
    return Notes(onset, offset, pitch, velocity)


def _recipe(channels: int, steps: int) -> Recipe:
    """The same for every size."""
    return Recipe(
        network=NoteDetector,
        arguments={"channels": channels},
        loss=detector_loss,
        data=stretches,
        validation=unseen,
        score=_score,
        protocol=(
            "mir_eval notes: onset within 50 ms, pitch within 50 cents, offset within 50 ms or "
            f"20 %; mean over {PIECES} pieces of another seed than the training's"
        ),
        trained_on="mirlab.synthesis alone: textures, lines and composed pieces, sound fonts of "
        "the machine and own synths",
        licence="CC0-1.0",
        steps=steps,
        options={"lr": 4e-3, "ema": 0.995, "every": 100, "precision": "bfloat16"},
    )


register_recipe("transcription/mirlab-notes", _recipe(48, 3000))
register_recipe("transcription/mirlab-notes-tiny", _recipe(16, 4000))

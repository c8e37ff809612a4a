"""What a note network learns from: targets between the frames, the loss, and the recipe."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from ..core import Audio, Notes
from ..evaluation import note_scores
from ..learning import Batches, Recipe, register_recipe
from ..synthesis import SyntheticMusic, sounding_ends
from .detector import HOP, SR, NoteDetector
from .networks import HEADS

__all__ = ["heard_notes", "note_loss"]

UNSEEN = 10**6  # added to a seed: music that is not learned from
PIECES = 20  # that the score is measured on

RARE = 3.0  # how much more a frame with an onset or offset counts than one without
# so that no head drowns the others: an onset fills fewer cells than a sounding frame
SHARES = {"onset": 10.0, "frame": 2.5, "offset": 3.0, "velocity": 5.0}


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
    onset, frame, offset, velocity = rolls.unbind(1)
    heads = dict(zip(HEADS, logits.unbind(1), strict=True))
    struck = (onset > 0.25).to(onset)
    wrong = (torch.sigmoid(heads["velocity"]) - velocity).square()
    losses = {
        "onset": cross_entropy(heads["onset"], onset, weight=1 + (RARE - 1) * onset),
        "frame": cross_entropy(heads["frame"], frame, weight=1 + 0.5 * frame),
        "offset": cross_entropy(heads["offset"], offset, weight=1 + (RARE - 1) * offset),
        "velocity": (wrong * struck).sum() / (struck.sum() + 1),
    }
    return torch.stack([SHARES[name] * value for name, value in losses.items()]).sum()


def _music(seed: int) -> SyntheticMusic:
    """What is learned from: 8 s of composed music, played by whatever there is on this machine."""
    return SyntheticMusic("notes", duration=8.0, sr=SR, hop_length=HOP, seed=seed)


def _loss(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """The loss of a detector on items of `SyntheticMusic`."""
    return note_loss(model(batch["audio"]), batch["rolls"])


def _score(model: nn.Module) -> dict[str, float]:
    """Mean onset F, and that of onsets and offsets, on pieces that were not learned from."""
    assert isinstance(model, NoteDetector)
    music = _music(2 * UNSEEN)  # nor chosen by: `fit` keeps what is best on the validation
    rows = []
    for k in range(PIECES):
        take = music.take(k)
        found = model.transcribe(Audio(music.sound(k, take).y, SR))
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


register_recipe(
    "transcription/mirlab-notes-tiny",
    Recipe(
        network=NoteDetector,
        arguments={"channels": 18},
        loss=_loss,
        data=lambda seed: Batches(_music(seed).item, size=4, workers=1),
        validation=lambda seed: Batches(_music(seed + UNSEEN).item, size=4).take(4),
        score=_score,
        protocol=(
            "mir_eval notes: onset within 50 ms, pitch within 50 cents, offset within 50 ms or "
            f"20 %; mean over {PIECES} composed pieces of another seed than the training's"
        ),
        trained_on="mirlab.synthesis.SyntheticMusic, sound fonts of the machine and own synths",
        licence="CC0-1.0",
        steps=3000,
        options={"lr": 4e-3, "ema": 0.99, "every": 100},
    ),
)

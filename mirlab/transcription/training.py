"""What a note network learns from: targets between the frames, and the loss."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from ..synthesis import note_rolls, sounding_ends
from .networks import HEADS

__all__ = ["note_loss", "note_rolls", "sounding_ends"]

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

"""What a note network learns from: targets between the frames, and the loss."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from ..core import Notes
from .decoding import LOWEST_PITCH
from .networks import HEADS, PITCHES

REACH = 0.05  # s on either side of an onset or offset in which its target rises and falls
RARE = 3.0  # how much more a frame with an onset or offset counts than one without
# so that no head drowns the others: an onset fills fewer cells than a sounding frame
SHARES = {"onset": 10.0, "frame": 2.5, "offset": 3.0, "velocity": 5.0}


def note_rolls(notes: Notes, *, frames: int, hop_seconds: float) -> np.ndarray:
    """What the four heads should say of each pitch and frame.

    An onset between two frames is told by both: the target is a triangle around its exact time
    (Kong et al. 2021, eq. 9), 1 at the onset and 0 from 50 ms off; so is an offset. Where the
    pedal holds a note its sound goes on, and so does its frame target.

    Parameters
    ----------
    notes
        What sounds; drums and pitches outside A0 to C8 are left out.
    frames
        How many there are; frame t lies at `t * hop_seconds`.
    hop_seconds
        Seconds from frame to frame.

    Returns
    -------
    ndarray
        Shape `(4, 88, frames)`, float32, 0..1: onset, frame, offset, and velocity over 127 where
        the onset's triangle is.
    """
    rolls = np.zeros((len(HEADS), PITCHES, frames), np.float32)
    onset, frame, offset, velocity = rolls
    rows = notes.pitch - LOWEST_PITCH
    kept = np.flatnonzero(~notes.is_drum & (rows >= 0) & (rows < PITCHES))
    ends = sounding_ends(notes)
    for i in kept:
        row, start, end = rows[i], notes.onset[i], ends[i]
        _triangle(offset[row], end, hop_seconds)
        here = _triangle(onset[row], start, hop_seconds)
        velocity[row, here] = notes.velocity[i] / 127
        frame[row, round(start / hop_seconds) : round(end / hop_seconds) + 1] = 1
    return rolls


def sounding_ends(notes: Notes) -> np.ndarray:
    """When each note is no longer held: by its key, by the pedal, or because it is struck again.

    Returns
    -------
    ndarray
        Seconds, shape `(n,)`; at least the note's offset.
    """
    ends = notes.offset.copy()
    if notes.pedal is None:
        return ends
    for down, up, program in notes.pedal:
        held = (notes.program == program) & ~notes.is_drum & (ends >= down) & (ends < up)
        ends[held] = up
    order = np.lexsort((notes.onset, notes.pitch, notes.program))
    for i, later in zip(order[:-1], order[1:], strict=True):
        same = (notes.pitch[i], notes.program[i]) == (notes.pitch[later], notes.program[later])
        if same and notes.offset[i] <= notes.onset[later]:
            ends[i] = min(ends[i], notes.onset[later])
    return ends


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


def _triangle(row: np.ndarray, time: float, hop_seconds: float) -> slice:
    """Draw a triangle around a time, over what is there already; give where it stands."""
    first = max(0, int(np.ceil((time - REACH) / hop_seconds)))
    here = slice(first, max(first, min(row.size, int((time + REACH) / hop_seconds) + 1)))
    times = np.arange(here.start, here.stop) * hop_seconds
    row[here] = np.maximum(row[here], np.clip(1 - np.abs(times - time) / REACH, 0, 1))
    return here

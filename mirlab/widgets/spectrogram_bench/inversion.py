"""The way back from some cells of a picture to the sound in them."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import torch
from torch import Tensor

from ...spectra import STFT, Mel, Transform
from ...spectra.filterbank import FilterBank

TURNS = 4  # of conjugate gradients
GUESSES = 16  # turns of Griffin and Lim
FADE = 110  # samples, 5 ms at 22,050 Hz


def sound_of_cells(transform: Transform, y: Tensor, bins: np.ndarray, frames: np.ndarray) -> Tensor:
    """The sound of some cells of a picture: the others are silenced, and the rest turned back.

    Parameters
    ----------
    transform
        An STFT, Mel, VQT, CQT or Wavelet.
    y
        The sound of the picture, shape `(samples,)`.
    bins, frames
        Rows and columns that are kept.

    Returns
    -------
    Tensor
        float32, shape `(samples,)`: exactly, for an STFT; with guessed phases, for mel; otherwise
        the sound whose cells come nearest.
    """
    if isinstance(transform, FilterBank):
        # in single precision, conjugate gradients lose their way where frames do not overlap
        transform, y = deepcopy(transform).double(), y.double()
    mask = torch.zeros(len(transform.frequencies), transform.frames(len(y)))
    mask[bins[:, None], frames] = 1
    with torch.no_grad():
        cells = transform.whole(y) * mask
    if isinstance(transform, FilterBank):
        return transform.invert(cells, length=len(y), iterations=TURNS).float()
    if isinstance(transform, Mel):
        return transform.invert(cells, length=len(y), iterations=GUESSES)
    assert isinstance(transform, STFT)
    return transform.invert(cells, length=len(y))


def faded(sound: np.ndarray) -> np.ndarray:
    """A sound, shape `(samples,)`, without clicks: its ends rise and fall within 5 ms."""
    n = min(FADE, len(sound) // 2)
    rise = ((1 - np.cos(np.pi * np.arange(n) / n)) / 2).astype(np.float32)
    sound = sound.copy()
    sound[:n] *= rise
    sound[len(sound) - n :] *= rise[::-1]
    return sound

"""Resynthesis of selected time-frequency cells."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import torch
from torch import Tensor

from ...spectra import STFT, Mel, Transform
from ...spectra.filterbank import FilterBank

CG_ITERATIONS = 4  # of conjugate gradients
GRIFFIN_LIM_ITERATIONS = 16
FADE = 110  # samples, 5 ms at 22,050 Hz


def resynthesize_cells(
    transform: Transform, y: Tensor, bins: np.ndarray, frames: np.ndarray
) -> Tensor:
    """Resynthesize selected cells of a spectrogram: mask the others and invert the transform.

    Parameters
    ----------
    transform
        An STFT, Mel, VQT, CQT or Wavelet.
    y
        Samples of the spectrogram, shape `(samples,)`.
    bins, frames
        Selected rows and columns.

    Returns
    -------
    Tensor
        float32, shape `(samples,)`: the exact inverse for an STFT; with estimated phases for mel;
        otherwise the least-squares solution.
    """
    if isinstance(transform, FilterBank):
        # in single precision, conjugate gradients diverge where frames do not overlap
        transform, y = deepcopy(transform).double(), y.double()
    mask = torch.zeros(len(transform.frequencies), transform.frames(len(y)))
    mask[bins[:, None], frames] = 1
    with torch.no_grad():
        cells = transform.whole(y) * mask
    if isinstance(transform, FilterBank):
        return transform.invert(cells, length=len(y), iterations=CG_ITERATIONS).float()
    if isinstance(transform, Mel):
        return transform.invert(cells, length=len(y), iterations=GRIFFIN_LIM_ITERATIONS)
    assert isinstance(transform, STFT)
    return transform.invert(cells, length=len(y))


def fade_ends(sound: np.ndarray) -> np.ndarray:
    """Fade samples, shape `(samples,)`, in and out over 5 ms to avoid clicks."""
    n = min(FADE, len(sound) // 2)
    rise = ((1 - np.cos(np.pi * np.arange(n) / n)) / 2).astype(np.float32)
    sound = sound.copy()
    sound[:n] *= rise
    sound[len(sound) - n :] *= rise[::-1]
    return sound

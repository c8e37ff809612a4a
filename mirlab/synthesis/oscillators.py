"""Band-limited wavetable oscillators."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..core.checks import require_number
from .checks import require_partials
from .interpolation import cubic_coefficients
from .note_batch import NoteBatch

PERIOD = 4096  # samples of the table
MOST_PARTIALS = PERIOD // 8  # keeps the interpolation error of the highest below -67 dB
MAX_SLOPE = 20.0


def partials_that_fit(voices: NoteBatch) -> int:
    """Number of partials of the lowest note below half the sampling rate."""
    return max(1, min(MOST_PARTIALS, int(voices.sr / 2 / float(voices.highest.min()))))


def periods(amplitudes: Tensor, voices: NoteBatch) -> Tensor:
    """One period of each note's waveform, a sum of sines without partials that would alias.

    A partial of a note is omitted if it reaches half the sampling rate at the maximum of the
    note's bend.

    Parameters
    ----------
    amplitudes
        Amplitudes of partials 1, 2, 3, ..., at most 512; shape `(partials,)` or
        `(batch, partials)`.
    voices
        The notes.

    Returns
    -------
    Tensor
        Shape `(batch, 4096)`, float32.
    """
    hz, device = voices.highest[:, None], voices.hz.device
    k = torch.arange(1, amplitudes.shape[-1] + 1, device=device)
    audible = torch.where(k * hz < voices.sr / 2, amplitudes.to(device, torch.float64), 0.0)
    spectrum = torch.zeros(len(voices), PERIOD // 2 + 1, dtype=torch.complex128, device=device)
    spectrum[:, 1 : 1 + len(k)] = -0.5j * PERIOD * audible
    return torch.fft.irfft(spectrum, n=PERIOD).to(torch.float32)


def read(table: Tensor, cycles: Tensor) -> Tensor:
    """Read a table of one period with cubic interpolation.

    Parameters
    ----------
    table
        Shape `(batch, 4096)`.
    cycles
        Read positions, in periods since the onset, shape `(batch, samples)`.

    Returns
    -------
    Tensor
        Shape `(batch, samples)`.

    Examples
    --------
    >>> voices = NoteBatch([1000], sr=8000)
    >>> sine = read(periods(torch.tensor([1.0]), voices), voices.cycles(4))
    >>> [round(float(x), 3) for x in sine[0]]
    [0.0, 0.707, 1.0, 0.707]
    """
    position = (cycles - cycles.floor()) * PERIOD
    left = position.to(torch.int32)
    x = (position - left).to(torch.float32).flatten()
    left += torch.arange(len(table), dtype=torch.int32, device=table.device)[:, None] * PERIOD
    rows = left.flatten()
    # periodic continuation by one sample on the left and two on the right
    around = torch.cat([table[:, -1:], table, table[:, :2]], dim=1)
    y = torch.zeros_like(x)
    # polynomial coefficients, computed once for the table instead of for every sample: 3 x faster
    for coefficient in reversed(cubic_coefficients(around)):
        y = y.mul_(x).add_(coefficient.flatten().index_select(0, rows))
    return y.view_as(left)


def powers(partials: int, slope: float, *, even: float = 1.0) -> tuple[float, ...]:
    """Amplitudes `k ** -slope` of partials k = 1, 2, ...; those of even k are scaled by `even`.

    >>> [round(a, 3) for a in powers(4, 1.0, even=0.5)]
    [1.0, 0.25, 0.333, 0.125]

    Raises
    ------
    AudioError
        If there are no partials or over 100,000, or `slope` or `even` is out of range.
    """
    require_partials(partials)
    require_number("slope", slope, minimum=-MAX_SLOPE, maximum=MAX_SLOPE)
    require_number("even", even, minimum=-100, maximum=100)
    k = np.arange(1, partials + 1)
    return tuple((np.where(k % 2, 1.0, even) * k ** -float(slope)).tolist())

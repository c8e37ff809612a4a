"""Additive synthesis: a sum of partials, harmonic or inharmonic."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..core.checks import require, require_number
from .checks import require_numbers, require_partials, require_range
from .envelopes import HELD, Held, Struck, require_envelope
from .note_batch import NoteBatch, finish
from .oscillators import powers

MAX_INHARMONICITY = 1000.0


@dataclass(frozen=True)
class Additive:
    """Partials at arbitrary frequency ratios, each with its own decay.

    `y(t) = e(t) sum_k a_k 10 ** (-3 t / t60_k) sin(2 pi r_k c(t))`, where c counts the periods
    of the note. Soft notes have weaker high partials. Partials at or above half the sampling rate
    are omitted.

    Parameters
    ----------
    amplitudes
        Amplitudes of the partials, the lowest first.
    ratios
        Frequency of each partial relative to the note's, above 0; None: 1, 2, 3, ... For stiff
        strings see `stiff_ratios`.
    envelope
        Envelope of the sum.
    damping
        Faster decay of high partials: a partial of ratio r falls by `damping * (r - 1)` dB per
        second more than the first. 0..1000.

    Raises
    ------
    AudioError
        If there is no partial, the lengths differ or a number is out of range.

    Examples
    --------
    >>> organ = Additive(amplitudes=(1.0, 0.5, 0.0, 0.25))
    >>> organ(NoteBatch([220, 330], duration=0.5)).shape
    torch.Size([2, 13230])
    """

    amplitudes: tuple[float, ...] = powers(16, 1.2)
    ratios: tuple[float, ...] | None = None
    envelope: Held | Struck = HELD
    damping: float = 0.0

    def __post_init__(self) -> None:
        require_numbers("amplitudes", self.amplitudes)
        require_envelope("envelope", self.envelope)
        require_range("damping", self.damping, 0, 1000, " dB/s")
        if self.ratios is not None:
            require_numbers("ratios", self.ratios)
            n = len(self.amplitudes)
            require(len(self.ratios) == n, f"ratios needs {n} values, not {len(self.ratios)}")
            require(min(self.ratios) > 0, f"ratios must be positive, not {min(self.ratios)}")

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Render the notes; `(batch, samples)`, float32."""
        samples = voices.samples(self.envelope.release)
        cycles = voices.cycles(samples)
        fall = -self.damping / 20 * math.log(10) * voices.times(samples).to(torch.float32)
        y = torch.zeros(len(voices), samples, device=voices.hz.device)
        ratios = range(1, len(self.amplitudes) + 1) if self.ratios is None else self.ratios
        for ratio, amplitude in zip(ratios, self.amplitudes, strict=True):
            fits = ratio * voices.highest < voices.sr / 2
            if amplitude == 0 or not bool(fits.any()):
                continue
            strength = torch.where(fits, amplitude * ratio**-voices.softness, 0.0)
            # float32 suffices once whole periods are subtracted, and its sine is twice as fast
            part = (ratio * cycles).frac_().to(torch.float32).mul_(2 * math.pi).sin_()
            if self.damping:
                part *= ((ratio - 1) * fall).exp_()
            y.addcmul_(part, strength[:, None].to(torch.float32))
        return finish(y * self.envelope(voices, samples), voices)


def stiff_ratios(partials: int, inharmonicity: float) -> tuple[float, ...]:
    """Frequency ratios of the partials of a stiff string, relative to the first.

    The k-th partial of a string with bending stiffness lies at `k sqrt(1 + B k^2)` times the
    fundamental of a perfectly flexible string (Fletcher, Blackham and Stratton 1962); B is about
    0.0004 in the middle of a piano.

    Parameters
    ----------
    partials
        Number of partials.
    inharmonicity
        B, 0..1000.

    Returns
    -------
    tuple of float
        The first is 1.

    Raises
    ------
    AudioError
        If a number is out of range.

    Examples
    --------
    >>> [round(r, 4) for r in stiff_ratios(3, 0.001)]
    [1.0, 2.003, 3.012]
    """
    require_partials(partials)
    require_number("inharmonicity", inharmonicity, minimum=0, maximum=MAX_INHARMONICITY)
    k = np.arange(1, partials + 1)
    return tuple((k * np.sqrt((1 + inharmonicity * k**2) / (1 + inharmonicity))).tolist())

"""Frequency modulation synthesis: sines that modulate each other's phase."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..core import AudioError
from ..core.checks import require, require_count, require_type
from .checks import require_range, require_sequence
from .envelopes import HELD, Held, Struck, require_envelope
from .note_batch import NoteBatch, finish

QUIET = 1e-4  # side bands below -80 dB of the carrier are ignored
MOST = 64  # largest number of side bands considered on either side


@dataclass(frozen=True)
class Operator:
    """One sine oscillator of an FM patch.

    Parameters
    ----------
    ratio
        Frequency relative to the note's, above 0 and at most 32.
    index
        For a carrier its level; for a modulator the peak phase deviation of its target, in radians,
        at most 32.
    target
        Number of the operator that it modulates, counted from 0 and smaller than its own; None for
        a carrier.
    envelope
        Envelope of the level or index; that of a modulator changes the timbre.

    Raises
    ------
    AudioError
        If a number is out of range.
    """

    ratio: float = 1.0
    index: float = 1.0
    target: int | None = None
    envelope: Held | Struck = HELD

    def __post_init__(self) -> None:
        require_range("ratio", self.ratio, 1e-3, 32)
        require_range("index", self.index, 0, 32)
        require_envelope("envelope", self.envelope)
        if self.target is not None:
            require_count("target", self.target, minimum=0)


@dataclass(frozen=True)
class FM:
    """FM synthesis with two to four operators (Chowning 1973).

    A sine of frequency c whose phase is modulated by `I sin(2 pi m t)` has partials at `c + n m`
    for all integers n, with amplitudes `J_n(I)`, Bessel functions. Their number is unlimited, so
    the index is limited such that the first partial beyond half the sampling rate stays below
    -80 dB, by the bound `|J_n(I)| <= (I / 2) ** n / n!`. Soft notes have smaller indices.

    Parameters
    ----------
    operators
        The operators; the first is a carrier.

    Raises
    ------
    AudioError
        If there are fewer than 2 or more than 4, the first is no carrier, or a target does not
        precede its modulator.

    Examples
    --------
    >>> bell = FM((Operator(), Operator(ratio=1.4, index=5.0, target=0)))
    >>> bell(NoteBatch([440.0], duration=0.5)).shape
    torch.Size([1, 13230])
    """

    operators: tuple[Operator, ...] = (Operator(), Operator(index=2.0, target=0))

    def __post_init__(self) -> None:
        require_sequence("operators", self.operators)
        for operator in self.operators:
            require_type("each operator", operator, Operator, AudioError)
        count = len(self.operators)
        require(2 <= count <= 4, f"operators must be 2 to 4, not {count}")
        require(self.operators[0].target is None, "operator 0 must be a carrier: target None")
        for i, operator in enumerate(self.operators):
            target = operator.target
            valid = target is None or 0 <= target < i
            require(valid, f"operator {i} needs a target in 0..{i - 1}, not {target}")

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Render the notes; `(batch, samples)`, float32."""
        release = max(op.envelope.release for op in self.operators if op.target is None)
        samples = voices.samples(release)
        cycles = voices.cycles(samples)
        indices = self.indices(voices)
        output = torch.zeros(len(voices), samples, device=voices.hz.device)
        modulation = [output] * len(self.operators)  # phase deviation of each operator, radians
        for i, operator in reversed(list(enumerate(self.operators))):  # modulators come first
            angle = (operator.ratio * cycles).frac_().to(torch.float32).mul_(2 * math.pi)
            level = indices[i][:, None] * operator.envelope(voices, samples)
            y = level.mul_(angle.add_(modulation[i]).sin_())
            if operator.target is None:
                output = output + y
            else:
                modulation[operator.target] = modulation[operator.target] + y
        return finish(output, voices)

    def indices(self, voices: NoteBatch) -> list[Tensor]:
        """Index of each operator in each note, reduced so that nothing aliases.

        All modulators of a note are scaled by the same factor.

        Parameters
        ----------
        voices
            The notes.

        Returns
        -------
        list of Tensor
            One per operator, each of shape `(batch,)`, float32.
        """
        touch = 0.4 + 0.6 * voices.velocity / 127
        scale = torch.zeros_like(touch)
        for step in 2.0 ** -torch.arange(12):  # binary search for the largest that fits
            larger = scale + float(step)
            scale = torch.where((larger <= 1) & self._fits(touch * larger, voices), larger, scale)
        result = []
        for operator in self.operators:
            if operator.target is None:
                index = operator.index * (operator.ratio * voices.highest < voices.sr / 2)
            else:
                index = operator.index * touch * scale
            result.append(index.to(torch.float32))
        return result

    def _fits(self, scale: Tensor, voices: NoteBatch) -> Tensor:
        """Whether the spectrum with scaled indices stays below half the sampling rate.

        A modulator that is itself modulated counts with its highest frequency (Carson's rule).
        """
        reach = [operator.ratio * voices.highest for operator in self.operators]
        fastest = list(reach)
        fits = torch.ones_like(scale, dtype=torch.bool)
        for i, operator in reversed(list(enumerate(self.operators))):
            if operator.target is None:
                silent = operator.ratio * voices.highest >= voices.sr / 2
                fits &= silent | (reach[i] < voices.sr / 2)
            else:
                index, target = operator.index * scale, operator.target
                bands = side_bands(index)
                reach[target] = reach[target] + bands * fastest[i]
                fastest[target] = fastest[target] + bands.minimum(index + 1) * fastest[i]
        return fits


def side_bands(index: Tensor) -> Tensor:
    """Number of side bands on either side that can exceed -80 dB at an index; same shape.

    >>> side_bands(torch.tensor([0.0, 0.1, 2.0])).tolist()
    [0.0, 2.0, 7.0]
    """
    n = torch.arange(MOST, dtype=torch.float64, device=index.device) + 1
    # the index at which the n-th side band is just below -80 dB
    limits = 2 * torch.exp((math.log(QUIET) + torch.lgamma(n + 1)) / n)
    return torch.where(index > 0, torch.searchsorted(limits, index.to(torch.float64)), 0).double()

"""Frequency modulation: sines that shake each other's phase."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..core.checks import require
from .checks import require_range
from .envelopes import HELD, Held, Struck
from .note_batch import NoteBatch, finish

QUIET = 1e-4  # a partial below -80 dB of its carrier counts as not there
MOST = 64  # side bands on either side that are looked at


@dataclass(frozen=True)
class Operator:
    """One sine of an FM sound.

    Parameters
    ----------
    ratio
        Its frequency against the note's, above 0 and at most 32.
    index
        Of one that is heard: its level. Of one that modulates: by how many radians it shakes the
        phase of its target, at most 32.
    target
        Number of the operator whose phase it shakes, counted from 0 and smaller than its own; None:
        it is heard.
    envelope
        Of the level or index; a modulator's makes the colour change.

    Raises
    ------
    AudioError
        For a number out of its range.
    """

    ratio: float = 1.0
    index: float = 1.0
    target: int | None = None
    envelope: Held | Struck = HELD

    def __post_init__(self) -> None:
        require_range("ratio", self.ratio, 1e-3, 32)
        require_range("index", self.index, 0, 32)


@dataclass(frozen=True)
class FM:
    """Two to four operators (Chowning 1973).

    A sine of frequency c whose phase is shaken by `I sin(2 pi m t)` has partials at `c + n m`
    for all whole n, with amplitudes `J_n(I)`: Bessel functions. There is no end to them, so an
    index is held to where the first one beyond half the sampling rate stays under -80 dB; for that
    the bound `|J_n(I)| <= (I / 2) ** n / n!` is enough. Soft notes have smaller indices.

    Parameters
    ----------
    operators
        The first is heard.

    Raises
    ------
    AudioError
        When there are fewer than 2 or more than 4, the first modulates another, or a target is no
        operator before its own.

    Examples
    --------
    >>> bell = FM((Operator(), Operator(ratio=1.4, index=5.0, target=0)))
    >>> bell(NoteBatch([440.0], duration=0.5)).shape
    torch.Size([1, 13230])
    """

    operators: tuple[Operator, ...] = (Operator(), Operator(index=2.0, target=0))

    def __post_init__(self) -> None:
        count = len(self.operators)
        require(2 <= count <= 4, f"operators must be 2 to 4, not {count}")
        require(self.operators[0].target is None, "operator 0 must be heard: its target be None")
        for i, operator in enumerate(self.operators):
            target = operator.target
            right = target is None or 0 <= target < i
            require(right, f"operator {i} needs a target in 0..{i - 1}, not {target}")

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Play the notes; `(batch, samples)`, float32."""
        release = max(op.envelope.release for op in self.operators if op.target is None)
        samples = voices.samples(release)
        cycles = voices.cycles(samples)
        indices = self.indices(voices)
        heard = torch.zeros(len(voices), samples, device=voices.hz.device)
        shaken = [heard] * len(self.operators)  # by how much each phase is, in radians
        for i, operator in reversed(list(enumerate(self.operators))):  # modulators come first
            angle = (operator.ratio * cycles).frac_().to(torch.float32).mul_(2 * math.pi)
            level = indices[i][:, None] * operator.envelope(voices, samples)
            y = level.mul_(angle.add_(shaken[i]).sin_())
            if operator.target is None:
                heard = heard + y
            else:
                shaken[operator.target] = shaken[operator.target] + y
        return finish(heard, voices)

    def indices(self, voices: NoteBatch) -> list[Tensor]:
        """What is left of each operator's index in each note, so that nothing aliases.

        All modulators of a note shrink together.

        Parameters
        ----------
        voices
            The notes.

        Returns
        -------
        list of Tensor
            One an operator, each of shape `(batch,)`, float32.
        """
        touch = 0.4 + 0.6 * voices.velocity / 127
        share = torch.zeros_like(touch)
        for step in 2.0 ** -torch.arange(12):  # digit after digit, the largest that fits
            more = share + float(step)
            share = torch.where((more <= 1) & self._fits(touch * more, voices), more, share)
        found = []
        for operator in self.operators:
            if operator.target is None:
                index = operator.index * (operator.ratio * voices.highest < voices.sr / 2)
            else:
                index = operator.index * touch * share
            found.append(index.to(torch.float32))
        return found

    def _fits(self, share: Tensor, voices: NoteBatch) -> Tensor:
        """Whether with this share of the indices all stays under half the sampling rate.

        A modulator that is itself modulated counts by its fastest moment (Carson's rule).
        """
        reach = [operator.ratio * voices.highest for operator in self.operators]
        fastest = list(reach)
        fits = torch.ones_like(share, dtype=torch.bool)
        for i, operator in reversed(list(enumerate(self.operators))):
            if operator.target is None:
                silent = operator.ratio * voices.highest >= voices.sr / 2
                fits &= silent | (reach[i] < voices.sr / 2)
            else:
                index, target = operator.index * share, operator.target
                bands = side_bands(index)
                reach[target] = reach[target] + bands * fastest[i]
                fastest[target] = fastest[target] + bands.minimum(index + 1) * fastest[i]
        return fits


def side_bands(index: Tensor) -> Tensor:
    """How many side bands on either side can be over -80 dB at an index; same shape.

    >>> side_bands(torch.tensor([0.0, 0.1, 2.0])).tolist()
    [0.0, 2.0, 7.0]
    """
    n = torch.arange(MOST, dtype=torch.float64, device=index.device) + 1
    # the index at which the n-th one is just under -80 dB
    limits = 2 * torch.exp((math.log(QUIET) + torch.lgamma(n + 1)) / n)
    return torch.where(index > 0, torch.searchsorted(limits, index.to(torch.float64)), 0).double()

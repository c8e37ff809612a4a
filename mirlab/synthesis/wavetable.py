"""Wavetables: single periods, and a way from one to the next."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..core.checks import require
from .checks import require_numbers, require_range
from .envelopes import HELD, Held, Struck
from .note_batch import NoteBatch, finish
from .oscillators import MOST_PARTIALS, periods, powers, read


@dataclass(frozen=True)
class Wavetable:
    """Periods of different colour, through which a note moves as it sounds.

    Soft notes have weaker high partials.

    Parameters
    ----------
    tables
        The periods, each by the amplitudes of its partials 1, 2, 3, ..., at most 512.
    sweep
        Seconds from the first table to the last, 0.01..60; there it stays.
    envelope
        Of the loudness.

    Raises
    ------
    AudioError
        When there is no table, one is empty or too long, or `sweep` lies out of its range.

    Examples
    --------
    >>> opening = Wavetable(tables=((1.0,), (1.0, 0.5, 0.3, 0.2)), sweep=0.5)
    >>> opening(NoteBatch([220.0], duration=1.0)).shape
    torch.Size([1, 24255])
    """

    tables: tuple[tuple[float, ...], ...] = (
        powers(2, 2.0),
        powers(32, 0.8),
        powers(24, 1.2, even=0),
    )
    sweep: float = 1.0
    envelope: Held | Struck = HELD

    def __post_init__(self) -> None:
        require(len(self.tables) > 0, "tables needs at least one")
        for i, amplitudes in enumerate(self.tables):
            require_numbers(f"tables[{i}]", amplitudes)
            n = len(amplitudes)
            require(n <= MOST_PARTIALS, f"tables[{i}] has {n} partials, over {MOST_PARTIALS}")
        require_range("sweep", self.sweep, 0.01, 60, " s")

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Play the notes; `(batch, samples)`, float32."""
        samples = voices.samples(self.envelope.release)
        cycles = voices.cycles(samples)
        last = len(self.tables) - 1
        place = (voices.times(samples) / self.sweep * last).clamp_(max=last).to(torch.float32)
        y = torch.zeros(len(voices), samples, device=voices.hz.device)
        for i, amplitudes in enumerate(self.tables):
            share = (1 - (place - i).abs()).clamp_(min=0)  # one table fades out as the next comes
            heard = share.nonzero()[:, 0]
            if not len(heard):
                continue
            now = slice(int(heard[0]), int(heard[-1]) + 1)  # at each moment two tables are read
            k = torch.arange(1, len(amplitudes) + 1, device=y.device)
            strengths = torch.tensor(amplitudes, device=y.device) * k ** -voices.softness[:, None]
            y[:, now] += share[now] * read(periods(strengths, voices), cycles[:, now])
        return finish(y * self.envelope(voices, samples), voices)

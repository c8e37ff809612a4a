"""Wavetable synthesis: single periods, crossfaded during the note."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..core.checks import require
from .checks import require_numbers, require_range, require_sequence
from .envelopes import HELD, Held, Struck, require_envelope
from .note_batch import NoteBatch, finish
from .oscillators import MOST_PARTIALS, periods, powers, read


@dataclass(frozen=True)
class Wavetable:
    """A series of waveforms through which each note moves.

    Soft notes have weaker high partials.

    Parameters
    ----------
    tables
        Amplitudes of the partials 1, 2, 3, ... of each waveform, at most 512.
    sweep
        Seconds from the first table to the last, 0.01..60; the last one is held.
    envelope
        Amplitude envelope.

    Raises
    ------
    AudioError
        If there is no table, one is empty or too long, or `sweep` is out of range.

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
        require_sequence("tables", self.tables)
        require_envelope("envelope", self.envelope)
        require(len(self.tables) > 0, "tables needs at least one")
        for i, amplitudes in enumerate(self.tables):
            require_numbers(f"tables[{i}]", amplitudes)
            n = len(amplitudes)
            require(n <= MOST_PARTIALS, f"tables[{i}] has {n} partials, over {MOST_PARTIALS}")
        require_range("sweep", self.sweep, 0.01, 60, " s")

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Render the notes; `(batch, samples)`, float32."""
        samples = voices.samples(self.envelope.release)
        cycles = voices.cycles(samples)
        last = len(self.tables) - 1
        position = (voices.times(samples) / self.sweep * last).clamp_(max=last).to(torch.float32)
        y = torch.zeros(len(voices), samples, device=voices.hz.device)
        for i, amplitudes in enumerate(self.tables):
            weight = (1 - (position - i).abs()).clamp_(min=0)  # crossfade of neighbouring tables
            active = weight.nonzero()[:, 0]
            if not len(active):
                continue
            now = slice(int(active[0]), int(active[-1]) + 1)  # two tables are active at any time
            k = torch.arange(1, len(amplitudes) + 1, device=y.device)
            strengths = torch.tensor(amplitudes, device=y.device) * k ** -voices.softness[:, None]
            y[:, now] += weight[now] * read(periods(strengths, voices), cycles[:, now])
        return finish(y * self.envelope(voices, samples), voices)

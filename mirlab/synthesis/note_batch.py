"""`NoteBatch`: the notes that a source plays side by side, and what all sources make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import pad

from ..core import AudioError
from ..core.checks import require

LOUDEST = 10 ** (-1 / 20)  # -1 dBFS: the peak of a note of velocity 127
GLIDE = 0.005  # s over which a step in a bend is rounded, so that it does not click
LONGEST = 600.0  # s
SOFTER = 0.5


@dataclass(frozen=True, eq=False, init=False)
class NoteBatch:
    """A batch of notes, one a row.

    Parameters
    ----------
    hz
        Fundamental frequencies, above 0. Shape `(batch,)`; drums take the frequency of their
        General MIDI key.
    duration
        How long each key is held, in seconds, at most 600. One number serves all.
    velocity
        1..127. One number serves all.
    sr
        Sampling rate in Hz.
    bend
        How far each note is bent from its frequency at each sample, in semitones. Shape
        `(batch, samples)`; the last value holds on, steps are rounded over 5 ms. None: no bend.
    seed
        A number for the batch, or one for each note. What is random in a note depends on its own
        seed alone, whatever is played beside it.
    device
        Where to compute; torch's name of it. It has to know float64, as CPU and CUDA do.

    Raises
    ------
    AudioError
        When a number lies out of its range, the shapes disagree, or the device cannot be used.

    Examples
    --------
    >>> voices = NoteBatch([220, 440], duration=[0.5, 1.0], sr=8000)
    >>> len(voices), voices.samples(0.25)
    (2, 10000)
    >>> voices.cycles(3)[1].tolist()
    [0.0, 0.055, 0.11]
    """

    hz: Tensor
    duration: Tensor
    velocity: Tensor
    sr: int
    bend: Tensor | None
    seeds: tuple[int, ...]

    def __init__(
        self,
        hz: ArrayLike | Tensor,
        *,
        duration: ArrayLike | Tensor = 1.0,
        velocity: ArrayLike | Tensor = 100,
        sr: int = 22050,
        bend: ArrayLike | Tensor | None = None,
        seed: int | Sequence[int] = 0,
        device: str | torch.device = "cpu",
    ) -> None:
        require(sr > 0 and sr == int(sr), f"sr must be a positive whole number, not {sr}")
        pitches = torch.atleast_1d(torch.as_tensor(hz, dtype=torch.float64)).to(_usable(device))
        require(pitches.ndim == 1 and len(pitches) > 0, f"hz must have shape (batch,): {hz!r}")
        set_field = object.__setattr__  # the dataclass is frozen
        set_field(self, "hz", pitches)
        set_field(self, "duration", self._numbers("duration", duration, 1e-3, LONGEST))
        set_field(self, "velocity", self._numbers("velocity", velocity, 1, 127))
        set_field(self, "sr", int(sr))
        set_field(self, "bend", None if bend is None else self._bend(bend))
        set_field(self, "seeds", _seeds(seed, len(pitches)))
        low, high = float(pitches.min()), float(self.highest.max())
        right = 0 < low <= high < sr / 2  # NaN is neither
        require(
            right, f"hz must lie between 0 and half of sr, {sr / 2:g} Hz; not {low:g}, {high:g}"
        )

    @property
    def highest(self) -> Tensor:
        """The highest frequency that each note reaches, in Hz, shape `(batch,)`, float64."""
        if self.bend is None:
            return self.hz
        return self.hz * 2 ** (self.bend.amax(dim=1).clamp(min=0) / 12)

    @property
    def softness(self) -> Tensor:
        """By how much more the partials of soft notes fall, as `k ** -softness`; `(batch,)`."""
        return SOFTER * (1 - self.velocity / 127)

    def samples(self, release: float) -> int:
        """How many samples hold every note and `release` seconds after it."""
        return round((float(self.duration.max()) + release) * self.sr)

    def times(self, samples: int) -> Tensor:
        """Seconds since the notes' start, shape `(samples,)`, float64."""
        return torch.arange(samples, dtype=torch.float64, device=self.hz.device) / self.sr

    def pitch(self, samples: int) -> Tensor:
        """The frequency at each sample in Hz, shape `(batch, samples)`, float64."""
        if self.bend is None:
            return self.hz[:, None].expand(-1, samples)
        curve = self.bend[:, :samples]
        held = curve[:, -1:].expand(-1, samples - curve.shape[1])
        return self.hz[:, None] * 2 ** (torch.cat([curve, held], dim=1) / 12)

    def cycles(self, samples: int) -> Tensor:
        """Periods since the start, `(batch, samples)`: the sum of the frequency over time.

        In float64: after a minute at 2 kHz float32 has forgotten a hundredth of a period.
        """
        if self.bend is None:
            return self.hz[:, None] * self.times(samples)
        steps = self.pitch(samples) / self.sr
        return steps.cumsum(dim=1) - steps

    def white_noise(self, samples: int) -> Tensor:
        """Gaussian noise of unit power, each note's from its own seed; `(batch, samples)`."""
        rows = [
            np.random.default_rng(seed).standard_normal(samples, dtype=np.float32)
            for seed in self.seeds
        ]
        return torch.from_numpy(np.stack(rows)).to(self.hz.device)

    def __len__(self) -> int:
        return len(self.hz)

    def _numbers(self, name: str, values: ArrayLike | Tensor, least: float, most: float) -> Tensor:
        """One number a note, as float64 of shape `(batch,)`."""
        numbers = torch.as_tensor(values, dtype=torch.float64, device=self.hz.device)
        shape = tuple(numbers.shape)
        require(shape in ((), (len(self.hz),)), f"{name} needs {len(self.hz)} values, not {shape}")
        wrong = numbers[~((numbers >= least) & (numbers <= most))]  # NaN is neither
        within = f"{name} must lie in {least:g}..{most:g}"
        require(len(wrong) == 0, f"{within}, not {wrong.flatten()[:1].tolist()}")
        return numbers.expand(len(self.hz)).contiguous()

    def _bend(self, bend: ArrayLike | Tensor) -> Tensor:
        """The bend with its steps rounded: the mean over 5 ms around each sample."""
        curve = torch.as_tensor(bend, dtype=torch.float64, device=self.hz.device)
        right = curve.ndim == 2 and len(curve) == len(self.hz) and curve.shape[1] > 0
        need = f"({len(self.hz)}, samples)"
        require(right, f"bend must have shape {need}, not {tuple(curve.shape)}")
        require(bool(torch.isfinite(curve).all()), "bend holds NaN or infinity")
        half = max(1, round(GLIDE * self.sr / 2))
        wide = pad(curve[:, None], (half + 1, half), mode="replicate")[:, 0]
        total = wide.cumsum(dim=1)  # a mean over a hundred samples at the price of one
        return (total[:, 2 * half + 1 :] - total[:, : -2 * half - 1]) / (2 * half + 1)


class Source(Protocol):
    """What all sources are: a frozen dataclass of settings, called with notes, gives sound."""

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Play the notes; `(batch, samples)`, float32, from each note's start to its last sound."""


def finish(y: Tensor, voices: NoteBatch) -> Tensor:
    """Give every note the peak that its velocity asks for; float32.

    The peak is `(velocity / 127) ** 2` of -1 dBFS, whatever the source; silence stays silence.

    >>> voices = NoteBatch([440], velocity=127)
    >>> round(float(finish(torch.tensor([[0.0, 3.0, -1.0]]), voices).max()), 4)
    0.8913
    """
    peak = LOUDEST * (voices.velocity[:, None] / 127) ** 2
    largest = y.abs().amax(dim=1, keepdim=True).clamp(min=1e-9)
    return (y * (peak / largest)).to(torch.float32)


def _usable(device: str | torch.device) -> torch.device:
    """A device that is there and counts in float64."""
    try:
        return torch.zeros(1, dtype=torch.float64, device=device).device
    except (RuntimeError, AssertionError, NotImplementedError, TypeError) as reason:
        line = str(reason).splitlines()[0]
        raise AudioError(f"device {str(device)!r} cannot be used: {line}") from None


def _seeds(seed: int | Sequence[int], notes: int) -> tuple[int, ...]:
    """One seed a note: those given, or drawn from one."""
    if isinstance(seed, int | np.integer):
        require(seed >= 0, f"seed must be at least 0, not {seed}")
        return tuple(np.random.SeedSequence(int(seed)).generate_state(notes).tolist())
    require(len(seed) == notes, f"seed needs {notes} values, not {len(seed)}")
    return tuple(int(own) for own in seed)

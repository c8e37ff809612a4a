"""`NoteBatch`: notes that a source renders in parallel, and the protocol of sources."""

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
from ..core.checks import MAX_RATE, as_float, require, require_seed
from .checks import as_tensor

LOUDEST = 10 ** (-1 / 20)  # -1 dBFS: the peak of a note of velocity 127
GLIDE = 0.005  # s over which a step in a bend is smoothed, to avoid clicks
LONGEST = 600.0  # s
SOFTER = 0.5
MOST_SAMPLES = 2**29  # of a batch: 4 GiB in float64


@dataclass(frozen=True, eq=False, init=False)
class NoteBatch:
    """A batch of notes, one per row.

    Parameters
    ----------
    hz
        Fundamental frequencies, above 0, shape `(batch,)`; for drums the frequency of the General
        MIDI key.
    duration
        Seconds that each key is held, at most 600; a scalar applies to all.
    velocity
        1..127; a scalar applies to all.
    sr
        Sampling rate in Hz.
    bend
        Pitch bend of each note at each sample, in semitones, shape `(batch, samples)`. The last
        value continues; steps are smoothed over 5 ms. None: no bend.
    seed
        One seed for the batch, or one for each note. The random parts of a note depend only on its
        own seed, not on the other notes of the batch.
    device
        Torch device. It must support float64, as CPU and CUDA do.

    Raises
    ------
    AudioError
        If a number is out of range, the shapes disagree or the device is unusable.

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
        rate = as_float("sr", sr, AudioError)
        valid = 0 < rate <= MAX_RATE and rate == int(rate)
        require(valid, f"sr must be a positive integer of at most {MAX_RATE:g}, not {sr}")
        pitches = torch.atleast_1d(as_tensor("hz", hz, _checked_device(device)))
        require(pitches.ndim == 1 and len(pitches) > 0, f"hz must have shape (batch,): {hz!r}")
        set_field = object.__setattr__  # the dataclass is frozen
        set_field(self, "hz", pitches)
        set_field(self, "duration", self._numbers("duration", duration, 1e-3, LONGEST))
        set_field(self, "velocity", self._numbers("velocity", velocity, 1, 127))
        set_field(self, "sr", int(sr))
        set_field(self, "bend", None if bend is None else self._bend(bend))
        set_field(self, "seeds", _seeds(seed, len(pitches)))
        size = len(pitches) * float(self.duration.max()) * rate
        require(size <= MOST_SAMPLES, f"the batch has {size:.15g} samples; at most {MOST_SAMPLES}")
        low, high = float(pitches.min()), float(self.highest.max())
        valid = 0 < low <= high < sr / 2  # False for NaN
        require(
            valid, f"hz must lie between 0 and half of sr, {sr / 2:g} Hz; not {low:g}, {high:g}"
        )

    @property
    def highest(self) -> Tensor:
        """Highest frequency of each note, bends included, in Hz, shape `(batch,)`, float64."""
        if self.bend is None:
            return self.hz
        return self.hz * 2 ** (self.bend.amax(dim=1).clamp(min=0) / 12)

    @property
    def softness(self) -> Tensor:
        """Exponent of the extra roll-off of soft notes, `k ** -softness`; `(batch,)`."""
        return SOFTER * (1 - self.velocity / 127)

    def samples(self, release: float) -> int:
        """Number of samples of the longest note and `release` seconds after it."""
        return round((float(self.duration.max()) + release) * self.sr)

    def times(self, samples: int) -> Tensor:
        """Seconds since the onset, shape `(samples,)`, float64."""
        return torch.arange(samples, dtype=torch.float64, device=self.hz.device) / self.sr

    def pitch(self, samples: int) -> Tensor:
        """Frequency at each sample in Hz, shape `(batch, samples)`, float64."""
        if self.bend is None:
            return self.hz[:, None].expand(-1, samples)
        curve = self.bend[:, :samples]
        tail = curve[:, -1:].expand(-1, samples - curve.shape[1])
        return self.hz[:, None] * 2 ** (torch.cat([curve, tail], dim=1) / 12)

    def cycles(self, samples: int) -> Tensor:
        """Periods since the onset, `(batch, samples)`: the integral of the frequency.

        In float64: after a minute at 2 kHz, float32 is off by a hundredth of a period.
        """
        if self.bend is None:
            return self.hz[:, None] * self.times(samples)
        steps = self.pitch(samples) / self.sr
        return steps.cumsum(dim=1) - steps

    def white_noise(self, samples: int) -> Tensor:
        """Gaussian noise of unit power, from the seed of each note; `(batch, samples)`."""
        rows = [
            np.random.default_rng(seed).standard_normal(samples, dtype=np.float32)
            for seed in self.seeds
        ]
        return torch.from_numpy(np.stack(rows)).to(self.hz.device)

    def __len__(self) -> int:
        return len(self.hz)

    def _numbers(self, name: str, values: ArrayLike | Tensor, least: float, most: float) -> Tensor:
        """Validate and broadcast to one number per note, float64 of shape `(batch,)`."""
        numbers = as_tensor(name, values, self.hz.device)
        shape = tuple(numbers.shape)
        require(shape in ((), (len(self.hz),)), f"{name} needs {len(self.hz)} values, not {shape}")
        invalid = numbers[~((numbers >= least) & (numbers <= most))]  # NaN included
        within = f"{name} must lie in {least:g}..{most:g}"
        require(len(invalid) == 0, f"{within}, not {invalid.flatten()[:1].tolist()}")
        return numbers.expand(len(self.hz)).contiguous()

    def _bend(self, bend: ArrayLike | Tensor) -> Tensor:
        """Smooth the bend: the mean over 5 ms around each sample."""
        curve = as_tensor("bend", bend, self.hz.device)
        valid = curve.ndim == 2 and len(curve) == len(self.hz) and curve.shape[1] > 0
        shape = f"({len(self.hz)}, samples)"
        require(valid, f"bend must have shape {shape}, not {tuple(curve.shape)}")
        require(bool(torch.isfinite(curve).all()), "bend contains NaN or infinity")
        half = max(1, round(GLIDE * self.sr / 2))
        padded = pad(curve[:, None], (half + 1, half), mode="replicate")[:, 0]
        total = padded.cumsum(dim=1)  # the cost of the mean does not depend on its length
        return (total[:, 2 * half + 1 :] - total[:, : -2 * half - 1]) / (2 * half + 1)


class Source(Protocol):
    """Protocol of all sources: a frozen dataclass of settings that renders notes."""

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Render the notes, each from its onset to its end; `(batch, samples)`, float32."""


def finish(y: Tensor, voices: NoteBatch) -> Tensor:
    """Scale every note to the peak of its velocity; float32.

    The peak is `(velocity / 127) ** 2` of -1 dBFS for all sources; silence stays silence.

    >>> voices = NoteBatch([440], velocity=127)
    >>> round(float(finish(torch.tensor([[0.0, 3.0, -1.0]]), voices).max()), 4)
    0.8913
    """
    peak = LOUDEST * (voices.velocity[:, None] / 127) ** 2
    largest = y.abs().amax(dim=1, keepdim=True).clamp(min=1e-9)
    return (y * (peak / largest)).to(torch.float32)


def _checked_device(device: str | torch.device) -> torch.device:
    """Check that a device exists and supports float64."""
    try:
        return torch.zeros(1, dtype=torch.float64, device=device).device
    except (RuntimeError, AssertionError, NotImplementedError, TypeError, ValueError) as reason:
        line = (str(reason).splitlines() or [""])[0]
        raise AudioError(f"device {str(device)!r} cannot be used: {line}") from None


def _seeds(seed: int | Sequence[int], notes: int) -> tuple[int, ...]:
    """One seed per note: the given ones, or derived from one."""
    if isinstance(seed, int | np.integer):
        require_seed(seed)
        return tuple(np.random.SeedSequence(int(seed)).generate_state(notes).tolist())
    given = type(seed).__name__
    require(isinstance(seed, tuple | list), f"seed must be an integer, or a list of them: {given}")
    require(len(seed) == notes, f"seed needs {notes} values, not {len(seed)}")
    for value in seed:
        require_seed(value)
    return tuple(int(value) for value in seed)

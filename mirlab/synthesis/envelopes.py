"""Amplitude envelopes of batched notes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..core.checks import require
from .checks import require_range
from .note_batch import NoteBatch

FASTEST, SLOWEST = 0.001, 10.0  # s; anything faster is a click


@dataclass(frozen=True)
class Held:
    """Envelope of a blown, bowed or otherwise sustained tone: `mirlab.dsp.adsr` for a batch.

    Four straight lines: to 1 in `attack`, to `sustain` in `decay`, constant while the key is held,
    then from the current level to 0 in `release`.

    Parameters
    ----------
    attack, release
        Seconds, 0.001..10.
    decay
        Seconds, 0.001..10.
    sustain
        Level, 0..1.

    Raises
    ------
    AudioError
        If a number is out of range.

    Examples
    --------
    >>> envelope = Held(attack=0.2, decay=0.2, sustain=0.5, release=0.2)
    >>> envelope(NoteBatch([4], duration=0.6, sr=10), 8).tolist()[0]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.5, 0.5, 0.25]
    """

    attack: float = 0.01
    decay: float = 0.1
    sustain: float = 0.8
    release: float = 0.1

    def __post_init__(self) -> None:
        for name in ("attack", "decay", "release"):
            require_range(name, getattr(self, name), FASTEST, SLOWEST, " s")
        require_range("sustain", self.sustain, 0, 1)

    def __call__(self, voices: NoteBatch, samples: int) -> Tensor:
        """Level at each sample, 0..1, shape `(batch, samples)`, float32."""
        t, end = voices.times(samples), voices.duration[:, None]
        level = torch.where(t < end, self._level(t), self._level(end))  # constant after the end
        return level * damper(voices, samples, self.release)

    def _level(self, t: Tensor) -> Tensor:
        """Level while the key is held, `t` seconds after the onset; float32, of the same shape."""
        fall = ((t - self.attack) / self.decay).clamp(0, 1)
        level = torch.minimum(t / self.attack, 1 - (1 - self.sustain) * fall)
        return level.to(torch.float32)


@dataclass(frozen=True)
class Struck:
    """Envelope of a struck or plucked tone: an exponential decay.

    Parameters
    ----------
    attack, release
        Seconds, 0.001..10.
    t60
        60 dB decay time in seconds while the key is held, 0.01..100.

    Raises
    ------
    AudioError
        If a number is out of range.

    Examples
    --------
    >>> envelope = Struck(t60=2.0)
    >>> levels = envelope(NoteBatch([4], duration=2.0, sr=1000), 2000)[0]
    >>> [round(float(levels[n]), 4) for n in (0, 1000, 1999)]  # s / 1000
    [0.0, 0.0316, 0.001]
    """

    attack: float = 0.003
    t60: float = 3.0
    release: float = 0.1

    def __post_init__(self) -> None:
        require_range("attack", self.attack, FASTEST, SLOWEST, " s")
        require_range("t60", self.t60, 0.01, 100, " s")
        require_range("release", self.release, FASTEST, SLOWEST, " s")

    def __call__(self, voices: NoteBatch, samples: int) -> Tensor:
        """Level at each sample, 0..1, shape `(batch, samples)`, float32."""
        t = voices.times(samples).to(torch.float32)
        level = (t / self.attack).clamp_(max=1) * (-3 * math.log(10) / self.t60 * t).exp_()
        return level * damper(voices, samples, self.release)


HELD, STRUCK = Held(), Struck()


def require_envelope(name: str, envelope: Held | Struck) -> None:
    """Raise an `AudioError` unless `envelope` is an envelope."""
    given = type(envelope).__name__
    require(isinstance(envelope, Held | Struck), f"{name} must be Held or Struck, not {given}")


def damper(voices: NoteBatch, samples: int, release: float) -> Tensor:
    """1 while the key is held, then linear to 0 in `release` s; `(batch, samples)`, float32."""
    end = 1 + voices.duration[:, None] / release
    return (end - voices.times(samples) / release).clamp_(0, 1).to(torch.float32)

"""Physical modelling: a plucked string as a delay that feeds back into itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.fft import next_fast_len
from torch import Tensor

from .checks import require_range
from .envelopes import damper
from .interpolation import cubic
from .note_batch import NoteBatch, finish

# About where a guitar's body resonates, air first: Hz, width in Hz, strength.
BODY = ((102.0, 30.0, 1.0), (204.0, 40.0, 1.0), (420.0, 60.0, 0.5))
RING = 0.15  # s of the body's response
ONSET = 0.002  # s in which the pluck rises
STEADY = 0.99999  # the loop's largest gain: at 1 it would never end
GRID = 32  # samples from one exact length of a bent string to the next
SHORTEST = 20.0  # samples of the shortest loop
FALL = 120.0  # dB


@dataclass(frozen=True)
class Plucked:
    """A plucked string and the body that it is stretched on (Karplus and Strong 1983).

    A period of noise, of mean 0, goes round in a loop that takes a little of it away, treble
    first. The loop is made exactly one period long by a fractional delay, as Jaffe and Smith (1983)
    taught; here a Lagrange interpolator of third order, whose length may move with a bend. Where a
    period is shorter than 20 samples, two or more go round together: they lose less by it.

    Parameters
    ----------
    t60
        Seconds in which the first partial falls by 60 dB, at most: where the loop cannot be made
        strong enough, it falls sooner. 0.05..60.
    dullness
        What the loop takes from treble each round: the weight of the older of two samples whose
        mean is taken. 0..0.5; 0.5 is Karplus and Strong's.
    softness
        Of the plectrum: the pluck's partials fall as `k ** -softness`, softer notes' more. 0..3.
    place
        Where it is plucked, as a part of the string's length, 0.01..0.5. Partials with a node
        there do not sound.
    body
        How much of the body is heard, 0..4.
    release
        Seconds in which the string is damped after the key, 0.01..10.

    Raises
    ------
    AudioError
        For a number out of its range.

    Examples
    --------
    >>> string = Plucked(t60=2.0)
    >>> string(NoteBatch([110.0], duration=0.5)).shape
    torch.Size([1, 13230])
    """

    t60: float = 4.0
    dullness: float = 0.2
    softness: float = 0.5
    place: float = 0.2
    body: float = 0.5
    release: float = 0.1

    def __post_init__(self) -> None:
        require_range("t60", self.t60, 0.05, 60, " s")
        require_range("dullness", self.dullness, 0, 0.5)
        require_range("softness", self.softness, 0, 3)
        require_range("place", self.place, 0.01, 0.5)
        require_range("body", self.body, 0, 4)
        require_range("release", self.release, 0.01, 10, " s")

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Play the notes; `(batch, samples)`, float32."""
        samples = voices.samples(self.release)
        turns = (SHORTEST * voices.highest[:, None] / voices.sr).ceil()
        period = voices.sr / voices.hz[:, None]
        length = interpolator_length(period, self.dullness, turns=turns)
        delay, taps = loop_taps(length, self.dullness)
        wanted = 10 ** (-3 * turns * period / (self.t60 * voices.sr))
        gain = (wanted / _response(taps, period).abs()).clamp(max=STEADY)
        if voices.bend is not None:
            period = voices.sr / _at(voices.pitch(samples), samples // GRID + 2)
            length = _at(interpolator_length(period, self.dullness, turns=turns), samples)
            delay, taps = loop_taps(length, self.dullness)
        plucks = self._plucks(voices, turns[:, 0].long().tolist(), samples)
        run = _ring if voices.bend is None else _run
        y = run(plucks, delay, gain[..., None] * taps)
        if self.body:
            y = _resonate(y, self.body * _body_response(voices.sr).to(y.device))
        y *= damper(voices, samples, self.release)
        y *= (voices.times(samples) / ONSET).clamp(max=1).to(torch.float32)
        return finish(y, voices)

    def _plucks(self, voices: NoteBatch, turns: list[int], samples: int) -> Tensor:
        """What fills each loop at first, by plectrum and place; then silence.

        Only the phases of the partials are noise: each note has the same strength in each of them.
        """
        y = np.zeros((len(voices), samples), np.float32)
        softness = self.softness + voices.softness
        hz = voices.hz.tolist()
        for i, (seed, slope) in enumerate(zip(voices.seeds, softness.tolist(), strict=True)):
            length = min(int(turns[i] * voices.sr / hz[i]), samples)
            k = np.arange(length // 2 + 1) / turns[i]  # the partial that a bin is, if it is one
            colour = (k % 1 == 0) * np.sin(np.pi * k * self.place) * np.maximum(k, 1.0) ** -slope
            phase = 2 * np.pi * np.random.default_rng(seed).random(k.size)
            y[i, :length] = np.fft.irfft(colour * np.exp(1j * phase), length)
        return torch.from_numpy(y).to(voices.hz.device)


def interpolator_length(period: Tensor, dullness: float, *, turns: Tensor | float = 1.0) -> Tensor:
    """How long the interpolator must be for the loop to last exactly its periods.

    The loss delays too, and the interpolator is no exact delay at high frequencies: it is asked
    for a little more or less until the phase of the whole is right at the string's frequency.

    Parameters
    ----------
    period
        In samples, at least 4; any shape `(...)`, float64.
    dullness
        0..0.5.
    turns
        How many periods go round together.

    Returns
    -------
    Tensor
        In samples, shape `(...)`.
    """
    loss = torch.tensor([1 - dullness, dullness], dtype=torch.float64, device=period.device)
    wanted = turns * period - _phase_delay(loss.expand(*period.shape, 2), period, near=dullness)
    length = wanted
    for _ in range(8):
        part = length.frac()
        late = _phase_delay(torch.stack(cubic(part), dim=-1), period, near=1 + part) - 1 - part
        length = wanted - late
    return length


def loop_taps(length: Tensor, dullness: float) -> tuple[Tensor, Tensor]:
    """The loop as a delay in whole samples and five taps after it.

    The taps are those of the loss, `1 - dullness` and `dullness`, convolved with a Lagrange
    interpolator's four.

    Parameters
    ----------
    length
        Of the interpolator, in samples; shape `(...)`, float64.
    dullness
        0..0.5.

    Returns
    -------
    tuple of Tensor
        The delay before the first tap, shape `(...)`; taps, shape `(..., 5)`.

    Examples
    --------
    >>> period = torch.tensor(100.3, dtype=torch.float64)
    >>> delay, taps = loop_taps(interpolator_length(period, 0.5), 0.5)
    >>> z = torch.exp(-2j * torch.pi / period * (delay + torch.arange(5)))
    >>> round(abs(float(torch.angle((taps * z).sum()))), 9)  # all the way round
    0.0
    """
    line = torch.stack(cubic(length.frac()), dim=-1)
    earlier, later = torch.nn.functional.pad(line, (0, 1)), torch.nn.functional.pad(line, (1, 0))
    return length.long() - 1, (1 - dullness) * earlier + dullness * later


def _at(curve: Tensor, points: int) -> Tensor:
    """A curve read at so many even points from its first to its last; `(batch, points)`."""
    return torch.nn.functional.interpolate(
        curve[:, None], size=points, mode="linear", align_corners=True
    )[:, 0]


def _response(taps: Tensor, period: Tensor, *, ahead: Tensor | float = 0.0) -> Tensor:
    """What taps do to the frequency whose period is given, in samples; complex, `(...)`.

    The first tap comes so many samples `ahead` of time 0.
    """
    n = torch.arange(taps.shape[-1], device=taps.device) - torch.as_tensor(ahead)[..., None]
    return (taps * torch.exp(-2j * math.pi / period[..., None] * n)).sum(dim=-1)


def _phase_delay(taps: Tensor, period: Tensor, *, near: Tensor | float) -> Tensor:
    """By how many samples taps delay the frequency whose period is given; `(...)`.

    Phases a period apart are the same: the delay is the one that is nearest to `near`.
    """
    angle = torch.angle(_response(taps, period, ahead=near))
    return near - angle * period / (2 * math.pi)


def _ring(x: Tensor, delay: Tensor, taps: Tensor) -> Tensor:
    """Feed `x` into a loop whose length stays: at each frequency, a division by what it leaves.

    It takes a third of the time of `_run`. The transforms take what rings on at the end for the
    beginning of the next period; sounds that fall by 120 dB meanwhile bring it under that.
    """
    samples, end = x.shape[1], int(delay.max()) + taps.shape[-1]
    size = next_fast_len(max(samples, end), real=True)
    fall = 10 ** (torch.arange(size, dtype=torch.float64, device=x.device) * (-FALL / 20 / size))
    loop = torch.zeros(len(x), size, dtype=torch.float64, device=x.device)
    loop.scatter_(1, delay + torch.arange(taps.shape[-1], device=x.device), taps[:, 0])
    left = 1 - torch.fft.rfft(loop * fall)
    rung = torch.fft.irfft(torch.fft.rfft(x * fall[:samples], size) / left, size)
    return (rung[:, :samples] / fall[:samples]).to(torch.float32)


def _run(x: Tensor, delay: Tensor, taps: Tensor) -> Tensor:
    """Feed `x` into the loop: as many samples at a time as the shortest string holds."""
    taps = taps.to(torch.float32)
    batch, samples = x.shape
    before = int(delay.max()) + taps.shape[-1]
    y = torch.cat([x.new_zeros(batch, before), x], dim=1)
    reach = delay[..., None] + torch.arange(taps.shape[-1], device=x.device)  # (batch, ., 5)
    block = int(delay.min())
    now = torch.arange(before, before + block, device=x.device)[:, None]
    for start in range(0, samples, block):
        size = min(block, samples - start)
        part = slice(start, start + size)
        places = (now[:size] + start - reach[:, part]).flatten(start_dim=1)
        heard = y.gather(1, places).unflatten(1, (size, -1)) * taps[:, part]
        y[:, before + start : before + start + size] += heard.sum(dim=-1)
    return y[:, before:]


def _body_response(sr: int) -> Tensor:
    """What the body adds to the string: decaying sines, each of gain 1 where it resonates."""
    t = torch.arange(int(RING * sr), dtype=torch.float64) / sr
    y = torch.zeros_like(t)
    for hz, width, strength in BODY:
        ring = torch.exp(-math.pi * width * t) * torch.sin(2 * math.pi * hz * t)
        y += strength * 2 * math.pi * width / sr * ring
    return y.to(torch.float32)


def _resonate(y: Tensor, response: Tensor) -> Tensor:
    """The sound and what a response adds to it, of the same length."""
    size = next_fast_len(y.shape[1] + len(response), real=True)
    added = torch.fft.irfft(torch.fft.rfft(y, size) * torch.fft.rfft(response, size), size)
    return y + added[:, : y.shape[1]]

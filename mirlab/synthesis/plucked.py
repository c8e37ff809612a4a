"""Physical modelling of a plucked string, as a delay line with feedback."""

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

# Approximate resonances of a guitar body, the air first: Hz, width in Hz, strength.
BODY = ((102.0, 30.0, 1.0), (204.0, 40.0, 1.0), (420.0, 60.0, 0.5))
RING = 0.15  # s, length of the body's impulse response
ONSET = 0.002  # s, attack of the pluck
MAX_GAIN = 0.99999  # of the loop; with 1 it would not decay
GRID = 32  # samples between exact lengths of a bent string, interpolated in between
SHORTEST = 20.0  # samples, minimum length of the loop
DECAY_DB = 120.0


@dataclass(frozen=True)
class Plucked:
    """A plucked string with a resonant body (Karplus and Strong 1983).

    A period of zero-mean noise circulates in a lossy loop that attenuates the treble most. A
    fractional delay (Jaffe and Smith 1983), here a third-order Lagrange interpolator whose length
    follows bends, makes the loop exactly one period long. If a period is shorter than 20 samples,
    the loop contains two or more of them, which reduces the loss.

    Parameters
    ----------
    t60
        60 dB decay time of the first partial in seconds, 0.05..60; shorter where the gain of the
        loop reaches its limit.
    dullness
        Treble loss per round trip: the weight of the older sample in the loop's two-sample mean.
        0..0.5; 0.5 is Karplus and Strong's value.
    softness
        Softness of the plectrum: partials fall as `k ** -softness`, more for soft notes. 0..3.
    position
        Pluck position as a fraction of the string's length, 0.01..0.5. Partials with a node there
        are silent.
    body
        Level of the body's resonances, 0..4.
    release
        Seconds in which the string is damped after the key is released, 0.01..10.

    Raises
    ------
    AudioError
        If a number is out of range.

    Examples
    --------
    >>> string = Plucked(t60=2.0)
    >>> string(NoteBatch([110.0], duration=0.5)).shape
    torch.Size([1, 13230])
    """

    t60: float = 4.0
    dullness: float = 0.2
    softness: float = 0.5
    position: float = 0.2
    body: float = 0.5
    release: float = 0.1

    def __post_init__(self) -> None:
        require_range("t60", self.t60, 0.05, 60, " s")
        require_range("dullness", self.dullness, 0, 0.5)
        require_range("softness", self.softness, 0, 3)
        require_range("position", self.position, 0.01, 0.5)
        require_range("body", self.body, 0, 4)
        require_range("release", self.release, 0.01, 10, " s")

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Render the notes; `(batch, samples)`, float32."""
        samples = voices.samples(self.release)
        turns = (SHORTEST * voices.highest[:, None] / voices.sr).ceil()
        period = voices.sr / voices.hz[:, None]
        length = interpolator_length(period, self.dullness, turns=turns)
        delay, taps = loop_taps(length, self.dullness)
        target = 10 ** (-3 * turns * period / (self.t60 * voices.sr))
        gain = (target / _response(taps, period).abs()).clamp(max=MAX_GAIN)
        if voices.bend is not None:
            period = voices.sr / _resample(voices.pitch(samples), samples // GRID + 2)
            length = _resample(interpolator_length(period, self.dullness, turns=turns), samples)
            delay, taps = loop_taps(length, self.dullness)
        plucks = self._plucks(voices, turns[:, 0].long().tolist(), samples)
        run = _loop_in_frequency if voices.bend is None else _loop_in_time
        y = run(plucks, delay, gain[..., None] * taps)
        if self.body:
            y = _resonate(y, self.body * _body_response(voices.sr).to(y.device))
        y *= damper(voices, samples, self.release)
        y *= (voices.times(samples) / ONSET).clamp(max=1).to(torch.float32)
        return finish(y, voices)

    def _plucks(self, voices: NoteBatch, turns: list[int], samples: int) -> Tensor:
        """Initial content of each loop, by plectrum and pluck position, followed by silence.

        Only the phases of the partials are random; their amplitudes are the same in each note.
        """
        y = np.zeros((len(voices), samples), np.float32)
        softness = self.softness + voices.softness
        hz = voices.hz.tolist()
        for i, (seed, slope) in enumerate(zip(voices.seeds, softness.tolist(), strict=True)):
            length = min(int(turns[i] * voices.sr / hz[i]), samples)
            k = np.arange(length // 2 + 1) / turns[i]  # number of the partial, if an integer
            shape = (k % 1 == 0) * np.sin(np.pi * k * self.position) * np.maximum(k, 1.0) ** -slope
            phase = 2 * np.pi * np.random.default_rng(seed).random(k.size)
            y[i, :length] = np.fft.irfft(shape * np.exp(1j * phase), length)
        return torch.from_numpy(y).to(voices.hz.device)


def interpolator_length(period: Tensor, dullness: float, *, turns: Tensor | float = 1.0) -> Tensor:
    """Interpolator length that makes the loop exactly its periods long.

    The loss filter has a delay too, and the interpolator is not an exact delay at high
    frequencies: its length is corrected iteratively until the phase of the loop is right at the
    string's frequency.

    Parameters
    ----------
    period
        Period in samples, at least 4; any shape `(...)`, float64.
    dullness
        0..0.5.
    turns
        Number of periods in the loop.

    Returns
    -------
    Tensor
        Length in samples, shape `(...)`.
    """
    loss = torch.tensor([1 - dullness, dullness], dtype=torch.float64, device=period.device)
    target = turns * period - _phase_delay(loss.expand(*period.shape, 2), period, near=dullness)
    length = target
    for _ in range(8):
        part = length.frac()
        error = _phase_delay(torch.stack(cubic(part), dim=-1), period, near=1 + part) - 1 - part
        length = target - error
    return length


def loop_taps(length: Tensor, dullness: float) -> tuple[Tensor, Tensor]:
    """The loop as an integer delay followed by five taps.

    The taps are those of the loss filter, `1 - dullness` and `dullness`, convolved with the four
    of the Lagrange interpolator.

    Parameters
    ----------
    length
        Length of the interpolator in samples; shape `(...)`, float64.
    dullness
        0..0.5.

    Returns
    -------
    tuple of Tensor
        Delay before the first tap, shape `(...)`, and taps, shape `(..., 5)`.

    Examples
    --------
    >>> period = torch.tensor(100.3, dtype=torch.float64)
    >>> delay, taps = loop_taps(interpolator_length(period, 0.5), 0.5)
    >>> z = torch.exp(-2j * torch.pi / period * (delay + torch.arange(5)))
    >>> round(abs(float(torch.angle((taps * z).sum()))), 9)  # whole periods
    0.0
    """
    line = torch.stack(cubic(length.frac()), dim=-1)
    earlier, later = torch.nn.functional.pad(line, (0, 1)), torch.nn.functional.pad(line, (1, 0))
    return length.long() - 1, (1 - dullness) * earlier + dullness * later


def _resample(curve: Tensor, points: int) -> Tensor:
    """Resample curves linearly at evenly spaced points; `(batch, points)`."""
    return torch.nn.functional.interpolate(
        curve[:, None], size=points, mode="linear", align_corners=True
    )[:, 0]


def _response(taps: Tensor, period: Tensor, *, ahead: Tensor | float = 0.0) -> Tensor:
    """Complex frequency response of taps at a given period in samples, shape `(...)`.

    The first tap lies `ahead` samples before time 0.
    """
    n = torch.arange(taps.shape[-1], device=taps.device) - torch.as_tensor(ahead)[..., None]
    return (taps * torch.exp(-2j * math.pi / period[..., None] * n)).sum(dim=-1)


def _phase_delay(taps: Tensor, period: Tensor, *, near: Tensor | float) -> Tensor:
    """Phase delay of taps in samples at a given period, shape `(...)`.

    The phase determines it up to whole periods; the value nearest to `near` is returned.
    """
    angle = torch.angle(_response(taps, period, ahead=near))
    return near - angle * period / (2 * math.pi)


def _loop_in_frequency(x: Tensor, delay: Tensor, taps: Tensor) -> Tensor:
    """Feed `x` into a loop of constant length, by division in the frequency domain.

    It takes a third of the time of `_loop_in_time`. The transforms wrap the tail around to the
    beginning; an exponential window of 120 dB keeps this aliasing below that level.
    """
    samples, end = x.shape[1], int(delay.max()) + taps.shape[-1]
    size = next_fast_len(max(samples, end), real=True)
    n = torch.arange(size, dtype=torch.float64, device=x.device)
    window = 10 ** (n * (-DECAY_DB / 20 / size))
    loop = torch.zeros(len(x), size, dtype=torch.float64, device=x.device)
    loop.scatter_(1, delay + torch.arange(taps.shape[-1], device=x.device), taps[:, 0])
    denominator = 1 - torch.fft.rfft(loop * window)
    y = torch.fft.irfft(torch.fft.rfft(x * window[:samples], size) / denominator, size)
    return (y[:, :samples] / window[:samples]).to(torch.float32)


def _loop_in_time(x: Tensor, delay: Tensor, taps: Tensor) -> Tensor:
    """Feed `x` into a loop of varying length, in blocks as long as the shortest string."""
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
        indices = (now[:size] + start - reach[:, part]).flatten(start_dim=1)
        echo = y.gather(1, indices).unflatten(1, (size, -1)) * taps[:, part]
        y[:, before + start : before + start + size] += echo.sum(dim=-1)
    return y[:, before:]


def _body_response(sr: int) -> Tensor:
    """Impulse response of the body: decaying sines, each with gain 1 at its resonance."""
    t = torch.arange(int(RING * sr), dtype=torch.float64) / sr
    y = torch.zeros_like(t)
    for hz, width, strength in BODY:
        ring = torch.exp(-math.pi * width * t) * torch.sin(2 * math.pi * hz * t)
        y += strength * 2 * math.pi * width / sr * ring
    return y.to(torch.float32)


def _resonate(y: Tensor, response: Tensor) -> Tensor:
    """Add the convolution with a response to the signal; the length stays."""
    size = next_fast_len(y.shape[1] + len(response), real=True)
    added = torch.fft.irfft(torch.fft.rfft(y, size) * torch.fft.rfft(response, size), size)
    return y + added[:, : y.shape[1]]

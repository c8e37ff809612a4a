"""Signal bench: build a sound of partials, sample it, round it, filter it; see and hear each step.

The page computes everything itself, so it needs no kernel. `samples`, `spectrum` and `response`
give the same numbers here (to 1e-6), for whoever wants to go on with them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets
from scipy.signal import lfilter

from ... import dsp
from ...core import Audio
from ..shared.base import Instrument, WidgetError, bundle

HELD = 1.0  # seconds for which the key is held
SQUARE = [[float(k), round(1 / k, 4)] for k in (1, 3, 5, 7, 9)]
WINDOWS = ("rectangular", "hann", "hamming", "blackman")
GRID = 512  # frequencies from 0 to half the sampling rate at which the response is looked at


class SignalBench(Instrument):
    """A tone from its partials to the loudspeaker.

    Parameters
    ----------
    partials
        Pairs `[ratio, amplitude]`: frequency over the fundamental's, 0.1..12, and peak, 0..1. At
        most 16. Together they are scaled to at most 1.
    fundamental
        Hz, 55..1760.
    sample_rate
        Hz, 2000..48000. Nothing is filtered away before: what lies too high folds back.
    bits
        Of each sample, 2..16.
    envelope
        Attack, decay (s, 0..0.5), sustain (level, 0..1) and release (s, 0..0.5).
    window
        Of the spectrum: `"rectangular"`, `"hann"`, `"hamming"` or `"blackman"`.
    filtered
        Whether the filter is in the way.
    pole, zero
        Where one of the filter's pair of poles (zeros) lies: `[radius, angle]`, the radius in
        0..1.2 and the angle in 0..1 of half a turn, 1 being half the sampling rate.
    speed
        Of the playback, 0.25..2.
    loop
        Whether it plays again from the start.

    Raises
    ------
    WidgetError
        For an unknown keyword or a value out of its range.

    Examples
    --------
    >>> bench = SignalBench(partials=[[1, 1]], fundamental=440, sample_rate=8000)
    >>> frequencies, amplitudes = bench.spectrum()
    >>> float(frequencies[amplitudes.argmax()])
    437.5
    """

    _esm = bundle("signal_bench")
    partials = traitlets.List(SQUARE).tag(sync=True)
    fundamental = traitlets.Float(220.0, min=55.0, max=1760.0).tag(sync=True)
    sample_rate = traitlets.Int(44100, min=2000, max=48000).tag(sync=True)
    bits = traitlets.Int(16, min=2, max=16).tag(sync=True)
    envelope = traitlets.List([0.02, 0.15, 0.6, 0.2]).tag(sync=True)
    window = traitlets.Enum(WINDOWS, "hann").tag(sync=True)
    filtered = traitlets.Bool(False).tag(sync=True)
    pole = traitlets.List([0.9, 0.1]).tag(sync=True)
    zero = traitlets.List([1.0, 1.0]).tag(sync=True)
    speed = traitlets.Float(1.0, min=0.25, max=2.0).tag(sync=True)
    loop = traitlets.Bool(True).tag(sync=True)

    @traitlets.validate("partials")
    def _check_partials(self, proposal: dict[str, Any]) -> list[list[float]]:
        pairs = [_numbers(pair, 2, "a partial") for pair in proposal["value"]]
        if not 1 <= len(pairs) <= 16:
            raise WidgetError(f"SignalBench has 1 to 16 partials, not {len(pairs)}")
        for ratio, amplitude in pairs:
            if not (0.1 <= ratio <= 12 and 0 <= amplitude <= 1):
                raise WidgetError(
                    f"a partial's ratio lies in 0.1..12 and its amplitude in 0..1, not "
                    f"{ratio:g} and {amplitude:g}"
                )
        return pairs

    @traitlets.validate("envelope")
    def _check_envelope(self, proposal: dict[str, Any]) -> list[float]:
        attack, decay, sustain, release = values = _numbers(proposal["value"], 4, "envelope")
        if not all(0 <= time <= 0.5 for time in (attack, decay, release)):
            raise WidgetError("attack, decay and release lie in 0..0.5 s")
        if not 0 <= sustain <= 1:
            raise WidgetError(f"sustain lies in 0..1, not {sustain:g}")
        return values

    @traitlets.validate("pole", "zero")
    def _check_point(self, proposal: dict[str, Any]) -> list[float]:
        name = proposal["trait"].name
        radius, angle = _numbers(proposal["value"], 2, name)
        if not (0 <= radius <= 1.2 and 0 <= angle <= 1):
            raise WidgetError(f"{name} is [radius in 0..1.2, angle in 0..1]")
        return [radius, angle]

    @property
    def stable(self) -> bool:
        """Whether the filter's ringing dies away: its poles lie inside the unit circle."""
        return self.pole[0] < 1

    def coefficients(self) -> tuple[np.ndarray, np.ndarray]:
        """The filter's `b` and `a`, shape (3,) each; its loudest frequency passes unchanged.

        An unstable filter is scaled likewise, though what it then rings with has no end.
        """
        pole, zero = (r * np.exp(1j * np.pi * t) for r, t in (self.pole, self.zero))
        b = np.array([1, -2 * zero.real, abs(zero) ** 2])
        a = np.array([1, -2 * pole.real, abs(pole) ** 2])
        highest = np.abs(dsp.frequency_response(b, a, frequencies=self._grid(), sr=2)).max()
        return b / max(highest, 1e-9), a

    def samples(self) -> np.ndarray:
        """The tone: sampled, shaped, rounded and (if `filtered` and stable) filtered.

        Returns
        -------
        ndarray
            float64, shape `(round((1 + release) * sample_rate),)`.
        """
        attack, decay, sustain, release = self.envelope
        sr = self.sample_rate
        shape = dsp.adsr(attack, decay, sustain, release, sr=sr, duration=HELD)
        turns = np.arange(shape.size) / sr * self.fundamental
        tone = sum((a * np.sin(2 * np.pi * r * turns) for r, a in self.partials), 0 * turns)
        scale = max(1.0, sum(a for _, a in self.partials))
        y = dsp.quantize(tone / scale * shape, self.bits)
        if self.filtered and self.stable:
            y = lfilter(*self.coefficients(), y)
        return y

    def spectrum(self) -> tuple[np.ndarray, np.ndarray]:
        """Frequencies in Hz and peak amplitudes of a quarter of a second, from 0.25 s on."""
        start, n = _piece(self.sample_rate)
        y = self.samples()[start : start + n]
        return dsp.amplitude_spectrum(y, sr=self.sample_rate, window=self.window)

    def response(self) -> tuple[np.ndarray, np.ndarray]:
        """The filter's gain: 512 frequencies from 0 Hz to half the rate, and the factors there."""
        gain = np.abs(dsp.frequency_response(*self.coefficients(), frequencies=self._grid(), sr=2))
        return self._grid() * self.sample_rate / 2, gain

    def audio(self) -> Audio:
        """The tone as sound."""
        return Audio(self.samples().astype(np.float32), self.sample_rate)

    @staticmethod
    def _grid() -> np.ndarray:
        """512 frequencies from 0 to 1, that is half the sampling rate."""
        return np.arange(GRID) / (GRID - 1)


def _piece(sr: int) -> tuple[int, int]:
    """Where the spectrum's piece starts and how long it is: a power of two in 0.25 s."""
    return sr // 4, 2 ** int(np.log2(sr / 4))


def _numbers(values: Any, n: int, name: str) -> list[float]:
    """`n` finite numbers as floats."""
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError) as error:
        raise WidgetError(f"{name} must be {n} numbers, not {values!r}") from error
    if len(numbers) != n or not np.all(np.isfinite(numbers)):
        raise WidgetError(f"{name} must be {n} numbers, not {values!r}")
    return numbers

"""Signal bench: a tone of partials, its sampling, quantisation and filtering, step by step.

The page computes everything itself and needs no kernel. `samples`, `spectrum` and `response`
return the same numbers (to 1e-6) for further use in Python.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets
from scipy.signal import lfilter

from ... import dsp
from ...core import Audio
from ..shared.base import Instrument, WidgetError, bundle

HELD = 1.0  # s, from key press to release
SQUARE = [[float(k), round(1 / k, 4)] for k in (1, 3, 5, 7, 9)]
WINDOWS = ("rectangular", "hann", "hamming", "blackman")
GRID = 512  # frequencies of the response, from 0 to half the sampling rate


class SignalBench(Instrument):
    """Synthesis, sampling, quantisation and filtering of a tone.

    Parameters
    ----------
    partials
        At most 16 pairs `[ratio, amplitude]`: frequency relative to the fundamental, 0.1..12, and
        peak, 0..1. The sum is scaled to at most 1.
    fundamental
        Fundamental frequency in Hz, 55..1760.
    sample_rate
        Sampling rate in Hz, 2000..48000, without an anti-aliasing filter: higher partials fold
        back.
    bits
        Bits per sample, 2..16.
    envelope
        Attack, decay (s, 0..0.5), sustain (level, 0..1) and release (s, 0..0.5).
    window
        Window of the spectrum: `"rectangular"`, `"hann"`, `"hamming"` or `"blackman"`.
    filtered
        Whether the filter is applied.
    pole, zero
        One of the filter's pair of poles (zeros): `[radius, angle]`, the radius in 0..1.2 and the
        angle in 0..1, where 1 is half the sampling rate.
    speed
        Playback speed, 0.25..2.
    loop
        Whether playback repeats.

    Raises
    ------
    WidgetError
        If a keyword is unknown or a value is out of range.

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
        """Whether the filter is stable: its poles lie inside the unit circle."""
        return self.pole[0] < 1

    def coefficients(self) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients `b` and `a` of the filter, shape `(3,)` each, with a maximum gain of 1.

        An unstable filter is scaled in the same way, although its output is unbounded.
        """
        pole, zero = (r * np.exp(1j * np.pi * t) for r, t in (self.pole, self.zero))
        b = np.array([1, -2 * zero.real, abs(zero) ** 2])
        a = np.array([1, -2 * pole.real, abs(pole) ** 2])
        highest = np.abs(dsp.frequency_response(b, a, frequencies=self._grid(), sr=2)).max()
        return b / max(highest, 1e-9), a

    def samples(self) -> np.ndarray:
        """The tone: sampled, shaped, quantised and (if `filtered` and stable) filtered.

        Returns
        -------
        ndarray
            float64, shape `(round((1 + release) * sample_rate),)`.
        """
        attack, decay, sustain, release = self.envelope
        sr = self.sample_rate
        shape = dsp.adsr(attack, decay, sustain, release, sr=sr, duration=HELD)
        cycles = np.arange(shape.size) / sr * self.fundamental
        tone = sum((a * np.sin(2 * np.pi * r * cycles) for r, a in self.partials), 0 * cycles)
        scale = max(1.0, sum(a for _, a in self.partials))
        y = dsp.quantize(tone / scale * shape, self.bits)
        if self.filtered and self.stable:
            y = lfilter(*self.coefficients(), y)
        return y

    def spectrum(self) -> tuple[np.ndarray, np.ndarray]:
        """Frequencies in Hz and peak amplitudes of a quarter of a second, from 0.25 s on."""
        start, n = _excerpt(self.sample_rate)
        y = self.samples()[start : start + n]
        return dsp.amplitude_spectrum(y, sr=self.sample_rate, window=self.window)

    def response(self) -> tuple[np.ndarray, np.ndarray]:
        """Frequency response: 512 frequencies from 0 Hz to half the rate, and the gains."""
        gain = np.abs(dsp.frequency_response(*self.coefficients(), frequencies=self._grid(), sr=2))
        return self._grid() * self.sample_rate / 2, gain

    def audio(self) -> Audio:
        """The tone as audio."""
        return Audio(self.samples().astype(np.float32), self.sample_rate)

    @staticmethod
    def _grid() -> np.ndarray:
        """512 frequencies from 0 to 1, where 1 is half the sampling rate."""
        return np.arange(GRID) / (GRID - 1)


def _excerpt(sr: int) -> tuple[int, int]:
    """Start and length of the analysed excerpt in samples; a power of two within 0.25 s."""
    return sr // 4, 2 ** int(np.log2(sr / 4))


def _numbers(values: Any, n: int, name: str) -> list[float]:
    """Validate `n` finite numbers."""
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError) as error:
        raise WidgetError(f"{name} must be {n} numbers, not {values!r}") from error
    if len(numbers) != n or not np.all(np.isfinite(numbers)):
        raise WidgetError(f"{name} must be {n} numbers, not {values!r}")
    return numbers

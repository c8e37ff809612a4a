"""Harmonic plus noise synthesis: breathy tones and voices."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..core import AudioError
from ..core.checks import as_array, require
from .checks import require_range, require_sequence
from .envelopes import Held, require_envelope
from .filters import resonant_filter
from .note_batch import NoteBatch, finish
from .oscillators import partials_that_fit, periods, read

BLOWN = Held(attack=0.06, sustain=0.9, release=0.11)
CHIFF = 0.06  # s, 60 dB decay time of the onset noise


@dataclass(frozen=True)
class Breath:
    """Harmonics and noise, shaped separately (Serra and Smith 1990): winds, strings and voices.

    Parameters
    ----------
    slope
        Partials fall as `k ** -slope`, more for soft notes, 0..4.
    even
        Strength of even partials relative to odd ones, 0..1; a closed pipe has weak ones.
    formants
        Resonances at fixed frequencies: Hz, width in Hz, and gain. Empty for a plain pipe.
    noise
        Level of the breath noise relative to the harmonics (root mean squares), 0..1.
    noise_hz
        Centre frequency of the breath noise, 100..10000.
    chiff
        Boost of the breath noise at the onset, 0..20.
    envelope
        Amplitude envelope.

    Raises
    ------
    AudioError
        If a number is out of range.

    Examples
    --------
    >>> flute = Breath(slope=2.2, noise=0.1)
    >>> flute(NoteBatch([880.0], duration=0.5)).shape
    torch.Size([1, 13450])
    """

    slope: float = 1.8
    even: float = 1.0
    formants: tuple[tuple[float, float, float], ...] = ()
    noise: float = 0.05
    noise_hz: float = 2500.0
    chiff: float = 4.0
    envelope: Held = BLOWN

    def __post_init__(self) -> None:
        require_range("slope", self.slope, 0, 4)
        require_range("even", self.even, 0, 1)
        require_range("noise", self.noise, 0, 1)
        require_range("noise_hz", self.noise_hz, 100, 10000, " Hz")
        require_range("chiff", self.chiff, 0, 20)
        require_envelope("envelope", self.envelope)
        require_sequence("formants", self.formants)
        for i, formant in enumerate(self.formants):
            numbers = as_array(f"formants[{i}]", formant, AudioError)
            right = numbers.size == 3 and min(numbers[:2]) > 0 and numbers[2] >= 0
            require(right, f"formants[{i}] must be Hz, width and gain, not {formant}")

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Render the notes; `(batch, samples)`, float32."""
        samples = voices.samples(self.envelope.release)
        table = periods(self._amplitudes(voices), voices)
        tone = table / table.square().mean(dim=1, keepdim=True).sqrt().clamp(min=1e-9)
        y = read(tone, voices.cycles(samples))
        if self.noise:
            y = y + self.noise * self._hiss(voices, samples)
        return finish(y * self.envelope(voices, samples), voices)

    def _amplitudes(self, voices: NoteBatch) -> Tensor:
        """Amplitudes of each note's partials: source times formants; `(batch, partials)`."""
        k = torch.arange(1, partials_that_fit(voices) + 1, device=voices.hz.device)
        slope = self.slope + voices.softness[:, None]
        amplitudes = torch.where(k % 2 == 1, 1.0, self.even) * k**-slope
        hz = k * voices.hz[:, None]
        if self.formants:
            gains = [g / (1 + ((hz - f) / (w / 2)) ** 2) for f, w, g in self.formants]
            amplitudes = amplitudes * torch.stack(gains).sum(dim=0)
        return amplitudes

    def _hiss(self, voices: NoteBatch, samples: int) -> Tensor:
        """Breath noise: band-passed noise of unit power, stronger at the onset."""
        hz = torch.tensor([[min(self.noise_hz, voices.sr / 4)]], device=voices.hz.device)
        noise = resonant_filter(voices.white_noise(samples), hz, sr=voices.sr, q=1.0, kind="band")
        # fraction of white noise's power that passes a band-pass of width hz / q, approximately
        power = math.pi / 2 * float(hz) / (voices.sr / 2)
        onset = 1 + self.chiff * 10 ** (-3 * voices.times(samples) / CHIFF)
        return noise * (onset / math.sqrt(power)).to(torch.float32)

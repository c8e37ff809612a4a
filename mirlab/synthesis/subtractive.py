"""Subtractive synthesis: a waveform rich in partials through a resonant filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..core.checks import require_choice, require_count
from ..dsp import partial_amplitudes
from .checks import require_range
from .envelopes import HELD, STRUCK, Held, Struck, require_envelope
from .filters import resonant_filter
from .note_batch import NoteBatch, finish
from .oscillators import partials_that_fit, periods, read

WAVES = ("sawtooth", "square", "triangle")


@dataclass(frozen=True)
class Subtractive:
    """Detuned band-limited oscillators through a resonant low-pass, as in analogue synthesizers.

    Parameters
    ----------
    wave
        `"sawtooth"`, `"square"` or `"triangle"`.
    oscillators
        Number of oscillators, 1..7.
    detune
        Cents from the lowest oscillator to the highest, 0..100.
    cutoff
        Cutoff of the low-pass, in multiples of the note's frequency, 0.5..100.
    sweep
        Octaves by which the filter envelope raises the cutoff, 0..6; less for soft notes.
    q
        Resonance, 0.5..20: the gain at the cutoff.
    envelope
        Amplitude envelope.
    filter_envelope
        Envelope of the cutoff.

    Raises
    ------
    AudioError
        If the wave is unknown or a number is out of range.

    Examples
    --------
    >>> bass = Subtractive(wave="square", cutoff=2.0, q=4.0)
    >>> bass(NoteBatch([55.0], duration=0.5)).shape
    torch.Size([1, 13230])
    """

    wave: str = "sawtooth"
    oscillators: int = 1
    detune: float = 0.0
    cutoff: float = 4.0
    sweep: float = 2.0
    q: float = 1.0
    envelope: Held | Struck = HELD
    filter_envelope: Held | Struck = STRUCK

    def __post_init__(self) -> None:
        require_choice("wave", self.wave, WAVES)
        require_count("oscillators", self.oscillators)
        require_range("oscillators", self.oscillators, 1, 7)
        require_range("detune", self.detune, 0, 100, " cents")
        require_range("cutoff", self.cutoff, 0.5, 100)
        require_range("sweep", self.sweep, 0, 6, " octaves")
        require_range("q", self.q, 0.5, 20)
        require_envelope("envelope", self.envelope)
        require_envelope("filter_envelope", self.filter_envelope)

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Render the notes; `(batch, samples)`, float32."""
        samples = voices.samples(self.envelope.release)
        amplitudes = partial_amplitudes(self.wave, partials_that_fit(voices))
        tables = periods(torch.from_numpy(amplitudes), voices)
        cycles = voices.cycles(samples)
        spread = self.detune / 2 if self.oscillators > 1 else 0.0
        y = torch.zeros(len(voices), samples, device=voices.hz.device)
        for i, cents in enumerate(np.linspace(-spread, spread, self.oscillators)):
            # oscillators start at different phases, which are the same for all notes
            y += read(tables, cycles * 2 ** (cents / 1200) + i / self.oscillators)
        opened = (self.sweep * voices.velocity / 127)[:, None].to(torch.float32)
        octaves = opened * self.filter_envelope(voices, samples)
        cutoff = octaves.exp2_().mul_(self.cutoff * voices.pitch(samples).to(torch.float32))
        y = resonant_filter(y, cutoff, sr=voices.sr, q=self.q)
        return finish(y * self.envelope(voices, samples), voices)

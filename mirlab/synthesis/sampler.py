"""Sampler: play one recorded note at any pitch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from ..core import Audio, AudioError
from ..core.checks import require_type
from .checks import require_range
from .envelopes import Held, require_envelope
from .interpolation import cubic
from .note_batch import NoteBatch, finish

WHOLE = Held(attack=0.002, sustain=1.0)
OVERSAMPLING = 4  # of the recording, before it is interpolated
MARGIN = 64  # samples of silence around it, for the ringing of the filter
FADE = 0.01  # s, fade-out of a recording that ends before its note
PASSBAND = 0.9  # of the frequencies below the limit; the rest is the transition band


@dataclass(frozen=True, eq=False)
class Sampler:
    """A recorded note, resampled to other pitches.

    Read r times as fast, a recording sounds at r times the frequency and is r times shorter.
    Frequencies that would exceed half the sampling rate are removed first, so that nothing
    aliases.

    Parameters
    ----------
    recording
        Recording of one note; channels are mixed.
    hz
        Frequency of the recorded note, 8..12000.
    envelope
        Envelope applied to the recording.

    Raises
    ------
    AudioError
        If `hz` is out of range.

    Examples
    --------
    >>> import mirlab
    >>> note = mirlab.Audio(torch.sin(torch.arange(22050) / 10).numpy(), 22050)
    >>> sampler = Sampler(note, hz=22050 / (20 * torch.pi))
    >>> sampler(NoteBatch([440.0], duration=0.5)).shape
    torch.Size([1, 13230])
    """

    recording: Audio
    hz: float
    envelope: Held = WHOLE

    def __post_init__(self) -> None:
        require_type("recording", self.recording, Audio, AudioError)
        require_envelope("envelope", self.envelope)
        require_range("hz", self.hz, 8, 12000, " Hz")

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Render the notes; `(batch, samples)`, float32."""
        samples = voices.samples(self.envelope.release)
        sr, length = self.recording.sr, self.recording.samples
        position = voices.cycles(samples) * (sr / self.hz)  # in samples of the recording
        ratio = voices.highest[:, None] / self.hz
        fade = ((length - 1 - position) / (FADE * sr * ratio)).clamp(0, 1).to(torch.float32)
        position = (position.clamp(max=length) + MARGIN) * OVERSAMPLING
        first = position.floor()
        table, y = self._oversample(voices), torch.zeros(1, device=voices.hz.device)
        for j, weight in enumerate(cubic((position - first).to(torch.float32))):
            y = y + weight * table.gather(1, first.long() + j - 1)
        return finish(y * fade * self.envelope(voices, samples), voices)

    def _oversample(self, voices: NoteBatch) -> Tensor:
        """The recording for each note, low-passed against aliasing and oversampled."""
        y = torch.from_numpy(self.recording.mono().y).to(voices.hz.device)
        padded = pad(y, (MARGIN, MARGIN))
        spectrum = torch.fft.rfft(padded)
        hz = torch.fft.rfftfreq(padded.shape[1], 1 / self.recording.sr, device=y.device)
        limit = voices.sr / 2 * (self.hz / voices.highest)[:, None]
        gain = ((limit - hz) / (limit * (1 - PASSBAND))).clamp(0, 1).to(torch.float32)
        return OVERSAMPLING * torch.fft.irfft(spectrum * gain, n=OVERSAMPLING * padded.shape[1])

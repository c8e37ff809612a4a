"""The sampler: one recorded note, played at any pitch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from ..core import Audio
from .checks import require_range
from .envelopes import Held
from .interpolation import cubic
from .note_batch import NoteBatch, finish

WHOLE = Held(attack=0.002, sustain=1.0)
FINER = 4  # the recording is made so many times finer before it is read between its samples
MARGIN = 64  # samples of silence around it: a filter rings
FADE = 0.01  # s in which a recording that ends before its note fades out
PASSED = 0.9  # of the frequencies that fit; the rest up to the limit fades


@dataclass(frozen=True, eq=False)
class Sampler:
    """A recording of one note, read faster or slower.

    Read r times as fast, a recording sounds r times as high and ends r times sooner; what would
    then lie over half the sampling rate is taken out first, so that nothing aliases.

    Parameters
    ----------
    recording
        One note; channels are mixed.
    hz
        The recorded note's frequency, 8..12000.
    envelope
        Over what is recorded.

    Raises
    ------
    AudioError
        When `hz` lies out of its range.

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
        require_range("hz", self.hz, 8, 12000, " Hz")

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Play the notes; `(batch, samples)`, float32."""
        samples = voices.samples(self.envelope.release)
        sr, length = self.recording.sr, self.recording.samples
        place = voices.cycles(samples) * (sr / self.hz)  # in samples of the recording
        faster = voices.highest[:, None] / self.hz
        left = ((length - 1 - place) / (FADE * sr * faster)).clamp(0, 1).to(torch.float32)
        place = (place.clamp(max=length) + MARGIN) * FINER
        first = place.floor()
        table, y = self._finer(voices), torch.zeros(1, device=voices.hz.device)
        for j, weight in enumerate(cubic((place - first).to(torch.float32))):
            y = y + weight * table.gather(1, first.long() + j - 1)
        return finish(y * left * self.envelope(voices, samples), voices)

    def _finer(self, voices: NoteBatch) -> Tensor:
        """The recording of each note, without what would alias, `FINER` times as fine."""
        y = torch.from_numpy(self.recording.mono().y).to(voices.hz.device)
        wide = pad(y, (MARGIN, MARGIN))
        spectrum = torch.fft.rfft(wide)
        hz = torch.fft.rfftfreq(wide.shape[1], 1 / self.recording.sr, device=y.device)
        limit = voices.sr / 2 * (self.hz / voices.highest)[:, None]
        kept = ((limit - hz) / (limit * (1 - PASSED))).clamp(0, 1).to(torch.float32)
        return FINER * torch.fft.irfft(spectrum * kept, n=FINER * wide.shape[1])

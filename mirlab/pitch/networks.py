"""The net that hears the pitch of one voice."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import pad, relu, softmax

from ..core import Audio
from ..core.chunks import chunks
from ..core.constants import SAMPLE_RATE
from ..learning.layers import Residual
from ..spectra import VQT, scale
from .classic import HOP
from .decoding import PER_OCTAVE, PITCH_BINS, PitchTrack, hz_of

PICTURE_BINS = 288  # eight octaves from A0 on
FLOOR_DB = -80.0  # under the loudest cell of a picture
HARMONICS = (0.5, 1, 2, 3, 4, 5, 6, 8)
STACK = tuple(PER_OCTAVE + round(PER_OCTAVE * float(np.log2(h))) for h in HARMONICS)  # from A0
STRIDE = 2  # frames that are taken at once
WINDOW, MARGIN = 1600 * HOP, 100 * HOP  # samples: 18.6 s, and 1.2 s on either side


class PitchFrontEnd(nn.Module):
    """Sound as the net sees it: a variable-Q transform, 36 bins an octave, in dB, 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self.vqt = VQT(
            sr=SAMPLE_RATE,
            hop_length=HOP,
            fmin=27.5,
            n_bins=PICTURE_BINS,
            bins_per_octave=PER_OCTAVE,
        )

    @torch.no_grad()
    def forward(self, y: Tensor) -> Tensor:
        """Sound `(batch, samples)` to level, `(batch, 288, frames)`: 0 from 80 dB below on."""
        short = self.vqt.window_length - y.shape[-1]
        power = scale(self.vqt(pad(y, (0, max(0, short)))), "power")  # (batch, 288, frames or more)
        power = power[..., : 1 + y.shape[-1] // HOP]  # (batch, 288, frames)
        peak = power.amax((-2, -1), keepdim=True).clamp(min=1e-10)  # (batch, 1, 1)
        return 1 - 10 * (power / peak).clamp(min=10 ** (FLOOR_DB / 10)).log10() / FLOOR_DB


class PitchNet(nn.Module):
    """A pitch tracker that treats all pitches alike.

    Copies of the picture, moved so that a pitch's harmonics come to lie on its fundamental (as in
    Bittner et al. 2017); convolutions along pitch and time, one of which compares with the octaves
    above and below; then how likely each of 192 fine bins is, as in CREPE (Kim et al. 2018), and
    from what was seen at the likely ones, whether there is a voice at all. Nothing in it knows
    where on the axis it is.

    Parameters
    ----------
    channels
        Of every layer. 14 make 11,638 parameters.

    Examples
    --------
    >>> net = PitchNet()
    >>> pitch, voicing = net(torch.zeros(2, 288, 101))
    >>> pitch.shape, voicing.shape  # logits
    (torch.Size([2, 192, 101]), torch.Size([2, 101]))
    """

    def __init__(self, channels: int = 14) -> None:
        super().__init__()
        self.front = PitchFrontEnd()
        self.first = nn.Conv2d(len(STACK), channels, (5, 5), stride=(1, STRIDE), bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.looks = nn.Sequential(
            Residual(channels, (5, 3), (1, 1)),
            Residual(channels, (5, 1), (PER_OCTAVE // 2, 1)),
            Residual(channels, (3, 3), (1, 2)),
            Residual(channels, (3, 3), (1, 4)),
        )
        self.pitch = nn.Conv2d(channels, STRIDE, 1)
        self.voice = nn.Sequential(
            nn.Conv1d(2 * channels, channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv1d(channels, STRIDE, 1),
        )

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """What is heard.

        Parameters
        ----------
        picture
            From `PitchFrontEnd`, shape `(batch, 288, frames)`.

        Returns
        -------
        pitch : Tensor, shape (batch, 192, frames)
            Logits of a softmax over bins.
        voicing : Tensor, shape (batch, frames)
            Logits.
        """
        frames = picture.shape[-1]
        x = self._stack(picture)  # (batch, 8, 196, frames + 3 or 4)
        x = relu(self.norm(self.first(x)))  # (batch, channels, 192, frames / 2)
        x = self.looks(x)  # (batch, channels, 192, frames / 2)
        logits = self.pitch(x)  # (batch, 2, 192, frames / 2)
        at = softmax(logits.mean(1, keepdim=True), dim=2)  # (batch, 1, 192, frames / 2)
        pooled = torch.cat([(x * at).sum(2), x.mean(2)], dim=1)  # (batch, 2 channels, frames / 2)
        voicing = self.voice(pooled).transpose(1, 2).flatten(1)  # (batch, frames), or one more
        pitch = logits.movedim(1, -1).flatten(2)  # (batch, 192, frames), or one more
        return pitch[..., :frames], voicing[..., :frames]

    @staticmethod
    def _stack(picture: Tensor) -> Tensor:
        """Copies moved down by each harmonic, `(batch, 8, 192 + 4, frames + 3 or 4)`."""
        wide = PITCH_BINS + 4  # the first convolution sees two bins more on either side
        above = max(STACK) - 2 + wide - PICTURE_BINS
        ready = pad(picture, (0, 0, 2 - min(STACK), above))
        copies = torch.stack([ready[:, at : at + wide] for at in STACK], dim=1)
        odd = picture.shape[-1] % STRIDE
        return pad(copies, (2, 1 + odd, 0, 0))

    @torch.no_grad()
    def track_pitch(self, audio: Audio) -> PitchTrack:
        """The pitch of a sound, as `mirlab.transcription.track_pitch` asks for it.

        The sound is heard in windows of 19 s with 1.2 s more on either side, each as loud as its
        loudest moment; so memory stays flat.
        """
        y = audio.mono().resample(SAMPLE_RATE).y[0]
        frames = 1 + y.size // HOP
        hz, voicing = np.zeros((2, frames))
        device = self.pitch.weight.device
        for chunk in chunks(y.size, size=WINDOW, margin=MARGIN):
            part = torch.from_numpy(y[chunk.first : chunk.last])
            if not part.any():
                continue  # silence: the picture, as loud as its loudest moment, would be its noise
            pitch, voice = self(self.front(part[None].to(device)))
            first, last = chunk.start // HOP, min(frames, 1 + chunk.end // HOP)
            here = slice(first - chunk.first // HOP, last - chunk.first // HOP)
            hz[first:last] = hz_of(softmax(pitch[0], dim=0).cpu().numpy().astype(float)[:, here])
            voicing[first:last] = torch.sigmoid(voice[0]).cpu().numpy()[here]
        return PitchTrack(np.arange(frames) * HOP / SAMPLE_RATE, hz, voicing)

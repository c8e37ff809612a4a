"""The network that tracks the pitch of a single voice."""

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

VQT_BINS = 288  # eight octaves from A0
FLOOR_DB = -80.0  # relative to the loudest cell of a spectrogram
HARMONICS = (0.5, 1, 2, 3, 4, 5, 6, 8)
STACK = tuple(PER_OCTAVE + round(PER_OCTAVE * float(np.log2(h))) for h in HARMONICS)  # from A0
STRIDE = 2  # frames
WINDOW, MARGIN = 1600 * HOP, 100 * HOP  # samples: 18.6 s, and 1.2 s on either side


class PitchFrontEnd(nn.Module):
    """Features of the network: a variable-Q transform, 36 bins per octave, in dB scaled to 0..1.

    Examples
    --------
    >>> PitchFrontEnd()(torch.zeros(2, 22050)).shape
    torch.Size([2, 288, 87])
    """

    def __init__(self) -> None:
        super().__init__()
        self.vqt = VQT(
            sr=SAMPLE_RATE,
            hop_length=HOP,
            fmin=27.5,
            n_bins=VQT_BINS,
            bins_per_octave=PER_OCTAVE,
        )

    @torch.no_grad()
    def forward(self, y: Tensor) -> Tensor:
        """Audio `(batch, samples)` to `(batch, 288, frames)`: 1 is the maximum, 0 is -80 dB."""
        short = self.vqt.window_length - y.shape[-1]
        power = scale(self.vqt(pad(y, (0, max(0, short)))), "power")  # (batch, 288, frames or more)
        power = power[..., : 1 + y.shape[-1] // HOP]  # (batch, 288, frames)
        peak = power.amax((-2, -1), keepdim=True).clamp(min=1e-10)  # (batch, 1, 1)
        return 1 - 10 * (power / peak).clamp(min=10 ** (FLOOR_DB / 10)).log10() / FLOOR_DB


class PitchNet(nn.Module):
    """A pitch tracker that is equivariant to transposition.

    Copies of the spectrogram are shifted so that the harmonics of a pitch align with its
    fundamental (as in Bittner et al. 2017). Convolutions along pitch and time follow, one of which
    compares with the octaves above and below. The outputs are the posteriors of 192 fine bins, as
    in CREPE (Kim et al. 2018), and the voicing, from features pooled with these posteriors. No
    layer depends on the position along the pitch axis.

    Parameters
    ----------
    channels
        Channels of every layer; 14 give 11,638 parameters.

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

    def forward(self, spectrogram: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of pitch and voicing.

        Parameters
        ----------
        spectrogram
            Output of `PitchFrontEnd`, shape `(batch, 288, frames)`.

        Returns
        -------
        pitch : Tensor, shape (batch, 192, frames)
            Logits of a softmax over bins.
        voicing : Tensor, shape (batch, frames)
            Logits.
        """
        frames = spectrogram.shape[-1]
        x = self._stack(spectrogram)  # (batch, 8, 196, frames + 3 or 4)
        x = relu(self.norm(self.first(x)))  # (batch, channels, 192, frames / 2)
        x = self.looks(x)  # (batch, channels, 192, frames / 2)
        logits = self.pitch(x)  # (batch, 2, 192, frames / 2)
        weights = softmax(logits.mean(1, keepdim=True), dim=2)  # (batch, 1, 192, frames / 2)
        weighted = (x * weights).sum(2)  # (batch, channels, frames / 2)
        pooled = torch.cat([weighted, x.mean(2)], dim=1)  # (batch, 2 channels, frames / 2)
        voicing = self.voice(pooled).transpose(1, 2).flatten(1)  # (batch, frames), or one more
        pitch = logits.movedim(1, -1).flatten(2)  # (batch, 192, frames), or one more
        return pitch[..., :frames], voicing[..., :frames]

    @staticmethod
    def _stack(spectrogram: Tensor) -> Tensor:
        """Copies shifted down by each harmonic, `(batch, 8, 192 + 4, frames + 3 or 4)`."""
        height = PITCH_BINS + 4  # two more bins on either side for the first convolution
        above = max(STACK) - 2 + height - VQT_BINS
        padded = pad(spectrogram, (0, 0, 2 - min(STACK), above))
        copies = torch.stack([padded[:, i : i + height] for i in STACK], dim=1)
        odd = spectrogram.shape[-1] % STRIDE
        return pad(copies, (2, 1 + odd, 0, 0))

    @torch.no_grad()
    def track_pitch(self, audio: Audio) -> PitchTrack:
        """Track the pitch; called by `mirlab.track_pitch`.

        The audio is processed in windows of 19 s with margins of 1.2 s, each normalised to its
        loudest frame, which bounds the memory.
        """
        y = audio.mono().resample(SAMPLE_RATE).y[0]
        frames = 1 + y.size // HOP
        hz, voicing = np.zeros((2, frames))
        device = self.pitch.weight.device
        for chunk in chunks(y.size, size=WINDOW, margin=MARGIN):
            part = torch.from_numpy(y[chunk.first : chunk.last])
            if not part.any():
                continue  # silence has no loudest frame
            pitch, voice = self(self.front(part[None].to(device)))
            first, last = chunk.start // HOP, min(frames, 1 + chunk.end // HOP)
            inner = slice(first - chunk.first // HOP, last - chunk.first // HOP)
            hz[first:last] = hz_of(softmax(pitch[0], dim=0).cpu().numpy().astype(float)[:, inner])
            voicing[first:last] = torch.sigmoid(voice[0]).cpu().numpy()[inner]
        return PitchTrack(np.arange(frames) * HOP / SAMPLE_RATE, hz, voicing)

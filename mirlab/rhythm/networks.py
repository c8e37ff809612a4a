"""The network that tracks beats: from a mel spectrogram and note rolls to activations."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import elu, pad, relu

from ..core.constants import PITCHES
from .features import ROLLS

KERNEL = 5  # frames of a dilated convolution
STRIDE = 2  # frames of the input per step of the blocks
DILATIONS = tuple(2**k for k in range(9))  # steps; together they see 41 s on either side
PRIOR_LOGIT = -3.0  # most frames contain no beat


class MelStem(nn.Module):
    """Two convolutions that reduce a mel spectrogram and its rise to `channels` per step."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 12, (5, 3), stride=(3, 1), padding=(0, 1))
        self.second = nn.Conv2d(12, 16, (4, 4), stride=(3, STRIDE), padding=(0, 1))
        self.last = nn.Conv1d(16 * 6, channels, 1)

    def forward(self, mel: Tensor) -> Tensor:
        """`(batch, 64, frames)` to `(batch, channels, frames / 2)`; `frames` is even."""
        rise = relu(mel - pad(mel, (1, 0), mode="replicate")[..., :-1])  # (batch, 64, frames)
        x = torch.stack([mel, 4 * rise], dim=1)  # (batch, 2, 64, frames)
        x = elu(self.first(x))  # (batch, 12, 20, frames)
        x = elu(self.second(x))  # (batch, 16, 6, frames / 2)
        out: Tensor = self.last(x.flatten(1, 2))  # (batch, channels, frames / 2)
        return out


class NoteStem(nn.Module):
    """Convolutions along pitch that reduce note rolls to `channels` per step."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(ROLLS, 16, (12, 4), stride=(4, STRIDE), padding=(0, 1))
        self.last = nn.Conv1d(16 * ((PITCHES - 12) // 4 + 1), channels, 1)

    def forward(self, rolls: Tensor) -> Tensor:
        """`(batch, 3, 88, frames)` to `(batch, channels, frames / 2)`; `frames` is even."""
        x = elu(self.first(rolls))  # (batch, 16, 20, frames / 2)
        out: Tensor = self.last(x.flatten(1, 2))  # (batch, channels, frames / 2)
        return out


class DilatedBlock(nn.Module):
    """A residual block of a temporal convolutional network (Bai et al. 2018), not causal."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        padding = dilation * (KERNEL // 2)
        self.dilated = nn.Conv1d(channels, channels, KERNEL, padding=padding, dilation=dilation)
        self.mix = nn.Conv1d(channels, channels, 1)
        self.norm = nn.BatchNorm1d(channels)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, channels, steps)`, the same shape as the output."""
        y = elu(self.norm(self.dilated(x)))
        out: Tensor = x + self.mix(self.dropout(y))
        return out


class BeatNet(nn.Module):
    """Beat and downbeat activations by a temporal convolutional network.

    The structure is that of Davies and Böck (EUSIPCO 2019): a convolutional front end, then
    residual blocks whose dilation doubles. It is not causal. A second front end reads note rolls;
    the sum of both enters the blocks, and either may be absent.

    Parameters
    ----------
    channels
        Channels of the blocks; 64 give about 250,000 parameters.

    Examples
    --------
    >>> net = BeatNet()
    >>> net(torch.zeros(2, 64, 100), torch.zeros(2, 3, 88, 100), torch.ones(2, 2)).shape
    torch.Size([2, 2, 100])
    """

    def __init__(self, channels: int = 64) -> None:
        super().__init__()
        self.mel = MelStem(channels)
        self.notes = NoteStem(channels)
        self.blocks = nn.Sequential(*(DilatedBlock(channels, d) for d in DILATIONS))
        self.out = nn.Conv1d(channels, 2 * STRIDE, 1)
        nn.init.constant_(self.out.bias, PRIOR_LOGIT)  # type: ignore[arg-type]

    def forward(self, mel: Tensor, rolls: Tensor, present: Tensor) -> Tensor:
        """Logits of beat and downbeat, `(batch, 2, frames)`.

        `mel` has shape `(batch, 64, frames)`, `rolls` `(batch, 3, 88, frames)`; `present`
        `(batch, 2)` is 1 where the mel spectrogram and the notes are given, else 0.
        """
        frames = mel.shape[-1]
        odd = -frames % STRIDE
        mel, rolls = pad(mel, (0, odd)), pad(rolls, (0, odd))
        x = present[:, :1, None] * self.mel(mel) + present[:, 1:, None] * self.notes(rolls)
        steps = self.out(elu(self.blocks(x)))  # (batch, 2 * STRIDE, frames / STRIDE)
        logits = steps.unflatten(1, (2, STRIDE)).transpose(2, 3).flatten(2)  # (batch, 2, frames)
        return logits[..., :frames]

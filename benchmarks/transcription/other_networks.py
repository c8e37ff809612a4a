"""Two other nets of the size of a small `NoteNet`, for comparison: one with memory, one published.

Both see the same pictures and speak of the same frames and heads.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mirlab.learning.layers import Residual
from mirlab.transcription.networks import (
    BEFORE,
    PER_SEMITONE,
    PITCHES,
    HarmonicStack,
    NoteNet,
)


class RecurrentNet(nn.Module):
    """Convolutions, then a memory that runs along each pitch's time, both ways.

    After Onsets and Frames (Hawthorne et al., ISMIR 2018) and HPPNet (Wei et al., ISMIR 2022):
    what looks far in time is a recurrent layer, here a GRU (Cho et al., EMNLP 2014) whose weights
    all pitches share. The stack of harmonics is `NoteNet`'s.

    Parameters
    ----------
    channels
        Of the convolutions; the memory has two thirds as many each way. 21 make 26,339
        parameters.

    Examples
    --------
    >>> RecurrentNet(8)(torch.zeros(1, 2, 309, 50)).shape
    torch.Size([1, 4, 88, 50])
    """

    def __init__(self, channels: int = 21) -> None:
        super().__init__()
        self.seen = NoteNet(channels, pictures=2, stride=2)
        self.seen.blocks = nn.Sequential(
            Residual(channels, (3, 3), (1, 1)), Residual(channels, (5, 1), (12, 1))
        )
        hidden = 2 * channels // 3
        self.memory = nn.GRU(channels, hidden, bidirectional=True, batch_first=True)
        self.back = nn.Linear(2 * hidden, channels)

    def forward(self, picture: Tensor) -> Tensor:
        """Pictures `(batch, 2, BINS, frames)` to logits `(batch, 4, 88, frames)`."""
        x = self.seen.features(picture)
        batch, channels, pitches, frames = x.shape
        rows = x.permute(0, 2, 3, 1).reshape(batch * pitches, frames, channels)
        with torch.autocast(x.device.type, enabled=False):
            memory, _ = self.memory(rows.float())
            rows = self.back(memory)
        more = rows.reshape(batch, pitches, frames, channels).permute(0, 3, 1, 2)
        return self.seen.said(x + more, picture.shape[-1])


class ContourNet(nn.Module):
    """Basic Pitch's layers (Bittner et al., ICASSP 2022) on our pictures, with two more heads.

    A contour of three bins a semitone comes first; the frame head sees nothing but that contour,
    the onset head the stack of harmonics and the frames. Here the stack holds our two pictures, and
    offset and velocity have heads like the onset's.

    Parameters
    ----------
    channels
        Of the note and onset layers, 32 in Basic Pitch; the contour has a quarter. 26 make 25,662
        parameters.

    Examples
    --------
    >>> ContourNet(8)(torch.zeros(1, 2, 309, 50)).shape
    torch.Size([1, 4, 88, 50])
    """

    HARMONICS = (0.5, 1, 2, 3, 4, 5, 6, 7)

    def __init__(self, channels: int = 26) -> None:
        super().__init__()
        self.stack = HarmonicStack(self.HARMONICS, pictures=2)
        wide, few = 2 * len(self.HARMONICS), channels // 4
        self.contour = nn.Sequential(
            nn.Conv2d(wide, few, (39, 3), padding=(19, 1), bias=False),
            nn.BatchNorm2d(few),
            nn.ReLU(),
            nn.Conv2d(few, 1, 5, padding=2),
        )
        says = nn.Conv2d(channels, 1, (3, 7), padding=(1, 3))
        self.frame = nn.Sequential(
            nn.Conv2d(1, channels, 7, stride=(PER_SEMITONE, 1), padding=(2, 3)),
            nn.ReLU(),
            says,
        )
        self.struck = nn.Sequential(
            nn.Conv2d(wide, channels, 5, stride=(PER_SEMITONE, 1), padding=(1, 2), bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        )
        self.rest = nn.Conv2d(channels + 1, 3, 3, padding=1)
        with torch.no_grad():
            assert says.bias is not None and self.rest.bias is not None
            says.bias.fill_(BEFORE[1])
            self.rest.bias.copy_(torch.tensor([BEFORE[0], BEFORE[2], BEFORE[3]]))

    def forward(self, picture: Tensor) -> Tensor:
        """Pictures `(batch, 2, BINS, frames)` to logits `(batch, 4, 88, frames)`."""
        stack = self.stack(picture)[:, :, 1 : PER_SEMITONE * PITCHES + 1]
        frame = self.frame(torch.sigmoid(self.contour(stack)))
        x = torch.cat([self.struck(stack), torch.sigmoid(frame)], dim=1)
        onset, offset, velocity = self.rest(x).unbind(1)
        return torch.stack([onset, frame[:, 0], offset, velocity], dim=1)

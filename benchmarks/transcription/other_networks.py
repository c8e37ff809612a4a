"""Two networks of the size of a small `NoteNet`, for comparison: a recurrent one and Basic Pitch's.

Both take the same two spectrograms as `mirlab-notes-tiny` and have the same frames and heads.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from mirlab.core.constants import PITCHES
from mirlab.learning.layers import Residual
from mirlab.transcription.networks import PER_SEMITONE, HarmonicStack

# initial logits: most cells have no note
ONSET, FRAME, OFFSET, VELOCITY = -3.5, -2.5, -3.5, -0.5


class RecurrentNet(nn.Module):
    """Convolutions, then a bidirectional recurrent layer along the time axis of each pitch.

    After Onsets and Frames (Hawthorne et al., ISMIR 2018) and HPPNet (Wei et al., ISMIR 2022):
    the long temporal context comes from a GRU (Cho et al., EMNLP 2014) shared by all pitches. The
    harmonic stack is that of `NoteNet`. Two frames are processed at once.

    Parameters
    ----------
    channels
        Channels of the convolutions; the GRU has two thirds as many per direction. 21 channels give
        26,339 parameters.

    Examples
    --------
    >>> RecurrentNet(8)(torch.zeros(1, 2, 309, 50)).shape
    torch.Size([1, 4, 88, 50])
    """

    HARMONICS = (0.5, 1, 2, 3, 4, 5, 6, 7, 8, 10)

    def __init__(self, channels: int = 21) -> None:
        super().__init__()
        hidden = 2 * channels // 3
        self.stack = HarmonicStack(self.HARMONICS, spectrograms=2, before=2, after=3)
        self.first = nn.Conv2d(
            2 * len(self.HARMONICS), channels, (5, 6), stride=(PER_SEMITONE, 2), bias=False
        )
        self.norm = nn.BatchNorm2d(channels)
        self.pitch = nn.Parameter(torch.zeros(channels, PITCHES, 1))
        self.block = Residual(channels, (3, 3), (1, 1))
        self.octaves = Residual(channels, (5, 1), (12, 1))
        self.gru = nn.GRU(channels, hidden, bidirectional=True, batch_first=True)
        self.project = nn.Linear(2 * hidden, channels)
        self.mix = nn.Conv2d(channels, channels, 1)
        self.heads = nn.Conv2d(channels, 4 * 2, 1)  # four heads, each for two frames
        with torch.no_grad():
            assert self.heads.bias is not None
            prior = torch.tensor([ONSET, FRAME, OFFSET, VELOCITY])
            self.heads.bias.copy_(prior.repeat_interleave(2))

    def forward(self, spectrogram: Tensor) -> Tensor:
        """Spectrograms in dB, `(batch, 2, 309, frames)`, to logits `(batch, 4, 88, frames)`."""
        x = self.stack(spectrogram)  # (batch, 20, 266, frames + 5)
        x = relu(self.norm(self.first(x)))  # (batch, channels, 88, frames / 2)
        x = self.octaves(self.block(x + self.pitch))  # (batch, channels, 88, frames / 2)
        batch, channels, pitches, frames = x.shape
        rows = x.permute(0, 2, 3, 1).flatten(0, 1)  # (batch * 88, frames / 2, channels)
        with torch.autocast(x.device.type, enabled=False):
            states, _ = self.gru(rows.float())  # (batch * 88, frames / 2, 2 * hidden)
            rows = self.project(states)  # (batch * 88, frames / 2, channels)
        rows = rows.view(batch, pitches, frames, channels)  # (batch, 88, frames / 2, channels)
        x = x + rows.permute(0, 3, 1, 2)  # (batch, channels, 88, frames / 2)
        x = self.heads(relu(self.mix(x)))  # (batch, 8, 88, frames / 2)
        x = x.unflatten(1, (4, 2))  # (batch, 4, 2, 88, frames / 2)
        x = x.movedim(2, -1).flatten(-2)  # (batch, 4, 88, frames), one more if that is odd
        return x[..., : spectrogram.shape[-1]]  # (batch, 4, 88, frames)


class ContourNet(nn.Module):
    """Basic Pitch's layers (Bittner et al., ICASSP 2022) with two more heads.

    A contour of three bins per semitone comes first; the input of the frame head is that contour,
    that of the onset head the harmonic stack and the frames. Here the stack has two spectrograms,
    and offset and velocity have heads like the onset's.

    Parameters
    ----------
    channels
        Channels of the note and onset layers, 32 in Basic Pitch; the contour has a quarter. 26
        channels give 25,662 parameters.

    Examples
    --------
    >>> ContourNet(8)(torch.zeros(1, 2, 309, 50)).shape
    torch.Size([1, 4, 88, 50])
    """

    HARMONICS = (0.5, 1, 2, 3, 4, 5, 6, 7)

    def __init__(self, channels: int = 26) -> None:
        super().__init__()
        stacked, few = 2 * len(self.HARMONICS), channels // 4
        self.stack = HarmonicStack(self.HARMONICS, spectrograms=2)
        self.contour = nn.Sequential(
            nn.Conv2d(stacked, few, (39, 3), padding=(19, 1), bias=False),
            nn.BatchNorm2d(few),
            nn.ReLU(),
            nn.Conv2d(few, 1, 5, padding=2),
        )
        frame_head = nn.Conv2d(channels, 1, (3, 7), padding=(1, 3))
        self.frame = nn.Sequential(
            nn.Conv2d(1, channels, 7, stride=(PER_SEMITONE, 1), padding=(2, 3)),
            nn.ReLU(),
            frame_head,
        )
        self.onset = nn.Sequential(
            nn.Conv2d(stacked, channels, 5, stride=(PER_SEMITONE, 1), padding=(1, 2), bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        )
        self.heads = nn.Conv2d(channels + 1, 3, 3, padding=1)  # onset, offset, velocity
        with torch.no_grad():
            assert frame_head.bias is not None and self.heads.bias is not None
            frame_head.bias.fill_(FRAME)
            self.heads.bias.copy_(torch.tensor([ONSET, OFFSET, VELOCITY]))

    def forward(self, spectrogram: Tensor) -> Tensor:
        """Spectrograms in dB, `(batch, 2, 309, frames)`, to logits `(batch, 4, 88, frames)`."""
        stack = self.stack(spectrogram)[:, :, 1:-1]  # (batch, 16, 264, frames)
        contour = torch.sigmoid(self.contour(stack))  # (batch, 1, 264, frames)
        frame = self.frame(contour)  # (batch, 1, 88, frames)
        x = torch.cat([self.onset(stack), torch.sigmoid(frame)], 1)  # (batch, channels + 1, 88, ..)
        onset, offset, velocity = self.heads(x).unbind(1)  # (batch, 88, frames) each
        return torch.stack([onset, frame[:, 0], offset, velocity], 1)  # (batch, 4, 88, frames)

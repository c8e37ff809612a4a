"""Networks that hear notes: from a picture of sound to posteriors of 88 pitches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import pad, relu

from ..core.constants import PITCHES
from ..learning.layers import Residual
from ..spectra import Chroma, Transform, scale
from .rolls import Rolls

PER_SEMITONE = 3  # bins
BINS = 309  # to 10 kHz: the highest notes have an overtone or two on the axis
LOWEST = 27.5 * 2 ** (-1 / 36)  # Hz: the first pitch is the middle one of the first three bins
AXIS = LOWEST * 2 ** (np.arange(BINS) / 36)  # Hz
FLOOR_DB = -80.0  # under the loudest cell of a picture
PRIOR_LOGITS = (-3.5, -2.5, -3.5, -0.5)  # logits at first: most cells hold no note
FINE = 8  # points at which a bin of the axis looks at the transform's own bins


class LogFrequencyAxis(nn.Module):
    """Any transform's picture on one axis of pitch, three bins a semitone, in dB.

    So that one network can look at every transform, each frame's power is read off at the axis'
    frequencies, between two bins of the transform by straight lines, and averaged over the width
    of a bin of the axis. Where the transform's bins are wider than that, neighbours on the axis
    hold the same; nothing is won, and nothing that could tell two pitches apart is lost. Chroma,
    which has no octaves, is repeated in all of them.

    Parameters
    ----------
    transform
        From `mirlab.spectra`, with an axis of frequency.
    """

    weights: Tensor

    def __init__(self, transform: Transform) -> None:
        super().__init__()
        self.transform = transform
        hz = transform.frequencies.double().numpy()
        weights = _classes() if isinstance(transform, Chroma) else _between(hz)
        tensor = torch.from_numpy(weights).to(torch.float32)
        self.register_buffer("weights", tensor, persistent=False)

    def forward(self, y: Tensor) -> Tensor:
        """Sound `(batch, samples)` to dB under the loudest cell, `(batch, BINS, frames)`."""
        power = scale(self.transform(y), "power")  # (batch, bins, frames)
        power = self.weights @ power  # (batch, BINS, frames)
        peak = power.amax((-2, -1), keepdim=True).clamp(min=1e-10)  # (batch, 1, 1)
        return 10 * (power / peak).clamp(min=10 ** (FLOOR_DB / 10)).log10()


def _between(hz: np.ndarray) -> np.ndarray:
    """How much of each of a transform's bins each bin of the axis takes, shape (BINS, bins)."""
    fine = 2 ** ((np.arange(FINE) - (FINE - 1) / 2) / FINE / 36)
    points = AXIS[:, None] * fine
    above = np.searchsorted(hz, points)
    inside = (above > 0) & (above < hz.size)  # what the transform does not hear stays empty
    above = above.clip(1, hz.size - 1)
    share = (points - hz[above - 1]) / (hz[above] - hz[above - 1])
    weights = np.zeros((BINS, hz.size))
    rows = np.broadcast_to(np.arange(BINS)[:, None], points.shape)
    np.add.at(weights, (rows, above - 1), np.where(inside, (1 - share) / FINE, 0))
    np.add.at(weights, (rows, above), np.where(inside, share / FINE, 0))
    return weights


def _classes() -> np.ndarray:
    """The twelve pitch classes repeated along the axis, shape (BINS, 12)."""
    pitch = np.round(69 + 12 * np.log2(AXIS / 440)).astype(int)
    return np.eye(12)[pitch % 12]


class HarmonicStack(nn.Module):
    """A picture and its rise, in copies that lay a note's overtones on its fundamental.

    A picture is brought to one level first, for transforms scale their bins each in its own way;
    the rise is how much brighter a frame is than the one before. Both are stacked with copies of
    themselves, moved down by each harmonic (Bittner et al. 2022).

    Parameters
    ----------
    harmonics
        Multiples of a pitch's frequency.
    pictures
        1; or 2, of which the first gives the level and the second the rise.
    before, after
        Frames of nothing that are added at either end, for the convolution that comes next.

    Examples
    --------
    >>> HarmonicStack((1, 2, 3))(torch.zeros(2, BINS, 100)).shape  # level and rise, and two bins
    torch.Size([2, 6, 266, 100])
    """

    def __init__(
        self,
        harmonics: Sequence[float],
        *,
        pictures: int = 1,
        before: int = 0,
        after: int = 0,
    ) -> None:
        super().__init__()
        self.places = [round(36 * float(np.log2(harmonic))) for harmonic in harmonics]
        self.levels = nn.ModuleList(nn.BatchNorm1d(BINS) for _ in range(pictures))
        self.before, self.after = before, after

    def forward(self, picture: Tensor) -> Tensor:
        """Pictures to `(batch, 2 * harmonics, 3 * 88 + 2, frames)`: a bin more on either side.

        `picture` has shape `(batch, BINS, frames)`, or of two `(batch, 2, BINS, frames)`.
        """
        batch, frames = picture.shape[0], picture.shape[-1]
        pictures = picture.reshape(batch, len(self.levels), BINS, frames).unbind(1)
        levels = [norm(one) for norm, one in zip(self.levels, pictures, strict=True)]
        earlier = pad(levels[-1], (1, 0), mode="replicate")[..., :-1]  # (batch, BINS, frames)
        rise = relu(levels[-1] - earlier)  # (batch, BINS, frames)
        x = torch.stack([levels[0], rise], dim=1)  # (batch, 2, BINS, frames)
        return self.copies(x)  # (batch, 2 * harmonics, 266, before + frames + after)

    def copies(self, seen: Tensor) -> Tensor:
        """`(batch, 2, BINS, frames)`, moved down by each harmonic, two by two."""
        if torch.is_autocast_enabled(seen.device.type):
            seen = seen.to(torch.get_autocast_dtype(seen.device.type))  # before it is copied
        wide = PER_SEMITONE * PITCHES + 2
        below, above = 1 - min(self.places), max(self.places) + wide
        ready = pad(seen, (self.before, self.after, below, max(above - BINS, 0)))
        ready = ready.contiguous(memory_format=torch.channels_last)  # and so will the copies be
        starts = [below + place - 1 for place in self.places]
        return torch.cat([ready[:, :, start : start + wide] for start in starts], dim=1)


class NoteNet(nn.Module):
    """A small network that says of each pitch and frame whether a note begins, sounds, ends.

    Behind a `HarmonicStack` one convolution goes from three bins a semitone to pitches, residual
    ones look around in time and an octave up and down, and four heads speak (as in Kong et al.
    2021).

    Parameters
    ----------
    channels
        Of every layer. With ten harmonics 18 make 29,080 parameters, 48 make 154,270.
    harmonics
        Multiples of a pitch's frequency at which the network looks for its power.
    pictures
        1; or 2, of which the first, with long windows, tells pitches apart, and the second, with
        short ones, gives the rise.
    stride
        Frames that the layers take at once, 1 or more, for as much less work; the heads still speak
        of every frame.

    Examples
    --------
    >>> net = NoteNet(channels=18)
    >>> net(torch.zeros(2, BINS, 100)).shape  # onset, frame, offset, velocity; logits
    torch.Size([2, 4, 88, 100])
    """

    BLOCKS = (
        ((3, 3), (1, 1)),
        ((3, 3), (1, 2)),
        ((5, 1), (12, 1)),
        ((3, 3), (1, 4)),
        ((3, 3), (1, 8)),
        ((3, 1), (12, 1)),
        ((3, 3), (1, 1)),
    )

    def __init__(
        self,
        channels: int = 18,
        harmonics: Sequence[float] = (0.5, 1, 2, 3, 4, 5, 6, 7, 8, 10),
        *,
        pictures: int = 1,
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.stride = stride
        # two frames on either side of those that are taken at once
        self.stack = HarmonicStack(harmonics, pictures=pictures, before=2, after=1 + stride)
        self.first = nn.Conv2d(
            2 * len(harmonics), channels, (5, 4 + stride), stride=(3, stride), bias=False
        )
        self.norm = nn.BatchNorm2d(channels)
        self.place = nn.Parameter(torch.zeros(channels, PITCHES, 1))
        self.blocks = nn.Sequential(*(Residual(channels, *block) for block in self.BLOCKS))
        self.mix = nn.Conv2d(channels, channels, 1)
        self.heads = nn.Conv2d(channels, len(Rolls._fields) * stride, 1)
        with torch.no_grad():
            assert self.heads.bias is not None
            self.heads.bias.copy_(torch.tensor(PRIOR_LOGITS).repeat_interleave(stride))

    def forward(self, picture: Tensor) -> Tensor:
        """Logits of the four heads.

        Parameters
        ----------
        picture
            From `LogFrequencyAxis`: dB, shape `(batch, BINS, frames)`; of two pictures
            `(batch, 2, BINS, frames)`.

        Returns
        -------
        Tensor
            Shape `(batch, 4, 88, frames)`, in the order of `Rolls`.
        """
        frames = picture.shape[-1]
        x = self.stack(picture)  # (batch, 2 * harmonics, 266, frames + 3 + stride)
        x = x.contiguous(memory_format=torch.channels_last)  # quicker on a CPU
        x = relu(self.norm(self.first(x)))  # (batch, channels, 88, frames / stride)
        x = self.blocks(x + self.place)  # (batch, channels, 88, frames / stride)
        x = self.heads(relu(self.mix(x)))  # (batch, 4 * stride, 88, frames / stride)
        x = x.unflatten(1, (len(Rolls._fields), self.stride))  # (batch, 4, stride, 88, frames / s.)
        x = x.movedim(2, -1).flatten(-2)  # (batch, 4, 88, frames), padded to whole strides
        return x[..., :frames]  # (batch, 4, 88, frames)

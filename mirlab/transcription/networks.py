"""Networks that detect notes: from a spectrogram to posteriors of 88 pitches."""

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
BINS = 309  # up to 10 kHz, so that the highest notes have one or two overtones on the axis
LOWEST = 27.5 * 2 ** (-1 / 36)  # Hz: the first pitch is the middle of the first three bins
AXIS = LOWEST * 2 ** (np.arange(BINS) / 36)  # Hz
FLOOR_DB = -80.0  # relative to the loudest cell of a spectrogram
PRIOR_LOGITS = (-3.5, -2.5, -3.5, -0.5)  # initial logits: most cells contain no note
FINE = 8  # interpolation points per bin of the axis


class LogFrequencyAxis(nn.Module):
    """Map any transform to a logarithmic frequency axis, three bins per semitone, in dB.

    This lets the same network use every transform. The power of each frame is interpolated linearly
    at the frequencies of the axis and averaged over the width of each bin of the axis. Where the
    bins of the transform are wider, neighbouring bins of the axis are equal: resolution is neither
    gained nor lost. Chroma, which has no octaves, is repeated in all octaves.

    Parameters
    ----------
    transform
        Transform from `mirlab.spectra` with a frequency axis.

    Examples
    --------
    >>> from mirlab.spectra import CQT
    >>> LogFrequencyAxis(CQT())(torch.zeros(1, 66150)).shape[:2]
    torch.Size([1, 309])
    """

    weights: Tensor

    def __init__(self, transform: Transform) -> None:
        super().__init__()
        self.transform = transform
        hz = transform.frequencies.double().numpy()
        is_chroma = isinstance(transform, Chroma)
        weights = _pitch_class_weights() if is_chroma else _interpolation_weights(hz)
        tensor = torch.from_numpy(weights).to(torch.float32)
        self.register_buffer("weights", tensor, persistent=False)

    def forward(self, y: Tensor) -> Tensor:
        """Audio `(batch, samples)` to dB below the loudest cell, `(batch, BINS, frames)`."""
        power = scale(self.transform(y), "power")  # (batch, bins, frames)
        power = self.weights @ power  # (batch, BINS, frames)
        peak = power.amax((-2, -1), keepdim=True).clamp(min=1e-10)  # (batch, 1, 1)
        return 10 * (power / peak).clamp(min=10 ** (FLOOR_DB / 10)).log10()


def _interpolation_weights(hz: np.ndarray) -> np.ndarray:
    """Weight of each bin of a transform in each bin of the axis, shape (BINS, bins)."""
    fine = 2 ** ((np.arange(FINE) - (FINE - 1) / 2) / FINE / 36)
    points = AXIS[:, None] * fine
    above = np.searchsorted(hz, points)
    inside = (above > 0) & (above < hz.size)  # zero outside the range of the transform
    above = above.clip(1, hz.size - 1)
    fraction = (points - hz[above - 1]) / (hz[above] - hz[above - 1])
    weights = np.zeros((BINS, hz.size))
    rows = np.broadcast_to(np.arange(BINS)[:, None], points.shape)
    np.add.at(weights, (rows, above - 1), np.where(inside, (1 - fraction) / FINE, 0))
    np.add.at(weights, (rows, above), np.where(inside, fraction / FINE, 0))
    return weights


def _pitch_class_weights() -> np.ndarray:
    """The twelve pitch classes repeated along the axis, shape (BINS, 12)."""
    pitch = np.round(69 + 12 * np.log2(AXIS / 440)).astype(int)
    return np.eye(12)[pitch % 12]


class HarmonicStack(nn.Module):
    """A spectrogram and its rise, stacked in copies that align overtones with the fundamental.

    The spectrogram is normalised first, because transforms scale their bins differently; the rise
    is the increase from frame to frame. Both are stacked with copies of themselves, shifted down
    by each harmonic (harmonic stacking, Bittner et al. 2022).

    Parameters
    ----------
    harmonics
        Multiples of the frequency of a pitch.
    spectrograms
        1; or 2, of which the first gives the level and the second the rise.
    before, after
        Empty frames added at either end, for the convolution that follows.

    Examples
    --------
    >>> HarmonicStack((1, 2, 3))(torch.zeros(2, BINS, 100)).shape  # level and rise; 2 more bins
    torch.Size([2, 6, 266, 100])
    """

    def __init__(
        self,
        harmonics: Sequence[float],
        *,
        spectrograms: int = 1,
        before: int = 0,
        after: int = 0,
    ) -> None:
        super().__init__()
        self.shifts = [round(36 * float(np.log2(harmonic))) for harmonic in harmonics]
        self.levels = nn.ModuleList(nn.BatchNorm1d(BINS) for _ in range(spectrograms))
        self.before, self.after = before, after

    def forward(self, spectrogram: Tensor) -> Tensor:
        """To `(batch, 2 * harmonics, 3 * 88 + 2, frames)`: one more bin on either side.

        `spectrogram` has shape `(batch, BINS, frames)`; two have shape `(batch, 2, BINS, frames)`.
        """
        batch, frames = spectrogram.shape[0], spectrogram.shape[-1]
        spectrograms = spectrogram.reshape(batch, len(self.levels), BINS, frames).unbind(1)
        levels = [norm(level) for norm, level in zip(self.levels, spectrograms, strict=True)]
        earlier = pad(levels[-1], (1, 0), mode="replicate")[..., :-1]  # (batch, BINS, frames)
        rise = relu(levels[-1] - earlier)  # (batch, BINS, frames)
        x = torch.stack([levels[0], rise], dim=1)  # (batch, 2, BINS, frames)
        return self.copies(x)  # (batch, 2 * harmonics, 266, before + frames + after)

    def copies(self, x: Tensor) -> Tensor:
        """Shift `(batch, 2, BINS, frames)` down by each harmonic; two channels per harmonic."""
        if torch.is_autocast_enabled(x.device.type):
            x = x.to(torch.get_autocast_dtype(x.device.type))  # convert before copying
        height = PER_SEMITONE * PITCHES + 2
        below, above = 1 - min(self.shifts), max(self.shifts) + height
        padded = pad(x, (self.before, self.after, below, max(above - BINS, 0)))
        padded = padded.contiguous(memory_format=torch.channels_last)  # inherited by the copies
        starts = [below + shift - 1 for shift in self.shifts]
        return torch.cat([padded[:, :, start : start + height] for start in starts], dim=1)


class NoteNet(nn.Module):
    """A small network that detects in each pitch and frame whether a note begins, sounds or ends.

    After a `HarmonicStack`, one convolution maps three bins per semitone to pitches, residual
    convolutions widen the receptive field in time and by an octave up and down, and four heads
    give the outputs (as in Kong et al. 2021).

    Parameters
    ----------
    channels
        Channels of every layer. With ten harmonics, 18 give 29,080 parameters, 48 give 154,270.
    harmonics
        Multiples of the frequency of a pitch that are stacked.
    spectrograms
        1; or 2, of which the first, with long windows, separates pitches, and the second, with
        short windows, gives the rise.
    stride
        Stride of the layers in frames, 1 or more, which divides the computation; the heads still
        give an output for every frame.

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
        spectrograms: int = 1,
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.stride = stride
        # two frames of context on either side of each stride
        self.stack = HarmonicStack(harmonics, spectrograms=spectrograms, before=2, after=1 + stride)
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

    def forward(self, spectrogram: Tensor) -> Tensor:
        """Logits of the four heads.

        Parameters
        ----------
        spectrogram
            Output of `LogFrequencyAxis`: dB, shape `(batch, BINS, frames)`; two spectrograms have
            shape `(batch, 2, BINS, frames)`.

        Returns
        -------
        Tensor
            Shape `(batch, 4, 88, frames)`, in the order of `Rolls`.
        """
        frames = spectrogram.shape[-1]
        x = self.stack(spectrogram)  # (batch, 2 * harmonics, 266, frames + 3 + stride)
        x = x.contiguous(memory_format=torch.channels_last)  # faster on a CPU
        x = relu(self.norm(self.first(x)))  # (batch, channels, 88, frames / stride)
        x = self.blocks(x + self.place)  # (batch, channels, 88, frames / stride)
        x = self.heads(relu(self.mix(x)))  # (batch, 4 * stride, 88, frames / stride)
        x = x.unflatten(1, (len(Rolls._fields), self.stride))  # (batch, 4, stride, 88, frames / s.)
        x = x.movedim(2, -1).flatten(-2)  # (batch, 4, 88, frames), padded to whole strides
        return x[..., :frames]  # (batch, 4, 88, frames)

"""What all transforms have in common: the interface, the frames, and the streaming."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn.functional import pad

from ..core.checks import require, require_rate
from .checks import require_samples, require_window

LARGE = 2**22  # bytes, from which on numpy asks for large pages


class Transform(nn.Module):
    """A picture of sound: `(..., samples)` in, `(..., bins, frames)` out.

    Frame t is centred on sample `t * hop_length`; n samples have `1 + n // hop_length` frames, as
    in librosa. Before and after the sound there is silence. What comes out is either complex
    coefficients or, where squares were summed, real power; `mirlab.spectra.scale` makes power,
    amplitude, decibels or log1p of either.

    A kind of transform sets the attributes below and writes one method, `analyse`.

    Attributes
    ----------
    sr
        Sampling rate in Hz.
    hop_length
        Samples from one frame to the next.
    window_length
        The longest window in samples; shorter sounds are refused.
    reach
        How many samples before and after its centre a frame may depend on.
    block
        Frames that are computed together; streaming goes in multiples of it.
    frequencies
        Hz, shape `(bins,)`: the centre of each bin.
    durations, bandwidths
        Seconds and Hz, shape `(bins,)`: how far a click spreads in time and a steady sine in
        frequency, both as full width at half power. Two events nearer than that melt into one.
    """

    frequencies: Tensor
    durations: Tensor
    bandwidths: Tensor

    def __init__(self, *, sr: float, hop_length: int, window_length: int, reach: int) -> None:
        super().__init__()
        require_rate(sr)
        self.sr = sr
        self.hop_length = hop_length
        self.window_length = window_length
        self.reach = reach
        self.block = 1

    def describe(self, frequencies: ArrayLike, durations: ArrayLike, bandwidths: ArrayLike) -> None:
        """Keep what a reader of the picture needs; each of shape `(bins,)`, Hz, s and Hz."""
        named = {"frequencies": frequencies, "durations": durations, "bandwidths": bandwidths}
        for name, values in named.items():
            tensor = torch.as_tensor(values, dtype=torch.float64).to(torch.float32)
            self.register_buffer(name, tensor, persistent=False)

    def forward(self, y: Tensor | ArrayLike) -> Tensor:
        """Transform a whole sound.

        Parameters
        ----------
        y
            Real samples, shape `(..., samples)`; any device and precision, brought to the
            module's own.

        Returns
        -------
        Tensor
            Shape `(..., bins, frames)`, complex coefficients or real power.

        Raises
        ------
        AudioError
            For a sound shorter than the longest window, with zero channels, NaN or infinity.
        """
        y = as_sound(y, like=self.frequencies)
        require_window(y.shape[-1], self.window_length)
        return self.whole(y)

    def whole(self, y: Tensor) -> Tensor:
        """`forward` without its checks; `y` is real, of the module's device and precision."""
        frames = self.frames(y.shape[-1])
        after = frames * self.hop_length + self.reach - y.shape[-1]
        return self.analyse(pad(y, (self.reach, after)))

    def analyse(self, padded: Tensor) -> Tensor:
        """Compute the frames of a stretch of sound that has its margins on it.

        Parameters
        ----------
        padded
            Shape `(..., 2 * reach + frames * hop_length)`: frame t is centred on sample
            `reach + t * hop_length`.

        Returns
        -------
        Tensor
            Shape `(..., bins, frames)`.
        """
        raise NotImplementedError

    def frames(self, samples: int) -> int:
        """How many frames a sound of so many samples has."""
        return 1 + samples // self.hop_length

    def require_shape(self, spectrum: Tensor, length: int) -> None:
        """Raise an `AudioError` unless these are the bins and frames of so long a sound."""
        bins, frames = len(self.frequencies), self.frames(length)
        require(
            tuple(spectrum.shape[-2:]) == (bins, frames),
            f"spectrum has shape {tuple(spectrum.shape)}; {length} samples have "
            f"(..., {bins}, {frames})",
        )

    def times(self, samples: int) -> Tensor:
        """The centres of the frames of a sound of so many samples: seconds, shape `(frames,)`."""
        count = torch.arange(self.frames(samples), device=self.frequencies.device)
        return count * (self.hop_length / self.sr)

    def stream(self, pieces: Iterable[Tensor | ArrayLike]) -> Iterator[Tensor]:
        """Transform a sound that arrives in pieces; memory stays flat however long it is.

        Parameters
        ----------
        pieces
            Consecutive stretches of one sound, each of shape `(..., samples)`, of any lengths;
            `y.split(n, dim=-1)` makes them of a whole.

        Yields
        ------
        Tensor
            Shape `(..., bins, some frames)`, as soon as the samples for a block of frames are
            there; side by side they are what `forward` gives for the whole.

        Raises
        ------
        AudioError
            As `forward`; the length is known, and judged, at the end.
        """
        waiting: Tensor | None = None
        samples = done = 0
        for piece in pieces:
            part = as_sound(piece, like=self.frequencies)
            samples += part.shape[-1]
            if waiting is None:
                waiting = pad(part, (self.reach, 0))
            else:
                waiting = torch.cat([waiting, part], dim=-1)
            ready = (waiting.shape[-1] - 2 * self.reach) // self.hop_length
            ready = max(0, ready // self.block * self.block)
            if ready:
                yield self.analyse(waiting[..., : ready * self.hop_length + 2 * self.reach])
                waiting = waiting[..., ready * self.hop_length :].clone()
                done += ready
        require(waiting is not None, "there is no sound: zero pieces came, at least 1 is needed")
        require_window(samples, self.window_length)
        assert waiting is not None
        rest = (self.frames(samples) - done) * self.hop_length + 2 * self.reach
        if rest > 2 * self.reach:
            yield self.analyse(pad(waiting, (0, rest - waiting.shape[-1])))

    def extra_repr(self) -> str:
        """The transform's size, shown when a module is printed."""
        bins = len(self.frequencies)
        low, high = float(self.frequencies[0]), float(self.frequencies[-1])
        return f"{bins} bins, {low:.4g} to {high:.5g} Hz, sr={self.sr:g}, hop={self.hop_length}"


def as_sound(y: Tensor | ArrayLike, *, like: Tensor) -> Tensor:
    """Samples as a real tensor on the device and in the precision of `like`.

    Parameters
    ----------
    y
        Real samples, shape `(..., samples)`.
    like
        A tensor of the transform that will take them.

    Raises
    ------
    AudioError
        For no samples, zero channels, complex numbers, or NaN or infinity.
    """
    y = torch.as_tensor(y)
    require_samples(y.shape)
    require(not y.is_complex(), f"y must hold real numbers, not {y.dtype}")
    # a sum shows both, at a fraction of the cost; but large numbers can overflow in it
    finite = bool(torch.isfinite(y.sum())) or bool(torch.isfinite(y).all())
    require(finite, "y holds NaN or infinity; every sample must be finite")
    return y.to(like)


def concatenate(pieces: Sequence[Tensor], *, dim: int) -> Tensor:
    """Pieces of a picture side by side: `torch.cat`, in memory that is had sooner.

    The first touch of each new page of memory costs up to microseconds. torch takes pages of 4 KiB,
    numpy asks Linux for pages of 2 MiB from `LARGE` on; for a picture of many megabytes that can
    be more time than is spent on computing it.
    """
    first = pieces[0]
    if len(pieces) == 1:
        return first
    shape = list(first.shape)
    shape[dim] = sum(piece.shape[dim] for piece in pieces)
    size = math.prod(shape) * first.itemsize
    if size < LARGE or not first.is_cpu or _followed(pieces):
        return torch.cat(list(pieces), dim=dim)
    memory = torch.from_numpy(np.empty(size, np.uint8)).view(first.dtype).view(shape)
    return torch.cat(list(pieces), dim=dim, out=memory)


def _followed(pieces: Sequence[Tensor]) -> bool:
    """Whether torch takes derivatives along, which it does not into memory given to it."""
    forward = [torch.autograd.forward_ad.unpack_dual(piece).tangent for piece in pieces]
    return any(piece.requires_grad for piece in pieces) or any(t is not None for t in forward)

"""Base class of all transforms: interface, framing and streaming."""

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

LARGE = 2**22  # bytes: numpy requests huge pages for larger arrays


class Transform(nn.Module):
    """Base class of time-frequency transforms: `(..., samples)` to `(..., bins, frames)`.

    Frame t is centred on sample `t * hop_length`; n samples have `1 + n // hop_length` frames, as
    in librosa. The input is padded with zeros. The output is either complex coefficients or, where
    squares were summed, real power; `mirlab.spectra.scale` converts either to power, amplitude,
    decibels or log1p.

    A subclass sets the attributes below and implements one method, `analyse`.

    Attributes
    ----------
    sr
        Sampling rate in Hz.
    hop_length
        Samples between frames.
    window_length
        Length of the longest window in samples, and the minimum length of the input.
    reach
        Samples before and after its centre on which a frame may depend.
    block
        Frames computed together; streaming yields multiples of it.
    frequencies
        Centre frequency of each bin in Hz, shape `(bins,)`.
    durations, bandwidths
        Resolution in seconds and Hz, shape `(bins,)`: the spread of an impulse in time and of a
        sine in frequency, as full width at half power. Closer events are not separated.
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
        """Register frequencies (Hz), durations (s) and bandwidths (Hz), each of shape `(bins,)`."""
        buffers = {"frequencies": frequencies, "durations": durations, "bandwidths": bandwidths}
        for name, values in buffers.items():
            tensor = torch.as_tensor(values, dtype=torch.float64).to(torch.float32)
            self.register_buffer(name, tensor, persistent=False)

    def forward(self, y: Tensor | ArrayLike) -> Tensor:
        """Transform a whole signal.

        Parameters
        ----------
        y
            Real samples, shape `(..., samples)`; converted to the device and precision of the
            module.

        Returns
        -------
        Tensor
            Complex coefficients or real power, shape `(..., bins, frames)`.

        Raises
        ------
        AudioError
            If `y` is shorter than the longest window, has no channels, or contains NaN or infinity.
        """
        y = as_sound(y, like=self.frequencies)
        require_window(y.shape[-1], self.window_length)
        return self.whole(y)

    def whole(self, y: Tensor) -> Tensor:
        """`forward` without checks; `y` is real, with the device and precision of the module."""
        frames = self.frames(y.shape[-1])
        after = frames * self.hop_length + self.reach - y.shape[-1]
        return self.analyse(pad(y, (self.reach, after)))

    def analyse(self, padded: Tensor) -> Tensor:
        """Compute the frames of a padded excerpt.

        Parameters
        ----------
        padded
            Samples, shape `(..., 2 * reach + frames * hop_length)`: frame t is centred on sample
            `reach + t * hop_length`.

        Returns
        -------
        Tensor
            Shape `(..., bins, frames)`.
        """
        raise NotImplementedError

    def frames(self, samples: int) -> int:
        """Number of frames for an input of `samples` samples."""
        return 1 + samples // self.hop_length

    def require_shape(self, spectrum: Tensor, length: int) -> None:
        """Raise an `AudioError` unless bins and frames match an input of `length` samples."""
        bins, frames = len(self.frequencies), self.frames(length)
        require(
            tuple(spectrum.shape[-2:]) == (bins, frames),
            f"spectrum has shape {tuple(spectrum.shape)}; {length} samples have "
            f"(..., {bins}, {frames})",
        )

    def times(self, samples: int) -> Tensor:
        """Times of the frames for an input of `samples` samples: seconds, shape `(frames,)`."""
        count = torch.arange(self.frames(samples), device=self.frequencies.device)
        return count * (self.hop_length / self.sr)

    def stream(self, chunks: Iterable[Tensor | ArrayLike]) -> Iterator[Tensor]:
        """Transform a signal chunk by chunk, in constant memory.

        Parameters
        ----------
        chunks
            Consecutive parts of a signal, each of shape `(..., samples)`, of any length, such as
            `y.split(n, dim=-1)`.

        Yields
        ------
        Tensor
            Shape `(..., bins, frames of the block)`, as soon as the samples for a block of frames
            are available; concatenated, they equal the output of `forward`.

        Raises
        ------
        AudioError
            As for `forward`; the length is checked at the end.
        """
        waiting: Tensor | None = None
        samples = done = 0
        for chunk in chunks:
            part = as_sound(chunk, like=self.frequencies)
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
        require(waiting is not None, "stream needs at least 1 chunk, not 0")
        require_window(samples, self.window_length)
        assert waiting is not None
        rest = (self.frames(samples) - done) * self.hop_length + 2 * self.reach
        if rest > 2 * self.reach:
            yield self.analyse(pad(waiting, (0, rest - waiting.shape[-1])))

    def extra_repr(self) -> str:
        """Summary of the transform in the `repr` of a module."""
        bins = len(self.frequencies)
        low, high = float(self.frequencies[0]), float(self.frequencies[-1])
        return f"{bins} bins, {low:.4g} to {high:.5g} Hz, sr={self.sr:g}, hop={self.hop_length}"


def as_sound(y: Tensor | ArrayLike, *, like: Tensor) -> Tensor:
    """Convert samples to a real tensor with the device and precision of `like`.

    Parameters
    ----------
    y
        Real samples, shape `(..., samples)`.
    like
        A tensor of the transform.

    Raises
    ------
    AudioError
        If there are no samples or channels, or they are complex, NaN or infinite.
    """
    y = torch.as_tensor(y)
    require_samples(y.shape)
    require(not y.is_complex(), f"y must hold real numbers, not {y.dtype}")
    # the sum of NaN or infinity is not finite, and is cheap; but large numbers can overflow
    finite = bool(torch.isfinite(y.sum())) or bool(torch.isfinite(y).all())
    require(finite, "y holds NaN or infinity; every sample must be finite")
    return y.to(like)


def concatenate(tensors: Sequence[Tensor], *, dim: int) -> Tensor:
    """Concatenate like `torch.cat`, into memory with huge pages.

    The first access to each page of new memory takes up to microseconds. torch allocates pages of
    4 KiB; numpy requests pages of 2 MiB from Linux for arrays of `LARGE` bytes or more. For a
    spectrogram of many megabytes, page faults can take longer than the computation.
    """
    first = tensors[0]
    if len(tensors) == 1:
        return first
    shape = list(first.shape)
    shape[dim] = sum(tensor.shape[dim] for tensor in tensors)
    size = math.prod(shape) * first.itemsize
    if size < LARGE or not first.is_cpu or _needs_gradient(tensors):
        return torch.cat(list(tensors), dim=dim)
    memory = torch.from_numpy(np.empty(size, np.uint8)).view(first.dtype).view(shape)
    return torch.cat(list(tensors), dim=dim, out=memory)


def _needs_gradient(tensors: Sequence[Tensor]) -> bool:
    """Whether autograd records derivatives, which `out=` does not support."""
    forward = [torch.autograd.forward_ad.unpack_dual(tensor).tangent for tensor in tensors]
    backward = any(tensor.requires_grad for tensor in tensors)
    return backward or any(tangent is not None for tangent in forward)

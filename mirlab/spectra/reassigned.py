"""Reassigned spectrogram: the power of an STFT moved to its instantaneous time and frequency."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from .fourier import STFT
from .scaling import power_of
from .transform import Transform

BLOCK = 64  # frames: their three spectra fit into the CPU cache


class Reassigned(Transform):
    """Reassigned spectrogram (Kodera, Gendrin and de Villedary 1978; Auger and Flandrin 1995).

    An STFT spreads a sine over several bins and an impulse over several frames, but its phases
    determine their positions. Two more STFTs, with the window multiplied by time and with the
    derivative of the window, yield the centre of gravity of each cell in time and frequency, and
    its power is added to the cell there. A sine becomes a single bin and an impulse a single frame,
    sharper than any window allows; components closer than the resolution of the window are still
    not separated. Gradients flow through the power, but not through the coordinates.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    n_fft, hop_length
        Window length and hop of the STFT in samples.

    Raises
    ------
    AudioError
        As for `STFT`.

    Examples
    --------
    >>> a = torch.sin(2 * torch.pi * 443 * torch.arange(22050) / 22050)
    >>> power = Reassigned(n_fft=1024, hop_length=256)(a)
    >>> int((power[:, 40] > 1e-3 * power[:, 40].max()).sum())  # a single bin
    1
    """

    rising: Tensor
    slope: Tensor

    def __init__(self, *, sr: float = 22050, n_fft: int = 2048, hop_length: int = 512) -> None:
        stft = STFT(sr=sr, n_fft=n_fft, hop_length=hop_length)
        # power comes from frames up to half a window away, which depend on half a window more
        margin = math.ceil(n_fft / 2 / hop_length) + 1
        super().__init__(
            sr=sr,
            hop_length=hop_length,
            window_length=n_fft,
            reach=stft.reach + margin * hop_length,
        )
        self.stft = stft
        self.margin = margin
        self.block = BLOCK
        m = np.arange(n_fft) - n_fft // 2
        slope = -np.pi / n_fft * np.sin(2 * np.pi * m / n_fft)
        for name, values in (("rising", m * stft.window.numpy()), ("slope", slope)):
            tensor = torch.from_numpy(values).to(torch.float32)
            self.register_buffer(name, tensor, persistent=False)
        self.describe(stft.frequencies, stft.durations, stft.bandwidths)

    def analyse(self, padded: Tensor) -> Tensor:
        """Move the power of each cell; real, shape `(..., n_fft // 2 + 1, frames)`."""
        frames = (padded.shape[-1] - 2 * self.reach) // self.hop_length
        # a fixed number of frames per block, since sums of other lengths could round differently
        step = self.block * self.hop_length
        blocks = -(-frames // self.block)
        length = blocks * step + 2 * self.reach
        padded = pad(padded, (0, length - padded.shape[-1]))
        segments = padded.unfold(-1, 2 * self.reach + step, step)
        rows = [self._block(segment) for segment in segments.unbind(-2)]
        return torch.cat(rows, dim=-1)[..., :frames]

    def _block(self, padded: Tensor) -> Tensor:
        """Reassign one block: shape `(..., samples)` to `(..., n_fft // 2 + 1, block)`."""
        power, bin_, frame = self.coordinates(padded)
        bins, frames = power.shape[-2], self.block
        row, column = bin_.round().long(), frame.round().long() - self.margin
        # the coordinates of cells with almost no power are noise, and may lie anywhere
        shift = (frame - torch.arange(power.shape[-1]).to(frame)).abs()
        inside = (row >= 0) & (row < bins) & (column >= 0) & (column < frames)
        inside &= ~(shift > self.margin - 1)
        cell = (row * frames + column).where(inside, row.new_zeros(()))
        power = power.where(inside, power.new_zeros(())).flatten(-2)
        total = torch.zeros_like(power[..., : bins * frames])
        return total.scatter_add(-1, cell.flatten(-2), power).unflatten(-1, (bins, frames))

    def coordinates(self, padded: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Reassigned coordinates of each cell of the STFT.

        Parameters
        ----------
        padded
            An excerpt with its margins, as for `analyse`.

        Returns
        -------
        power, bin, frame : Tensor, shape (..., n_fft // 2 + 1, frames + 2 margin)
            Power of each cell, and its fractional bin and frame; frames are counted from the first
            frame of the margin.
        """
        n, hop = self.stft.n_fft, self.hop_length
        frames = (padded.shape[-1] - n) // hop
        segments = padded.unfold(-1, n, hop)[..., :frames, :]
        windows = torch.stack([self.stft.window, self.rising, self.slope])
        spectra = torch.fft.rfft(segments.unsqueeze(-3) * windows[:, None]).transpose(-1, -2)
        plain, with_time, with_slope = spectra.unbind(-3)
        power = power_of(plain)
        with torch.no_grad():
            ratio = plain.conj() / power.clamp(min=torch.finfo(power.dtype).tiny)
            frame = torch.arange(frames).to(power) + (with_time * ratio).real / hop
            bins = torch.arange(n // 2 + 1).to(power)[:, None]
            return power, bins - (with_slope * ratio).imag * n / (2 * np.pi), frame

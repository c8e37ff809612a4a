"""The reassigned spectrogram: power moved to where in time and frequency it came from."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from .fourier import STFT
from .scaling import power_of
from .transform import Transform

BLOCK = 64  # frames: their three spectra stay in a processor's cache


class Reassigned(Transform):
    """The reassigned spectrogram (Kodera, Gendrin and de Villedary 1978; Auger and Flandrin 1995).

    An STFT spreads a sine over some bins and a click over some frames, but its phases still say
    where both are. Two more STFTs, with the window times time and with the window's slope, give
    each cell's true time and frequency, and its power is added to the cell there. One sine is one
    line and one click one column, thinner than any window allows; two nearer than the window
    resolves still melt. Gradients flow through the power, not through the places.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    n_fft, hop_length
        The STFT's, in samples.

    Raises
    ------
    AudioError
        As for `STFT`.

    Examples
    --------
    >>> a = torch.sin(2 * torch.pi * 443 * torch.arange(22050) / 22050)
    >>> picture = Reassigned(n_fft=1024, hop_length=256)(a)  # real power
    >>> int((picture[:, 40] > 1e-3 * picture[:, 40].max()).sum())  # one line
    1
    """

    rising: Tensor
    slope: Tensor

    def __init__(self, *, sr: float = 22050, n_fft: int = 2048, hop_length: int = 512) -> None:
        stft = STFT(sr=sr, n_fft=n_fft, hop_length=hop_length)
        # power comes from frames up to half a window away, which see half a window more
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
        """Move each cell's power to its place; real, shape `(..., n_fft // 2 + 1, frames)`."""
        frames = (padded.shape[-1] - 2 * self.reach) // self.hop_length
        # always so many frames at once: a sum of other length could round to another cell
        step = self.block * self.hop_length
        blocks = -(-frames // self.block)
        length = blocks * step + 2 * self.reach
        cut = pad(padded, (0, length - padded.shape[-1])).unfold(-1, 2 * self.reach + step, step)
        return torch.cat([self._block(one) for one in cut.unbind(-2)], dim=-1)[..., :frames]

    def _block(self, padded: Tensor) -> Tensor:
        """The frames of one block: shape `(..., samples)` to `(..., n_fft // 2 + 1, block)`."""
        power, bin_, frame = self.places(padded)
        bins, frames = power.shape[-2], self.block
        row, column = bin_.round().long(), frame.round().long() - self.margin
        # where there is next to no power, places are noise and may lie anywhere
        far = (frame - torch.arange(power.shape[-1]).to(frame)).abs() > self.margin - 1
        inside = (row >= 0) & (row < bins) & (column >= 0) & (column < frames) & ~far
        cell = (row * frames + column).where(inside, row.new_zeros(()))
        moved = power.where(inside, power.new_zeros(())).flatten(-2)
        picture = torch.zeros_like(moved[..., : bins * frames])
        return picture.scatter_add(-1, cell.flatten(-2), moved).unflatten(-1, (bins, frames))

    def places(self, padded: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Where the power of each cell of the STFT comes from.

        Parameters
        ----------
        padded
            A stretch of sound with its margins, as for `analyse`.

        Returns
        -------
        power, bin, frame : Tensor, shape (..., n_fft // 2 + 1, frames + 2 margin)
            The cell's power, and the bin and frame it belongs to, fractions included; frames
            are counted from the first of the margin.
        """
        n, hop = self.stft.n_fft, self.hop_length
        frames = (padded.shape[-1] - n) // hop
        cut = padded.unfold(-1, n, hop)[..., :frames, :]
        windows = torch.stack([self.stft.window, self.rising, self.slope])
        spectra = torch.fft.rfft(cut.unsqueeze(-3) * windows[:, None]).transpose(-1, -2)
        plain, later, higher = spectra.unbind(-3)
        power = power_of(plain)
        with torch.no_grad():
            ratio = plain.conj() / power.clamp(min=torch.finfo(power.dtype).tiny)
            frame = torch.arange(frames).to(power) + (later * ratio).real / hop
            bins = torch.arange(n // 2 + 1).to(power)[:, None]
            return power, bins - (higher * ratio).imag * n / (2 * np.pi), frame

"""One engine for every bank of filters: a Fourier transform, weights, and one back for each bin.

A bin of a CQT, of a wavelet transform or of a bank of gammatones is the sound, filtered by a short
complex wave, looked at once every hop. By its definition that costs as many multiplications a
frame as the wave has samples. Here the sound is transformed once; each bin takes the few
frequencies that its wave lets through, weights them, and goes back at the rate of the frames
(Velasco, Holighaus, Doerfler and Grill 2011; Holighaus, Doerfler, Velasco and Grill 2013). The
result is the definition's, but for the crumbs of spectrum that are left out.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import pad

from .kernels import Response, filter_weights
from .transform import Transform, concatenate

GPU_CLIPS = 16  # at a time; on a processor one, whose numbers stay in its cache


class FilterBank(Transform):
    """Complex filters, each sampled once a hop: `C[k, t] = sum_m y[t hop + m] conj(h_k[m])`.

    With L samples in a block of T = L / hop frames, `C[k]` is the inverse transform of
    `Y conj(H_k)`, taken every hop samples. Looking only every hop folds frequencies that lie `sr /
    hop` apart on each other, so the spectrum is cut in zones of T numbers, the few zones in which
    `H_k` is not nothing are weighted and added, and a transform of T numbers remains.

    Blocks overlap by twice the reach, where a block's end would wrap around to its start.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    hop_length
        Samples from frame to frame.
    window_length
        The longest wave in samples.
    frequencies
        Hz, shape `(bins,)`.
    half_widths
        Hz, shape `(bins,)`: further than that from its frequency a bin hears nothing.
    response
        `response(rows, hz)` gives `conj(H)` of these bins, shape `(rows,)`, at these frequencies,
        shape `(rows, points)`; complex or real. `hz` goes below 0 and beyond `sr / 2` where a
        filter does.
    """

    gains: Tensor

    def __init__(
        self,
        *,
        sr: float,
        hop_length: int,
        window_length: int,
        frequencies: ArrayLike,
        half_widths: ArrayLike,
        response: Response,
    ) -> None:
        plan = filter_weights(
            sr=sr,
            hop_length=hop_length,
            window_length=window_length,
            frequencies=frequencies,
            half_widths=half_widths,
            response=response,
        )
        super().__init__(
            sr=sr, hop_length=hop_length, window_length=window_length, reach=plan.reach
        )
        self.points, self.block = plan.points, plan.block
        centre = np.asarray(frequencies, np.float64)
        gains = np.abs(response(np.arange(centre.size), centre[:, None])[:, 0])
        self._keep("gains", torch.from_numpy(gains).to(torch.float32))
        self.groups: list[int] = []
        for zones, weights in plan.groups:
            size = zones.shape[1]
            self.groups.append(size)
            # kept as pairs: `Module.to(dtype)` would make complex numbers real
            pairs = torch.view_as_real(torch.from_numpy(weights).to(torch.complex64))
            self._keep(f"weights{size}", pairs)
            self._keep(f"zones{size}", torch.from_numpy(zones.reshape(-1)))

    def _keep(self, name: str, values: Tensor) -> None:
        """Keep a tensor that goes where the module goes."""
        self.register_buffer(name, values, persistent=False)

    def analyse(self, padded: Tensor) -> Tensor:
        """Filter block by block; complex, shape `(..., bins, frames)`."""
        *batch, samples = padded.shape
        frames = (samples - 2 * self.reach) // self.hop_length
        blocks = -(-frames // self.block)
        length, step = self.points * self.hop_length, self.block * self.hop_length
        sound = padded.reshape(-1, samples)
        sound = pad(sound, (0, (blocks - 1) * step + length - samples))
        cut = sound.unfold(-1, length, step).transpose(0, 1)  # (blocks, clips, length)
        at_once = GPU_CLIPS if cut.is_cuda else 1
        rows = [
            concatenate([self._block(one) for one in some.unbind()], dim=-1)[..., :frames]
            for some in cut.split(at_once, dim=1)
        ]
        return concatenate(rows, dim=0).reshape(*batch, -1, frames)

    def _block(self, cut: Tensor) -> Tensor:
        """The frames of one block of some clips: `(clips, length)` to `(clips, bins, block)`."""
        # both halves of the spectrum: filters near half the sampling rate reach over it
        spectrum = torch.fft.fft(cut).unflatten(-1, (self.hop_length, self.points))
        folded = []
        for size in self.groups:
            weights = torch.view_as_complex(self.get_buffer(f"weights{size}"))
            taken = spectrum.index_select(1, self.get_buffer(f"zones{size}"))
            taken = taken.unflatten(1, (-1, size)).mul_(weights)  # (clips, bins, zones, points)
            folded.append(taken.sum(2))
        rows = torch.fft.ifft(torch.cat(folded, dim=1))
        margin = self.reach // self.hop_length
        return rows[..., margin : margin + self.block]

    def invert(self, spectrum: Tensor, *, length: int, iterations: int = 20) -> Tensor:
        """The sound whose transform comes nearest, by conjugate gradients (Hestenes, Stiefel 1952).

        Bins count as much as one another, whatever their gain. What they do not hear, below the
        lowest and above the highest, is left silent; where waves are shorter than the hop, what
        falls between frames is guessed from the bins' overlap.

        Parameters
        ----------
        spectrum
            Complex, shape `(..., bins, frames)`.
        length
            Samples wanted.
        iterations
            Turns; each costs a transform and its adjoint.

        Returns
        -------
        Tensor
            Real, shape `(..., length)`; without gradient.

        Raises
        ------
        AudioError
            When the number of bins or frames is not that of a sound of this length.
        """
        self.require_shape(spectrum, length)
        weight = 1 / self.gains[:, None]
        rest = (spectrum * weight).detach()
        sound = rest.real.new_zeros(*spectrum.shape[:-2], length)
        slope = self._adjoint(rest * weight, length)
        way, size = slope, slope.square().sum(-1, keepdim=True)
        for _ in range(iterations):
            with torch.no_grad():
                seen = self.whole(way) * weight
                seen_size = torch.view_as_real(seen).square().sum((-3, -2, -1))[..., None]
                stride = size / seen_size.clamp(min=torch.finfo(size.dtype).tiny)
                sound = sound + stride * way
                rest = rest - stride[..., None] * seen
            slope = self._adjoint(rest * weight, length)
            before, size = size, slope.square().sum(-1, keepdim=True)
            way = slope + size / before.clamp(min=torch.finfo(size.dtype).tiny) * way
        return sound

    def _adjoint(self, spectrum: Tensor, length: int) -> Tensor:
        """The transform's adjoint, which is what its gradient does: real, shape `(..., length)`."""
        with torch.enable_grad():
            silence = spectrum.real.new_zeros(*spectrum.shape[:-2], length, requires_grad=True)
            (sound,) = torch.autograd.grad(self.whole(silence), silence, spectrum)
        return sound

"""Filter bank in the frequency domain: one FFT, spectral weights, and one inverse FFT per bin.

A bin of a CQT, wavelet or gammatone transform is the signal filtered by a short complex filter and
sampled once per hop. Computed by its definition, each frame takes as many multiplications as the
filter has samples. Here the signal is transformed once; each bin takes the frequencies in its
passband, weights them, and transforms them back at the frame rate (Velasco, Holighaus, Doerfler and
Grill 2011; Holighaus, Doerfler, Velasco and Grill 2013). The result equals the definition up to the
truncated tails of each filter's spectrum.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import pad

from .kernels import Response, filter_weights
from .transform import Transform, concatenate

GPU_BATCH = 16  # signals per batch on a GPU; on a CPU 1, which fits into the cache


class FilterBank(Transform):
    """Bank of complex filters, sampled once per hop: `C[k, t] = sum_m y[t hop + m] conj(h_k[m])`.

    With L samples in a block of T = L / hop frames, `C[k]` is the inverse transform of
    `Y conj(H_k)`, sampled every hop. This sampling aliases frequencies that are `sr / hop` apart.
    So the spectrum is divided into zones of T points, the few zones in which `H_k` is not zero are
    weighted and added, and an inverse transform of T points remains.

    Blocks overlap by twice the reach, to discard circular wrap-around.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    hop_length
        Samples between frames.
    window_length
        Length of the longest filter in samples.
    frequencies
        Centre frequencies in Hz, shape `(bins,)`.
    half_widths
        Half widths of the passbands in Hz, shape `(bins,)`; the response is 0 outside.
    response
        `response(rows, hz)` returns `conj(H)` of these bins, shape `(rows,)`, at these frequencies,
        shape `(rows, points)`; complex or real. `hz` extends below 0 and above `sr / 2` if a filter
        does.
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
        self._register("gains", torch.from_numpy(gains).to(torch.float32))
        self.groups: list[int] = []
        for zones, weights in plan.groups:
            size = zones.shape[1]
            self.groups.append(size)
            # stored as pairs, since `Module.to(dtype)` would make complex numbers real
            pairs = torch.view_as_real(torch.from_numpy(weights).to(torch.complex64))
            self._register(f"weights{size}", pairs)
            self._register(f"zones{size}", torch.from_numpy(zones.reshape(-1)))

    def _register(self, name: str, values: Tensor) -> None:
        """Register a tensor as a non-persistent buffer, which moves with the module."""
        self.register_buffer(name, values, persistent=False)

    def analyse(self, padded: Tensor) -> Tensor:
        """Filter block by block; complex, shape `(..., bins, frames)`."""
        *batch, samples = padded.shape
        frames = (samples - 2 * self.reach) // self.hop_length
        blocks = -(-frames // self.block)
        length, step = self.points * self.hop_length, self.block * self.hop_length
        sound = padded.reshape(-1, samples)
        sound = pad(sound, (0, (blocks - 1) * step + length - samples))
        segments = sound.unfold(-1, length, step).transpose(0, 1)  # (blocks, clips, length)
        at_once = GPU_BATCH if segments.is_cuda else 1
        rows = [
            concatenate([self._block(block) for block in clips.unbind()], dim=-1)[..., :frames]
            for clips in segments.split(at_once, dim=1)
        ]
        return concatenate(rows, dim=0).reshape(*batch, -1, frames)

    def _block(self, samples: Tensor) -> Tensor:
        """Filter one block of several clips: `(clips, length)` to `(clips, bins, block)`."""
        # both halves of the spectrum, since filters near half the sampling rate extend beyond it
        spectrum = torch.fft.fft(samples).unflatten(-1, (self.hop_length, self.points))
        folded = []
        for size in self.groups:
            weights = torch.view_as_complex(self.get_buffer(f"weights{size}"))
            zones = spectrum.index_select(1, self.get_buffer(f"zones{size}"))
            zones = zones.unflatten(1, (-1, size)).mul_(weights)  # (clips, bins, zones, points)
            folded.append(zones.sum(2))
        rows = torch.fft.ifft(torch.cat(folded, dim=1))
        margin = self.reach // self.hop_length
        return rows[..., margin : margin + self.block]

    def invert(self, spectrum: Tensor, *, length: int, iterations: int = 20) -> Tensor:
        """Least-squares inverse by conjugate gradients (Hestenes, Stiefel 1952).

        All bins have equal weight, independent of their gain. Frequencies below the lowest and
        above the highest bin are not reconstructed. Where filters are shorter than the hop, the
        samples between frames are estimated from overlapping bins.

        Parameters
        ----------
        spectrum
            Complex, shape `(..., bins, frames)`.
        length
            Length of the output in samples.
        iterations
            Number of iterations; each computes the transform and its adjoint.

        Returns
        -------
        Tensor
            Real, shape `(..., length)`; without gradient.

        Raises
        ------
        AudioError
            If the number of bins or frames does not match `length`.
        """
        self.require_shape(spectrum, length)
        weight = 1 / self.gains[:, None]
        residual = (spectrum * weight).detach()
        sound = residual.real.new_zeros(*spectrum.shape[:-2], length)
        gradient = self._adjoint(residual * weight, length)
        direction, power = gradient, gradient.square().sum(-1, keepdim=True)
        for _ in range(iterations):
            with torch.no_grad():
                image = self.whole(direction) * weight
                image_power = torch.view_as_real(image).square().sum((-3, -2, -1))[..., None]
                stride = power / image_power.clamp(min=torch.finfo(power.dtype).tiny)
                sound = sound + stride * direction
                residual = residual - stride[..., None] * image
            gradient = self._adjoint(residual * weight, length)
            before, power = power, gradient.square().sum(-1, keepdim=True)
            ratio = power / before.clamp(min=torch.finfo(power.dtype).tiny)
            direction = gradient + ratio * direction
        return sound

    def _adjoint(self, spectrum: Tensor, length: int) -> Tensor:
        """Adjoint of the transform, computed by autograd: real, shape `(..., length)`."""
        with torch.enable_grad():
            silence = spectrum.real.new_zeros(*spectrum.shape[:-2], length, requires_grad=True)
            (sound,) = torch.autograd.grad(self.whole(silence), silence, spectrum)
        return sound

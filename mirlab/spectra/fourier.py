"""Short-time Fourier transform, its inverse, and Griffin-Lim phase reconstruction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import pad

from ..core.checks import as_float, require, require_count, require_rate, require_type
from ..core.errors import AudioError
from .kernels import hann, require_stft
from .transform import Transform, concatenate

CACHE = 2**19  # windowed samples per block: they and their spectra fit into the cache


class STFT(Transform):
    """Short-time Fourier transform (Gabor 1946; Allen and Rabiner 1977).

    `X[k, t] = sum_m y[t hop + m] w[m] exp(-2 pi i k (m + n_fft / 2) / n_fft)`, m from -n_fft / 2
    on, w a Hann window. The window length is constant, so time and frequency resolution are the
    same everywhere: bins are `sr / n_fft` Hz apart, for a bass and for a flute. Equals
    `librosa.stft`.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    n_fft
        Window length in samples, even.
    hop_length
        Samples between frames, at most `n_fft`.

    Raises
    ------
    AudioError
        If rate, window or hop are outside of these limits.

    Examples
    --------
    >>> stft = STFT(n_fft=1024, hop_length=256)
    >>> stft(torch.randn(2, 22050)).shape  # two channels, complex
    torch.Size([2, 513, 87])
    """

    window: Tensor

    def __init__(self, *, sr: float = 22050, n_fft: int = 2048, hop_length: int = 512) -> None:
        require_rate(sr)
        require_stft(n_fft=n_fft, hop_length=hop_length)
        super().__init__(sr=sr, hop_length=hop_length, window_length=n_fft, reach=n_fft // 2)
        self.n_fft = n_fft
        window = torch.from_numpy(hann(n_fft)).to(torch.float32)
        self.register_buffer("window", window, persistent=False)
        bins = n_fft // 2 + 1
        duration, bandwidth = half_power_widths(hann(n_fft), sr=sr)
        self.describe(
            np.arange(bins) * sr / n_fft, np.full(bins, duration), np.full(bins, bandwidth)
        )

    def analyse(self, padded: Tensor) -> Tensor:
        """Transform the windowed frames; complex, shape `(..., n_fft // 2 + 1, frames)`."""
        return concatenate(list(self.frame_blocks(padded)), dim=-2).transpose(-1, -2)

    def frame_blocks(self, padded: Tensor) -> Iterator[Tensor]:
        """Analyse in blocks of frames, for further processing while they are in the cache.

        Yields
        ------
        Tensor
            Complex, shape `(..., frames of the block, n_fft // 2 + 1)`.
        """
        frames = (padded.shape[-1] - self.n_fft) // self.hop_length
        segments = padded.unfold(-1, self.n_fft, self.hop_length)[..., :frames, :]
        at_once = frames if segments.is_cuda else max(1, CACHE // segments[..., :1, :].numel())
        for block in segments.split(at_once, dim=-2):
            yield torch.fft.rfft(block * self.window)

    def invert(self, spectrum: Tensor, *, length: int) -> Tensor:
        """Inverse STFT by least squares (Griffin and Lim 1984).

        Windowed frames are overlap-added and divided by the sum of the squared windows. Where this
        sum is almost 0, the output is 0: with a hop of half a window, a few samples at the end may
        be covered only by the edge of the last window.

        Parameters
        ----------
        spectrum
            Complex, shape `(..., n_fft // 2 + 1, frames)`.
        length
            Length of the output in samples.

        Returns
        -------
        Tensor
            Real, shape `(..., length)`.

        Raises
        ------
        AudioError
            If the number of bins or frames does not match `length`, or windows do not overlap
            (hop_length = n_fft), so that samples are missing.
        """
        self.require_shape(spectrum, length)
        require(
            self.hop_length < self.n_fft,
            f"hop_length is {self.hop_length}: windows of {self.n_fft} samples must overlap to be "
            "inverted",
        )
        segments = torch.fft.irfft(spectrum.transpose(-1, -2), n=self.n_fft) * self.window
        weight = overlap_add(self.window.square().expand(segments.shape[-2], -1), self.hop_length)
        total = overlap_add(segments, self.hop_length)
        inner = slice(self.reach, self.reach + length)
        total, weight = total[..., inner], weight[inner]
        tiny = 1e-8 * self.window.square().sum()
        sound = torch.where(weight > tiny, total / weight.clamp(min=tiny), total.new_zeros(()))
        return pad(sound, (0, length - sound.shape[-1]))


def overlap_add(segments: Tensor, hop_length: int) -> Tensor:
    """Overlap-add segments of shape `(..., frames, n)`, each shifted by `hop_length` samples.

    Returns
    -------
    Tensor
        Shape `(..., (frames - 1) * hop_length + n)`.
    """
    *batch, frames, n = segments.shape
    samples = (frames - 1) * hop_length + n
    folded = torch.nn.functional.fold(
        segments.reshape(-1, frames, n).transpose(1, 2),
        output_size=(1, samples),
        kernel_size=(1, n),
        stride=(1, hop_length),
    )
    return folded.reshape(*batch, samples)


@torch.no_grad()
def griffin_lim(
    stft: STFT, amplitude: Tensor, *, length: int, iterations: int = 32, momentum: float = 0.99
) -> Tensor:
    """Griffin-Lim algorithm: estimate a signal from the magnitude of its STFT.

    Each iteration inverts the STFT, transforms the signal again, and combines the new phases with
    the given magnitudes (Griffin and Lim 1984). Momentum speeds up the convergence (Perraudin,
    Balazs and Soendergaard 2013). The initial phases are random, with a fixed seed.

    Parameters
    ----------
    stft
        The transform of the magnitudes.
    amplitude
        Magnitudes, at least 0, shape `(..., n_fft // 2 + 1, frames)`.
    length
        Length of the output in samples.
    iterations
        Number of iterations; each computes two transforms.
    momentum
        Momentum, below 1; 0 is the original algorithm.

    Returns
    -------
    Tensor
        Real, shape `(..., length)`.

    Raises
    ------
    AudioError
        As `STFT.invert`.
    """
    require_type("stft", stft, STFT, AudioError)
    require_type("amplitude", amplitude, Tensor, AudioError)
    require(amplitude.is_floating_point(), f"amplitude must be real, not {amplitude.dtype}")
    require_count("length", length)
    require_count("iterations", iterations, minimum=0)
    require(iterations <= 10**6, f"iterations must be at most 1000000, not {iterations}")
    require(iterations <= 10**6, f"iterations must be at most 1000000, not {iterations}")
    require(0 <= as_float("momentum", momentum, AudioError) < 1, "momentum must be 0 to 1")
    generator = torch.Generator().manual_seed(0)
    phases = torch.rand(amplitude.shape, generator=generator).to(amplitude)
    estimate = torch.polar(amplitude, 2 * torch.pi * phases)
    previous = torch.zeros_like(estimate)
    for _ in range(iterations):
        rebuilt = stft.whole(stft.invert(estimate, length=length))
        accelerated = rebuilt + momentum / (1 + momentum) * (rebuilt - previous)
        previous = rebuilt
        estimate = amplitude * torch.sgn(accelerated)
    return stft.invert(estimate, length=length)


def half_power_widths(window: ArrayLike, *, sr: float) -> tuple[float, float]:
    """Resolution of a window: full widths at half power of the window and of its spectrum.

    Parameters
    ----------
    window
        Window with a single maximum, shape `(n,)`.
    sr
        Sampling rate in Hz.

    Returns
    -------
    duration, bandwidth : float
        Seconds and Hz. Their product is 0.52 for a Hann window and 0.44 for a Gaussian, the
        minimum.
    """
    w = np.asarray(window, dtype=np.float64)
    finer = 32
    steps = np.linspace(0, w.size - 1, finer * (w.size - 1) + 1)
    inside = np.interp(steps, np.arange(w.size), w) ** 2 >= 0.5 * np.max(w) ** 2
    response = np.abs(np.fft.rfft(w, finer * 4 * w.size)) ** 2
    edge = int(np.argmax(response < 0.5 * response[0]))
    return inside.sum() / finer / sr, 2 * edge * sr / (finer * 4 * w.size)

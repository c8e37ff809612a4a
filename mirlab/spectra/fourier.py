"""The short-time Fourier transform: one window length for all frequencies; and the way back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import pad

from ..core.checks import require, require_rate
from .kernels import hann, require_stft
from .transform import Transform, concatenate

CACHE = 2**19  # samples under windows at a time: they and their spectra stay in the cache


class STFT(Transform):
    """The short-time Fourier transform (Gabor 1946; Allen and Rabiner 1977).

    `X[k, t] = sum_m y[t hop + m] w[m] exp(-2 pi i k (m + n_fft / 2) / n_fft)`, m from -n_fft / 2
    on, w a Hann window. The window has one length, so time and frequency are resolved equally well
    everywhere: bins are `sr / n_fft` Hz apart, for a bass and for a flute. Equals `librosa.stft`.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    n_fft
        Window length in samples, even.
    hop_length
        Samples from frame to frame, at most `n_fft`.

    Raises
    ------
    AudioError
        For a rate, window or hop outside of these limits.

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
        """Cut windows out and transform them; complex, shape `(..., n_fft // 2 + 1, frames)`."""
        return concatenate(list(self.pieces(padded)), dim=-2).transpose(-1, -2)

    def pieces(self, padded: Tensor) -> Iterator[Tensor]:
        """`analyse`, a few frames at a time, for what goes on working on them in the cache.

        Yields
        ------
        Tensor
            Complex, shape `(..., some frames, n_fft // 2 + 1)`.
        """
        frames = (padded.shape[-1] - self.n_fft) // self.hop_length
        cut = padded.unfold(-1, self.n_fft, self.hop_length)[..., :frames, :]
        at_once = frames if cut.is_cuda else max(1, CACHE // cut[..., :1, :].numel())
        for some in cut.split(at_once, dim=-2):
            yield torch.fft.rfft(some * self.window)

    def invert(self, spectrum: Tensor, *, length: int) -> Tensor:
        """The sound whose STFT comes nearest (Griffin and Lim 1984).

        Windows are laid over each other where they were cut out and divided by what they add up to.
        Where that is next to nothing, the sound is left silent: with a hop of half a window, a few
        samples at the end may lie under the foot of the last window only.

        Parameters
        ----------
        spectrum
            Complex, shape `(..., n_fft // 2 + 1, frames)`.
        length
            Samples wanted.

        Returns
        -------
        Tensor
            Real, shape `(..., length)`.

        Raises
        ------
        AudioError
            When the number of bins or frames is not that of a sound of this length, or windows do
            not overlap (hop_length = n_fft), so that samples are missing.
        """
        self.require_shape(spectrum, length)
        require(
            self.hop_length < self.n_fft,
            f"hop_length is {self.hop_length}: windows of {self.n_fft} samples must overlap to be "
            "inverted",
        )
        pieces = torch.fft.irfft(spectrum.transpose(-1, -2), n=self.n_fft) * self.window
        weight = overlap_add(self.window.square().expand(pieces.shape[-2], -1), self.hop_length)
        whole = overlap_add(pieces, self.hop_length)
        wanted = slice(self.reach, self.reach + length)
        whole, weight = whole[..., wanted], weight[wanted]
        tiny = 1e-8 * self.window.square().sum()
        sound = torch.where(weight > tiny, whole / weight.clamp(min=tiny), whole.new_zeros(()))
        return pad(sound, (0, length - sound.shape[-1]))


def overlap_add(pieces: Tensor, hop_length: int) -> Tensor:
    """Add pieces of shape `(..., frames, n)`, each `hop_length` samples after the one before.

    Returns
    -------
    Tensor
        Shape `(..., (frames - 1) * hop_length + n)`.
    """
    *batch, frames, n = pieces.shape
    samples = (frames - 1) * hop_length + n
    folded = torch.nn.functional.fold(
        pieces.reshape(-1, frames, n).transpose(1, 2),
        output_size=(1, samples),
        kernel_size=(1, n),
        stride=(1, hop_length),
    )
    return folded.reshape(*batch, samples)


@torch.no_grad()
def griffin_lim(
    stft: STFT, amplitude: Tensor, *, length: int, iterations: int = 32, momentum: float = 0.99
) -> Tensor:
    """A sound whose STFT has these amplitudes: phases are guessed, then made to agree.

    Invert, transform again, keep the new phases and the wanted amplitudes (Griffin and Lim 1984),
    with a momentum that makes it converge in fewer turns (Perraudin, Balazs and Soendergaard 2013).
    The first phases are drawn by chance, the same ones each time.

    Parameters
    ----------
    stft
        The transform the amplitudes are of.
    amplitude
        At least 0, shape `(..., n_fft // 2 + 1, frames)`.
    length
        Samples wanted.
    iterations
        Turns; each costs two transforms.
    momentum
        0 is Griffin and Lim's own method; below 1.

    Returns
    -------
    Tensor
        Real, shape `(..., length)`.

    Raises
    ------
    AudioError
        As `STFT.invert`.
    """
    generator = torch.Generator().manual_seed(0)
    turns = torch.rand(amplitude.shape, generator=generator).to(amplitude)
    guess = torch.polar(amplitude, 2 * torch.pi * turns)
    before = torch.zeros_like(guess)
    for _ in range(iterations):
        again = stft.whole(stft.invert(guess, length=length))
        ahead = again + momentum / (1 + momentum) * (again - before)
        before = again
        guess = amplitude * torch.sgn(ahead)
    return stft.invert(guess, length=length)


def half_power_widths(window: ArrayLike, *, sr: float) -> tuple[float, float]:
    """How far a window smears: full widths at half power of itself and of its spectrum.

    Parameters
    ----------
    window
        Shape `(n,)`, one hump.
    sr
        Sampling rate in Hz.

    Returns
    -------
    duration, bandwidth : float
        Seconds and Hz. Their product is 0.52 for a Hann window and 0.44, the least, for a Gaussian.
    """
    w = np.asarray(window, dtype=np.float64)
    finer = 32
    steps = np.linspace(0, w.size - 1, finer * (w.size - 1) + 1)
    inside = np.interp(steps, np.arange(w.size), w) ** 2 >= 0.5 * np.max(w) ** 2
    response = np.abs(np.fft.rfft(w, finer * 4 * w.size)) ** 2
    edge = int(np.argmax(response < 0.5 * response[0]))
    return inside.sum() / finer / sr, 2 * edge * sr / (finer * 4 * w.size)

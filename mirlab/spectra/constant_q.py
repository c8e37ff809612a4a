"""Constant-Q and variable-Q transforms: bins evenly spaced in pitch, with matching windows."""

from __future__ import annotations

import numpy as np

from .filterbank import FilterBank
from .fourier import half_power_widths
from .kernels import C1, variable_q


class VQT(FilterBank):
    """Variable-Q transform (Schoerkhuber, Klapuri, Holighaus and Doerfler 2014).

    `C[k, t] = 2 / sqrt(N_k) sum_m y[t hop + m] w(m / N_k) exp(-2 pi i f_k m / sr)` with
    `f_k = fmin 2^(k / bins_per_octave)`, the Hann window `w(x) = (1 + cos 2 pi x) / 2` for
    `-1/2 < x < 1/2`, and windows of `N_k = sr / (alpha f_k + alpha_gamma)` samples. Bandwidths are
    proportional to frequency, as in the CQT, plus a constant. In the bass, this improves the time
    resolution of onsets, at the expense of frequency resolution. `alpha = (r^2 - 1) / (r^2 + 1)`
    with `r = 2^(1 / bins_per_octave)` and the scaling are those of librosa.

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    hop_length
        Samples between frames. Above `Q sr / hop_length` Hz, windows are shorter than the hop, so
        frames do not cover all samples.
    fmin
        Lowest bin in Hz; None is C1, 32.7 Hz.
    n_bins
        Number of bins.
    bins_per_octave
        Number of bins per octave.
    gamma
        Bandwidth offset in Hz; None is librosa's `24.7 alpha / 0.108`, which makes bandwidths
        proportional to those of auditory filters (Glasberg and Moore 1990); 0 is the CQT.

    Raises
    ------
    AudioError
        If the highest bin is above half the sampling rate, the hop is longer than the longest
        window, or an argument is not positive.

    Examples
    --------
    >>> import torch
    >>> vqt = VQT(n_bins=84, hop_length=512)
    >>> vqt(torch.randn(2, 22050)).shape  # two channels, complex
    torch.Size([2, 84, 44])
    """

    def __init__(
        self,
        *,
        sr: float = 22050,
        hop_length: int = 512,
        fmin: float | None = None,
        n_bins: int = 84,
        bins_per_octave: int = 12,
        gamma: float | None = None,
    ) -> None:
        bins = variable_q(
            sr=sr,
            hop_length=hop_length,
            fmin=fmin,
            n_bins=n_bins,
            bins_per_octave=bins_per_octave,
            gamma=gamma,
        )
        super().__init__(
            sr=sr,
            hop_length=hop_length,
            window_length=bins.window_length,
            frequencies=bins.frequencies,
            half_widths=bins.half_widths,
            response=bins.response,
        )
        self.fmin, self.bins_per_octave = C1 if fmin is None else fmin, bins_per_octave
        duration, bandwidth = half_power_widths(
            np.hanning(1025), sr=1024
        )  # of a window of length 1
        seconds = bins.lengths / sr
        self.describe(bins.frequencies, duration * seconds, bandwidth / seconds)


class CQT(VQT):
    """Constant-Q transform (Brown 1991; Brown and Puckette 1992).

    The VQT with gamma 0: the bandwidth of every bin is the same fraction of its frequency, and its
    window contains the same number of periods, `Q = 1 / alpha`, 17 at 12 bins per octave and 52 at
    36. Transposition shifts the spectrogram along the bins. Windows in the bass are long: at 36
    bins per octave, the window of A0 lasts 1.9 s.

    Parameters
    ----------
    sr, hop_length, fmin, n_bins, bins_per_octave
        As for `VQT`.

    Raises
    ------
    AudioError
        As for `VQT`.

    Examples
    --------
    >>> import torch
    >>> cqt = CQT(fmin=55.0, n_bins=60)
    >>> cqt(torch.randn(22050)).shape
    torch.Size([60, 44])
    """

    def __init__(
        self,
        *,
        sr: float = 22050,
        hop_length: int = 512,
        fmin: float | None = None,
        n_bins: int = 84,
        bins_per_octave: int = 12,
    ) -> None:
        super().__init__(
            sr=sr,
            hop_length=hop_length,
            fmin=fmin,
            n_bins=n_bins,
            bins_per_octave=bins_per_octave,
            gamma=0.0,
        )

"""Filters that are lists of weights: the ideal low-pass, cut short by a window."""

from __future__ import annotations

import numpy as np

from ..core.checks import require
from .checks import require_frequency
from .windows import window as make_window


def fir_lowpass(
    cutoff: float, *, sr: float = 22050, taps: int = 101, window: str = "hamming"
) -> np.ndarray:
    """A low-pass that is a list of weights: the ideal one, a sinc, cut short by a window.

    Parameters
    ----------
    cutoff
        Where the gain is one half (-6 dB), in Hz, between 0 and `sr / 2`.
    sr
        Sampling rate in Hz.
    taps
        How many weights: the more, the steeper.
    window
        A name that `mirlab.dsp.window` knows.

    Returns
    -------
    ndarray
        The impulse response, shape `(taps,)`, symmetric, with sum 1 (0 dB at 0 Hz); equals
        `scipy.signal.firwin`. Apply it with `convolve` or `overlap_add`; the sound comes out
        `(taps - 1) / 2` samples later.

    Raises
    ------
    AudioError
        For a number out of its range or another window.

    Examples
    --------
    >>> fir_lowpass(1000, sr=8000, taps=5).round(3).tolist()
    [0.025, 0.234, 0.482, 0.234, 0.025]
    """
    h = _windowed_sinc(cutoff, sr, taps, window)
    return h / h.sum()


def fir_highpass(
    cutoff: float, *, sr: float = 22050, taps: int = 101, window: str = "hamming"
) -> np.ndarray:
    """A high-pass by the same means: a click minus the ideal low-pass, windowed.

    Parameters
    ----------
    cutoff, sr, window
        As in `fir_lowpass`.
    taps
        Odd: an even number would silence half the sampling rate.

    Returns
    -------
    ndarray
        Shape `(taps,)`, symmetric, 0 dB at `sr / 2`; equals `scipy.signal.firwin`.

    Raises
    ------
    AudioError
        As in `fir_lowpass`, and for an even number of taps.

    Examples
    --------
    >>> fir_highpass(1000, sr=8000, taps=3).round(3).tolist()
    [-0.023, 0.954, -0.023]
    """
    require(taps % 2 == 1, f"a high-pass needs an odd number of taps, not {taps}")
    h = -_windowed_sinc(cutoff, sr, taps, window)
    h[taps // 2] += 1.0
    return h / (h @ (-1.0) ** (np.arange(taps) - taps // 2))


def _windowed_sinc(cutoff: float, sr: float, taps: int, window: str) -> np.ndarray:
    """The ideal low-pass around its middle, times a symmetric window, shape (taps,)."""
    require_frequency("cutoff", cutoff, sr)
    require(taps >= 1, f"taps must be at least 1, not {taps}")
    n = np.arange(taps) - (taps - 1) / 2
    return (
        2 * cutoff / sr * np.sinc(2 * cutoff / sr * n) * make_window(window, taps, periodic=False)
    )

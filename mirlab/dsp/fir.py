"""FIR filters by the window method: a truncated and windowed sinc."""

from __future__ import annotations

import numpy as np

from ..core.checks import require
from .checks import require_frequency, require_whole
from .windows import window as make_window


def fir_lowpass(
    cutoff: float, *, sr: float = 22050, taps: int = 101, window: str = "hamming"
) -> np.ndarray:
    """FIR low-pass by the window method: the ideal low-pass, a sinc, times a window.

    Parameters
    ----------
    cutoff
        Frequency at which the gain is one half (-6 dB), in Hz, between 0 and `sr / 2`.
    sr
        Sampling rate in Hz.
    taps
        Number of coefficients: more are steeper.
    window
        Name of a window of `mirlab.dsp.window`.

    Returns
    -------
    ndarray
        The impulse response, shape `(taps,)`, symmetric, with sum 1 (0 dB at 0 Hz); equals
        `scipy.signal.firwin`. Apply it with `convolve` or `overlap_add`; the delay is
        `(taps - 1) / 2` samples.

    Raises
    ------
    AudioError
        If an argument is out of range or the window is unknown.

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
    """FIR high-pass by the window method: a unit impulse minus the ideal low-pass, windowed.

    Parameters
    ----------
    cutoff, sr, window
        As in `fir_lowpass`.
    taps
        Number of coefficients, odd: an even number forces the gain at `sr / 2` to 0.

    Returns
    -------
    ndarray
        The impulse response, shape `(taps,)`, symmetric, 0 dB at `sr / 2`; equals
        `scipy.signal.firwin`.

    Raises
    ------
    AudioError
        As in `fir_lowpass`, and if `taps` is even.

    Examples
    --------
    >>> fir_highpass(1000, sr=8000, taps=3).round(3).tolist()
    [-0.023, 0.954, -0.023]
    """
    require_whole("taps", taps)
    require(taps % 2 == 1, f"a high-pass needs an odd number of taps, not {taps}")
    h = -_windowed_sinc(cutoff, sr, taps, window)
    h[taps // 2] += 1.0
    return h / (h @ (-1.0) ** (np.arange(taps) - taps // 2))


def _windowed_sinc(cutoff: float, sr: float, taps: int, window: str) -> np.ndarray:
    """Centred impulse response of the ideal low-pass, times a symmetric window, shape (taps,)."""
    require_frequency("cutoff", cutoff, sr)
    require_whole("taps", taps)
    n = np.arange(taps) - (taps - 1) / 2
    return (
        2 * cutoff / sr * np.sinc(2 * cutoff / sr * n) * make_window(window, taps, periodic=False)
    )

"""Window functions and their spectral leakage."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_float, require, require_choice, require_flag
from ..core.errors import AudioError
from .checks import as_signal, require_whole

# The cosine windows are sums of c[m] cos(2 pi m n / N) with alternating signs (Harris 1978).
COSINES = {
    "rectangular": (1.0,),
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
}
STEEPEST = 700.0  # beta: the Bessel function of more overflows


def window(name: str, n: int, *, periodic: bool = True, beta: float = 8.6) -> np.ndarray:
    """Window function of `n` samples (Harris, Proc. IEEE 1978).

    Parameters
    ----------
    name
        `"rectangular"`, `"hann"`, `"hamming"`, `"blackman"` or `"kaiser"`.
    n
        Length in samples.
    periodic
        True, for spectra: the window has period `n`. False, for filters: it is symmetric. (In
        scipy, `fftbins`.)
    beta
        Shape of the Kaiser window: a higher value widens the main lobe and lowers the side lobes;
        0 is rectangular.

    Returns
    -------
    ndarray
        Shape `(n,)`, at most 1; equals `scipy.signal.get_window`.

    Raises
    ------
    AudioError
        If the name is unknown, `n` is below 1, or `beta` is below 0 or above 700.

    Examples
    --------
    >>> window("hann", 4).round(6).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    require_whole("n", n)
    require_choice("window", name, [*COSINES, "kaiser"])
    require_flag("periodic", periodic)
    shape = as_float("beta", beta, AudioError)
    require(0 <= shape <= STEEPEST, f"beta must lie in 0..{STEEPEST:g}, not {beta}")
    period = n if periodic else n - 1
    if n == 1:
        return np.ones(1)
    phase = np.arange(n) / period  # 0..1 over the window
    if name == "kaiser":
        return np.i0(beta * np.sqrt(np.clip(1 - (2 * phase - 1) ** 2, 0, 1))) / np.i0(beta)
    terms = ((-1) ** m * c * np.cos(2 * np.pi * m * phase) for m, c in enumerate(COSINES[name]))
    return np.sum(list(terms), axis=0)


def window_response(w: ArrayLike, bins: ArrayLike) -> np.ndarray:
    """Leakage of a window: level of a sine `bins` away from its own frequency, in dB.

    Parameters
    ----------
    w
        Window, shape `(n,)`.
    bins
        Distances from the sine in bins of `sr / n` Hz, also fractional, shape `(m,)`.

    Returns
    -------
    ndarray
        Levels in dB, shape `(m,)`; 0 at distance 0.

    Raises
    ------
    AudioError
        If the window is invalid or sums to 0.

    Examples
    --------
    >>> window_response(window("rectangular", 64), [0.5, 1.5]).round(1).tolist()
    [-3.9, -13.5]
    """
    w, bins = as_signal(w, name="w"), as_signal(bins, name="bins")
    require(abs(w.sum()) > 0, "the window sums to 0")
    rotation = np.exp(-2j * np.pi * np.outer(bins, np.arange(w.size)) / w.size)
    with np.errstate(divide="ignore"):
        return 20 * np.log10(np.abs(rotation @ w) / abs(w.sum()))


def side_lobe_level(w: ArrayLike) -> float:
    """Level of the highest side lobe of a window.

    Parameters
    ----------
    w
        Window, shape `(n,)`, of at least 16 samples.

    Returns
    -------
    float
        Level in dB relative to the main lobe: rectangular -13.3, Hann -31.5, Hamming -42.7,
        Blackman -58.1.

    Raises
    ------
    AudioError
        If the window is invalid, too short, or has no side lobes.

    Examples
    --------
    >>> round(side_lobe_level(window("hann", 512)), 1)
    -31.5
    """
    w = as_signal(w, name="w")
    require(w.size >= 16, "a window of fewer than 16 samples has no clear lobes")
    padded = np.abs(np.fft.rfft(w, 64 * w.size))  # 64 points a bin
    rising = np.flatnonzero(np.diff(padded) > 1e-12 * padded[0])
    require(rising.size > 0, "this window has no side lobes")
    return float(20 * np.log10(padded[rising[0] :].max() / padded[0]))

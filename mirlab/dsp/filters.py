"""Biquad filters, and the analysis of filters: frequency response, poles and zeros."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_float, require, require_choice, require_number, require_rate
from ..core.errors import AudioError
from .checks import as_numbers, as_signal, require_frequency

BUTTERWORTH = 0.5**0.5  # quality factor of a maximally flat low-pass
Coefficients = tuple[list[float], list[float]]

# Audio EQ Cookbook (R. Bristow-Johnson): c = cos w0, s = alpha = sin w0 / (2 Q), g = 10^(dB/40).
_DESIGNS: dict[str, Callable[[float, float, float], Coefficients]] = {
    "lowpass": lambda c, s, g: (
        [(1 - c) / 2, 1 - c, (1 - c) / 2],
        [1 + s, -2 * c, 1 - s],
    ),
    "highpass": lambda c, s, g: (
        [(1 + c) / 2, -(1 + c), (1 + c) / 2],
        [1 + s, -2 * c, 1 - s],
    ),
    "bandpass": lambda c, s, g: ([s, 0.0, -s], [1 + s, -2 * c, 1 - s]),
    "notch": lambda c, s, g: ([1.0, -2 * c, 1.0], [1 + s, -2 * c, 1 - s]),
    "peak": lambda c, s, g: ([1 + s * g, -2 * c, 1 - s * g], [1 + s / g, -2 * c, 1 - s / g]),
    "lowshelf": lambda c, s, g: _shelf(c, s, g, side=1),
    "highshelf": lambda c, s, g: _shelf(c, s, g, side=-1),
}


def _shelf(c: float, s: float, g: float, side: int) -> Coefficients:
    """Shelf below (side 1) or above (side -1) the corner; the two are mirror images in c."""
    up, down, root = g + 1, g - 1, 2 * np.sqrt(g) * s
    b = [
        g * (up - side * down * c + root),
        side * 2 * g * (down - side * up * c),
        g * (up - side * down * c - root),
    ]
    a = [up + side * down * c + root, -side * 2 * (down + side * up * c)]
    return b, [*a, up + side * down * c - root]


def biquad(
    kind: str, frequency: float, *, sr: float = 22050, q: float = BUTTERWORTH, gain_db: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Design a biquad filter (Audio EQ Cookbook, R. Bristow-Johnson).

    Parameters
    ----------
    kind
        `"lowpass"`, `"highpass"`, `"bandpass"` (0 dB at its centre), `"notch"`, `"peak"`,
        `"lowshelf"` or `"highshelf"`.
    frequency
        Corner or centre frequency in Hz, between 0 and `sr / 2`.
    sr
        Sampling rate in Hz.
    q
        Quality factor, above 0: centre frequency over bandwidth; of a low-pass or high-pass, the
        gain at the corner.
    gain_db
        Gain of a peak or shelf in dB; the other kinds ignore it.

    Returns
    -------
    b, a : ndarray, shape (3,)
        Coefficients as in scipy: `b` of the input, `a` of the output, `a[0] == 1`.

    Raises
    ------
    AudioError
        If `kind` is unknown or an argument is out of range.

    Examples
    --------
    >>> b, a = biquad("lowpass", 1000, sr=8000)
    >>> b.round(4).tolist(), a.round(4).tolist()
    ([0.0976, 0.1953, 0.0976], [1.0, -0.9428, 0.3333])
    """
    require_choice("kind", kind, _DESIGNS)
    require_frequency("frequency", frequency, sr)
    require(0 < as_float("q", q, AudioError) < np.inf, f"q must be above 0, not {q}")
    require_number("gain_db", gain_db, minimum=-1000, maximum=1000)
    angle = 2 * np.pi * frequency / sr
    b, a = _DESIGNS[kind](np.cos(angle), np.sin(angle) / (2 * q), 10 ** (gain_db / 40))
    return np.array(b) / a[0], np.array(a) / a[0]


def filter_biquad(y: ArrayLike, b: ArrayLike, a: ArrayLike) -> np.ndarray:
    """Filter a signal with a biquad by its difference equation, with zero initial state.

    `z[n] = b0 y[n] + b1 y[n-1] + b2 y[n-2] - a1 z[n-1] - a2 z[n-2]`

    The loop over the samples takes about a second per minute of audio. `scipy.signal.lfilter`
    computes the same, faster.

    Parameters
    ----------
    y
        Samples, shape `(n,)`.
    b, a
        Coefficients from `biquad`, shape `(3,)` each.

    Returns
    -------
    ndarray
        Shape `(n,)`.

    Raises
    ------
    AudioError
        If the samples are invalid, or the coefficients are not 3 + 3 with `a[0] != 0`.

    Examples
    --------
    >>> filter_biquad([1, 0, 0, 0], [1, 0, 0], [1, -0.5, 0]).tolist()
    [1.0, 0.5, 0.25, 0.125]
    """
    b, a = _coefficients(b, a)
    require(b.size == a.size == 3, f"a biquad has 3 + 3 coefficients, not {b.size} + {a.size}")
    b0, b1, b2 = (b / a[0]).tolist()
    _, a1, a2 = (a / a[0]).tolist()
    y1 = y2 = z1 = z2 = 0.0  # the previous two samples of input and output
    result = []
    for y0 in as_signal(y).tolist():  # plain floats are three times faster than numpy's
        z0 = b0 * y0 + b1 * y1 + b2 * y2 - a1 * z1 - a2 * z2
        y1, y2, z1, z2 = y0, y1, z0, z1
        result.append(z0)
    return np.array(result)


def frequency_response(
    b: ArrayLike, a: ArrayLike = (1.0,), *, frequencies: ArrayLike, sr: float = 22050
) -> np.ndarray:
    """Frequency response `H = sum b[k] w^k / sum a[k] w^k` with `w = exp(-2 pi i f/sr)`.

    Parameters
    ----------
    b, a
        Coefficients, shapes `(n,)` and `(m,)`; omit `a` for an FIR filter.
    frequencies
        Frequencies in Hz, shape `(k,)`.
    sr
        Sampling rate in Hz.

    Returns
    -------
    ndarray
        Complex response, shape `(k,)`: its magnitude is the gain, its angle the phase. Equals
        `scipy.signal.freqz`.

    Raises
    ------
    AudioError
        If coefficients or frequencies are invalid.

    Examples
    --------
    >>> abs(frequency_response([0.5, 0.5], frequencies=[0, 4000], sr=8000)).round(6).tolist()
    [1.0, 0.0]
    """
    b, a = _coefficients(b, a)
    require_rate(sr)
    w = np.exp(-2j * np.pi * as_signal(frequencies, name="frequencies") / sr)
    return np.polyval(b[::-1], w) / np.polyval(a[::-1], w)


def poles_and_zeros(b: ArrayLike, a: ArrayLike) -> tuple[np.ndarray, np.ndarray, float]:
    """Poles and zeros of a filter in the z plane, and its gain.

    Parameters
    ----------
    b, a
        Coefficients, shapes `(n,)` and `(m,)`.

    Returns
    -------
    poles : ndarray, complex, shape (m - 1,)
    zeros : ndarray, complex, shape (n - 1,)
    gain : float
        `H(z) = gain * prod(z - zeros) / prod(z - poles)`.

    Raises
    ------
    AudioError
        If the coefficients are invalid, `b` and `a` differ in length, or `b[0]` is 0.

    Examples
    --------
    >>> poles, zeros, gain = poles_and_zeros([1, 0, -1], [1, 0, 0.25])
    >>> sorted(zeros.real.tolist()), np.abs(poles).round(6).tolist(), gain
    ([-1.0, 1.0], [0.5, 0.5], 1.0)
    """
    b, a = _coefficients(b, a)
    require(b.size == a.size and b[0] != 0, "b and a must have one length, and b[0] must not be 0")
    return np.roots(a) + 0j, np.roots(b) + 0j, float(b[0] / a[0])


def from_poles_and_zeros(
    poles: ArrayLike, zeros: ArrayLike, gain: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of the filter with these poles and zeros; the inverse of `poles_and_zeros`.

    Parameters
    ----------
    poles, zeros
        Complex, shape `(n,)` each; non-real values in conjugate pairs.
    gain
        As in `poles_and_zeros`.

    Returns
    -------
    b, a : ndarray, shape (n + 1,)

    Raises
    ------
    AudioError
        If poles, zeros or gain are no finite numbers, the numbers of poles and zeros differ, or
        the filter is not real.

    Examples
    --------
    >>> b, a = from_poles_and_zeros([0.5j, -0.5j], [1, -1])
    >>> b.tolist(), a.tolist()
    ([1.0, 0.0, -1.0], [1.0, 0.0, 0.25])
    """
    poles, zeros = _complex_points("poles", poles), _complex_points("zeros", zeros)
    require(poles.size == zeros.size, f"{poles.size} poles, but {zeros.size} zeros")
    require_number("gain", gain)
    b, a = np.atleast_1d(np.poly(zeros)) * gain, np.atleast_1d(np.poly(poles))
    largest = max(np.abs(np.imag(b)).max(), np.abs(np.imag(a)).max())
    require(bool(largest < 1e-9), "poles and zeros that are not real must come in conjugate pairs")
    return np.real(b), np.real(a)


def _complex_points(name: str, values: ArrayLike) -> np.ndarray:
    """Convert points of the z plane to a complex array, shape (n,); none are allowed."""
    points = np.atleast_1d(as_numbers(name, values))
    require(points.ndim == 1, f"{name} must have shape (n,), not {points.shape}")
    require(bool(np.isfinite(points).all()), f"{name} must be finite")
    return points


def is_stable(a: ArrayLike) -> bool:
    """Whether a filter is stable: all poles lie inside the unit circle.

    Parameters
    ----------
    a
        Coefficients of the output, shape `(m,)`.

    Raises
    ------
    AudioError
        If the coefficients are invalid.

    Examples
    --------
    >>> is_stable([1, -0.9]), is_stable([1, -1.1])
    (True, False)
    """
    _, a = _coefficients([1.0], a)
    return bool(np.all(np.abs(np.roots(a)) < 1))


def _coefficients(b: ArrayLike, a: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Convert both arrays to float64; a[0] must not be 0."""
    b, a = as_signal(b, name="b"), as_signal(a, name="a")
    require(a[0] != 0, "a[0] must not be 0")
    return b, a

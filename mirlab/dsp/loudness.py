"""Integrated loudness according to ITU-R BS.1770-4."""

from __future__ import annotations

import numpy as np

from ..core import Audio, AudioError, as_audio
from ..core.checks import as_float, require

STANDARD_RATE = 48000  # Hz; the standard gives its two filters at this rate
HEAD = (  # table 1: acoustic effect of the head, a high shelf of 4 dB
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
LOW_CUT = (  # table 2: a high-pass, since hearing is less sensitive to low frequencies
    (1.0, -2.0, 1.0),
    (1.0, -1.99004745483398, 0.99007225036621),
)
OFFSET = -0.691  # dB: compensates the gain of the filters at 997 Hz
ABSOLUTE_GATE = -70.0  # LUFS
RELATIVE_GATE = -10.0  # LU relative to the loudness of the blocks above the absolute gate
STEPS = 100  # tenths of a second filtered at once
MIN_RATE = 8000  # Hz
SURROUND = 1.41
WEIGHTS = {  # by channel count, in the usual order of files
    1: (1.0,),
    2: (1.0, 1.0),
    3: (1.0, 1.0, 1.0),
    4: (1.0, 1.0, SURROUND, SURROUND),
    5: (1.0, 1.0, 1.0, SURROUND, SURROUND),
    6: (1.0, 1.0, 1.0, 0.0, SURROUND, SURROUND),  # the LFE channel is ignored
}


def k_weighting(sr: float) -> np.ndarray:
    """The two K-weighting filters of BS.1770-4 at any sampling rate.

    The standard gives coefficients for 48 kHz. They are converted by inverting the bilinear
    transform at that rate and applying it at this one, prewarped to preserve the corner frequency.

    Parameters
    ----------
    sr
        Sampling rate in Hz, at least 8,000.

    Returns
    -------
    ndarray
        Second-order sections for `scipy.signal.sosfilt`, shape `(2, 6)`. The transform distorts
        the response near half the rate: the error at 1 kHz is 0.02 dB at 22,050 Hz and 0.2 dB at
        8,000 Hz.

    Raises
    ------
    AudioError
        If the rate is lower.

    Examples
    --------
    >>> k_weighting(48000).round(3).tolist()[1]
    [1.0, -2.0, 1.0, 1.0, -1.99, 0.99]
    """
    require(
        MIN_RATE <= as_float("sr", sr, AudioError) < np.inf,
        f"loudness needs a rate of at least {MIN_RATE} Hz, not {sr} Hz",
    )
    return np.array([_at_rate(b, a, sr) for b, a in (HEAD, LOW_CUT)])


def _at_rate(b: tuple[float, ...], a: tuple[float, ...], sr: float) -> np.ndarray:
    """Convert a biquad from 48 kHz to `sr` Hz, shape (6,)."""
    # x = (z - 1) / (z + 1) turns a polynomial in 1/z into one in x, highest power first
    into_x = np.array([[1.0, -1, 1], [2, 0, -2], [1, 1, 1]])
    p, q = into_x @ b, into_x @ a
    corner = np.sqrt(q[2] / q[0])  # tan(pi f / 48000) of the corner f
    hertz = np.arctan(corner) * STANDARD_RATE / np.pi
    ratio = corner / np.tan(np.pi * hertz / sr)
    scale = np.array([ratio**2, ratio, 1.0])
    back = np.linalg.inv(into_x)
    b_new, a_new = back @ (p * scale), back @ (q * scale)
    return np.concatenate([b_new, a_new]) / a_new[0]


def integrated_loudness(audio: Audio) -> float:
    """Integrated, gated loudness of a programme (ITU-R BS.1770-4, annex 1).

    Each channel is K-weighted, and its power is averaged over blocks of 400 ms, one every 100 ms.
    Blocks below -70 LUFS are ignored, then those 10 LU below the mean of the others.

    Parameters
    ----------
    audio
        A recording of at least 0.4 s, at least 8 kHz and at most 6 channels, in the order left,
        right, centre, (LFE,) left and right surround; 4 channels are left, right and surrounds.

    Returns
    -------
    float
        Loudness in LUFS; minus infinity if every block lies below -70. A 997 Hz sine of peak 1
        in one channel has -3.01.

    Raises
    ------
    AudioError
        If the recording is shorter, has a lower rate, or has more channels.

    Examples
    --------
    >>> t = np.arange(48000) / 48000
    >>> round(integrated_loudness(Audio(np.sin(2 * np.pi * 997 * t), 48000)), 2)
    -3.01
    """
    audio = as_audio(audio)
    require(audio.channels in WEIGHTS, f"loudness is defined for 1 to 6 channels, not {audio!r}")
    edges = np.round(np.arange(int(10 * audio.duration + 1e-9) + 1) * audio.sr / 10).astype(int)
    require(edges.size > 4, f"loudness needs at least 0.4 s, not {audio.duration:.3f} s")
    sections = k_weighting(audio.sr)
    energy = sum(
        weight * _energy(channel, edges, sections)
        for channel, weight in zip(audio.y, WEIGHTS[audio.channels], strict=True)
        if weight
    )
    total = np.concatenate([[0.0], np.cumsum(energy)])
    power = (total[4:] - total[:-4]) / (edges[4:] - edges[:-4])
    power = power[_loudness(power) > ABSOLUTE_GATE]
    if not power.size:
        return -np.inf
    gate = _loudness(power.mean()) + RELATIVE_GATE
    return float(_loudness(power[_loudness(power) > gate].mean()))


def _energy(y: np.ndarray, edges: np.ndarray, sections: np.ndarray) -> np.ndarray:
    """Energy of the filtered samples between consecutive edges, in constant memory."""
    import scipy.signal

    energy = np.zeros(edges.size - 1)
    state = np.zeros((len(sections), 2))
    for step in range(0, energy.size, STEPS):
        inner = edges[step : step + STEPS + 1]
        block = y[inner[0] : inner[-1]].astype(np.float64)
        filtered, state = scipy.signal.sosfilt(sections, block, zi=state)
        energy[step : step + STEPS] = np.add.reduceat(filtered**2, inner[:-1] - inner[0])
    return energy


def _loudness(power: np.ndarray) -> np.ndarray:
    """Convert weighted power to LUFS."""
    with np.errstate(divide="ignore"):
        return OFFSET + 10 * np.log10(power)

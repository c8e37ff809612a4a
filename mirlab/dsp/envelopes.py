"""Amplitude envelopes: ADSR generator and envelope follower."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_float, require, require_rate
from ..core.errors import AudioError
from .checks import as_signal, require_at_least_0, sample_count


def adsr(
    attack: float,
    decay: float,
    sustain: float,
    release: float,
    *,
    sr: float = 22050,
    duration: float = 1.0,
) -> np.ndarray:
    """ADSR envelope of a synthesizer note, piecewise linear.

    The level rises to 1 in `attack` seconds, falls to `sustain` in `decay` seconds, and stays there
    until the key is released at `duration`. It then falls to 0 in `release` seconds, starting from
    its current value.

    Parameters
    ----------
    attack, decay, release
        Durations in seconds, at least 0.
    sustain
        Sustain level, 0..1.
    sr
        Sampling rate in Hz.
    duration
        Time from key press to release, in seconds.

    Returns
    -------
    ndarray
        Levels in 0..1, shape `(round((duration + release) * sr),)`.

    Raises
    ------
    AudioError
        If an argument is out of range.

    Examples
    --------
    >>> adsr(0.2, 0.2, 0.5, 0.2, sr=10, duration=0.6).round(3).tolist()
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.5, 0.5, 0.25]
    """
    for name, value in {"attack": attack, "decay": decay, "release": release}.items():
        require_at_least_0(name, value)
    level_held = as_float("sustain", sustain, AudioError)
    require(0 <= level_held <= 1, f"sustain must lie in 0..1, not {sustain}")
    held = as_float("duration", duration, AudioError)
    require(held > 0, f"duration must be positive, not {duration}")
    t = np.arange(sample_count(duration + release, sr)) / sr

    def level(at: np.ndarray) -> np.ndarray:
        rise = np.minimum(at / attack, 1) if attack else np.ones(at.shape)
        fall = np.clip((at - attack) / decay, 0, 1) if decay else (at >= attack).astype(float)
        return np.minimum(rise, 1 - (1 - sustain) * fall)

    fade = np.clip(1 - (t - duration) / release, 0, 1) if release else (t < duration).astype(float)
    return level(np.minimum(t, duration)) * fade


def envelope_follower(
    y: ArrayLike, *, sr: float = 22050, attack: float = 0.005, release: float = 0.05
) -> np.ndarray:
    """Envelope follower, as in a compressor.

    `e[n] = |y[n]| + c (e[n-1] - |y[n]|)`, with `c = exp(-1 / (attack sr))` while `|y|` is above the
    envelope and `exp(-1 / (release sr))` while it is below (Giannoulis et al., JAES 2012).

    Parameters
    ----------
    y
        Samples, shape `(n,)`.
    sr
        Sampling rate in Hz.
    attack, release
        Time constants in seconds, at least 0: the time to reach 63 % of a step.

    Returns
    -------
    ndarray
        The envelope, between 0 and the largest `|y|`, shape `(n,)`.

    Raises
    ------
    AudioError
        If the samples are invalid or an argument is out of range.

    Examples
    --------
    >>> envelope_follower([1, 1, -1, 0, 0], sr=1, attack=0, release=1).round(3).tolist()
    [1.0, 1.0, 1.0, 0.368, 0.135]
    """
    require_rate(sr)
    for name, seconds in {"attack": attack, "release": release}.items():
        require_at_least_0(name, seconds)
    up, down = (np.exp(-1 / (time * sr)) if time else 0.0 for time in (attack, release))
    level, result = 0.0, []
    for x in np.abs(as_signal(y)).tolist():
        level = x + (up if x > level else down) * (level - x)
        result.append(level)
    return np.array(result)

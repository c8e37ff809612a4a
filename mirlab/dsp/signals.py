"""Signal generators: sines, harmonic tones, classical waveforms, chirps and noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import (
    as_float,
    require,
    require_choice,
    require_flag,
    require_number,
    require_seed,
)
from ..core.errors import AudioError
from .checks import as_signal, require_frequency, require_whole, sample_count

# The power of coloured noise is proportional to f ** -slope.
SLOPES = {"violet": -2, "blue": -1, "white": 0, "pink": 1, "brown": 2}


def sample_times(*, sr: float = 22050, duration: float = 1.0) -> np.ndarray:
    """Sample times of a signal: 0, 1/sr, 2/sr, ...

    Parameters
    ----------
    sr
        Sampling rate in Hz.
    duration
        Duration in seconds.

    Returns
    -------
    ndarray
        Times in seconds, shape `(samples,)` with `samples = round(duration * sr)`.

    Raises
    ------
    AudioError
        If the duration is shorter than half a sample.

    Examples
    --------
    >>> sample_times(sr=4, duration=1).tolist()
    [0.0, 0.25, 0.5, 0.75]
    """
    return np.arange(sample_count(duration, sr)) / sr


def sine(
    frequency: float,
    *,
    sr: float = 22050,
    duration: float = 1.0,
    amplitude: float = 1.0,
    phase: float = 0.0,
) -> np.ndarray:
    """A sine, `amplitude * sin(2 pi frequency t + phase)`.

    Frequencies above `sr / 2` are allowed, in order to hear aliasing (`alias_frequency`).

    Parameters
    ----------
    frequency
        Frequency in Hz.
    sr, duration
        As in `sample_times`.
    amplitude
        Peak amplitude.
    phase
        Phase at time 0, in radians.

    Returns
    -------
    ndarray
        Shape `(samples,)`.

    Raises
    ------
    AudioError
        If an argument is not a finite number, or the duration is shorter than half a sample.

    Examples
    --------
    >>> sine(1, sr=4).round(6).tolist()
    [0.0, 1.0, 0.0, -1.0]
    """
    for name, value in {"frequency": frequency, "amplitude": amplitude, "phase": phase}.items():
        require_number(name, value)
    return amplitude * np.sin(
        2 * np.pi * frequency * sample_times(sr=sr, duration=duration) + phase
    )


def harmonic_tone(
    frequency: float, amplitudes: ArrayLike, *, sr: float = 22050, duration: float = 1.0
) -> np.ndarray:
    """Harmonic tone: a sum of sines at 1, 2, 3, ... times a frequency, without aliasing.

    Parameters
    ----------
    frequency
        Frequency of the first partial in Hz, below `sr / 2`.
    amplitudes
        Amplitudes of the partials from the first on, shape `(partials,)`; negative ones invert
        the sine.
    sr, duration
        As in `sample_times`.

    Returns
    -------
    ndarray
        Shape `(samples,)`. Partials at or above `sr / 2` are left out.

    Raises
    ------
    AudioError
        If the first partial lies at or above `sr / 2`.

    Examples
    --------
    >>> harmonic_tone(1, [1, 0.5], sr=8).round(3).tolist()
    [0.0, 1.207, 1.0, 0.207, 0.0, -0.207, -1.0, -1.207]
    """
    amplitudes = as_signal(amplitudes, name="amplitudes")
    require_frequency("frequency", frequency, sr)
    t = sample_times(sr=sr, duration=duration)
    y = np.zeros(t.size)
    for k, amplitude in enumerate(amplitudes, start=1):
        if amplitude and k * frequency < sr / 2:
            y += amplitude * np.sin(2 * np.pi * k * frequency * t)
    return y


def partial_amplitudes(shape: str, n: int) -> np.ndarray:
    """Fourier series of a classical waveform of peak 1: amplitudes of its partials.

    Parameters
    ----------
    shape
        `"square"`: 4 / (pi k), odd k only. `"sawtooth"`, rising through 0 at time 0:
        2 / (pi k), signs alternating. `"triangle"`: 8 / (pi k)^2, odd k only, signs alternating.
    n
        Number of partials.

    Returns
    -------
    ndarray
        Shape `(n,)`.

    Raises
    ------
    AudioError
        If `shape` is unknown or `n` is below 1.

    Examples
    --------
    >>> (partial_amplitudes("square", 5) * np.pi / 4).round(3).tolist()
    [1.0, 0.0, 0.333, 0.0, 0.2]
    """
    require_whole("n", n)
    require_choice("shape", shape, ("square", "sawtooth", "triangle"))
    k = np.arange(1, n + 1)
    if shape == "square":
        return np.where(k % 2, 4 / (np.pi * k), 0.0)
    if shape == "sawtooth":
        return np.where(k % 2, 1, -1) * 2 / (np.pi * k)
    return np.where(k % 2, 1 - (k - 1) % 4, 0) * 8 / (np.pi * k) ** 2


def square(frequency: float, *, sr: float = 22050, duration: float = 1.0) -> np.ndarray:
    """Band-limited square wave of peak 1 (plus Gibbs overshoot); see `harmonic_tone`.

    >>> square(100, sr=8000, duration=0.5).shape
    (4000,)
    """
    return _wave("square", frequency, sr, duration)


def sawtooth(frequency: float, *, sr: float = 22050, duration: float = 1.0) -> np.ndarray:
    """Band-limited rising sawtooth of peak 1 (plus Gibbs overshoot); see `harmonic_tone`.

    >>> sawtooth(100, sr=8000, duration=0.5).shape
    (4000,)
    """
    return _wave("sawtooth", frequency, sr, duration)


def triangle(frequency: float, *, sr: float = 22050, duration: float = 1.0) -> np.ndarray:
    """Band-limited triangle wave of peak 1; see `harmonic_tone`.

    >>> triangle(100, sr=8000, duration=0.5).shape
    (4000,)
    """
    return _wave("triangle", frequency, sr, duration)


def _wave(shape: str, frequency: float, sr: float, duration: float) -> np.ndarray:
    """Sum all partials of a classical waveform below half the sampling rate."""
    require_frequency("frequency", frequency, sr)
    amplitudes = partial_amplitudes(shape, int(sr / 2 / frequency))
    return harmonic_tone(frequency, amplitudes, sr=sr, duration=duration)


def chirp(
    fmin: float, fmax: float, *, sr: float = 22050, duration: float = 1.0, linear: bool = False
) -> np.ndarray:
    """Chirp: a sine of changing frequency; equals `librosa.chirp`.

    Parameters
    ----------
    fmin, fmax
        Frequencies at the start and at the end, in Hz, above 0. Either may be the higher one.
    sr, duration
        As in `sample_times`.
    linear
        Whether the frequency changes linearly in Hz; by default, linearly in octaves.

    Returns
    -------
    ndarray
        Shape `(samples,)`, peak 1.

    Raises
    ------
    AudioError
        If a frequency is not above 0.

    Examples
    --------
    >>> glide = chirp(110, 880, sr=8000, duration=2)  # three octaves in two seconds
    >>> glide.shape
    (16000,)
    """
    for name, hz in {"fmin": fmin, "fmax": fmax}.items():
        require(0 < as_float(name, hz, AudioError) < np.inf, f"{name} must be above 0, not {hz}")
    require_flag("linear", linear)
    t = sample_times(sr=sr, duration=duration)
    # the phase is 2 pi times the integral of the frequency over time
    if linear or fmin == fmax:
        cycles = fmin * t + (fmax - fmin) / duration * t**2 / 2
    else:
        rate = np.log(fmax / fmin) / duration
        cycles = fmin * np.expm1(rate * t) / rate
    return np.sin(2 * np.pi * cycles)


def noise(
    colour: str = "white", *, sr: float = 22050, duration: float = 1.0, seed: int = 0
) -> np.ndarray:
    """Coloured Gaussian noise with an RMS of 1 and a mean of 0.

    White noise is filtered in the frequency domain: each bin is multiplied by `f ** (-slope / 2)`.

    Parameters
    ----------
    colour
        `"white"` (equal power in every Hz), `"pink"` (-3 dB an octave), `"brown"` (-6 dB),
        `"blue"` (+3 dB), `"violet"` (+6 dB).
    sr, duration
        As in `sample_times`.
    seed
        Seed of the random generator.

    Returns
    -------
    ndarray
        Shape `(samples,)`.

    Raises
    ------
    AudioError
        If the colour is unknown, or there are fewer than 2 samples.

    Examples
    --------
    >>> hiss = noise("pink", sr=8000, duration=2, seed=1)
    >>> round(float(np.mean(hiss**2)), 6)
    1.0
    """
    require_choice("colour", colour, SLOPES)
    require_seed(seed)
    n = sample_count(duration, sr)
    require(n > 1, "noise needs at least 2 samples")
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n))
    spectrum[0] = 0.0
    spectrum[1:] *= np.arange(1, spectrum.size) ** (-SLOPES[colour] / 2)
    y = np.fft.irfft(spectrum, n)
    return y / np.sqrt(np.mean(y**2))

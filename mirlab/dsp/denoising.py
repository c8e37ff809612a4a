"""Reduction of broadband noise: spectral subtraction, Wiener filter, spectral gate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..core import Audio, AudioError, as_audio
from ..core.checks import as_float, require, require_number
from .noise_estimate import SILENCE, frame_count, frame_length, frames, noise_power
from .windows import window

FRAMES = 256  # frames per batch of transforms

# A rule maps the SNR (bins,) of a frame and the state (bins,) of the previous frame, initially 0,
# to the gains (bins,) and the new state (bins,).
Rule = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def spectral_subtraction(
    audio: Audio,
    *,
    noise: Audio | None = None,
    over_subtraction: float = 1.25,
    floor_db: float = -20.0,
) -> Audio:
    """Spectral subtraction of the noise's magnitude (Boll, IEEE Trans. ASSP 1979).

    `|S| = |Y| - over_subtraction |N|`, with a gain of at least `floor_db`; the floor masks the
    musical noise that single bins would leave (Berouti, Schwartz and Makhoul, ICASSP 1979).

    Parameters
    ----------
    audio
        A recording with stationary noise.
    noise
        An excerpt that contains only the noise, same rate and channels; by default, the noise is
        estimated with `noise_power`.
    over_subtraction
        Factor of the mean magnitude of the noise that is subtracted, at least 0.
    floor_db
        Lowest gain in dB, at most 0.

    Returns
    -------
    Audio
        Same rate, channels and length.

    Raises
    ------
    AudioError
        If `noise` has another rate or number of channels, or an argument is out of range.

    Examples
    --------
    >>> hiss = Audio(0.1 * np.random.default_rng(0).standard_normal(22050), 22050)
    >>> bool(np.std(spectral_subtraction(hiss).y) < 0.6 * np.std(hiss.y))
    True
    """
    factor = as_float("over_subtraction", over_subtraction, AudioError)
    require(0 <= factor < np.inf, f"over_subtraction must be at least 0, not {over_subtraction}")
    floor = _floor(floor_db)
    # the magnitude of Gaussian noise of power 1 has a Rayleigh distribution with this mean
    mean = over_subtraction * np.sqrt(np.pi) / 2

    def rule(snr: np.ndarray, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.maximum(1 - mean / np.sqrt(np.maximum(snr, 1e-12)), floor), state

    return _denoise(audio, noise, rule)


def wiener(
    audio: Audio,
    *,
    noise: Audio | None = None,
    smoothing: float = 0.94,
    floor_db: float = -20.0,
) -> Audio:
    """Wiener filter with the decision-directed estimate of the signal-to-noise ratio.

    The gain of each bin is `xi / (1 + xi)`, which is optimal if `xi`, the ratio of the clean
    signal's power to the noise's, is known. It is estimated as a weighted mean: `smoothing` times
    the ratio after cleaning the previous frame, plus `1 - smoothing` times the estimate from this
    frame alone (decision-directed approach of Ephraim and Malah, IEEE Trans. ASSP 1984, eq. 51).
    The smoothing avoids musical noise.

    Parameters
    ----------
    audio, noise, floor_db
        As in `spectral_subtraction`.
    smoothing
        Weight of the previous frame, 0..1, below 1.

    Returns
    -------
    Audio
        Same rate, channels and length.

    Raises
    ------
    AudioError
        As in `spectral_subtraction`.

    Examples
    --------
    >>> hiss = Audio(0.1 * np.random.default_rng(0).standard_normal(22050), 22050)
    >>> bool(np.std(wiener(hiss).y) < 0.3 * np.std(hiss.y))
    True
    """
    weight = as_float("smoothing", smoothing, AudioError)
    require(0 <= weight < 1, f"smoothing must lie in 0..1 and below 1, not {smoothing}")
    floor = _floor(floor_db)

    def rule(snr: np.ndarray, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        xi = smoothing * state + (1 - smoothing) * np.maximum(snr - 1, 0)
        gain = np.maximum(xi / (1 + xi), floor)
        return gain, gain**2 * snr  # SNR after cleaning this frame

    return _denoise(audio, noise, rule)


def spectral_gate(
    audio: Audio,
    *,
    noise: Audio | None = None,
    threshold_db: float = 8.0,
    hold: float = 0.05,
    floor_db: float = -20.0,
) -> Audio:
    """Spectral gate: pass bins that are clearly louder than the noise, and attenuate the others.

    The mean power of three neighbouring bins is compared with the noise's. The gate of a bin opens
    at once and closes slowly, so that notes decay naturally.

    Parameters
    ----------
    audio, noise, floor_db
        As in `spectral_subtraction`.
    threshold_db
        Level above the noise in dB at which the gate opens.
    hold
        Time constant of the closing in seconds, at least 0.

    Returns
    -------
    Audio
        Same rate, channels and length.

    Raises
    ------
    AudioError
        As in `spectral_subtraction`.

    Examples
    --------
    >>> hiss = Audio(0.1 * np.random.default_rng(0).standard_normal(22050), 22050)
    >>> bool(np.std(spectral_gate(hiss).y) < 0.3 * np.std(hiss.y))
    True
    """
    audio = as_audio(audio)
    require_number("threshold_db", threshold_db, minimum=-1000, maximum=1000)
    hold = as_float("hold", hold, AudioError)
    require(hold >= 0, f"hold must be at least 0 s, not {hold}")
    floor = _floor(floor_db)
    limit = 10 ** (threshold_db / 10)
    hop = frame_length(audio.sr) // 4
    decay = np.exp(-hop / (hold * audio.sr)) if hold else 0.0

    def rule(snr: np.ndarray, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        padded = np.concatenate([snr[:1], snr, snr[-1:]])
        mean = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
        opening = np.where(mean > limit, 1.0, decay * state)
        return floor + (1 - floor) * opening, opening

    return _denoise(audio, noise, rule)


def _floor(floor_db: float) -> float:
    """Convert the lowest gain from dB to a factor."""
    require(
        as_float("floor_db", floor_db, AudioError) <= 0,
        f"floor_db must be at most 0 dB, not {floor_db}",
    )
    return float(10 ** (floor_db / 20))


def _denoise(audio: Audio, noise: Audio | None, rule: Rule) -> Audio:
    """Apply a rule to every frame of every channel, a few seconds at a time."""
    audio = as_audio(audio)
    if noise is None:
        powers = noise_power(audio)
    else:
        noise = as_audio(noise)
        require(
            noise.sr == audio.sr and noise.channels == audio.channels,
            f"the noise must have the sound's rate and channels: {noise!r} for {audio!r}",
        )
        powers = noise_power(noise, noise_only=True)
    clean = np.zeros_like(audio.y)
    for y, power, out in zip(audio.y, powers, clean, strict=True):
        _filter_frames(y, power, rule, out)
    return Audio(clean, audio.sr)


def _filter_frames(y: np.ndarray, power: np.ndarray, rule: Rule, out: np.ndarray) -> None:
    """Overlap-add the frames of `y` with the gains of the rule into `out`."""
    n_fft = 2 * (power.size - 1)
    hop = n_fft // 4
    count = frame_count(y.size, n_fft)
    shape = window("hann", n_fft) / 1.5  # squared Hann windows, four times overlapped, sum to 1.5
    safe = np.maximum(power, SILENCE)
    state = np.zeros(power.size)
    for first in range(0, count, FRAMES):
        last = min(first + FRAMES, count)
        spectra = np.fft.rfft(frames(y, first, last, n_fft))
        for spectrum in spectra:
            gain, state = rule(np.abs(spectrum) ** 2 / safe, state)
            spectrum *= gain
        start = first * hop - (n_fft - hop)  # first sample of the first frame
        total = np.zeros((last - first - 1) * hop + n_fft)
        for n, frame in enumerate(np.fft.irfft(spectra, n_fft) * shape):
            total[n * hop : n * hop + n_fft] += frame
        inner = slice(max(start, 0), min(start + total.size, y.size))
        out[inner] += total[inner.start - start : inner.stop - start].astype(np.float32)

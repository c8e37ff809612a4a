"""Pitch by signal processing: from the period of the waveform, and from its harmonics."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..core import Audio, AudioError, as_audio
from ..core.checks import require_count, require_number
from ..core.constants import SAMPLE_RATE
from ..core.progress import track_progress
from ..spectra import vqt_blocks

FRAME = 2048  # samples per frame of YIN
HOP = 256  # samples from frame to frame
BLOCK = 4096  # frames per block, which bounds the memory
PER_OCTAVE = 36  # bins of the harmonic sum
LOWEST_HZ = 32.7  # of its axis
OCTAVES = 8
MIN_SAMPLES = 4400  # at least the length of its longest window


def yin(
    audio: Audio, *, fmin: float = 65.0, fmax: float = 2100.0, threshold: float = 0.1
) -> tuple[np.ndarray, np.ndarray]:
    """Fundamental frequency of a single voice by YIN (de Cheveigne and Kawahara 2002).

    A wave of period T differs least from itself shifted by T. The steps are those of the paper: the
    squared difference at every lag (equation 6), divided by its mean over shorter lags (equation
    8), the first dip below a threshold (step 4), and parabolic interpolation of the minimum
    (step 5).

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz.
    fmin, fmax
        Lowest and highest frequency in Hz; `fmin` at least 22.
    threshold
        The first dip below this value is taken; if there is none, the lowest dip.

    Returns
    -------
    hz : ndarray
        Pitch in Hz, shape `(frames,)`, a frame every 256 samples; 0 in silence.
    aperiodicity : ndarray
        Height of the dip, shape `(frames,)`: 0 for a periodic wave, about 1 for noise; 1 in
        silence.

    Raises
    ------
    AudioError
        When `fmin` and `fmax` are not a valid range.

    Examples
    --------
    >>> t = np.arange(22050) / 22050
    >>> hz, aperiodicity = yin(Audio(np.sin(2 * np.pi * 220 * t), 22050))
    >>> round(float(hz[40]), 1), bool(aperiodicity[40] < 0.01)
    (220.0, True)
    """
    shortest, longest = lags_between(fmin, fmax)
    require_number("threshold", threshold)
    lags, depths = zip(
        *(_dips(frames, shortest, longest, threshold) for frames in frames_of(audio)), strict=True
    )
    lag, depth = np.concatenate(lags), np.concatenate(depths)
    return np.where(lag > 0, SAMPLE_RATE / np.maximum(lag, 1), 0.0), depth


def lags_between(fmin: float, fmax: float) -> tuple[int, int]:
    """The shortest and the longest period of a frequency range, in samples.

    Raises
    ------
    AudioError
        When `fmin` and `fmax` are not a valid range.
    """
    require_number("fmin", fmin)
    require_number("fmax", fmax)
    if not 2 * SAMPLE_RATE / FRAME < fmin < fmax <= SAMPLE_RATE / 4:
        raise AudioError(
            f"fmin and fmax must be an increasing range within {2 * SAMPLE_RATE / FRAME:.0f} to "
            f"{SAMPLE_RATE / 4:.0f} Hz, not {fmin:g} and {fmax:g}"
        )
    return int(SAMPLE_RATE / fmax), int(np.ceil(SAMPLE_RATE / fmin)) + 1


def frames_of(audio: Audio) -> Iterator[np.ndarray]:
    """Yield blocks of frames, centred on multiples of HOP, shape `(frames, FRAME)`.

    Examples
    --------
    >>> [block.shape for block in frames_of(Audio(np.zeros(22050), 22050))]
    [(87, 2048)]
    """
    y = as_audio(audio, sr=SAMPLE_RATE, mono=True).y[0].astype(np.float64)
    count = 1 + y.size // HOP
    padded = np.pad(y, (FRAME // 2, FRAME))
    windows = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP][:count]
    for start in track_progress(range(0, count, BLOCK)):
        yield windows[start : start + BLOCK]


def _dips(
    frames: np.ndarray, shortest: int, longest: int, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Lag of each frame's first dip, 0 in silence, and its height."""
    normal = normalised_difference(frames, longest + 1)
    silent = ~(frames**2).any(axis=1)
    inside = normal[:, shortest : longest + 1]
    # a dip: no higher than the lag before it, lower than the one after
    before, after = normal[:, shortest - 1 : longest], normal[:, shortest + 1 : longest + 2]
    first = (inside < threshold) & (inside <= before) & (inside < after)
    index = np.where(first.any(axis=1), first.argmax(axis=1), inside.argmin(axis=1)) + shortest
    rows = np.arange(len(frames))
    flat = rows * normal.shape[1] + index
    lag = interpolate_minima(normal.reshape(-1), flat) - rows * normal.shape[1]
    return np.where(silent, 0.0, lag), np.where(silent, 1.0, normal[rows, index])


def interpolate_minima(curve: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Positions of minima between the points of a curve, by parabolic interpolation."""
    left, middle, right = (curve[indices + step] for step in (-1, 0, 1))
    curvature = left - 2 * middle + right
    shift = np.where(curvature > 1e-12, (left - right) / np.maximum(2 * curvature, 1e-12), 0.0)
    return np.asarray(indices + np.clip(shift, -0.5, 0.5))


def normalised_difference(frames: np.ndarray, longest: int) -> np.ndarray:
    """Cumulative mean normalised difference function of YIN (equation 8).

    Parameters
    ----------
    frames
        Shape `(frames, samples)`.
    longest
        Largest lag; the remaining `samples - longest` samples are compared.

    Returns
    -------
    ndarray
        `d'(lag)`, shape `(frames, longest + 1)`: 1 at lag 0, 0 where the frame repeats exactly.

    Examples
    --------
    >>> frame = np.tile([0.0, 1.0, 0.0, -1.0], 4)[None]  # period 4
    >>> int(normalised_difference(frame, 6)[0].argmin())
    4
    """
    compared = frames.shape[1] - longest
    size = 2 * frames.shape[1]
    head = np.fft.rfft(frames[:, :compared], size)
    products = np.fft.irfft(head.conj() * np.fft.rfft(frames, size), size)[:, : longest + 1]
    energy = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    powers = energy[:, compared : compared + longest + 1] - energy[:, : longest + 1]
    difference = np.maximum(powers[:, :1] + powers - 2 * products, 0.0)
    difference[:, 0] = 0.0
    lags = np.arange(1, longest + 1)
    mean = np.cumsum(difference[:, 1:], axis=1) / lags
    normal = np.ones_like(difference)
    np.divide(difference[:, 1:], mean, out=normal[:, 1:], where=mean > 1e-12)
    return normal


def harmonic_sum(
    audio: Audio,
    *,
    fmin: float = 65.0,
    fmax: float = 2100.0,
    harmonics: int = 10,
    decay: float = 0.84,
) -> tuple[np.ndarray, np.ndarray]:
    """Pitch with the largest sum of harmonics (subharmonic summation, Hermes 1988).

    In a constant-Q spectrogram, harmonic h of any pitch lies a constant number of bins above it.
    Copies of the spectrogram are shifted down by that number of bins, weighted by 0.84 to the
    power h - 1, and added; the sum is the salience of each pitch.

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz.
    fmin, fmax
        Lowest and highest pitch in Hz, 33..4000.
    harmonics
        Number of harmonics, 1 or more.
    decay
        Weight of each harmonic relative to the previous one, 0..1.

    Returns
    -------
    hz : ndarray
        Most salient pitch in Hz, shape `(frames,)`, a frame every 256 samples; 0 in silence.
    salience : ndarray
        Shape `(bins, frames)`, 36 bins per octave from 32.7 Hz.

    Raises
    ------
    AudioError
        When `fmin` and `fmax` are not a valid range, or `harmonics` is less than 1.

    References
    ----------
    D. J. Hermes, "Measurement of pitch by subharmonic summation", JASA 83 (1988).

    Examples
    --------
    >>> t = np.arange(44100) / 22050
    >>> tone = sum(np.sin(2 * np.pi * 220 * k * t) / k for k in range(1, 6))
    >>> hz, _ = harmonic_sum(Audio(tone / 4, 22050))
    >>> round(float(hz[80]))
    220
    """
    require_number("fmin", fmin)
    require_number("fmax", fmax)
    require_number("decay", decay, minimum=0, maximum=1)
    require_count("harmonics", harmonics)
    if not LOWEST_HZ <= fmin < fmax <= 4000:
        raise AudioError(
            f"fmin and fmax must be an increasing range within 33 to 4000 Hz, not {fmin:g} and "
            f"{fmax:g}"
        )
    spectrogram = _constant_q(audio)
    salience = np.zeros_like(spectrogram)
    for h in range(1, harmonics + 1):
        shift = round(PER_OCTAVE * float(np.log2(h)))
        if shift >= len(spectrogram):
            break  # above the axis
        salience[: len(spectrogram) - shift] += decay ** (h - 1) * spectrogram[shift:]
    axis = LOWEST_HZ * 2 ** (np.arange(len(spectrogram)) / PER_OCTAVE)
    low, high = np.searchsorted(axis, (fmin * 0.99, fmax * 1.01))
    best = salience[low:high].argmax(axis=0) + low
    columns = np.arange(salience.shape[1])
    left, middle, right = (salience[best + step, columns] for step in (-1, 0, 1))
    curve = np.maximum(2 * middle - left - right, 1e-12)
    fraction = np.clip((right - left) / (2 * curve), -0.5, 0.5)
    hz = LOWEST_HZ * 2 ** ((best + fraction) / PER_OCTAVE)
    return np.where(middle > 0, hz, 0.0), salience


def _constant_q(audio: Audio) -> np.ndarray:
    """Amplitudes of eight octaves from C1, shape `(bins, frames)`; silence is 0."""
    y = as_audio(audio, sr=SAMPLE_RATE, mono=True).y[0]
    frames = y.size // HOP + 1
    blocks = vqt_blocks(
        np.pad(y, (0, max(0, MIN_SAMPLES - y.size))),
        sr=SAMPLE_RATE,
        hop_length=HOP,
        fmin=LOWEST_HZ,
        n_bins=OCTAVES * PER_OCTAVE,
        bins_per_octave=PER_OCTAVE,
    )
    return np.concatenate([np.abs(block) for block in blocks], axis=1)[:, :frames]

"""Pitch without learning: by how a wave repeats, and by where its harmonics stand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..core import Audio, AudioError
from ..core.constants import SAMPLE_RATE
from ..core.progress import track_progress
from ..spectra import vqt_blocks

FRAME = 2048  # samples that YIN compares
HOP = 256  # samples from frame to frame
AT_ONCE = 4096  # frames, so that memory stays flat
PER_OCTAVE = 36  # bins of the harmonic sum
LOWEST_HZ = 32.7  # of its axis
OCTAVES = 8
LONGEST = 4400  # samples, at least of its longest window


def yin(
    audio: Audio, *, fmin: float = 65.0, fmax: float = 2100.0, threshold: float = 0.1
) -> tuple[np.ndarray, np.ndarray]:
    """The fundamental frequency of one voice (de Cheveigne and Kawahara 2002).

    A wave of period T is least different from itself T later. Step by step, as in the paper: the
    squared difference for every lag (its equation 6), over the mean of those for shorter lags
    (equation 8), the first dip below a threshold (step 4), and a parabola through its three lowest
    points (step 5).

    Parameters
    ----------
    audio
        Any sound; it is mixed to mono and brought to 22,050 Hz.
    fmin, fmax
        The lowest and highest frequency that is looked for, in Hz; `fmin` at least 22.
    threshold
        How low a dip must be to be the first; where none is, the lowest is taken.

    Returns
    -------
    hz : ndarray
        Shape `(frames,)`, a frame every 256 samples; 0 in silence.
    aperiodicity : ndarray
        How deep the dip is, shape `(frames,)`: 0 for a wave that repeats exactly, about 1 for
        noise; 1 in silence.

    Raises
    ------
    AudioError
        When the frequencies make no range.

    Examples
    --------
    >>> t = np.arange(22050) / 22050
    >>> hz, aperiodicity = yin(Audio(np.sin(2 * np.pi * 220 * t), 22050))
    >>> round(float(hz[40]), 1), bool(aperiodicity[40] < 0.01)
    (220.0, True)
    """
    shortest, longest = lags_between(fmin, fmax)
    lags, depths = zip(
        *(_dips(frames, shortest, longest, threshold) for frames in frames_of(audio)), strict=True
    )
    lag, depth = np.concatenate(lags), np.concatenate(depths)
    return np.where(lag > 0, SAMPLE_RATE / np.maximum(lag, 1), 0.0), depth


def lags_between(fmin: float, fmax: float) -> tuple[int, int]:
    """The shortest and the longest lag in samples at which a frequency of a range repeats.

    Raises
    ------
    AudioError
        When the frequencies make no range.
    """
    if not 2 * SAMPLE_RATE / FRAME < fmin < fmax <= SAMPLE_RATE / 4:
        raise AudioError(
            f"fmin and fmax must rise between {2 * SAMPLE_RATE / FRAME:.0f} and "
            f"{SAMPLE_RATE / 4:.0f} Hz, not {fmin:g} and {fmax:g}"
        )
    return int(SAMPLE_RATE / fmax), int(np.ceil(SAMPLE_RATE / fmin)) + 1


def frames_of(audio: Audio) -> Iterator[np.ndarray]:
    """The stretches that YIN compares, centred on the frames; shape `(some, FRAME)`."""
    y = audio.mono().resample(SAMPLE_RATE).y[0].astype(np.float64)
    count = 1 + y.size // HOP
    padded = np.pad(y, (FRAME // 2, FRAME))
    windows = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP][:count]
    for start in track_progress(range(0, count, AT_ONCE)):
        yield windows[start : start + AT_ONCE]


def _dips(
    frames: np.ndarray, shortest: int, longest: int, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """The lag of each frame's first dip, 0 in silence, and how deep it is."""
    normal = normalised_difference(frames, longest + 1)
    silent = ~(frames**2).any(axis=1)
    inside = normal[:, shortest : longest + 1]
    # a dip: no higher than the lag before it, lower than the one after
    before, after = normal[:, shortest - 1 : longest], normal[:, shortest + 1 : longest + 2]
    first = (inside < threshold) & (inside <= before) & (inside < after)
    place = np.where(first.any(axis=1), first.argmax(axis=1), inside.argmin(axis=1)) + shortest
    rows = np.arange(len(frames))
    flat = rows * normal.shape[1] + place
    lag = refined(normal.reshape(-1), flat) - rows * normal.shape[1]
    return np.where(silent, 0.0, lag), np.where(silent, 1.0, normal[rows, place])


def refined(curve: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Where the bottoms of dips lie: between the points of a curve, by a parabola through three."""
    left, middle, right = (curve[places + step] for step in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.where(bend > 1e-12, (left - right) / np.maximum(2 * bend, 1e-12), 0.0)
    return np.asarray(places + np.clip(shift, -0.5, 0.5))


def normalised_difference(frames: np.ndarray, longest: int) -> np.ndarray:
    """How different each frame is from itself some samples later, beside shorter lags.

    Parameters
    ----------
    frames
        Shape `(frames, samples)`.
    longest
        The last lag; the others samples are compared.

    Returns
    -------
    ndarray
        `d'(lag)`, shape `(frames, longest + 1)`: 1 at lag 0, 0 where the frame repeats.
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
    """The pitch whose harmonics are strongest together (Hermes 1988).

    In a constant-Q picture harmonic h of every pitch lies the same number of bins above it; so
    copies of the picture, moved down by that much and each 0.84 times as strong as the one before,
    add up to how much speaks for each pitch.

    Parameters
    ----------
    audio
        Any sound; it is mixed to mono and brought to 22,050 Hz.
    fmin, fmax
        The lowest and highest pitch in Hz, 33..4000.
    harmonics
        How many are added, 1 or more.
    decay
        How much less each counts than the one before.

    Returns
    -------
    hz : ndarray
        The strongest pitch, shape `(frames,)`, a frame every 256 samples; 0 in silence.
    salience : ndarray
        Shape `(bins, frames)`, 36 bins an octave from 32.7 Hz.

    Raises
    ------
    AudioError
        When the frequencies make no range, or there is no harmonic.

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
    if not LOWEST_HZ <= fmin < fmax <= 4000:
        raise AudioError(f"fmin and fmax must rise between 33 and 4000 Hz, not {fmin:g}, {fmax:g}")
    if harmonics < 1:
        raise AudioError(f"harmonics must be 1 or more, not {harmonics}")
    picture = _constant_q(audio)
    salience = np.zeros_like(picture)
    for h in range(1, harmonics + 1):
        up = round(PER_OCTAVE * float(np.log2(h)))
        salience[: len(picture) - up] += decay ** (h - 1) * picture[up:]
    axis = LOWEST_HZ * 2 ** (np.arange(len(picture)) / PER_OCTAVE)
    low, high = np.searchsorted(axis, (fmin * 0.99, fmax * 1.01))
    best = salience[low:high].argmax(axis=0) + low
    columns = np.arange(salience.shape[1])
    left, middle, right = (salience[best + step, columns] for step in (-1, 0, 1))
    curve = np.maximum(2 * middle - left - right, 1e-12)
    shift = np.clip((right - left) / (2 * curve), -0.5, 0.5)
    hz = LOWEST_HZ * 2 ** ((best + shift) / PER_OCTAVE)
    return np.where(middle > 0, hz, 0.0), salience


def _constant_q(audio: Audio) -> np.ndarray:
    """Amplitudes of eight octaves from C1, shape `(bins, frames)`; silence is 0."""
    y = audio.mono().resample(SAMPLE_RATE).y[0]
    frames = y.size // HOP + 1
    blocks = vqt_blocks(
        np.pad(y, (0, max(0, LONGEST - y.size))),
        sr=SAMPLE_RATE,
        hop_length=HOP,
        fmin=LOWEST_HZ,
        n_bins=OCTAVES * PER_OCTAVE,
        bins_per_octave=PER_OCTAVE,
    )
    return np.concatenate([np.abs(block) for block in blocks], axis=1)[:, :frames]

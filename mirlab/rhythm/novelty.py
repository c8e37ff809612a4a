"""Novelty functions: how much a signal changes from frame to frame, in energy, spectrum and phase.

Their peaks are onsets. `mirlab.rhythm.onset_strength`, which the beat tracker uses, is a spectral
flux too, on mel bands.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import uniform_filter1d

from ..core import Audio, AudioError, as_audio
from ..core.checks import as_array, require_count, require_number
from ..core.constants import SAMPLE_RATE
from ..spectra import stft_blocks

N_FFT = 1024
HOP_LENGTH = 256  # 11.6 ms
FLOOR = 1e-8  # of the largest energy, -80 dB: changes below it do not count
COMPRESSION = 100.0  # of magnitudes relative to the largest


def energy_novelty(audio: Audio) -> np.ndarray:
    """Rise of the log energy, in dB from frame to frame (Müller 2015, section 6.1.1).

    Finds strokes of drums and piano; a soft onset in a sustained sound hardly raises the energy.

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz.

    Returns
    -------
    ndarray
        Shape `(frames,)`, at least 0, a frame every 256 samples (11.6 ms), the first at 0 s.

    Examples
    --------
    >>> click = np.zeros(22050)
    >>> click[11025] = 1
    >>> novelty = energy_novelty(Audio(click, 22050))
    >>> novelty.shape, bool(abs(novelty.argmax() * 256 / 22050 - 0.5) < 0.03)
    ((87,), True)
    """
    energy = _framewise(audio, lambda spectrum, _: (np.abs(spectrum) ** 2).sum(axis=0))
    decibels = 10 * np.log10(np.maximum(energy, FLOOR * max(energy.max(), 1e-30)))
    return np.maximum(np.diff(decibels, prepend=decibels[:1]), 0)


def spectral_novelty(audio: Audio, *, compression: float = COMPRESSION) -> np.ndarray:
    """Spectral flux: the sum of all rises of the compressed magnitudes (Müller 2015, eq. 6.5).

    A new tone raises some bins, even if the energy stays the same.

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz.
    compression
        `gamma > 0` in `log(1 + gamma |X|)`, where the largest magnitude is 1; the larger it is, the
        more weak components count.

    Returns
    -------
    ndarray
        Shape `(frames,)`, at least 0, a frame every 256 samples (11.6 ms), the first at 0 s.

    Raises
    ------
    AudioError
        If `compression` is not positive.

    Examples
    --------
    >>> t = np.arange(22050) / 22050
    >>> slur = np.where(t < 0.5, np.sin(2 * np.pi * 440 * t), np.sin(2 * np.pi * 494 * t))
    >>> bool(abs(spectral_novelty(Audio(slur, 22050))[9:-9].argmax() + 9 - 43) < 3)
    True
    """
    require_number("compression", compression, minimum=1e-9, maximum=1e9)
    peak = max(
        float(_framewise(audio, lambda spectrum, _: np.abs(spectrum).max(axis=0)).max()), 1e-9
    )

    def flux(spectrum: np.ndarray, before: np.ndarray) -> np.ndarray:
        magnitude = np.log1p(compression / peak * np.abs(np.hstack([before[:, -1:], spectrum])))
        rises: np.ndarray = np.maximum(np.diff(magnitude, axis=1), 0).sum(axis=0)
        return rises

    return _framewise(audio, flux)


def complex_novelty(audio: Audio) -> np.ndarray:
    """Deviation from a steady sound in magnitude and phase (Bello et al. 2004, rectified).

    If a partial goes on, its magnitude stays and its phase advances as in the frame before. The
    distance of each bin from this prediction is summed over the bins whose magnitude rises, as in
    Dixon (2006), so that the ends of notes do not count.

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz.

    Returns
    -------
    ndarray
        Shape `(frames,)`, at least 0, a frame every 256 samples (11.6 ms), the first at 0 s.

    Examples
    --------
    >>> click = np.zeros(22050)
    >>> click[11025] = 1
    >>> bool(abs(complex_novelty(Audio(click, 22050)).argmax() * 256 / 22050 - 0.5) < 0.03)
    True
    """

    def deviation(spectrum: np.ndarray, before: np.ndarray) -> np.ndarray:
        x = np.hstack([before, spectrum])  # two frames of context
        now, last, earlier = x[:, 2:], x[:, 1:-1], x[:, :-2]
        advance = np.exp(1j * (2 * np.angle(last) - np.angle(earlier)))
        distance = np.abs(now - np.abs(last) * advance)
        total: np.ndarray = (distance * (np.abs(now) > np.abs(last))).sum(axis=0)
        return total

    return _framewise(audio, deviation)


def subtract_local_mean(novelty: np.ndarray, *, radius: int = 43) -> np.ndarray:
    """Subtract the mean over `2 radius + 1` frames (by default a second); negative values become 0.

    Examples
    --------
    >>> subtract_local_mean(np.array([1.0, 1.0, 4.0, 1.0, 1.0]), radius=1)
    array([0., 0., 2., 0., 0.])
    """
    novelty = as_array("novelty", novelty, AudioError)
    require_count("radius", radius, minimum=0)
    require_number("radius", radius, maximum=1e6)
    if not novelty.size:
        return novelty
    return np.maximum(novelty - uniform_filter1d(novelty, 2 * radius + 1, mode="nearest"), 0)


def strength_from_novelty(novelty: np.ndarray) -> np.ndarray:
    """Convert a novelty function to an onset strength for `estimate_tempo` and `beat_times`.

    The local mean is subtracted, and every other frame kept, averaged with its neighbours with
    weights 1, 2, 1.

    Parameters
    ----------
    novelty
        From `energy_novelty`, `spectral_novelty` or `complex_novelty`, a frame every 256 samples.

    Returns
    -------
    ndarray
        Shape `((frames + 1) // 2,)`, at least 0, a frame every 512 samples (23.2 ms), the first at
        0 s, as from `onset_strength`.

    Examples
    --------
    >>> click = np.zeros(22050)
    >>> click[11025] = 1
    >>> strength = strength_from_novelty(spectral_novelty(Audio(click, 22050)))
    >>> strength.shape, bool(abs(strength.argmax() * 512 / 22050 - 0.5) < 0.03)
    ((44,), True)
    """
    curve = np.pad(subtract_local_mean(novelty), 1)
    weighted = curve[:-2] / 4 + curve[1:-1] / 2 + curve[2:] / 4
    return weighted[::2]


def _framewise(audio: Audio, measure: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """Apply a measure to blocks of the STFT, each with the two frames before it.

    Before the first frame, the frame itself is repeated: a sound that begins at 0 s has no onset
    that could be measured.
    """
    y = as_audio(audio, sr=SAMPLE_RATE, mono=True).y[0]
    y = np.pad(y, (0, max(0, N_FFT - y.size)))
    values, before = [], None
    for block in stft_blocks(y, n_fft=N_FFT, hop_length=HOP_LENGTH):
        before = np.repeat(block[:, :1], 2, axis=1) if before is None else before
        values.append(measure(block, before))
        before = np.hstack([before, block])[:, -2:]
    return np.concatenate(values)

"""Tempograms: how strongly each tempo is present around each moment; and the predominant pulse."""

from __future__ import annotations

import numpy as np

from ..core.checks import as_array, as_floats, require
from ..core.constants import SAMPLE_RATE
from ..core.errors import AudioError
from ..spectra import istft, stft
from .classic import HOP_LENGTH, autocorrelation_blocks

WINDOW = 384  # frames, 8.9 s
FRAMES_PER_MINUTE = 60 * SAMPLE_RATE / HOP_LENGTH
TEMPO_RANGE = (30.0, 300.0)  # beats per minute


def autocorrelation_tempogram(strength: np.ndarray) -> np.ndarray:
    """Autocorrelation of the onset strength around each frame; equals `librosa.feature.tempogram`.

    Rhythms at lag `l` also appear at `2 l`, `3 l`: at tempi that are fractions of the true one.

    Parameters
    ----------
    strength
        From `onset_strength`, shape `(frames,)`.

    Returns
    -------
    ndarray
        Shape `(344, frames)`; row l is the lag of l frames, `FRAMES_PER_MINUTE / l` beats per
        minute. 1 in row 0, or 0 where there are no onsets.

    Examples
    --------
    >>> strength = np.zeros(861)
    >>> strength[::22] = 1
    >>> int(autocorrelation_tempogram(strength)[10:40].mean(axis=1).argmax()) + 10
    22
    """
    return np.concatenate(list(autocorrelation_blocks(_as_strength(strength)))).T


def fourier_tempogram(strength: np.ndarray) -> np.ndarray:
    """Short-time Fourier transform of the onset strength (Grosche and Müller, IEEE TASLP 2011).

    Rhythms also appear at multiples of the true tempo. Equals `librosa.feature.fourier_tempogram`.

    Parameters
    ----------
    strength
        From `onset_strength`, shape `(frames,)`.

    Returns
    -------
    ndarray
        Complex, shape `(193, frames)`; row k is the tempo `k FRAMES_PER_MINUTE / 384` beats per
        minute, see `tempo_frequencies`.

    Examples
    --------
    >>> strength = np.zeros(861)
    >>> strength[::22] = 1  # 117.5 beats per minute
    >>> magnitude = np.abs(fourier_tempogram(strength)).mean(axis=1)
    >>> float(tempo_frequencies()[10 + magnitude[10:25].argmax()].round(1))
    114.4
    """
    strength = _as_strength(strength)
    padded = np.pad(strength, (0, max(0, WINDOW - strength.size)))
    return stft(padded, n_fft=WINDOW, hop_length=1)[:, : strength.size + 1]


def tempo_frequencies() -> np.ndarray:
    """Tempo of each row of `fourier_tempogram` in beats per minute, shape `(193,)`.

    >>> tempo_frequencies()[[0, 10]].round(1).tolist()
    [0.0, 67.3]
    """
    return np.arange(1 + WINDOW // 2) * FRAMES_PER_MINUTE / WINDOW


def predominant_pulse(
    strength: np.ndarray, *, tempo_range: tuple[float, float] = TEMPO_RANGE
) -> np.ndarray:
    """Predominant local pulse (PLP; Grosche and Müller, IEEE TASLP 2011).

    Around each frame, the sinusoid is chosen that fits the onset strength best. These sinusoids are
    overlapped and added, and negative values set to 0. The peaks of the result are on the beats,
    also where the tempo changes or onsets are missing. (`librosa.beat.plp` differs: it divides by
    the largest real part, which is 0 in half of the frames, so that these outweigh the others.)

    Parameters
    ----------
    strength
        From `onset_strength`, shape `(frames,)`.
    tempo_range
        Lowest and highest tempo, in beats per minute.

    Returns
    -------
    ndarray
        Shape `(frames,)`, 0..1.

    Raises
    ------
    AudioError
        If the range contains no tempo, or the strength is not valid.

    Examples
    --------
    >>> strength = np.zeros(861)
    >>> strength[10::22] = 1
    >>> pulse = predominant_pulse(strength)
    >>> bool(pulse[10 + 22 * np.arange(5, 30)].min() > 0.8)
    True
    """
    limits = as_array("tempo_range", tempo_range, AudioError)
    require(limits.size == 2, f"tempo_range must be lowest and highest, not {tempo_range}")
    lowest, highest = limits
    tempi = tempo_frequencies()
    allowed = (tempi >= lowest) & (tempi <= highest)
    require(bool(allowed.any()), f"tempo_range {tempo_range} contains no tempo")
    spectrum = fourier_tempogram(strength)
    spectrum[~allowed] = 0
    magnitude = np.abs(spectrum)
    peak = magnitude.max(axis=0)
    spectrum[magnitude < peak] = 0
    spectrum /= np.maximum(peak, 1e-20)
    length = np.shape(strength)[0]
    pulse = np.maximum(istft(spectrum, hop_length=1, length=length), 0)
    return pulse / max(float(pulse.max()), 1e-20)


def _as_strength(strength: np.ndarray) -> np.ndarray:
    """Check the onset strength."""
    strength = as_floats("the onset strength", strength, AudioError)
    if strength.ndim != 1 or not strength.size or not np.all(np.isfinite(strength)):
        raise AudioError(
            f"the onset strength must be finite, shape (frames,), not {strength.shape}"
        )
    return strength

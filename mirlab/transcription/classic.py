"""Notes of a single voice by signal processing: pitch by YIN, onsets by spectral flux."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d, median_filter, uniform_filter1d

from ..core import Audio, Notes
from ..core.constants import SAMPLE_RATE
from ..pitch import FRAME, HOP, frames_of, yin
from .tuning import transcribe_in_tune

APERIODIC = 0.3  # aperiodicity above which a frame is unvoiced
MAX_RADIUS, MEAN_RADIUS = 0.03, 0.1  # s: an onset is a local maximum, and above the local mean
MIN_RISE = 0.07  # of the strongest rise, above that mean
MIN_SECONDS = 0.06  # s
MEDIAN_FRAMES = 9  # 0.1 s, over which the semitone is the median


def notes_by_yin(audio: Audio) -> Notes:
    """Transcribe a single voice: its pitch curve, segmented at its onsets.

    A note begins at a peak of the spectral flux (Bello et al., IEEE TSAP 13, 2005) or when the
    pitch moves to another semitone, and lasts while the sound is voiced. Its pitch is the semitone
    nearest to the median of its pitch curve (YIN, de Cheveigne and Kawahara 2002), in the tuning
    of the recording if that is clear (`transcribe_in_tune`).

    Parameters
    ----------
    audio
        A single voice. With several voices the result roughly follows the strongest.

    Returns
    -------
    Notes
        Program 0, without overlap; velocity 64.

    Examples
    --------
    >>> t = np.arange(22050) / 22050
    >>> tone = np.r_[np.zeros(5000), 0.5 * np.sin(2 * np.pi * 440 * t)]
    >>> notes_by_yin(Audio(tone, 22050)).pitch.tolist()
    [69]
    """
    return transcribe_in_tune(audio, _notes_in_tune)


def _notes_in_tune(audio: Audio) -> Notes:
    """The notes of a single voice in the tuning of A4 = 440 Hz."""
    hz, aperiodicity = yin(audio)
    voiced = (hz > 0) & (aperiodicity < APERIODIC)
    if not voiced.any():
        return Notes.empty()
    semitone = np.where(voiced, 69 + 12 * np.log2(np.maximum(hz, 1) / 440), -1.0)
    steady = median_filter(np.round(semitone), MEDIAN_FRAMES)
    cut = np.diff(steady, prepend=-1.0) != 0
    cut[onsets(audio)[: cut.size]] = True
    edges = np.r_[np.flatnonzero(cut), cut.size]
    rows = []
    for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        curve = semitone[a:b][voiced[a:b]]
        if steady[a] > 0 and curve.size * HOP / SAMPLE_RATE >= MIN_SECONDS:
            pitch = round(float(np.median(curve)))
            rows.append((a * HOP / SAMPLE_RATE, b * HOP / SAMPLE_RATE, pitch))
    return Notes(*zip(*rows, strict=True)) if rows else Notes.empty()


def onsets(audio: Audio) -> np.ndarray:
    """Detect onsets by peak picking on the spectral flux.

    The spectral flux is the sum over bins of the rises of `log(1 + 100 |X|)` from frame to frame.
    An onset is its maximum within 30 ms on either side and exceeds its mean over 100 ms on either
    side (Boeck, Krebs and Schedl, ISMIR 2012, sec. 2.4).

    Parameters
    ----------
    audio
        Any audio.

    Returns
    -------
    ndarray
        Frame indices, increasing, shape `(n,)`; a frame every 256 samples at 22,050 Hz.
    """
    flux = []
    last = np.zeros(FRAME // 2 + 1)
    for frames in frames_of(audio):
        level = np.log1p(100 * np.abs(np.fft.rfft(frames * np.hanning(FRAME), axis=1)) / FRAME)
        rise = np.diff(level, axis=0, prepend=last[None])
        flux.append(np.maximum(rise, 0).sum(axis=1))
        last = level[-1]
    curve = np.concatenate(flux)
    max_size, mean_size = (
        1 + 2 * round(seconds * SAMPLE_RATE / HOP) for seconds in (MAX_RADIUS, MEAN_RADIUS)
    )
    above = curve - uniform_filter1d(curve, mean_size, mode="nearest")
    strongest = maximum_filter1d(curve, max_size, mode="nearest") == curve
    return np.flatnonzero(strongest & (above > MIN_RISE * curve.max()) & (curve > 0))

"""Notes of one voice without learning: YIN says which, the onset strength says when."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d, median_filter, uniform_filter1d

from ..core import Audio, Notes
from ..core.constants import SAMPLE_RATE
from ..pitch import FRAME, HOP, frames_of, yin

APERIODIC = 0.3  # more than that is no pitch
AROUND, BEHIND = 0.03, 0.1  # s in which an onset is the strongest; and over whose mean it stands
STRONGER = 0.07  # of the strongest rise, above that mean
SHORTEST = 0.06  # s
STEADY = 9  # frames, 0.1 s, over which the semitone is the median


def notes_by_yin(audio: Audio) -> Notes:
    """The notes of one voice, from its pitch curve cut at its onsets.

    A note begins where the loudness of the spectrum rises (a peak of the spectral flux: Bello et
    al., IEEE TSAP 13, 2005) or the pitch moves to another semitone, and lasts while there is a
    pitch; it is the semitone nearest to the median of its curve (YIN, de Cheveigne and Kawahara
    2002).

    Parameters
    ----------
    audio
        One voice; of several the strongest is followed, more or less.

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
    hz, aperiodicity = yin(audio)
    voiced = (hz > 0) & (aperiodicity < APERIODIC)
    if not voiced.any():
        return Notes.empty()
    semitone = np.where(voiced, 69 + 12 * np.log2(np.maximum(hz, 1) / 440), -1.0)
    steady = median_filter(np.round(semitone), STEADY)
    cut = np.diff(steady, prepend=-1.0) != 0
    cut[onsets(audio)[: cut.size]] = True
    edges = np.r_[np.flatnonzero(cut), cut.size]
    rows = []
    for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        sung = semitone[a:b][voiced[a:b]]
        if steady[a] > 0 and sung.size * HOP / SAMPLE_RATE >= SHORTEST:
            rows.append(
                (a * HOP / SAMPLE_RATE, b * HOP / SAMPLE_RATE, round(float(np.median(sung))))
            )
    return Notes(*zip(*rows, strict=True)) if rows else Notes.empty()


def onsets(audio: Audio) -> np.ndarray:
    """Frames in which the spectrum brightens more than around them, every 256 samples.

    The curve is the spectral flux, the sum over bins of how much `log(1 + 100 |X|)` rises from
    frame to frame; an onset is its maximum within 30 ms and stands over the mean of 100 ms on
    either side (Boeck, Krebs and Schedl, ISMIR 2012, sec. 2.4).

    Parameters
    ----------
    audio
        Any sound.

    Returns
    -------
    ndarray
        Whole numbers, shape `(n,)`, rising.
    """
    flux = []
    last = np.zeros(FRAME // 2 + 1)
    for frames in frames_of(audio):
        bright = np.log1p(100 * np.abs(np.fft.rfft(frames * np.hanning(FRAME), axis=1)) / FRAME)
        rise = np.diff(bright, axis=0, prepend=last[None])
        flux.append(np.maximum(rise, 0).sum(axis=1))
        last = bright[-1]
    curve = np.concatenate(flux)
    near, wide = (1 + 2 * round(seconds * SAMPLE_RATE / HOP) for seconds in (AROUND, BEHIND))
    above = curve - uniform_filter1d(curve, wide, mode="nearest")
    strongest = maximum_filter1d(curve, near, mode="nearest") == curve
    return np.flatnonzero(strongest & (above > STRONGER * curve.max()) & (curve > 0))

"""Features of sections: a grid of beats, and on it the harmony and the timbre of the sound."""

from __future__ import annotations

import numpy as np
import scipy.fft

from ..chords import LogSpectrogram
from ..core import AudioError, Segments, SegmentsError
from ..core.checks import as_array, require_number, require_type
from ..spectra import power_to_db

FRAME_SECONDS = 0.5  # length of a frame without beats
MIN_FRAME_SECONDS = 0.25  # shorter beats are joined
MAX_SECONDS = 86_400.0
MAX_FRAMES = 2000  # of a piece; the self-similarity of so many frames takes 16 MB
SEMITONES = 84
BASS = 36  # semitones; the three lowest octaves, C1 to B3
CEPSTRUM = 13  # coefficients of the timbre
SILENCE = 1e-3  # relative to the loudest frame and to full scale; quieter frames have no features


def frame_edges(duration: float, beats: Segments | None = None) -> np.ndarray:
    """Divide a recording into frames of a beat, or of half a second if there are no beats.

    Before the first beat, after the last and in gaps, frames are about as long as a beat.

    Parameters
    ----------
    duration
        Duration of the recording in seconds, > 0.
    beats
        Beats of the recording, from `mirlab.track_beats`. Beats shorter than 0.25 s are joined, and
        as many as are needed for 2,000 frames at most.

    Returns
    -------
    ndarray
        Increasing times in seconds from 0 to `duration`, shape `(frames + 1,)`.

    Examples
    --------
    >>> frame_edges(2.0)
    array([0. , 0.5, 1. , 1.5, 2. ])
    >>> frame_edges(3.5, Segments([(0.7, 1.3), (1.3, 1.9)], ["1", "2"])).round(2)
    array([0.  , 0.7 , 1.3 , 1.85, 2.4 , 2.95, 3.5 ])
    """
    require_number("duration", duration, minimum=1e-6, maximum=MAX_SECONDS)
    times, period = np.zeros(0), FRAME_SECONDS
    if beats is not None:
        require_type("beats", beats, Segments, SegmentsError)
        times = beats.intervals[beats.intervals[:, 0] < duration, 0]
    if times.size > 1:
        period = max(float(np.median(np.diff(times))), MIN_FRAME_SECONDS / 10)
    inside = times[(times > period / 2) & (times < duration - period / 2)]
    knots = np.r_[0.0, inside, duration]
    counts = np.maximum(np.round(np.diff(knots) / period).astype(int), 1)
    parts = [
        start + (end - start) * np.arange(count) / count
        for start, end, count in zip(knots[:-1], knots[1:], counts, strict=True)
    ]
    edges = np.concatenate(parts)
    joined = max(int(np.ceil(MIN_FRAME_SECONDS / period)), int(np.ceil(edges.size / MAX_FRAMES)))
    edges = np.r_[edges[::joined], duration]
    # irregular beats may leave a short frame
    return np.r_[0.0, edges[1:-1][np.diff(edges[:-1]) > MIN_FRAME_SECONDS / 4], duration]


def frame_features(spectrogram: LogSpectrogram, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Harmony and timbre of each frame, from a constant-Q spectrogram.

    The harmony is the chroma of the bass (C1 to B3) and that of the treble (C4 to B7), each of unit
    length. The timbre is the cepstrum of the spectrogram: the discrete cosine transform of its
    levels in dB over the semitones, without the mean level; of these, the first thirteen
    coefficients, which describe the spectral envelope, as in MFCCs (Davis and Mermelstein 1980).

    Parameters
    ----------
    spectrogram
        From `mirlab.chords.constant_q`.
    edges
        From `frame_edges`.

    Returns
    -------
    harmony : shape `(24, frames)`, at least 0; bass, then treble, C first; 0 in silence
    timbre : shape `(13, frames)` in dB; 0 in silence
    """
    require_type("spectrogram", spectrogram, LogSpectrogram, AudioError)
    starts = np.searchsorted(spectrogram.times, as_array("edges", edges, AudioError)[:-1])
    starts = np.minimum(starts, spectrogram.times.size - 1)
    semitones = spectrogram.magnitude.reshape(SEMITONES, -1, spectrogram.times.size).max(axis=1)
    loudest = max(float(semitones.max(initial=0.0)), SILENCE)
    compressed = np.log1p(100 * semitones / loudest)
    folded = [
        _means(part.reshape(-1, 12, part.shape[1]).sum(axis=0), starts)
        for part in (compressed[:BASS], compressed[BASS:])
    ]
    harmony = np.vstack([part / np.maximum(np.linalg.norm(part, axis=0), 1) for part in folded])
    levels = _means(power_to_db(semitones**2), starts)
    timbre = scipy.fft.dct(levels, axis=0, norm="ortho")[1 : CEPSTRUM + 1]
    sounding = _means(semitones.max(axis=0)[None], starts)[0] > SILENCE * loudest
    return np.where(sounding, harmony, 0.0), np.where(sounding, timbre, 0.0)


def _means(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Means from each of `starts` to the next, at least of one column; shape `(bins, starts)`."""
    counts = np.diff(np.r_[starts, values.shape[1]]).clip(1)
    means: np.ndarray = np.add.reduceat(values, starts, axis=1) / counts
    return means

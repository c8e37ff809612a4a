"""Beat tracking by signal processing: onset strength, tempo, beats and their numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.fft

from ..core import Audio, Segments, SegmentsError, as_audio
from ..core.checks import as_array, require, require_count, require_number
from ..core.constants import SAMPLE_RATE
from ..spectra import melspectrogram, power_to_db
from ..spectra.kernels import hann
from .checks import as_strength, as_times
from .dynamic_programming import TIGHTNESS, best_beats

HOP_LENGTH = 512
N_FFT = 2048
N_MELS = 64
FMAX = 2000.0  # Hz: includes bass drum, bass and harmony, excludes cymbals between the beats
DELAY = 1 + N_FFT // (2 * HOP_LENGTH)  # frames from a rise to the centre of its window
TEMPO_FRAMES = 344  # 8 s
TEMPO_BLOCK = 1024  # frames whose autocorrelations are in memory together
TEMPO_PRIOR = 120.0  # beats per minute; centre of the log-normal prior
PRIOR_OCTAVES = 1.0  # its standard deviation
MAX_TEMPO = 320.0  # beats per minute
MAX_PER_BAR = 1000
# An onset, as far as the end of the music is concerned: this much of the largest onset strength,
ONSET = 0.15
ABOVE_NOISE = 3.0  # and this many times the median strength, but no more than
CLEAR_ONSET = 0.5  # of the largest


def onset_strength(audio: Audio) -> np.ndarray:
    """Onset strength: the mean rise of the mel bands in dB from frame to frame (spectral flux).

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz.

    Returns
    -------
    ndarray
        Shape `(frames,)`, at least 0, a frame every 512 samples (23.2 ms), the first at 0 s.
        Equals `librosa.onset.onset_strength` on 64 mel bands up to 2 kHz, but with bounded memory.

    Examples
    --------
    >>> click = np.zeros(22050)
    >>> click[11025] = 1
    >>> strength = onset_strength(Audio(click, 22050))
    >>> strength.shape, bool(abs(strength.argmax() * 512 / 22050 - 0.5) < 0.03)
    ((44,), True)
    """
    y = as_audio(audio, sr=SAMPLE_RATE, mono=True).y[0]
    if y.size < N_FFT:
        y = np.pad(y, (0, N_FFT - y.size))
    power = melspectrogram(
        y, sr=SAMPLE_RATE, n_fft=N_FFT, hop_length=HOP_LENGTH, n_mels=N_MELS, fmax=FMAX
    )
    rise = np.maximum(np.diff(power_to_db(power), axis=1), 0).mean(axis=0)
    return np.pad(rise, (DELAY, 0))[: power.shape[1]]


def estimate_tempo(
    strength: np.ndarray, *, prior: float = TEMPO_PRIOR, prior_octaves: float = PRIOR_OCTAVES
) -> float:
    """Estimate the tempo from the autocorrelation of the onset strength (Grosche & Mueller 2011).

    Autocorrelations over eight seconds around each frame (the tempogram) are averaged over the
    piece and weighted by a log-normal prior around 120 beats per minute. Equals
    `librosa.feature.tempo`, but with bounded memory.

    Parameters
    ----------
    strength
        From `onset_strength`.
    prior
        Centre of the log-normal prior in beats per minute, 10..1000.
    prior_octaves
        Standard deviation of the prior in octaves, 0.05..100; large values let the
        autocorrelation alone decide.

    Returns
    -------
    float
        Tempo in beats per minute.

    Raises
    ------
    AudioError
        If the strength is not valid, or the prior is out of its range.

    Examples
    --------
    >>> strength = np.zeros(861)  # 20 s
    >>> strength[::22] = 1  # every 0.51 s
    >>> round(estimate_tempo(strength), 1), round(estimate_tempo(strength, prior=50), 1)
    (117.5, 58.7)
    """
    strength = as_strength(strength)
    require_number("prior", prior, minimum=10, maximum=1000)
    require_number("prior_octaves", prior_octaves, minimum=0.05, maximum=100)
    periodicity = sum(tempogram.sum(axis=0) for tempogram in autocorrelation_blocks(strength))
    lags = np.arange(1, TEMPO_FRAMES)
    tempi = 60 * SAMPLE_RATE / HOP_LENGTH / lags
    octaves = np.log2(tempi / prior) / prior_octaves
    fit = np.log1p(1e6 * periodicity[1:] / strength.size) - 0.5 * octaves**2
    return float(tempi[np.argmax(np.where(tempi < MAX_TEMPO, fit, -np.inf))])


def autocorrelation_blocks(strength: np.ndarray) -> Iterator[np.ndarray]:
    """Autocorrelation over eight seconds around each frame: `(frames, lags)`, 1 at lag 0."""
    padded = np.pad(strength, TEMPO_FRAMES // 2, mode="linear_ramp")
    around = np.lib.stride_tricks.sliding_window_view(padded, TEMPO_FRAMES)[: strength.size]
    points = scipy.fft.next_fast_len(2 * TEMPO_FRAMES - 1, real=True)
    for start in range(0, strength.size, TEMPO_BLOCK):
        spectrum = scipy.fft.rfft(around[start : start + TEMPO_BLOCK] * hann(TEMPO_FRAMES), points)
        correlation = scipy.fft.irfft(np.abs(spectrum) ** 2, points)[:, :TEMPO_FRAMES]
        energy = correlation[:, :1]
        yield correlation / np.where(energy > 0, energy, 1)


def beat_times(
    strength: np.ndarray,
    *,
    prior: float = TEMPO_PRIOR,
    prior_octaves: float = PRIOR_OCTAVES,
    tightness: float = TIGHTNESS,
) -> np.ndarray:
    """Track beats by dynamic programming (Ellis, J. New Music Research 2007).

    The tempo is estimated from the autocorrelation of the onset strength. Dynamic programming then
    finds the sequence of beats that coincides with strong onsets and keeps the tempo. Equals
    `librosa.beat.beat_track` without its trimming, up to the last onset; no beat is after that.

    Parameters
    ----------
    strength
        From `onset_strength`.
    prior, prior_octaves
        Prior of the tempo, as for `estimate_tempo`.
    tightness
        Weight of deviations from the tempo, 0..1e6: if it is small, the beats follow the onsets,
        if it is large, they keep the tempo.

    Returns
    -------
    ndarray
        Increasing times in seconds, shape `(beats,)`; empty if there are no onsets.

    Raises
    ------
    AudioError
        If the strength is not valid, or a number is out of its range.

    Examples
    --------
    >>> strength = np.zeros(861)  # 20 s
    >>> strength[::22] = 1  # every 0.51 s
    >>> round(float(np.median(np.diff(beat_times(strength)))), 2)
    0.51
    """
    strength = as_strength(strength)
    require_number("tightness", tightness, minimum=0, maximum=1e6)
    if not np.any(strength):
        return np.zeros(0)
    strength = strength[: last_onset(strength) + 1]
    if strength.size < 2 or np.ptp(strength) == 0:
        return np.zeros(0)
    tempo = estimate_tempo(strength, prior=prior, prior_octaves=prior_octaves)
    period = round(60 * SAMPLE_RATE / HOP_LENGTH / tempo)
    return best_beats(strength, period, tightness=tightness) * HOP_LENGTH / SAMPLE_RATE


def tempo_confidence(strength: np.ndarray, times: np.ndarray) -> float:
    """How clearly the onsets support these beats, rather than half or twice as many.

    Beats at half the tempo have onsets midway between them as strong as their own; of beats at
    twice the tempo, every other one has no onset.

    Parameters
    ----------
    strength
        From `onset_strength`.
    times
        Beat times in seconds, increasing, shape `(beats,)`.

    Returns
    -------
    float
        0..1: the mean onset strength of every other beat, the weaker half, minus that midway
        between beats, relative to that of all beats. 0 for fewer than three beats.

    Examples
    --------
    >>> strength = np.zeros(861)
    >>> strength[::22] = 1
    >>> beats = np.arange(0, 861, 22) * 512 / 22050
    >>> tempo_confidence(strength, beats), tempo_confidence(strength, beats[::2])
    (1.0, 0.0)
    """
    strength, times = as_strength(strength), as_times("times", times)
    if times.size < 3 or not np.any(strength):
        return 0.0
    on, between = (_strength_near(strength, at) for at in (times, (times[1:] + times[:-1]) / 2))
    weaker = min(on[::2].mean(), on[1::2].mean())
    return float(np.clip((weaker - between.mean()) / max(on.mean(), 1e-9), 0, 1))


def _strength_near(strength: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Largest onset strength within a frame of each time, shape `(n,)`."""
    frames = np.round(times * SAMPLE_RATE / HOP_LENGTH).astype(int)[:, None] + np.arange(-1, 2)
    return strength[frames.clip(0, strength.size - 1)].max(axis=1)


def last_onset(strength: np.ndarray) -> int:
    """Frame of the last onset that stands out of the noise; `strength` is not 0 everywhere."""
    largest = float(strength.max())
    height = max(ONSET * largest, ABOVE_NOISE * float(np.median(strength)))
    return int(np.flatnonzero(strength >= min(height, CLEAR_ONSET * largest))[-1])


def number_beats(
    times: np.ndarray, strength: np.ndarray, changes: np.ndarray, *, per_bar: int
) -> Segments:
    """Number beats in bars, with downbeats at chord changes and strong onsets.

    The meter is constant through the piece. Of the `per_bar` possible phases, the one is chosen
    for which most chord changes, then the strongest onsets, fall on downbeats.

    Parameters
    ----------
    times
        Beat times in seconds, increasing, shape `(beats,)`.
    strength
        From `onset_strength`.
    changes
        Times of chord changes in seconds, shape `(chords,)`.
    per_bar
        Beats per bar.

    Returns
    -------
    Segments
        One segment per beat, labelled `"1"` to `str(per_bar)`; empty for fewer than two beats. The
        last beat lasts as long as the previous one.

    Examples
    --------
    >>> beats = number_beats(np.arange(6.0), np.ones(300), np.array([1.0, 4.0]), per_bar=3)
    >>> beats.labels
    ('3', '1', '2', '3', '1', '2')
    """
    strength, times = as_strength(strength), as_times("times", times)
    changes = as_array("changes", changes, SegmentsError)
    require_count("per_bar", per_bar, error=SegmentsError)
    require(per_bar <= MAX_PER_BAR, f"per_bar must be at most {MAX_PER_BAR}", SegmentsError)
    if times.size < 2:
        return Segments([], [])
    frames = np.clip(np.round(times * SAMPLE_RATE / HOP_LENGTH).astype(int), 0, strength.size - 1)
    accent = strength[frames] / max(float(strength[frames].max()), 1e-9)
    nearest = np.abs(changes[:, None] - times).argmin(axis=1) if changes.size else np.zeros(0, int)
    accent = accent + 2 * np.bincount(nearest, minlength=times.size)
    phase = int(np.argmax([accent[p::per_bar].mean() for p in range(min(per_bar, times.size))]))
    numbers = (np.arange(times.size) - phase) % per_bar + 1
    ends = np.r_[times[1:], 2 * times[-1] - times[-2]]
    return Segments(np.column_stack([times, ends]), [str(n) for n in numbers])

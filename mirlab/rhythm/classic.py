"""Beats without learning: how suddenly the spectrum grows, and the pulse that fits it best."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.fft

from ..core import Audio, Segments
from ..core.constants import SAMPLE_RATE
from ..spectra import melspectrogram, power_to_db
from ..spectra.kernels import hann

HOP_LENGTH = 512
N_FFT = 2048
N_MELS = 64
FMAX = 2000.0  # Hz: bass drum, bass and harmony carry the beat; cymbals between beats lie above
DELAY = 1 + N_FFT // (2 * HOP_LENGTH)  # frames from a growth to where its window is centred
TEMPO_FRAMES = 344  # 8 s
TEMPO_BLOCK = 1024  # frames whose autocorrelations are in memory together
USUAL_TEMPO = 120.0  # beats a minute; tempi are weighted log-normally around it, by one octave
FASTEST = 320.0  # beats a minute
TIGHTNESS = 100.0  # how much a beat that is early or late must be stronger


def onset_strength(audio: Audio) -> np.ndarray:
    """How much louder the mel bands grow from frame to frame (spectral flux).

    Parameters
    ----------
    audio
        Any sound; it is mixed to mono and brought to 22,050 Hz.

    Returns
    -------
    ndarray
        Shape `(frames,)`, at least 0, a frame every 512 samples (23.2 ms), the first at 0 s.
        Equals `librosa.onset.onset_strength` on 64 mel bands up to 2 kHz, but in flat memory.
    """
    y = audio.mono().resample(SAMPLE_RATE).y[0]
    if y.size < N_FFT:
        y = np.pad(y, (0, N_FFT - y.size))
    power = melspectrogram(
        y, sr=SAMPLE_RATE, n_fft=N_FFT, hop_length=HOP_LENGTH, n_mels=N_MELS, fmax=FMAX
    )
    growth = np.maximum(np.diff(power_to_db(power), axis=1), 0).mean(axis=0)
    return np.pad(growth, (DELAY, 0))[: power.shape[1]]


def estimate_tempo(strength: np.ndarray) -> float:
    """The tempo whose period the onset strength repeats with most (Grosche & Mueller 2011).

    Autocorrelations of eight seconds around each frame (the tempogram) are averaged over the
    piece and weighted by how usual a tempo is (log-normal around 120). Equals
    `librosa.feature.tempo`, but in flat memory.

    Parameters
    ----------
    strength
        From `onset_strength`.

    Returns
    -------
    float
        Beats a minute.
    """
    periodicity = sum(tempogram.sum(axis=0) for tempogram in _tempogram_blocks(strength))
    lags = np.arange(1, TEMPO_FRAMES)
    tempi = 60 * SAMPLE_RATE / HOP_LENGTH / lags
    fit = np.log1p(1e6 * periodicity[1:] / strength.size) - 0.5 * np.log2(tempi / USUAL_TEMPO) ** 2
    return float(tempi[np.argmax(np.where(tempi < FASTEST, fit, -np.inf))])


def _tempogram_blocks(strength: np.ndarray) -> Iterator[np.ndarray]:
    """Autocorrelation of the eight seconds around each frame: `(some frames, lags)`, 1 at lag 0."""
    padded = np.pad(strength, TEMPO_FRAMES // 2, mode="linear_ramp")
    around = np.lib.stride_tricks.sliding_window_view(padded, TEMPO_FRAMES)[: strength.size]
    points = scipy.fft.next_fast_len(2 * TEMPO_FRAMES - 1, real=True)
    for start in range(0, strength.size, TEMPO_BLOCK):
        spectrum = scipy.fft.rfft(around[start : start + TEMPO_BLOCK] * hann(TEMPO_FRAMES), points)
        correlation = scipy.fft.irfft(np.abs(spectrum) ** 2, points)[:, :TEMPO_FRAMES]
        energy = correlation[:, :1]
        yield correlation / np.where(energy > 0, energy, 1)


def beat_times(strength: np.ndarray) -> np.ndarray:
    """Beat times by dynamic programming (Ellis, J. New Music Research 2007).

    A tempo is read from the autocorrelation of the onset strength; then the sequence of beats is
    found that falls on strong onsets and keeps to the tempo. Equals `librosa.beat.beat_track`
    without its trimming.

    Parameters
    ----------
    strength
        From `onset_strength`.

    Returns
    -------
    ndarray
        Rising times in seconds, shape `(beats,)`; none when nothing ever starts.
    """
    if not np.any(strength):
        return np.zeros(0)
    period = round(60 * SAMPLE_RATE / HOP_LENGTH / estimate_tempo(strength))
    return best_beats(strength, period) * HOP_LENGTH / SAMPLE_RATE


def best_beats(strength: np.ndarray, period: int) -> np.ndarray:
    """The frames of the beats that are strong and about `period` frames apart (Ellis 2007).

    The total of a frame is its own strength and the best total of a frame before it, less
    `100 log(distance / period)^2`. Beats are followed back from the last good total.

    Parameters
    ----------
    strength
        From `onset_strength`; not silent everywhere.
    period
        Frames from beat to beat, at least 2.

    Returns
    -------
    ndarray
        Rising, shape `(beats,)`.
    """
    own = _smooth(strength / strength.std(ddof=1), period)
    total, came_from = _best_totals(own, period)
    came_from[: np.argmax(own >= 0.01 * own.max())] = -1  # the first beat is no mere noise
    peaks = np.flatnonzero((total > np.r_[np.inf, total[:-1]]) & (total >= np.r_[total[1:], 0]))
    good = peaks[total[peaks] >= np.median(total[peaks]) / 2] if peaks.size else peaks
    frames = [int(good[-1]) if good.size else own.size - 1]
    while came_from[frames[-1]] >= 0:
        frames.append(int(came_from[frames[-1]]))
    beats = np.array(frames[::-1])
    sounding = np.flatnonzero(own > 0)  # within a beat of an onset: no beats in silence at the ends
    return beats[(beats >= sounding[0]) & (beats <= sounding[-1])]


def _smooth(strength: np.ndarray, period: int) -> np.ndarray:
    """Onset strength, smoothed by a Gaussian of a 32nd of a beat."""
    window = np.exp(-0.5 * (32 * np.arange(-period, period + 1) / period) ** 2)
    return np.convolve(strength, window)[period : period + strength.size]


def _best_totals(own: np.ndarray, period: int) -> tuple[np.ndarray, np.ndarray]:
    """Each frame's total and the frame before it that it builds on, -1 for none.

    The beat before is half a period to two periods away, so that half a period of frames does
    not depend on each other and is computed at once.
    """
    lags = np.arange(round(period / 2), 2 * period + 1)
    cost = TIGHTNESS * np.log(lags / period) ** 2
    before = 2 * period  # frames of minus infinity: there is no beat before the first frame
    total = np.r_[np.full(before, -np.inf), own]
    came_from = np.full(own.size, -1)
    for start in range(0, own.size, int(lags[0])):
        frames = np.arange(start, min(start + int(lags[0]), own.size))
        candidates = total[before + frames[:, None] - lags] - cost
        best = candidates.argmax(axis=1)
        gain = candidates[np.arange(frames.size), best]
        linked = frames[gain > -np.inf]
        total[before + linked] += gain[linked - start]
        came_from[linked] = linked - lags[best[linked - start]]
    return total[before:], came_from


def number_beats(
    times: np.ndarray, strength: np.ndarray, changes: np.ndarray, *, per_bar: int
) -> Segments:
    """Count beats in bars: the downbeat is where chords change and strokes are strong.

    One count is kept through the whole piece; of the `per_bar` ways to begin it, that one wins
    under which most chord changes, then the strongest onsets, fall on the ones.

    Parameters
    ----------
    times
        Of the beats, in seconds, rising, shape `(beats,)`.
    strength
        From `onset_strength`.
    changes
        When the chord changes, in seconds, shape `(chords,)`.
    per_bar
        Beats in a bar.

    Returns
    -------
    Segments
        From beat to beat, labelled `"1"` to `str(per_bar)`; none for fewer than two beats. The
        last beat lasts as long as the one before it.
    """
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

"""Harmony without learning: chroma, chord templates, key profiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core import Audio, Segments
from ..core.constants import SAMPLE_RATE
from ..core.theory import NO_CHORD, chord_templates
from ..spectra import cqt_blocks
from .tuning import estimate_tuning

HOP_LENGTH = 1024
FMIN = 32.70319566257483  # Hz, C1
OCTAVES = 7
BINS_PER_SEMITONE = 3
SHORTEST = HOP_LENGTH * 40  # longer than the longest filter; shorter sounds get silence appended
TUNING_SECONDS = 60.0  # the tuning is read from the middle of the sound
SILENCE = 1e-3  # of the loudest frame, and of full scale: below it there is no chord


@dataclass(frozen=True, eq=False)
class LogSpectrogram:
    """A constant-Q spectrogram.

    Parameters
    ----------
    magnitude
        Shape `(bins, frames)`, at least 0, three bins a semitone from C1, the middle one of each
        three on the semitone as the piece is tuned.
    times
        Seconds of each frame, shape `(frames,)`.
    tuning
        How far the piece lies from A4 = 440 Hz, in semitones, -0.5..0.5.
    """

    magnitude: np.ndarray
    times: np.ndarray
    tuning: float


def constant_q(audio: Audio) -> LogSpectrogram:
    """Constant-Q transform of a sound, seven octaves from C1, in flat memory.

    Parameters
    ----------
    audio
        Any sound; it is mixed to mono and brought to 22,050 Hz.

    Returns
    -------
    LogSpectrogram
        252 bins, a frame every 1,024 samples (46.4 ms).
    """
    y = audio.mono().resample(SAMPLE_RATE).y[0]
    frames = y.size // HOP_LENGTH + 1
    if y.size < SHORTEST:
        y = np.pad(y, (0, SHORTEST - y.size))
    half = int(TUNING_SECONDS / 2 * SAMPLE_RATE)
    tuning = estimate_tuning(y[max(0, y.size // 2 - half) : y.size // 2 + half], SAMPLE_RATE)
    blocks = cqt_blocks(
        y,
        sr=SAMPLE_RATE,
        hop_length=HOP_LENGTH,
        # one bin lower: then three neighbouring bins lie around their semitone
        fmin=FMIN * 2 ** ((tuning - 1 / BINS_PER_SEMITONE) / 12),
        n_bins=OCTAVES * 12 * BINS_PER_SEMITONE,
        bins_per_octave=12 * BINS_PER_SEMITONE,
    )
    magnitude = np.concatenate([np.abs(block) for block in blocks], axis=1)[:, :frames]
    times = np.arange(magnitude.shape[1]) * HOP_LENGTH / SAMPLE_RATE
    return LogSpectrogram(magnitude, times, tuning)


def chroma(spectrogram: LogSpectrogram) -> np.ndarray:
    """Energy a pitch class, octaves put together (Fujishima, ICMC 1999).

    Parameters
    ----------
    spectrogram
        From `constant_q`.

    Returns
    -------
    ndarray
        Shape `(12, frames)`, C first; amplitudes compressed by a logarithm, each frame of
        length 1, or 0 where the piece is silent.
    """
    semitones = spectrogram.magnitude.reshape(-1, BINS_PER_SEMITONE, spectrogram.times.size)
    loudest = max(float(semitones.max(initial=0.0)), SILENCE)
    compressed = np.log1p(100 * semitones.max(axis=1) / loudest)
    folded = compressed.reshape(OCTAVES, 12, -1).sum(axis=0)
    sounding = semitones.max(axis=(0, 1)) > SILENCE * loudest
    length = np.linalg.norm(folded, axis=0)
    return np.where(sounding & (length > 0), folded / np.maximum(length, 1e-12), 0.0)


def pitch_class_profile(chords: Segments) -> np.ndarray:
    """How long each pitch class sounds in a sequence of triads, the root counted twice.

    Parameters
    ----------
    chords
        Labels of `chord_templates`, or `"N"`.

    Returns
    -------
    ndarray
        Seconds, shape `(12,)`, C first.
    """
    templates, labels = chord_templates()
    row = {label: i for i, label in enumerate(labels)}
    profile = np.zeros(12)
    for seconds, label in zip(chords.durations, chords.labels, strict=True):
        if label != NO_CHORD:
            profile += seconds * (templates[row[label]] > 0)
            profile[row[label] % 12] += seconds
    return profile

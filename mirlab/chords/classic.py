"""Constant-Q spectrogram, chroma, and pitch class profiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core import Audio, AudioError, Segments, SegmentsError, as_audio
from ..core.checks import as_array, require, require_number, require_type
from ..core.constants import SAMPLE_RATE
from ..core.theory import NO_CHORD, chord_templates
from ..spectra import cqt_blocks
from .tuning import find_tuning

HOP_LENGTH = 1024
FMIN = 32.70319566257483  # Hz, C1
OCTAVES = 7
BINS_PER_SEMITONE = 3
MIN_SAMPLES = HOP_LENGTH * 40  # more than the longest filter; shorter audio is padded
FLAT, CLEAR = 0.5, 0.75  # cosine similarity of a chord with a flat chroma, and with clear music
BEGINNING = 1e-2  # of the loudest frame; quieter frames at the beginning are silent
SILENCE = 1e-3  # relative to the loudest frame and to full scale; quieter frames have no chroma


@dataclass(frozen=True, eq=False)
class LogSpectrogram:
    """A constant-Q spectrogram.

    Parameters
    ----------
    magnitude
        Shape `(bins, frames)`, at least 0, three bins per semitone from C1; the middle bin of each
        three is on the semitone in the tuning of the piece.
    times
        Time of each frame in seconds, shape `(frames,)`.
    tuning
        Deviation of the tuning from A4 = 440 Hz in semitones, -0.5..0.5.

    Raises
    ------
    AudioError
        If the shapes or types are others.
    """

    magnitude: np.ndarray
    times: np.ndarray
    tuning: float

    def __post_init__(self) -> None:
        shape = (OCTAVES * 12 * BINS_PER_SEMITONE, as_array("times", self.times, AudioError).size)
        right = isinstance(self.magnitude, np.ndarray) and self.magnitude.dtype.kind == "f"
        require(
            right and self.magnitude.shape == shape and shape[1] > 0,
            f"magnitude must be an array of floats of shape {shape}, a column for each time",
        )
        require_number("tuning", self.tuning, minimum=-0.5, maximum=0.5)


def constant_q(audio: Audio) -> LogSpectrogram:
    """Constant-Q transform, seven octaves from C1, computed in blocks to bound the memory.

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz.

    Returns
    -------
    LogSpectrogram
        252 bins, a frame every 1,024 samples (46.4 ms).

    Examples
    --------
    >>> t = np.arange(44100) / 22050
    >>> spectrogram = constant_q(Audio(np.sin(2 * np.pi * 440 * t), 22050))
    >>> divmod(int(spectrogram.magnitude.sum(axis=1).argmax()), 3)  # A4, 45 semitones above C1
    (45, 1)
    """
    audio = as_audio(audio, sr=SAMPLE_RATE, mono=True)
    tuning = find_tuning(audio).semitones
    y = audio.y[0]
    frames = y.size // HOP_LENGTH + 1
    if y.size < MIN_SAMPLES:
        y = np.pad(y, (0, MIN_SAMPLES - y.size))
    blocks = cqt_blocks(
        y,
        sr=SAMPLE_RATE,
        hop_length=HOP_LENGTH,
        # one bin lower, so that each group of three bins is centred on a semitone
        fmin=FMIN * 2 ** ((tuning - 1 / BINS_PER_SEMITONE) / 12),
        n_bins=OCTAVES * 12 * BINS_PER_SEMITONE,
        bins_per_octave=12 * BINS_PER_SEMITONE,
    )
    magnitude = np.concatenate([np.abs(block) for block in blocks], axis=1)[:, :frames]
    magnitude[:, : _leading_frames(y)] = 0  # low bins respond before the music begins
    times = np.arange(magnitude.shape[1]) * HOP_LENGTH / SAMPLE_RATE
    return LogSpectrogram(magnitude, times, tuning)


def _leading_frames(y: np.ndarray) -> int:
    """Number of frames before the first one that is louder than `BEGINNING`; 0 in silence."""
    starts = np.r_[0, np.arange(HOP_LENGTH // 2, y.size, HOP_LENGTH)]  # frames are centred
    peaks = np.maximum(np.maximum.reduceat(y, starts), -np.minimum.reduceat(y, starts))
    return int((peaks > BEGINNING * peaks.max()).argmax())


def chroma(spectrogram: LogSpectrogram) -> np.ndarray:
    """Chroma: the energy of each pitch class, summed over octaves (Fujishima, ICMC 1999).

    Parameters
    ----------
    spectrogram
        From `constant_q`.

    Returns
    -------
    ndarray
        Shape `(12, frames)`, C first; log-compressed amplitudes, each frame normalised to unit
        length, or 0 in silence.
    """
    require_type("spectrogram", spectrogram, LogSpectrogram, AudioError)
    semitones = spectrogram.magnitude.reshape(-1, BINS_PER_SEMITONE, spectrogram.times.size)
    loudest = max(float(semitones.max(initial=0.0)), SILENCE)
    compressed = np.log1p(100 * semitones.max(axis=1) / loudest)
    folded = compressed.reshape(OCTAVES, 12, -1).sum(axis=0)
    sounding = semitones.max(axis=(0, 1)) > SILENCE * loudest
    length = np.linalg.norm(folded, axis=0)
    return np.where(sounding & (length > 0), folded / np.maximum(length, 1e-12), 0.0)


def key_confidence(spectrogram: LogSpectrogram) -> float:
    """How clearly the sound has chords or notes from which a key can be estimated.

    Each frame is compared with the best chord by cosine similarity, as in chord recognition, and
    with a single pitch class. 0.5 is the similarity of a flat chroma with any triad: of noise.

    Parameters
    ----------
    spectrogram
        From `constant_q`.

    Returns
    -------
    float
        0..1: 0 for a similarity of 0.5 and 1 for 0.75 or more, in the best quarter of the frames,
        because music may have pauses and drums. 0 in silence.

    Examples
    --------
    >>> t = np.arange(44100) / 22050
    >>> noise = np.random.default_rng(0).standard_normal(44100)
    >>> sounds = (np.sin(2 * np.pi * 440 * t), noise)
    >>> [round(key_confidence(constant_q(Audio(y, 22050))), 1) for y in sounds]
    [1.0, 0.1]
    """
    frames = chroma(spectrogram)
    frames = frames[:, frames.any(axis=0)]
    if not frames.size:
        return 0.0
    similarity = np.maximum((chord_templates()[0] @ frames).max(axis=0), frames.max(axis=0))
    return float(np.clip((np.quantile(similarity, 0.75) - FLAT) / (CLEAR - FLAT), 0, 1))


def pitch_class_profile(chords: Segments) -> np.ndarray:
    """Duration of each pitch class in a sequence of triads, with roots counted twice.

    Parameters
    ----------
    chords
        Segments with the labels of `chord_templates`, or `"N"`; others are a `SegmentsError`.

    Returns
    -------
    ndarray
        Seconds, shape `(12,)`, C first.

    Examples
    --------
    >>> pitch_class_profile(Segments([(0, 2)], ["C:maj"])).tolist()
    [4.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0]
    """
    require_type("chords", chords, Segments, SegmentsError)
    templates, labels = chord_templates()
    row = {label: i for i, label in enumerate(labels)}
    profile = np.zeros(12)
    for seconds, label in zip(chords.durations, chords.labels, strict=True):
        if label != NO_CHORD:
            known = f"there is no chord {label!r} among major and minor triads such as 'C:maj'"
            require(label in row, known, SegmentsError)
            profile += seconds * (templates[row[label]] > 0)
            profile[row[label] % 12] += seconds
    return profile

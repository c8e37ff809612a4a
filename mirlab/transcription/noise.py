"""Notes that a network finds in noise: recognised by the flatness of the spectrum under them."""

from __future__ import annotations

import numpy as np

from ..core import Audio, Notes
from ..core.constants import SAMPLE_RATE
from ..spectra import stft_blocks

N_FFT, HOP = 2048, 1024  # samples
FIRST_BIN, BAND = 4, 16  # bins: 43 Hz; 172 Hz
# Chosen on white, pink and brown noise, five examples of the package, and every third development
# recording with notes. Noise has 0.58 to 0.60 and 0.39 to 0.61; of the notes of music, 1 in 500
# exceeds both.
MIN_FLATNESS = 0.57
MIN_WEIGHTED = 0.36
MIN_SHARE = 0.5  # of the notes; in music with loud noise (0 dB), up to a fifth exceed both


def drop_noise(notes: Notes, audio: Audio) -> Notes:
    """Drop the notes whose spectrum is that of noise all the while they last, if most are such.

    In each band of 172 Hz, the flatness is the geometric mean of the power over its arithmetic
    mean: near 0 for tones, 0.6 for noise. Over a note, neither its mean over the bands nor the one
    weighted by their power may be as high as in noise. Where most notes are music, all are kept:
    those that seem to be noise may then be soft notes under loud noise.

    Parameters
    ----------
    notes
        Detected notes.
    audio
        Their sound: mono, 22,050 Hz.

    Examples
    --------
    >>> noise = Audio(np.random.default_rng(0).standard_normal(22050), 22050)
    >>> tone = Audio(np.sin(np.arange(22050) / 10), 22050)
    >>> notes = Notes([0.1], [0.9], [60])
    >>> len(drop_noise(notes, noise)), len(drop_noise(notes, tone))
    (0, 1)
    """
    if not len(notes):
        return notes
    y = np.pad(audio.y[0], (0, max(0, N_FFT - audio.samples)))
    blocks = stft_blocks(y, n_fft=N_FFT, hop_length=HOP)
    flat, weighted = np.concatenate([_flatness(np.abs(block)) for block in blocks], axis=1)
    last = flat.size - 1
    first = np.round(notes.onset * SAMPLE_RATE / HOP).astype(int).clip(0, last)
    end = np.round(notes.offset * SAMPLE_RATE / HOP).astype(int).clip(first + 1, last + 1)
    means = [np.diff(np.r_[0, np.cumsum(x)][np.c_[first, end]])[:, 0] for x in (flat, weighted)]
    is_noise = (means[0] > MIN_FLATNESS * (end - first)) & (means[1] > MIN_WEIGHTED * (end - first))
    return notes[~is_noise] if is_noise.mean() > MIN_SHARE else notes


def _flatness(magnitude: np.ndarray) -> np.ndarray:
    """Flatness of each frame, as a mean over bands and weighted by their power: `(2, frames)`."""
    bands = (magnitude.shape[0] - FIRST_BIN) // BAND
    power = magnitude[FIRST_BIN : FIRST_BIN + bands * BAND].astype(float) ** 2 + 1e-12
    power = power.reshape(bands, BAND, -1)
    mean = power.mean(axis=1)
    log_flatness = np.log(power).mean(axis=1) - np.log(mean)  # (bands, frames)
    weighted = (mean * log_flatness).sum(axis=0) / mean.sum(axis=0)
    return np.exp([log_flatness.mean(axis=0), weighted])

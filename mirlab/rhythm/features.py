"""Input of the beat network: a mel spectrogram and note rolls, 50 frames per second."""

from __future__ import annotations

import numpy as np

from ..core import Audio, Notes
from ..core.constants import LOWEST_PITCH, PITCHES, SAMPLE_RATE
from ..spectra import melspectrogram

HOP = 441  # samples at 22,050 Hz
FPS = SAMPLE_RATE / HOP  # 50 frames per second
MELS = 64
RANGE = 80.0  # dB
N_FFT = 1024
ROLLS = 3  # onset, sounding, length
LONGEST = 4.0  # s; longer notes count as this long


def log_mel(audio: Audio) -> np.ndarray:
    """Mel spectrogram from 30 Hz to 10 kHz, in dB below its loudest cell, scaled to 0..1.

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz.

    Returns
    -------
    ndarray
        Shape `(64, frames)`, float32, 50 frames per second; 0 is -80 dB or silence.
    """
    y = audio.mono().resample(SAMPLE_RATE).y[0]
    if y.size < N_FFT:
        y = np.pad(y, (0, N_FFT - y.size))
    power = melspectrogram(
        y, sr=SAMPLE_RATE, n_fft=N_FFT, hop_length=HOP, n_mels=MELS, fmin=30, fmax=10_000
    )
    loudest = max(float(power.max()), 1e-10)
    level = 10 * np.log10(np.maximum(power / loudest, 10 ** (-RANGE / 10)))
    return np.clip(1 + level / RANGE, 0, 1).astype(np.float32)


def beat_rolls(notes: Notes, frames: int, *, first: int = 0) -> np.ndarray:
    """Note rolls: onsets, sounding notes, and the length of each note at its onset.

    An onset between two frames counts in both, so that the sum is its velocity and the centre its
    time.

    Parameters
    ----------
    notes
        Notes, of which drums are omitted: transcriptions have none.
    frames
        Number of frames, 50 per second.
    first
        The first of these frames, counted from 0 s.

    Returns
    -------
    ndarray
        Shape `(3, 88, frames)`, float32, 0..1.5.

    Examples
    --------
    >>> rolls = beat_rolls(Notes([0.5], [1.0], [69], 127), 100)
    >>> rolls[0, 48, 24:27].round(2), rolls[1, 48, 24:27], int(rolls[1, 48].sum())
    (array([0., 1., 0.], dtype=float32), array([0., 1., 1.], dtype=float32), 25)
    """
    pitch = notes.pitch - LOWEST_PITCH
    onset, offset = notes.onset * FPS - first, notes.offset * FPS - first
    used = ~notes.is_drum & (pitch >= 0) & (pitch < PITCHES) & (offset > 0) & (onset < frames)
    onset, offset, pitch = onset[used], offset[used], pitch[used]
    rolls = np.zeros((ROLLS, PITCHES, frames + 1), np.float32)
    length = np.minimum((offset - onset) / FPS, LONGEST)
    frame = np.floor(onset).astype(int)
    begins = frame >= 0
    for values, roll in (
        (notes.velocity[used] / 127, rolls[0]),
        (np.log1p(4 * length) / np.log1p(4 * LONGEST), rolls[2]),
    ):
        late = (onset - frame)[begins]
        np.add.at(roll, (pitch[begins], frame[begins]), (1 - late) * values[begins])
        np.add.at(roll, (pitch[begins], frame[begins] + 1), late * values[begins])
    start = np.clip(np.ceil(onset), 0, frames).astype(int)
    end = np.clip(np.ceil(offset), start, frames).astype(int)
    np.add.at(rolls[1], (pitch, start), 1)
    np.add.at(rolls[1], (pitch, end), -1)
    rolls[1] = np.clip(np.cumsum(rolls[1], axis=1), 0, 1)
    return np.minimum(rolls[..., :frames], 1.5)

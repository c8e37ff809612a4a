"""Transcribe music that is not tuned to 440 Hz, or that plays at another speed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from ..chords import find_tuning
from ..core import Audio, Notes, as_audio
from ..core.constants import SAMPLE_RATE
from .noise import drop_noise

IN_TUNE = 0.1  # semitones: up to this, the sound is left as it is
MIN_CLARITY = 0.45  # of the tuning; voices have up to 0.3, piano and strings more

NO_TUNING = 0.2  # clarity below which the sound may be nothing but noise


class Retuned(NamedTuple):
    """A sound relative to A4 = 440 Hz.

    Parameters
    ----------
    audio
        The sound, mono, 22,050 Hz.
    rate
        Its duration divided by that of the original; 1 if it was not changed.
    clarity
        Clarity of the tuning of the original, see `mirlab.chords.find_tuning`.
    """

    audio: Audio
    rate: float
    clarity: float


def retune(audio: Audio) -> Retuned:
    """Resample a sound to A4 = 440 Hz if it clearly has another tuning.

    A sound within 10 cents of 440 Hz, or without a clear tuning (a voice, drums, noise), is not
    changed.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(22050) / 22050
    >>> round(retune(Audio(np.sin(2 * np.pi * 452 * t), 22050)).rate, 3)  # a slower A4
    1.027
    """
    import soxr

    audio = as_audio(audio, sr=SAMPLE_RATE, mono=True)
    tuning = find_tuning(audio)
    if abs(tuning.semitones) <= IN_TUNE or tuning.clarity < MIN_CLARITY:
        return Retuned(audio, 1.0, tuning.clarity)
    rate = 2 ** (tuning.semitones / 12)  # a sharp sound is played more slowly
    y = soxr.resample(audio.y[0], SAMPLE_RATE, SAMPLE_RATE * rate)
    return Retuned(Audio(y, SAMPLE_RATE), rate, tuning.clarity)


def transcribe_in_tune(audio: Audio, detect: Callable[[Audio], Notes]) -> Notes:
    """Detect notes in a sound that is retuned to A4 = 440 Hz if it clearly has another tuning.

    Halfway between two semitones of the network, notes are missed and doubled. The tuning is that
    of the harmony (`mirlab.chords.find_tuning`), so that notes, chords and key have the same names:
    those of the nearest semitones. The sound is resampled, hence a little longer or shorter, and
    the times of the notes are converted back. A sound within 10 cents of 440 Hz, or without a clear
    tuning (a voice, drums, noise), is not changed; where there is no tuning at all, notes that are
    noise are dropped (`drop_noise`).

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz.
    detect
        Function from audio (mono, 22,050 Hz) to its notes.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(22050) / 22050
    >>> sharp = Audio(np.sin(2 * np.pi * 452 * t), 22050)  # A4, 47 cents sharp
    >>> transcribe_in_tune(sharp, lambda audio: Notes([0], [audio.duration], [69])).offset.round(3)
    array([1.])
    """
    audio, rate, clarity = retune(audio)
    notes = detect(audio)
    if clarity < NO_TUNING:
        return drop_noise(notes, audio)
    if rate == 1:
        return notes
    bends = None if notes.bends is None else tuple(curve / (rate, 1) for curve in notes.bends)
    return replace(notes, onset=notes.onset / rate, offset=notes.offset / rate, bends=bends)

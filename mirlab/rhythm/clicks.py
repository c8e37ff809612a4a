"""Click tracks: beats as sound."""

from __future__ import annotations

import numpy as np

from ..core import Audio, Segments
from ..core.checks import require_audio_rate, require_number
from .checks import as_times

BEAT_HZ, DOWNBEAT_HZ = 1000.0, 1600.0
DECAY = 0.008  # s, to 1/e
LENGTH = 0.05  # s
PEAK = 0.5  # -6 dBFS
MAX_DURATION = 6 * 3600.0  # s


def click_track(
    beats: Segments | np.ndarray, *, duration: float | None = None, sr: int = 22050
) -> Audio:
    """Render beats as clicks, downbeats with a higher pitch.

    Parameters
    ----------
    beats
        From `track_beats`, whose segments labelled `"1"` are downbeats; or increasing times in
        seconds, shape `(beats,)`, all with the same click.
    duration
        Duration in seconds, 0..21600; by default until the end of the last click. Clicks after it
        are left out, and so are beats before 0 s.
    sr
        Sampling rate in Hz.

    Returns
    -------
    Audio
        One channel. A click is a sine of 1000 Hz (downbeats: 1600 Hz) with a peak of about -6 dBFS
        that decays within 50 ms; it begins on the beat, to the sample.

    Raises
    ------
    SegmentsError
        If the times are not finite or do not increase.
    AudioError
        If the duration or the rate is out of range.

    Examples
    --------
    >>> click_track(np.array([0.5, 1.0]), duration=2)
    Audio(1 channel, 2.000 s, 22050 Hz)
    """
    times, is_downbeat = _columns(beats)
    sr = require_audio_rate(sr, "sr")
    last = float(times[-1]) + LENGTH if times.size else 0.0
    if duration is None:
        duration = max(last, 1 / sr)
    require_number("duration", duration, minimum=0, maximum=MAX_DURATION)
    y = np.zeros(max(round(duration * sr), 1), np.float32)
    sounds = [click(hz, sr) for hz in (BEAT_HZ, DOWNBEAT_HZ)]
    for time, downbeat in zip(times, is_downbeat, strict=True):
        start = round(time * sr)
        if 0 <= start < y.size:
            part = y[start : start + sounds[downbeat].size]
            part += sounds[downbeat][: part.size]
    return Audio(y, sr)


def click(hz: float, sr: int) -> np.ndarray:
    """One click: a decaying sine, float32, shape `(round(0.05 * sr),)`."""
    t = np.arange(round(LENGTH * sr)) / sr
    samples: np.ndarray = PEAK * np.exp(-t / DECAY) * np.sin(2 * np.pi * hz * t)
    return samples.astype(np.float32)


def _columns(beats: Segments | np.ndarray) -> tuple[np.ndarray, list[bool]]:
    """Times of the beats, and which of them are downbeats."""
    if not isinstance(beats, Segments):
        times = as_times("beats", beats)
        return times, [False] * times.size
    times = as_times("beats", beats.intervals[:, 0])
    return times, [label == "1" for label in beats.labels]

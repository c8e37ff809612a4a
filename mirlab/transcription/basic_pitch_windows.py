"""Basic Pitch's windows: a sound cut into overlapping windows, their posteriors joined again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..core import Audio
from ..core.constants import SAMPLE_RATE
from ..core.progress import track_progress
from .greedy import frame_times

WINDOW = 43844  # samples: two seconds less one hop
OVERLAP = 30  # frames shared by two windows, half of them dropped from each
HOP = WINDOW - OVERLAP * 256  # samples from window to window
KEPT = WINDOW // 256 + 1 - OVERLAP  # frames that each window gives

Run = Callable[[np.ndarray], list[np.ndarray]]  # windows to onset, note, contour


def posteriors_in_windows(
    audio: Audio, run: Run, *, at_once: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Posteriors of a sound from those of its windows.

    Parameters
    ----------
    audio
        Any sound; it is mixed to mono and brought to 22,050 Hz. Windows of two seconds overlap
        by 30 frames.
    run
        Gives onset, note and contour posteriors, each of shape `(windows, frames, bins)`, of
        windows of shape `(windows, 43844)`.
    at_once
        Windows in one call, so that memory stays flat.

    Returns
    -------
    onset, note : float32, shape (frames, 88)
    contour : float16, shape (frames, 264)
        Posteriors 0..1, at `frame_times`, to the end of the sound.
    """
    y = audio.mono().resample(SAMPLE_RATE).y[0]
    lead = OVERLAP // 2 * 256  # zeros in front
    starts = np.arange(-lead, y.size, HOP)
    times = frame_times(len(starts) * KEPT)
    frames = int(np.searchsorted(times, y.size / SAMPLE_RATE))
    posteriors: tuple[np.ndarray, np.ndarray, np.ndarray] = (
        np.zeros((frames, 88), np.float32),
        np.zeros((frames, 88), np.float32),
        np.zeros((frames, 264), np.float16),
    )
    for i in track_progress(range(0, len(starts), at_once)):
        some = starts[i : i + at_once]
        windows = np.zeros((len(some), WINDOW), np.float32)
        for window, start in zip(windows, some, strict=True):
            part = y[max(start, 0) : start + WINDOW]
            window[max(-start, 0) : max(-start, 0) + part.size] = part
        for whole, pieces in zip(posteriors, run(windows), strict=True):
            kept = pieces[:, OVERLAP // 2 : -OVERLAP // 2].reshape(-1, whole.shape[1])
            target = whole[i * KEPT : i * KEPT + len(kept)]
            target[:] = kept[: len(target)]
    return posteriors

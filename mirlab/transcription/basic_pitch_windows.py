"""Basic Pitch's windows: split audio into overlapping windows and join their posteriors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..core import Audio, as_audio
from ..core.constants import SAMPLE_RATE
from ..core.progress import track_progress
from .greedy import frame_times

WINDOW = 43844  # samples: two seconds less one hop
OVERLAP = 30  # frames shared by two windows, half of them dropped from each
HOP = WINDOW - OVERLAP * 256  # samples from window to window
WINDOW_FRAMES = WINDOW // 256 + 1 - OVERLAP  # frames per window, without the overlap

Run = Callable[[np.ndarray], list[np.ndarray]]  # windows to onset, note, contour


def posteriors_in_windows(
    audio: Audio, run: Run, *, batch_size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute posteriors window by window.

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz. Windows of two seconds overlap
        by 30 frames.
    run
        Function from windows of shape `(windows, 43844)` to onset, note and contour posteriors,
        each of shape `(windows, frames, bins)`.
    batch_size
        Number of windows per call of `run`; bounds the memory.

    Returns
    -------
    onset, note : float32, shape (frames, 88)
    contour : float16, shape (frames, 264)
        Posteriors 0..1, at `frame_times`, to the end of the audio.
    """
    y = as_audio(audio, sr=SAMPLE_RATE, mono=True).y[0]
    lead = OVERLAP // 2 * 256  # zeros before the first sample
    starts = np.arange(-lead, y.size, HOP)
    times = frame_times(len(starts) * WINDOW_FRAMES)
    frames = int(np.searchsorted(times, y.size / SAMPLE_RATE))
    posteriors: tuple[np.ndarray, np.ndarray, np.ndarray] = (
        np.zeros((frames, 88), np.float32),
        np.zeros((frames, 88), np.float32),
        np.zeros((frames, 264), np.float16),
    )
    for i in track_progress(range(0, len(starts), batch_size)):
        batch_starts = starts[i : i + batch_size]
        windows = np.zeros((len(batch_starts), WINDOW), np.float32)
        for window, start in zip(windows, batch_starts, strict=True):
            part = y[max(start, 0) : start + WINDOW]
            window[max(-start, 0) : max(-start, 0) + part.size] = part
        for joined, parts in zip(posteriors, run(windows), strict=True):
            inner = parts[:, OVERLAP // 2 : -OVERLAP // 2].reshape(-1, joined.shape[1])
            target = joined[i * WINDOW_FRAMES : i * WINDOW_FRAMES + len(inner)]
            target[:] = inner[: len(target)]
    return posteriors

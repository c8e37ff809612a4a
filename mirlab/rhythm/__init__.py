"""Rhythm: where the beat is.

Onset strength and beat tracking by dynamic programming, the classical way; and bars, from the
accents on the beats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import AudioLike, Notes, Progress, Segments
from ..learning import run_model
from .classic import beat_times, estimate_tempo, number_beats, onset_strength
from .meter import COMMON, accents, beats_a_bar, beats_by_dynamic_programming, nearest

if TYPE_CHECKING:
    import torch

__all__ = [
    "COMMON",
    "accents",
    "beat_times",
    "beats_a_bar",
    "beats_by_dynamic_programming",
    "estimate_tempo",
    "nearest",
    "number_beats",
    "onset_strength",
    "track_beats",
]


def track_beats(
    audio: AudioLike,
    *,
    model: str = "dynamic-programming",
    device: str | torch.device = "auto",
    progress: Progress = True,
    notes: Notes | None = None,
) -> Segments:
    """The beats of a sound, counted in bars.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`.
    model
        `"dynamic-programming"`, see `beats_by_dynamic_programming`; or a model of your own, see
        `mirlab.register_model`.
    device
        Where a network computes: `"auto"`, a GPU where there is one, else the processor; or one of
        torch's names. Classical methods compute on the processor.
    progress
        True shows a bar while a long sound is worked on, in a terminal or a live notebook; False
        shows nothing; a function is called with the share done, 0..1, and the task.
    notes
        Of this sound, from `mirlab.transcribe` or a score: long and low ones tell how many beats
        make a bar. Without them a bar has four beats.

    Returns
    -------
    Segments
        From beat to beat; the label is the beat's number in its bar, `"1"` the downbeat, which is
        where the onsets are strongest. None for fewer than two beats. The times are firmer than
        the numbers; `mirlab.analyze`, which also knows the chords, numbers better.

    Raises
    ------
    LearningError
        When there is no such model, or the device is not here.
    AudioError
        When `audio` is no sound.

    Examples
    --------
    >>> import numpy as np
    >>> clicks = np.zeros(22050 * 8)
    >>> clicks[11025::11025] = 1  # two a second
    >>> beats = track_beats((clicks, 22050))
    >>> round(float(np.median(beats.durations)), 1), len(set(beats.labels))
    (0.5, 4)
    """
    given = {} if notes is None else {"notes": notes}
    beats: Segments = run_model("rhythm", model, audio, device=device, progress=progress, **given)
    return beats

"""Beat tracking and meter estimation.

Beats from the onset strength by dynamic programming, and bars from the accents on the beats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import AudioLike, Notes, Progress, Segments
from ..learning import run_model
from .classic import (
    beat_times,
    estimate_tempo,
    number_beats,
    onset_strength,
    tempo_confidence,
)
from .clicks import click_track
from .meter import DEFAULT_BEATS, accents, beats_by_dynamic_programming, beats_per_bar, nearest
from .novelty import (
    complex_novelty,
    energy_novelty,
    spectral_novelty,
    strength_from_novelty,
    subtract_local_mean,
)
from .tempogram import (
    autocorrelation_tempogram,
    fourier_tempogram,
    predominant_pulse,
    tempo_frequencies,
)

if TYPE_CHECKING:
    import torch

__all__ = [
    "DEFAULT_BEATS",
    "accents",
    "autocorrelation_tempogram",
    "beat_times",
    "beats_by_dynamic_programming",
    "beats_per_bar",
    "click_track",
    "complex_novelty",
    "energy_novelty",
    "estimate_tempo",
    "fourier_tempogram",
    "nearest",
    "number_beats",
    "onset_strength",
    "predominant_pulse",
    "spectral_novelty",
    "strength_from_novelty",
    "subtract_local_mean",
    "tempo_confidence",
    "tempo_frequencies",
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
    """Track the beats of a recording, numbered in bars.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`.
    model
        `"dynamic-programming"`, see `beats_by_dynamic_programming`; or your own model, see
        `mirlab.register_model`.
    device
        Device of the network: `"auto"`, a GPU if there is one, else the CPU; or a torch device
        name. Classical methods always run on the CPU.
    progress
        True shows a progress bar for long audio, in a terminal or a live notebook; False shows
        nothing; a function is called with the completed fraction, 0..1, and the task.
    notes
        Notes of the recording, from `mirlab.transcribe` or a score; the number of beats per bar is
        estimated from long and low notes. By default a bar has four beats.

    Returns
    -------
    Segments
        One segment per beat, labelled with its number in the bar; `"1"` is the downbeat, placed
        where the onsets are strongest. Empty for fewer than two beats. The times are more reliable
        than the numbers; `mirlab.analyze`, which also uses the chords, numbers more reliably.

    Raises
    ------
    LearningError
        When there is no such model, or this computer has no such device.
    AudioError
        When `audio` is not valid audio.

    Examples
    --------
    >>> import numpy as np
    >>> clicks = np.zeros(22050 * 8)
    >>> clicks[11025::11025] = 1  # two per second
    >>> beats = track_beats((clicks, 22050))
    >>> round(float(np.median(beats.durations)), 1), len(set(beats.labels))
    (0.5, 4)
    """
    more = {} if notes is None else {"notes": notes}
    beats: Segments = run_model("rhythm", model, audio, device=device, progress=progress, **more)
    return beats

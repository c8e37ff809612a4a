"""Music structure analysis: the sections of a piece, and which of them are repeated.

Boundaries from the novelty of a self-similarity matrix, letters from the similarity of sections.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import AudioLike, Progress, Segments
from ..learning import run_model
from .classic import sections_by_novelty, sections_from_features, sections_from_spectrogram
from .features import frame_edges, frame_features
from .similarity import checkerboard_novelty, repetition_novelty, self_similarity

if TYPE_CHECKING:
    import torch

__all__ = [
    "checkerboard_novelty",
    "find_sections",
    "frame_edges",
    "frame_features",
    "repetition_novelty",
    "sections_by_novelty",
    "sections_from_features",
    "sections_from_spectrogram",
    "self_similarity",
]


def find_sections(
    audio: AudioLike,
    *,
    model: str = "novelty",
    device: str | torch.device = "auto",
    progress: Progress = True,
    beats: Segments | None = None,
) -> Segments:
    """Find the sections of a recording, such as verse and chorus, and which of them are repeated.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`.
    model
        `"novelty"`: self-similarity and novelty, see `sections_from_features`; or your own model,
        see `mirlab.register_model`.
    device
        Device of the network: `"auto"`, a GPU if there is one, else the CPU; or a torch device
        name. Classical methods always run on the CPU.
    progress
        True shows a progress bar for long audio, in a terminal or a live notebook; False shows
        nothing; a function is called with the completed fraction, 0..1, and the task.
    beats
        Beats of the recording, from `mirlab.track_beats`; sections then begin on beats, and a
        repetition at another tempo is found. By default, they begin on a grid of 0.5 s.

    Returns
    -------
    Segments
        Sections without gaps from 0 to the end, labelled by letters in the order in which they
        appear first; sections with the same letter are similar. A recording of less than 20 s is
        one section `"A"`; silence has none.

    Raises
    ------
    LearningError
        When there is no such model, or this computer has no such device.
    AudioError
        When `audio` is not valid audio.
    SegmentsError
        When `beats` are not `Segments`.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(16 * 4000) / 4000
    >>> low, high = (sum(np.sin(2 * np.pi * hz * t) for hz in chord) / 4
    ...              for chord in ((262, 330, 392), (370, 466, 554)))  # C major, F# major
    >>> sections = find_sections((np.concatenate([low, high, low]), 4000), progress=False)
    >>> sections.labels, sections.intervals[1].round().tolist()
    (('A', 'B', 'A'), [16.0, 32.0])
    """
    more = {} if beats is None else {"beats": beats}
    sections: Segments = run_model(
        "structure", model, audio, device=device, progress=progress, **more
    )
    return sections

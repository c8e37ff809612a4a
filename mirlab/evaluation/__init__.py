"""Evaluation metrics: compare an estimate with a reference, one function per task.

The scores equal those of mir_eval (Raffel et al. 2014), those of separated stems those of museval
(Stöter et al. 2018), so that they are comparable with published results. The functions take
mirlab's value types, return a dictionary, and raise one clear error for invalid input. A score is
for one recording; `mean_interval` returns the mean over several recordings with its confidence
interval.
"""

from .beats import (
    bar_scores,
    beat_offset,
    beat_scores,
    is_octave_error,
    tempo_ratio,
    tempo_scores,
)
from .bootstrap import mean_interval
from .chords import chord_scores
from .keys import key_score
from .notes import frame_scores, match_notes, note_scores
from .separation import separation_scores

__all__ = [
    "bar_scores",
    "beat_offset",
    "beat_scores",
    "chord_scores",
    "frame_scores",
    "is_octave_error",
    "key_score",
    "match_notes",
    "mean_interval",
    "note_scores",
    "separation_scores",
    "tempo_ratio",
    "tempo_scores",
]

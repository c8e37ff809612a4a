"""Scores: how close an estimate comes to the truth, one thin function a task.

Every figure is mir_eval's (Raffel et al. 2014), so that it compares with the published ones; what
is added here is that mirlab's own values go in, a plain dictionary comes out, and bad input is one
clear error. A score stands for one recording; `mean_interval` gives the mean over recordings with
the interval that its small number leaves open.
"""

from .beats import beat_scores, tempo_scores
from .bootstrap import mean_interval
from .chords import chord_scores
from .keys import key_score
from .notes import frame_scores, match_notes, note_scores

__all__ = [
    "beat_scores",
    "chord_scores",
    "frame_scores",
    "key_score",
    "match_notes",
    "mean_interval",
    "note_scores",
    "tempo_scores",
]

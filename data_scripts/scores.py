"""All scores, in the order in which they are played."""

from __future__ import annotations

from data_scripts.scores_alone import BEAT, GROOVE, LARGO, PRELUDE, STRUMMING, STUDY
from data_scripts.scores_band import AULD_LANG_SYNE, SAINTS, SEVENTHS
from data_scripts.scores_together import CANON, GREENSLEEVES, HYMN

PIECES = (
    PRELUDE,
    STRUMMING,
    LARGO,
    GROOVE,
    BEAT,
    STUDY,
    CANON,
    HYMN,
    GREENSLEEVES,
    SAINTS,
    SEVENTHS,
    AULD_LANG_SYNE,
)

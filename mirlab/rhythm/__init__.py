"""Rhythm: where the beat is.

Onset strength and beat tracking by dynamic programming, the classical way.
"""

from .classic import estimate_tempo, number_beats, onset_strength, track_beats

__all__ = ["estimate_tempo", "number_beats", "onset_strength", "track_beats"]

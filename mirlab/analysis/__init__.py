"""Analysis: all tasks in one call.

`analyze` runs separation, transcription, chord recognition, key estimation and beat tracking;
`correct` applies `Corrections` that were made by hand; `save_analysis` writes the results to a
folder.
"""

from .analyze import analyze
from .beat_grid import CorrectionsError
from .correct import correct
from .corrections import Corrections
from .result import Analysis
from .saving import save_analysis

__all__ = [
    "Analysis",
    "Corrections",
    "CorrectionsError",
    "analyze",
    "correct",
    "save_analysis",
]

"""Analysis: all tasks in one call.

`analyze` runs separation, transcription, chord recognition, key estimation and beat tracking;
`save_analysis` writes the results to a folder.
"""

from .analyze import analyze
from .result import Analysis
from .saving import save_analysis

__all__ = ["Analysis", "analyze", "save_analysis"]

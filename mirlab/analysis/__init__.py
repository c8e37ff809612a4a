"""Analysis: the tasks put together, one recording in, everything known about it out.

`analyze` runs separation, note detection, chords, key and beats; `save_analysis` writes the result
into a folder.
"""

from .analyze import analyze
from .result import Analysis
from .saving import save_analysis

__all__ = ["Analysis", "analyze", "save_analysis"]

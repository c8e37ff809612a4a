"""Analysis: the tasks put together, one recording in, everything known about it out.

`analyze` runs separation, note detection, chords, key and beats; `save_analysis` writes the result
into a folder.
"""

from .analyze import Analysis, analyze

__all__ = ["Analysis", "analyze"]

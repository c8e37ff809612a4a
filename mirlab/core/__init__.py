"""The value types of the package: `Audio`, `Notes` with their `TempoMap` and `Bars`, `Segments`."""

from .audio import Audio, AudioLike, as_audio
from .bars import Bars
from .errors import (
    AudioError,
    AudioWarning,
    DownloadError,
    MirlabError,
    MissingPartError,
    NotesError,
    NotesWarning,
    SegmentsError,
)
from .notes import Notes
from .progress import Progress
from .segments import Segments
from .tempo import TempoMap
from .theory import note_name

__all__ = [
    "Audio",
    "AudioError",
    "AudioLike",
    "AudioWarning",
    "Bars",
    "DownloadError",
    "MirlabError",
    "MissingPartError",
    "Notes",
    "NotesError",
    "NotesWarning",
    "Progress",
    "Segments",
    "SegmentsError",
    "TempoMap",
    "as_audio",
    "note_name",
]

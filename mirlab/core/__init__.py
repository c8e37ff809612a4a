"""The values that flow through everything: `Audio`, `Notes` with their `TempoMap`, `Segments`."""

from .audio import Audio
from .errors import (
    AudioError,
    AudioWarning,
    MirlabError,
    MissingPartError,
    NotesError,
    SegmentsError,
)
from .notes import Notes
from .segments import Segments
from .tempo import TempoMap
from .theory import note_name

__all__ = [
    "Audio",
    "AudioError",
    "AudioWarning",
    "MirlabError",
    "MissingPartError",
    "Notes",
    "NotesError",
    "Segments",
    "SegmentsError",
    "TempoMap",
    "note_name",
]

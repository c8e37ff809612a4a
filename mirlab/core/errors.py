"""The errors of the package: one class a value, so that a caller can tell which input was bad."""


class MirlabError(Exception):
    """Every error that mirlab raises on purpose."""


class AudioError(MirlabError, ValueError):
    """The sound cannot be read, written or used; the message names the file and the reason."""


class NotesError(MirlabError, ValueError):
    """The notes, or the MIDI file they come from, make no sense; the message says why."""


class SegmentsError(MirlabError, ValueError):
    """The segments, or the `.lab` file they come from, make no sense; the message says why."""


class MissingPartError(MirlabError, ImportError):
    """An optional part is not installed; the message gives the command that brings it."""


class AudioWarning(UserWarning):
    """The sound could be used, but not all of it or not as it was."""

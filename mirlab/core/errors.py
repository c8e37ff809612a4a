"""Errors of the package: one class per value type, so that a caller knows which input failed."""

from .names import printable


class _OneLine(Exception):
    """An exception whose message is one line, whatever the file names in it contain."""

    def __str__(self) -> str:
        return printable(super().__str__())


class MirlabError(_OneLine):
    """Base class of all errors that mirlab raises on purpose."""


class AudioError(MirlabError, ValueError):
    """Audio that cannot be read, written or used; the message names the file and the reason."""


class NotesError(MirlabError, ValueError):
    """Notes, or a MIDI file, that are invalid; the message gives the reason."""


class SegmentsError(MirlabError, ValueError):
    """Segments, or a `.lab` file, that are invalid; the message gives the reason."""


class TableError(MirlabError, ValueError):
    """Rows and columns of a table that do not fit; the message gives the reason."""


class DownloadError(MirlabError):
    """A file that cannot be downloaded; the message has the address, the reason and the remedy."""


class MissingPartError(MirlabError, ImportError):
    """An optional dependency is not installed; the message gives the command that installs it."""


class AudioWarning(_OneLine, UserWarning):
    """Audio that could be used only in part or with changes."""


class NotesWarning(_OneLine, UserWarning):
    """A MIDI file that does not follow the standard and was read all the same."""

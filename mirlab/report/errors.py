"""Error of `mirlab.report`."""

from ..core.errors import MirlabError


class ReportError(MirlabError, ValueError):
    """A report or an index cannot be made; the message gives the file or folder and the reason."""

"""The report's own error."""

from ..core.errors import MirlabError


class ReportError(MirlabError, ValueError):
    """A report or an index cannot be made; the message names the file or folder and says why."""

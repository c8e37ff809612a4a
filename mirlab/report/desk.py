"""The Listening desk of a report; its audio is encoded once, while other files are written."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import dataclass

from ..analysis import Analysis
from ..core.checks import require_type
from .errors import ReportError
from .excerpt import beginning

DESK_RATE = 33_000  # bytes per second of audio in the desk, a first estimate
SURE_SECONDS = 300.0  # the desk of a piece up to this length always fits into its report


@dataclass(frozen=True)
class Desk:
    """The Listening desk of a piece as an HTML fragment.

    Parameters
    ----------
    fragment
        HTML.
    seconds
        Duration of the audio in it, from the beginning of the piece.
    sounds
        The encoded stems and notes that it plays, by name: FLAC up to 20 s, MP3 above.
    """

    fragment: str
    seconds: float
    sounds: dict[str, bytes]


def start_desk(analysis: Analysis, pool: Executor) -> Future[Desk] | None:
    """Start to build the desk for `save_report` in another thread.

    Parameters
    ----------
    analysis
        From `mirlab.analyze`.
    pool
        Thread pool; encoding the audio is the slowest part of a report.

    Returns
    -------
    Future or None
        None for a piece so long that the desk may have to be shortened to fit into the page;
        `save_report` builds it then.
    """
    require_type("analysis", analysis, Analysis, ReportError)
    require_type("pool", pool, Executor, ReportError)
    if analysis.audio.duration > SURE_SECONDS:
        return None
    return pool.submit(whole_desk, analysis)


def whole_desk(analysis: Analysis, *, editable: bool = True) -> Desk:
    """Build the desk of a whole piece."""
    from ..widgets import ListeningDesk

    desk = ListeningDesk.of(analysis, editable=editable)
    result = Desk(desk.fragment(), analysis.audio.duration, dict(desk.sounds))
    desk.close()  # ipywidgets keeps a reference to every open widget
    return result


def fitting_desk(analysis: Analysis, room: int) -> Desk:
    """Build the desk of the longest beginning of a piece that fits into `room` bytes."""
    seconds = min(analysis.audio.duration, room / DESK_RATE)
    while True:
        # what is corrected on a part cannot be replayed on the whole
        desk = whole_desk(beginning(analysis, seconds), editable=seconds == analysis.audio.duration)
        if len(desk.fragment) <= room:
            return desk
        seconds *= 0.98 * room / len(desk.fragment)

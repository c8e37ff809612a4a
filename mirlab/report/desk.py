"""The Listening desk of a report: its sounds are coded once, while other files are written."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import dataclass

from ..analysis import Analysis
from .excerpt import beginning

DESK_RATE = 33_000  # bytes a second of sound that the desk takes, as a first guess
SURE_SECONDS = 300.0  # s; the desk of a piece up to this length always fits into its report


@dataclass(frozen=True)
class Desk:
    """The Listening desk of a piece as a fragment of a page.

    Parameters
    ----------
    fragment
        HTML.
    seconds
        Of sound in it, from the beginning of the piece.
    sounds
        The coded stems and notes that it plays, by name: FLAC up to 20 s, MP3 above.
    """

    fragment: str
    seconds: float
    sounds: dict[str, bytes]


def start_desk(analysis: Analysis, pool: Executor) -> Future[Desk] | None:
    """Begin to make the desk for `save_report` in another thread.

    Parameters
    ----------
    analysis
        From `mirlab.analyze`.
    pool
        Threads; coding needs them for longer than for anything else in a report.

    Returns
    -------
    Future or None
        None for a piece so long that the desk may have to be cut to what room the rest of the
        page leaves; `save_report` makes it then.
    """
    if analysis.audio.duration > SURE_SECONDS:
        return None
    return pool.submit(whole_desk, analysis)


def whole_desk(analysis: Analysis) -> Desk:
    """The desk of a whole piece."""
    from ..widgets import ListeningDesk

    desk = ListeningDesk.of(analysis)
    made = Desk(desk.fragment(), analysis.audio.duration, dict(desk.sounds))
    desk.close()  # ipywidgets keeps every widget that is open
    return made


def fitting_desk(analysis: Analysis, room: int) -> Desk:
    """The desk of as much of a piece, from its beginning, as `room` bytes hold."""
    seconds = min(analysis.audio.duration, room / DESK_RATE)
    while True:
        desk = whole_desk(beginning(analysis, seconds))
        if len(desk.fragment) <= room:
            return desk
        seconds *= 0.98 * room / len(desk.fragment)

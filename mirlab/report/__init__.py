"""Reports: an `Analysis` as a self-contained HTML page, and an index of several reports.

The page contains the Listening desk, the chord sheet, the engraved score and files to download.
It opens from disk, without a server and without a network.
"""

from .desk import start_desk
from .errors import ReportError
from .index import has_index, save_index
from .page import LIMIT, report_html, save_report
from .sheet import SheetBar, bars, chord_name, chord_sheet

__all__ = [
    "LIMIT",
    "ReportError",
    "SheetBar",
    "bars",
    "chord_name",
    "chord_sheet",
    "has_index",
    "report_html",
    "save_index",
    "save_report",
    "start_desk",
]

"""The report: an `Analysis` as one page that opens anywhere, and an index of many.

A page holds everything in one file: the Listening desk, the chord sheet, the engraved score and
the files to take along. It opens from a disk, without a server and without a network.
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

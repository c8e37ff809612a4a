"""Calls of the functions of `mirlab.score` and `mirlab.report`, and what their errors say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mirlab import report, score
from mirlab.core import NotesError, TempoMap
from mirlab.report import ReportError
from tests.arguments.tasks import ANALYSIS
from tests.bad_arguments import NOTES, Calls, Messages

ROOMS = ("score", "report")
IN_TEMPO = NOTES.with_tempo(TempoMap(0, 120))
BARS = [(0, 4, 4)]
CALLS: Calls = {
    report.bars: {"analysis": ANALYSIS},
    report.chord_name: {"label": "A:min7/b7", "fifths": 1},
    report.chord_sheet: {"analysis": ANALYSIS},
    report.has_index: {"folder": "folder"},
    report.report_html: {"analysis": ANALYSIS, "files": "there is no such folder"},
    report.save_index: {"folder": "there is no such folder"},
    report.save_report: {"analysis": ANALYSIS, "path": "x.html", "files": "no such folder"},
    report.start_desk: {"analysis": ANALYSIS, "pool": ThreadPoolExecutor(1)},
    score.engrave: {"score": "there is no such file.musicxml"},
    score.quantize: {"notes": IN_TEMPO, "meter": (3, 4), "downbeat": 0.0},
    score.write_musicxml: {"notes": IN_TEMPO, "path": "score.musicxml", "key": "C major"},
}
MESSAGES: Messages = [
    (lambda: report.save_report(3, "x.html"), ReportError, "analysis must be Analysis, not int"),
    (lambda: report.save_report(ANALYSIS, 3), ReportError, "path must be a path, not int"),
    (lambda: report.save_index("\0"), ReportError, "folder must be a path"),
    (lambda: report.chord_name(None), ReportError, "label must be str, not NoneType"),
    (lambda: score.quantize(IN_TEMPO, bars=3), NotesError, "bars must be a list such as"),
    (lambda: score.quantize(IN_TEMPO, bars=[(0, 5, 8)]), NotesError, "bars must contain whole"),
    (
        lambda: score.quantize(IN_TEMPO, meter=(3, 4), bars=[(0, 4, 4)]),
        NotesError,
        "give bars, or meter and downbeat, not both",
    ),
    (lambda: score.write_musicxml(IN_TEMPO, b"x"), NotesError, "path must be a path, not bytes"),
    (lambda: score.write_musicxml(IN_TEMPO, "x", title=3), NotesError, "title must be str"),
    (lambda: score.quantize(IN_TEMPO, bars=BARS, meter=np.ones(3)), NotesError, "not both"),
    (lambda: score.quantize(IN_TEMPO, bars=BARS, downbeat=np.ones(3)), NotesError, "not both"),
    (lambda: score.quantize(IN_TEMPO, downbeat=1e308), NotesError, "downbeat must be from -1e"),
]

"""Progress: reports of nested work rise from 0 to 1; bars appear only for interactive use."""

from __future__ import annotations

import io
import sys
import time
from types import SimpleNamespace

import pytest

from mirlab.core import progress
from mirlab.core.chunks import chunks
from mirlab.core.progress import reporting, stage, step, track_progress


def test_parts_report_to_the_work_around_them() -> None:
    reports: list[tuple[float, str]] = []
    with reporting(lambda *report: reports.append(report), "all"):
        with step("first", ("first", "second")), reporting(True, "inner"):
            list(track_progress("ab"))
        with stage(0.5, 1), reporting(True, "inner"):
            list(chunks(30, size=10, margin=0))
        with reporting(False, "silent"):
            list(track_progress("abc"))
    shares, names = zip(*reports, strict=True)
    assert list(shares) == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert set(names) == {"first", "inner", "all"}
    assert (0.25, "first") in reports and (0.5 + 1 / 6, "inner") in reports
    list(track_progress("ab"))  # no listener any more
    assert len(reports) == len(shares)


def test_work_that_fails_is_not_reported_as_done() -> None:
    reports: list[float] = []
    with pytest.raises(ZeroDivisionError), reporting(lambda done, _: reports.append(done), "fail"):
        next(track_progress("ab"))
        1 / 0  # noqa: B018
    assert reports == [0.0]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def worked(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> str:
    """Contents of a stream after work with a progress bar."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "DELAY", 0.02)
    with reporting(True, "listen"):
        for _ in track_progress(range(4)):
            time.sleep(0.11)  # a bar is drawn at most ten times per second
    return stream.getvalue()


@pytest.mark.slow
def test_a_terminal_shows_a_bar_which_disappears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    shown = worked(monkeypatch, Terminal())
    assert "listen" in shown and "50%" in shown
    assert shown.split("\r")[-2].strip() == ""  # the last line is blank
    assert worked(monkeypatch, io.StringIO()) == ""  # a file or a pipe


@pytest.mark.parametrize("asked", [True, False])
def test_a_page_that_is_built_shows_no_bar(monkeypatch: pytest.MonkeyPatch, asked: bool) -> None:
    """As nbclient executes cells: it takes no input; front ends of people do."""
    parent = {"content": {"allow_stdin": asked}}
    shell = SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda: parent))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert progress._is_interactive() == asked

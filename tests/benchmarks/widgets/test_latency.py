"""The widgets' benchmark: it times what it says, and the committed result keeps the bars."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.results import FOLDER
from benchmarks.widgets import browser, latency
from mirlab.core.errors import MissingPartError

# Sets that the committed result lacks until it is measured anew, on an idle machine.
NOT_YET_MEASURED = {"synth static", "piano roll", "beat bench"}


def test_the_committed_result_keeps_the_bars() -> None:
    means = json.loads((FOLDER / "widgets/latency.json").read_text("utf-8"))["means"]
    assert means.keys() <= {*latency.SETS}
    unmeasured = {*latency.SETS} - means.keys() - NOT_YET_MEASURED
    assert not unmeasured, "measure on an idle machine, or name them in NOT_YET_MEASURED"
    for name in latency.BARS.keys() & means:
        bar = latency.BARS[name]
        median, p95 = (means[name]["mirlab"][measure][0] for measure in ("median_ms", "p95_ms"))
        # a press may come shortly before a frame, but not always
        assert means[name]["frame"]["median_ms"][0] / 2 < median <= p95, name
        assert median < bar, name


def test_every_timed_widget_has_a_bar_that_the_protocol_names() -> None:
    assert latency.TIMED.keys() <= latency.BARS.keys() <= {*latency.SETS}
    for name in latency.TIMED:
        assert f"{name} = " in " ".join(latency.PROTOCOL.split()), name
    for bar in {*latency.BARS.values()}:
        assert f"{bar} ms" in latency.PROTOCOL


def test_without_chromium_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "chromium_path", lambda: None)
    with pytest.raises(MissingPartError, match="apt-get install"), browser.chromium():
        pass


@pytest.mark.slow
@pytest.mark.browser
def test_keys_are_timed_from_the_press_to_the_picture(chromium: Any, tmp_path: Path) -> None:
    page = "<button autofocus onkeydown='setTimeout(() => document.body.dataset.updated = 1, {})'>"
    with browser.serving(tmp_path) as address:
        for wait in (0, 300):
            html = (
                page.replace("{}", str(wait)) + "<script>document.body.className='mirlab'</script>"
            )
            (tmp_path / "page.html").write_text(f"<link rel=icon href='data:,'>{html}", "utf-8")
            with browser.opened(chromium, f"{address}/page.html") as (opened, problems):
                opened.evaluate(latency.WATCH)
                times = list(latency.reaction_times(opened, ("a",), latency.REDRAWN, 1))
                assert wait <= times[0] < wait + 250
                assert not problems


@pytest.mark.slow
@pytest.mark.browser
def test_what_the_browser_reports_is_one_line(require_chromium: str) -> None:
    # in a process of its own: one playwright is enough for a process
    script = "from benchmarks.widgets.browser import chromium\nwith chromium() as b: "
    script += "b.new_page().goto('http://127.0.0.1:1/')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "MirlabError: Chromium: " in done.stderr.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.browser
def test_a_static_bench_answers_every_press(chromium: Any, tmp_path: Path) -> None:
    rows = latency.static(chromium, tmp_path, presses=5)
    assert {row: len(times) for row, times in rows.items()} == {"mirlab": 5, "frame": 5}
    assert np.median(rows["mirlab"]) < 3 * 30

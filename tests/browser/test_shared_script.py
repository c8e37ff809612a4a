"""The script that instruments share: loaded once a page, in each version that is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import Widget

from mirlab.widgets import SignalBench, SoundInput
from mirlab.widgets.shared.base import runtime_script
from mirlab.widgets.shared.script import BUNDLE, SharedScript

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STATE = '<script type="application/vnd.jupyter.widget-state+json">{}</script>'
COUNT = "globalThis.timesLoaded = (globalThis.timesLoaded ?? 0) + 1;"


def test_a_page_loads_each_version_once(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., tuple[Any, list[str]]]
) -> None:
    older = SharedScript(BUNDLE.read_text("utf-8") + COUNT)
    missing = SharedScript("export {};")  # the page will not hold it
    widgets = [SignalBench(), SignalBench(bits=8), SoundInput(), *(SoundInput() for _ in range(3))]
    for widget, script in zip(widgets[3:], (older, older, missing), strict=True):
        widget._shared = script
    pieces = ["<!DOCTYPE html><link rel=icon href=data:,><body>"]
    pieces += [widget.fragment() for widget in widgets]
    pieces += [STATE.format(json.dumps(Widget.get_manager_state(widgets=[older])))]
    (tmp_path / "page.html").write_text("\n".join([*pieces, runtime_script()]), "utf-8")

    page, problems = open_page(f"{serve(tmp_path)}/page.html")
    page.get_by_text("This widget could not start").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.mirlab').length === 5")
    assert page.evaluate("timesLoaded") == 1
    names = {widget._shared.model_id for widget in widgets[:4]}
    assert set(page.evaluate("Object.keys(mirlabShared)")) == names and len(names) == 2
    assert "not in this page" in page.get_by_text("This widget could not start").inner_text()
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0
    assert problems and all("not in this page" in problem for problem in problems)

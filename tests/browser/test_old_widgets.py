"""The widgets on Colab's old versions, and without torch: made, driven, and shown in a page."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
OLD = ["ipywidgets==7.7.1", "traitlets==5.7.1", "anywidget==0.9.21", "ipython<9"]
NEEDED = ["numpy", "scipy", "soundfile", "soxr", "pretty_midi"]  # what the widgets' rooms import
SCRIPT = """
import importlib.util, sys
import ipywidgets, mirlab.widgets
from mirlab.widgets import Instrument
assert ipywidgets.__version__ == "7.7.1" and importlib.util.find_spec("torch") is None
for name in mirlab.widgets.__all__:
    if name != "Instrument":
        widget = getattr(mirlab.widgets, name)()
        again = type(widget)(**widget.state())
        assert again.state() == widget.state()
        again.to_html(f"{sys.argv[1]}/{name}.html")
        print(name)
"""


@pytest.fixture(scope="module")
def made(
    root: Path, require_chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Every widget's page, written in an environment of its own."""
    folder = tmp_path_factory.mktemp("old")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([*install, *OLD, *NEEDED], check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(
        [python, "-c", SCRIPT, folder],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: folder / f"{name}.html" for name in done.stdout.split()}


def test_every_widget_shows_in_the_static_runtime(
    made: dict[str, Path], serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    assert "SignalBench" in made
    for path in made.values():
        page, problems = open_page(f"{serve(path.parent)}/{path.name}")
        page.wait_for_selector("html[data-widgets=ready]", state="attached")
        page.locator(".mirlab canvas").first.wait_for()
        assert page.locator("[data-engine]").count() == 1
        assert not problems

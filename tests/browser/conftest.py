"""Fixtures: Chromium, JupyterLab and the built book; `benchmarks.widgets.browser` starts them."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnxruntime_web import FOLDER, STATIC, bring_onnxruntime

from benchmarks.widgets.browser import TALL, jupyterlab, notebook, opened, serving
from mirlab import Audio, load_model
from mirlab.examples import load
from mirlab.transcription.detector import NoteDetector

# What a new size or scheme changes is drawn in the next frame.
TWO_FRAMES = """() => new Promise(go =>
    requestAnimationFrame(() => requestAnimationFrame(go)))"""


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., tuple[Any, list[str]]]]:
    """Open an address; give the page, and a list that fills with whatever goes wrong on it."""
    with contextlib.ExitStack() as pages:
        yield lambda address, **context: pages.enter_context(opened(chromium, address, **context))


@pytest.fixture(scope="session")
def lab(
    root: Path, require_chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a JupyterLab on the repository, with settings of its own."""
    with jupyterlab(root, tmp_path_factory.mktemp("lab")) as address:
        yield address


@pytest.fixture(scope="session")
def lab_window(chromium: Any) -> Iterator[Any]:
    """A context of the browser in which JupyterLab is loaded once for all notebooks."""
    window = chromium.new_context(**TALL)
    yield window
    window.close()


@pytest.fixture
def run_notebook(lab_window: Any, lab: str) -> Iterator[Callable[..., tuple[Any, list[str]]]]:
    """Open a notebook in JupyterLab and run its cells; a cell that fails or warns fails."""
    with contextlib.ExitStack() as notebooks:
        yield lambda path, until="": notebooks.enter_context(
            notebook(lab_window, lab, path, until=until)
        )


@pytest.fixture(scope="session")
def book(root: Path, require_chromium: str) -> Iterator[str]:
    """The address of the built book, which is built only when its sources have changed."""
    subprocess.run([sys.executable, root / "book/scripts/build_book.py"], check=True)
    with serving(root / "_build/html") as address:
        yield address


@pytest.fixture(scope="session")
def looks() -> Callable[[Any], Iterator[tuple[str, int]]]:
    """Show a page as screens do, light and dark, wide and narrow; gives scheme and width."""

    def shown(page: Any) -> Iterator[tuple[str, int]]:
        for scheme, width in itertools.product(("light", "dark"), (1280, 360)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(TWO_FRAMES)
            yield scheme, width

    return shown


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder for as long as the test runs; give its address."""
    with contextlib.ExitStack() as servers:
        yield lambda folder: servers.enter_context(serving(folder))


@pytest.fixture
def add_onnxruntime(root: Path) -> Callable[[Path], str]:
    """Put onnxruntime-web into a folder of pages; give the element by which a page names it."""

    def added(folder: Path) -> str:
        if not bring_onnxruntime(root):
            line = "needs npm: sudo apt-get install -y npm"
            pytest.fail(line) if os.environ.get("CI") else pytest.skip(line)
        (folder / FOLDER).symlink_to(root / STATIC / FOLDER)
        return f'<meta name="mirlab-onnxruntime" content="{FOLDER}/">'

    return added


@pytest.fixture(scope="session")
def screenshots(root: Path) -> Path:
    """Where the pictures of the tests are kept, for CI and for people."""
    folder = root / "_build/screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def piano_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty seconds of piano as a file."""
    y = np.tile(load("piano").audio.mono().resample(22050).y[0], 2)[: 30 * 22050]
    path: Path = tmp_path_factory.mktemp("own") / "mine.wav"
    Audio(0.9 * y, 22050).save(path)
    return path


@pytest.fixture(scope="session")
def tiny() -> NoteDetector:
    """The small net that ships."""
    net = load_model("transcription/mirlab-notes-tiny")
    assert isinstance(net, NoteDetector)
    return net

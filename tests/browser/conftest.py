"""Fixtures: Chromium, JupyterLab and the built book; `benchmarks.widgets.browser` starts them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.widgets.browser import jupyterlab, notebook, opened, serving
from mirlab import Audio, load_model
from mirlab.examples import load
from mirlab.transcription.detector import NoteDetector


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


@pytest.fixture
def run_notebook(chromium: Any, lab: str) -> Iterator[Callable[[str], tuple[Any, list[str]]]]:
    """Open a notebook in JupyterLab and run all its cells; a cell that fails or warns fails."""
    with contextlib.ExitStack() as notebooks:
        yield lambda path: notebooks.enter_context(notebook(chromium, lab, path))


@pytest.fixture(scope="session")
def book(root: Path, require_chromium: str) -> Iterator[str]:
    """The address of the built book, which is built only when its sources have changed."""
    subprocess.run([sys.executable, root / "book/scripts/build_book.py"], check=True)
    with serving(root / "_build/html") as address:
        yield address


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder for as long as the test runs; give its address."""
    with contextlib.ExitStack() as servers:
        yield lambda folder: servers.enter_context(serving(folder))


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

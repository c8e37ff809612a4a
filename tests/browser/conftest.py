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
from mirlab.widgets import ListeningDesk, PianoRoll, SpectrogramBench
from tests.browser import bench_page, roll_page
from tests.browser.desk_piece import piece, with_errors

Opened = tuple[Any, list[str]]

# A new size or colour scheme shows in the next frame.
TWO_FRAMES = """() => new Promise(go =>
    requestAnimationFrame(() => requestAnimationFrame(go)))"""


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Opened]]:
    """Open an address; return the page, and a list to which errors on the page are added."""
    with contextlib.ExitStack() as pages:
        yield lambda address, **context: pages.enter_context(opened(chromium, address, **context))


@pytest.fixture(scope="session")
def lab(
    root: Path, require_chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a JupyterLab for the repository, with separate settings."""
    with jupyterlab(root, tmp_path_factory.mktemp("lab")) as address:
        yield address


@pytest.fixture(scope="session")
def lab_window(chromium: Any) -> Iterator[Any]:
    """A browser context that loads JupyterLab once for all notebooks."""
    window = chromium.new_context(**TALL)
    yield window
    window.close()


@pytest.fixture
def run_notebook(lab_window: Any, lab: str) -> Iterator[Callable[..., Opened]]:
    """Open a notebook in JupyterLab and run its cells; an error or a warning in a cell fails."""
    with contextlib.ExitStack() as notebooks:
        yield lambda path, until="": notebooks.enter_context(
            notebook(lab_window, lab, path, until=until)
        )


@pytest.fixture(scope="session")
def book(root: Path, require_chromium: str) -> Iterator[str]:
    """Address of the built book; it is rebuilt only if its sources have changed."""
    subprocess.run([sys.executable, root / "book/scripts/build_book.py"], check=True)
    with serving(root / "_build/html") as address:
        yield address


@pytest.fixture(scope="session")
def looks() -> Callable[[Any], Iterator[tuple[str, int]]]:
    """Show a page light and dark, wide and narrow; yields colour scheme and width."""

    def shown(page: Any) -> Iterator[tuple[str, int]]:
        for scheme, width in itertools.product(("light", "dark"), (1280, 360)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(TWO_FRAMES)
            yield scheme, width

    return shown


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder for as long as the test runs; return its address."""
    with contextlib.ExitStack() as servers:
        yield lambda folder: servers.enter_context(serving(folder))


@pytest.fixture
def add_onnxruntime(root: Path) -> Callable[[Path], str]:
    """Put onnxruntime-web into a folder of pages; return the element that points a page to it."""

    def added(folder: Path) -> str:
        if not bring_onnxruntime(root):
            line = "needs npm: sudo apt-get install -y npm"
            pytest.fail(line) if os.environ.get("CI") else pytest.skip(line)
        (folder / FOLDER).symlink_to(root / STATIC / FOLDER)
        return f'<meta name="mirlab-onnxruntime" content="{FOLDER}/">'

    return added


@pytest.fixture(scope="session")
def screenshots(root: Path) -> Path:
    """Folder for the screenshots of the tests."""
    folder = root / "_build/screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def piano_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty seconds of piano in a WAV file."""
    y = np.tile(load("piano").audio.mono().resample(22050).y[0], 2)[: 30 * 22050]
    path: Path = tmp_path_factory.mktemp("own") / "mine.wav"
    Audio(0.9 * y, 22050).save(path)
    return path


@pytest.fixture(scope="session")
def tiny() -> NoteDetector:
    """The small note network that the package contains."""
    net = load_model("transcription/mirlab-notes-tiny")
    assert isinstance(net, NoteDetector)
    return net


@pytest.fixture(scope="session")
def desk_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Listening desk in one file: the test piece with errors, compared with the truth."""
    path = tmp_path_factory.mktemp("desk") / "desk.html"
    right = piece()
    ListeningDesk.of(with_errors(right), truth=right).to_html(path)
    return path


@pytest.fixture
def desk(
    desk_page: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Open the page of `desk_page`."""
    address = serve(desk_page.parent)

    def opened(**context: Any) -> Opened:
        page, problems = open_page(f"{address}/{desk_page.name}", **context)
        page.wait_for_selector("html[data-widgets=ready]", state="attached")
        page.locator(".lane canvas").first.wait_for()
        return page, problems

    return opened


@pytest.fixture
def open_roll(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Write a Piano roll to one file and open it; what it plays is recorded in `played`."""
    address = serve(tmp_path)

    def opened(widget: PianoRoll | None = None, **context: Any) -> Opened:
        (widget or roll_page.roll()).to_html(tmp_path / "roll.html")
        page, problems = open_page(f"{address}/roll.html", **context)
        page.wait_for_function(roll_page.OPENED)
        page.evaluate(roll_page.SPY)
        return page, problems

    return opened


@pytest.fixture
def open_bench(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Write a Spectrogram bench to one file and open it."""
    address = serve(tmp_path)

    def opened(
        sounds: Any = bench_page.PIECE, context: dict[str, Any] | None = None, **state: Any
    ) -> Opened:
        bench = SpectrogramBench.of(sounds)
        for name, value in state.items():
            setattr(bench, name, value)
        bench.to_html(tmp_path / "bench.html")
        page, problems = open_page(f"{address}/bench.html", **(context or {}))
        page.wait_for_function(bench_page.DRAWN)
        return page, problems

    return opened

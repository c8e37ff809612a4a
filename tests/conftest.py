"""What all tests share: the one way to say that a system package is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

from benchmarks.widgets import browser

ROOT = Path(__file__).resolve().parents[1]

# without hypothesis's clock: on a busy machine a slow example is no failure
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


def _without(package: str) -> NoReturn:
    """Skip the test with the line that brings `package`; in CI fail, for there nothing may skip."""
    line = f"needs {package}: sudo apt-get install -y {package}"
    if os.environ.get("CI"):
        pytest.fail(line)
    pytest.skip(line)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def require_chromium() -> str:
    """The path of a Chromium."""
    return browser.chromium_path() or _without("chromium")


@pytest.fixture(scope="session")
def chromium(require_chromium: str) -> Iterator[Any]:
    """The system's Chromium, running."""
    with browser.chromium() as started:
        yield started


@pytest.fixture(scope="session")
def require_fluidsynth() -> None:
    """Let a test run only where FluidSynth's library can be loaded."""
    if not find_library("fluidsynth"):
        _without("libfluidsynth3")

"""What all tests share: the one way to say that a system package is missing."""

from __future__ import annotations

import os
import shutil
from ctypes.util import find_library
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

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
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    _without("chromium")


@pytest.fixture(scope="session")
def require_fluidsynth() -> None:
    """Let a test run only where FluidSynth's library can be loaded."""
    if not find_library("fluidsynth"):
        _without("libfluidsynth3")

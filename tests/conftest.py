"""What all tests share: how they are spread over workers, what they cost, what they cannot miss."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

from benchmarks.widgets import browser
from tests import ledger

ROOT = Path(__file__).resolve().parents[1]

# One thread a worker of pytest-xdist, and for every process that it starts, or workers would wait
# for each other. Read by the numeric libraries when they are imported, which is later than here.
if "PYTEST_XDIST_WORKER" in os.environ:
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    # librosa's numba code crashes when two processes have compiled it into the same folder
    os.environ["NUMBA_CACHE_DIR"] = str(ROOT / "_build/numba" / os.environ["PYTEST_XDIST_WORKER"])

# without hypothesis's clock: on a busy machine a slow example is no failure
settings.register_profile("no deadline", deadline=None)
settings.register_profile("long", deadline=None, max_examples=10 * settings.default.max_examples)
settings.load_profile("no deadline")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep each file on one worker, for its fixtures; files with slow tests come last."""
    if not config.getoption("long"):
        config.hook.pytest_deselected(items=[i for i in items if i.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path in slow)  # stable: a file's tests stay together
    for item in items:
        item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(ROOT))))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options `--long` and `--ledger`."""
    parser.addoption(
        "--long", action="store_true", help="the long forms, and ten times the examples"
    )
    parser.addoption("--ledger", type=Path, help="write what each test file costs to this file")


def pytest_configure(config: pytest.Config) -> None:
    """Take the long forms or the short; keep a ledger where the workers' reports meet."""
    if config.getoption("long", False):
        settings.load_profile("long")
    if config.getoption("ledger", None) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(LedgerKeeper(config.getoption("ledger")))


class LedgerKeeper:
    """Adds up what each file costs, and ends the run with a summary."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add what a test, or what was prepared for it, took."""
        self.seconds[report.nodeid.split("::")[0]] += report.duration

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """Write the ledger and print what it says."""
        pages = ledger.page_seconds(ROOT / "_build/.jupyter_cache")
        n_jobs = config.getoption("numprocesses", None) or 1
        kept = ledger.Ledger(ledger.machine(), n_jobs, dict(self.seconds), pages)
        kept.write(self.path)
        terminalreporter.section("ledger")
        for line in ledger.summary(kept):
            terminalreporter.write_line(line)


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

"""The ledger: what tests and pages cost, by group, and what each group may cost.

A full run writes the seconds of every test file and page (`make test`, to `_build/ledger.json`);
`make ledger` keeps them as `tests/ledger.json`. Budgets hold for two idle cores.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

STANDING = "what stands"
ELSE = "everything else"
# Seconds of wall time: five chapters with their library; for each new chapter 75 for its tests and
# 60 for its page; and 10 minutes for the rooms that belong to no chapter.
STANDING_SECONDS, CHAPTER_SECONDS, ELSE_SECONDS = 16 * 60.0, 75.0 + 60.0, 10 * 60.0
NEW_CHAPTERS = 8
STANDING_CHAPTERS = ("00", "01", "02", "04", "06")
# fmt: off
STANDING_ROOMS = {
    "analysis", "benchmarks", "browser", "chords", "cli", "composer", "core", "data_scripts",
    "dsp", "evaluation", "examples", "house", "learning", "pitch", "report", "rhythm", "score",
    "separation", "spectra", "structure", "synthesis", "transcription", "widgets",
}
# fmt: on
NUMBERED = re.compile(r"tests/check/test_ch(\d\d)\.py|(\d\d)_\w+")


@dataclass(frozen=True)
class Ledger:
    """Measured costs.

    Attributes
    ----------
    machine
        Its processor cores and instruction set.
    n_jobs
        How many processes shared the tests, > 0.
    tests
        Seconds by test file, summed over its tests.
    pages
        Seconds by page, as its notebook is named; one core each.
    """

    machine: str
    n_jobs: int
    tests: dict[str, float]
    pages: dict[str, float]

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """Read a ledger from a file that `write` wrote."""
        return cls(**json.loads(path.read_text("utf-8")))

    def write(self, path: Path) -> None:
        """Write it as JSON, to a tenth of a second."""
        rounded = {
            part: {name: round(seconds, 1) for name, seconds in sorted(getattr(self, part).items())}
            for part in ("tests", "pages")
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self) | rounded, indent=1) + "\n", "utf-8")


def group_of(name: str) -> str:
    """The group of a test file or of a page.

    >>> group_of("02_spectrograms"), group_of("tests/check/test_ch03.py")
    ('what stands', 'chapter 03')
    """
    if match := NUMBERED.fullmatch(name):
        number = match[1] or match[2]
        return STANDING if number in STANDING_CHAPTERS else f"chapter {number}"
    room = name.split("/")[1] if name.startswith(("tests/", "mirlab/")) else None
    return STANDING if room is None or room in STANDING_ROOMS or "." in room else ELSE


def budget_of(group: str) -> float:
    """The seconds that a group may take."""
    return {STANDING: STANDING_SECONDS, ELSE: ELSE_SECONDS}.get(group, CHAPTER_SECONDS)


def shares(ledger: Ledger) -> dict[str, float]:
    """The wall time of each group in seconds, when all workers are busy until the end."""
    total: dict[str, float] = defaultdict(float)
    for name, seconds in [*ledger.tests.items(), *ledger.pages.items()]:
        total[group_of(name)] += seconds / ledger.n_jobs
    return dict(total)


def summary(ledger: Ledger) -> list[str]:
    """Lines: each group beside its budget, a warning where it is exceeded, and what takes most."""
    lines = [f"on {ledger.machine}, {ledger.n_jobs} workers"]
    for group, seconds in sorted(shares(ledger).items()):
        budget = budget_of(group)
        lines.append(f"{group}: {seconds:.0f} s of {budget:.0f} s")
        if seconds > budget:
            lines.append(f"WARNING: {group} exceeds its budget by {seconds - budget:.0f} s")
    costs: Mapping[str, float] = ledger.tests | ledger.pages
    most = sorted(costs, key=lambda name: -costs[name])[:10]
    return [*lines, "most: " + ", ".join(f"{name} {costs[name]:.0f} s" for name in most)]


def machine() -> str:
    """The number of cores, and the instruction set that torch uses."""
    import torch

    return f"{os.cpu_count()} cores with {torch.backends.cpu.get_cpu_capability()}"


def page_seconds(cache_folder: Path) -> dict[str, float]:
    """How long each page ran when it was executed last, from jupyter-cache's folder."""
    from jupyter_cache import get_cache

    records = get_cache(cache_folder).list_cache_records()
    return {Path(record.uri).stem: record.data["execution_seconds"] for record in records}

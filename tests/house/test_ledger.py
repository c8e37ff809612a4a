"""What the tests and pages cost stays within what the course can afford."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import ledger
from tests.ledger import Ledger


def test_all_budgets_together_are_44_minutes() -> None:
    chapters = ledger.NEW_CHAPTERS * ledger.CHAPTER_SECONDS
    assert ledger.STANDING_SECONDS + chapters + ledger.ELSE_SECONDS == 44 * 60


def test_a_group_over_its_budget_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "new/ledger.json"
    Ledger("2 cores", 2, {"tests/core/test_a.py": 20.04}, {"03_filters": 300.0}).write(path)
    read = Ledger.read(path)
    assert read.tests == {"tests/core/test_a.py": 20.0}
    lines = ledger.summary(read)
    assert "what stands: 10 s of 960 s" in lines
    assert "WARNING: chapter 03 exceeds its budget by 15 s" in lines
    assert len([line for line in lines if "WARNING" in line]) == 1
    assert lines[-1].startswith("most: 03_filters 300 s, ")


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("tests/conftest.py", "what stands"),
        ("tests/core/test_audio.py", "what stands"),
        ("mirlab/core/audio.py", "what stands"),
        ("tests/check/test_ch06.py", "what stands"),
        ("glossary", "what stands"),
        ("tests/check/test_ch12.py", "chapter 12"),
        ("12_search", "chapter 12"),
        ("tests/formats/test_jams.py", "everything else"),
    ],
)
def test_every_file_has_a_group(name: str, group: str) -> None:
    assert ledger.group_of(name) == group

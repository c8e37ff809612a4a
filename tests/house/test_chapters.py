"""Code cells are short, and those tagged `page` run without torch."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.house.test_torch_free import BLOCKED

# The chapters whose cells are short, one step each.
SHORT = ("00_tour", "01_signals", "02_spectrograms", "04_notes", "06_synthesis")
MEDIAN, LONGEST = 8, 25  # lines of a code cell
IN_THE_BROWSER = """
import matplotlib

matplotlib.use("Agg")
for source in json.loads(sys.stdin.read()):
    exec(source)
"""


def code_cells(root: Path, chapter: str) -> list[nbformat.NotebookNode]:
    book = nbformat.read(root / f"notebooks/{chapter}.ipynb", as_version=4)
    return [cell for cell in book.cells if cell.cell_type == "code"]


def test_no_code_cell_of_any_page_is_long(root: Path) -> None:
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for cell in code_cells(root, path.stem):
            assert len(cell.source.splitlines()) <= LONGEST, f"{path.name}: {cell.source[:60]}"
    for path in sorted((root / "book").rglob("*.md")):
        for block in re.findall(r"(?ms)^```python$(.*?)^```", path.read_text()):
            assert len(block.strip().splitlines()) <= LONGEST, f"{path.name}: {block[:60]}"


@pytest.mark.parametrize("chapter", SHORT)
def test_the_median_cell_is_short(root: Path, chapter: str) -> None:
    lines = [len(cell.source.splitlines()) for cell in code_cells(root, chapter)]
    assert statistics.median(lines) <= MEDIAN


@pytest.mark.parametrize("chapter", SHORT)
def test_folded_cells_have_a_label(root: Path, chapter: str) -> None:
    for cell in code_cells(root, chapter):
        tags = cell.metadata.get("tags", [])
        if "hide-input" in tags and "solution" not in tags:
            assert cell.metadata["mystnb"]["code_prompt_show"], cell.source[:60]


@pytest.mark.parametrize("chapter", SHORT)
def test_cells_for_the_browser_run_without_torch_and_librosa(root: Path, chapter: str) -> None:
    sources = [
        cell.source for cell in code_cells(root, chapter) if "page" in cell.metadata.get("tags", [])
    ]
    assert sources
    run = subprocess.run(
        [sys.executable, "-c", BLOCKED + IN_THE_BROWSER],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        cwd=root,
    )
    assert run.returncode == 0, run.stderr

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
from tests.pages import chapters

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


def line_count(code: str) -> int:
    return len(code.strip().splitlines())


def too_long(page: str, codes: list[str]) -> list[str]:
    """A line for each piece of code that is too long for a page."""
    return [
        f"{page}: {line_count(code)} lines, {LONGEST} at most, begin with: {first_line(code)}"
        for code in codes
        if line_count(code) > LONGEST
    ]


def first_line(code: str) -> str:
    return code.strip().partition("\n")[0]


def unlabelled(page: str, cells: list[nbformat.NotebookNode]) -> list[str]:
    """A line for each folded cell that does not say what it holds, solutions apart."""
    return [
        f"{page}: no mystnb: code_prompt_show in the folded cell: {first_line(cell.source)}"
        for cell in cells
        if {"hide-input", "solution"} & {*cell.metadata.get("tags", [])} == {"hide-input"}
        and not cell.metadata.get("mystnb", {}).get("code_prompt_show")
    ]


def test_no_code_cell_of_any_page_is_long(root: Path) -> None:
    found = []
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        found += too_long(path.name, [cell.source for cell in code_cells(root, path.stem)])
    for path in sorted((root / "book").rglob("*.md")):
        found += too_long(path.name, re.findall(r"(?ms)^```python$(.*?)^```", path.read_text()))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("chapter", chapters())
def test_the_median_cell_is_short(root: Path, chapter: str) -> None:
    codes = [cell.source for cell in code_cells(root, chapter)]
    median = statistics.median(map(line_count, codes))
    longest = first_line(max(codes, key=line_count))
    assert median <= MEDIAN, (
        f"{chapter}: the median cell has {median:g} lines, {MEDIAN} at most; "
        f"split cells, such as the longest, which begins with: {longest}"
    )


@pytest.mark.parametrize("chapter", chapters())
def test_folded_cells_have_a_label(root: Path, chapter: str) -> None:
    lines = unlabelled(chapter, code_cells(root, chapter))
    assert not lines, "\n".join(lines)


def test_a_folded_cell_without_a_label_is_found() -> None:
    def cell(**metadata: object) -> nbformat.NotebookNode:
        return nbformat.v4.new_code_cell("x = 1\ny = 2", metadata=metadata)

    label = {"code_prompt_show": "Show the code"}
    labelled = [
        cell(tags=["hide-input"], mystnb=label),
        cell(tags=["hide-input", "solution"]),
        cell(),
    ]
    plain = [cell(tags=["hide-input"]), cell(tags=["hide-input"], mystnb={"image": {}})]
    assert unlabelled("13_toys", labelled) == []
    [line, _] = unlabelled("13_toys", [*labelled, *plain])
    assert line.startswith("13_toys: ") and line.endswith(
        "code_prompt_show in the folded cell: x = 1"
    )


@pytest.mark.parametrize("chapter", chapters())
def test_cells_for_the_browser_run_without_torch_and_librosa(root: Path, chapter: str) -> None:
    sources = [
        cell.source for cell in code_cells(root, chapter) if "page" in cell.metadata.get("tags", [])
    ]
    assert sources, f"{chapter}: no cell is tagged `page`"
    run = subprocess.run(
        [sys.executable, "-c", BLOCKED + IN_THE_BROWSER],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        cwd=root,
    )
    assert run.returncode == 0, run.stderr

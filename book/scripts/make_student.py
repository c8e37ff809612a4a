"""Write the students' edition: the notebooks without the cells tagged `solution`."""

from __future__ import annotations

from pathlib import Path

import nbformat
from stamp_address import ROOT


def without_solutions(notebook: str) -> str:
    """The text of a notebook without the cells tagged `solution`."""
    book = nbformat.reads(notebook, as_version=4)
    book.cells = [c for c in book.cells if "solution" not in c.metadata.get("tags", [])]
    return nbformat.writes(book) + "\n"


def write_edition(source: Path, target: Path) -> int:
    """Write every notebook of the folder `source` to `target`; return their number."""
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.ipynb"):
        old.unlink()
    paths = sorted(source.glob("*.ipynb"))
    for path in paths:
        (target / path.name).write_text(without_solutions(path.read_text("utf-8")), "utf-8")
    return len(paths)


if __name__ == "__main__":
    written = write_edition(ROOT / "notebooks", ROOT / "_build/student")
    print(f"{written} notebook(s) without solutions in _build/student")

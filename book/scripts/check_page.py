"""Execute a page and print its running time and cell lengths beside their limits.

    python book/scripts/check_page.py notebooks/01_signals.ipynb

Nothing is cached. If a cell fails or prints a warning, the cell is named and the exit code is 1.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import nbformat
from execute_pages import PageError, execute

SECONDS, LONGEST, MEDIAN = 60, 25, 8  # for a page; lines of a code cell


def costs(page: Path, seconds: float) -> list[str]:
    """List the costs of a page beside their limits, with a warning where one is exceeded.

    Parameters
    ----------
    page
        A notebook.
    seconds
        Its running time.
    """
    cells = nbformat.read(page, as_version=4).cells
    lines = [len(cell.source.splitlines()) for cell in cells if cell.cell_type == "code"] or [0]
    found = (
        ("seconds from top to bottom", round(seconds, 1), SECONDS),
        ("lines of the longest cell", max(lines), LONGEST),
        ("lines of the median cell", statistics.median(lines), MEDIAN),
    )
    return [
        f"{'WARNING: ' if value > budget else ''}{what}: {value:g} of {budget}"
        for what, value, budget in found
    ]


def main(arguments: list[str] | None = None) -> int:
    """Check the pages named on the command line; return the exit code."""
    pages = sys.argv[1:] if arguments is None else arguments
    if not pages:
        print(__doc__)
        return 2
    for page in map(Path, pages):
        try:
            done = execute(page)
        except (PageError, OSError) as reason:
            print(reason, file=sys.stderr)
            return 1
        print("\n".join([page.stem, *costs(page, done.seconds)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

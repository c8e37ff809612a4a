"""Build one page of the book into _build/page, to look at it while it is written.

    python book/scripts/build_page.py 01_signals

The page looks as in the book, except that its links to other pages lead nowhere. It is executed
unless the cache has its results, which the book's build then uses, too.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from build_book import BuildError, forget_if_changed, make_pages
from execute_pages import PageError, execute_pages
from filelock import FileLock
from stamp_address import ROOT


def build_page(page: str, root: Path = ROOT) -> Path:
    """Execute and build a page.

    Parameters
    ----------
    page
        Name of the notebook, such as `01_signals`.
    root
        The repository.

    Returns
    -------
    Path
        The page, an HTML file.

    Raises
    ------
    PageError
        If a cell fails; the message names page and cell.
    BuildError
        If there is no such notebook, or Sphinx warns.
    """
    path, build = root / f"notebooks/{page}.ipynb", root / "_build"
    if not path.is_file():
        raise BuildError(f"there is no {path}; `make notebooks` writes it from book/chapters")
    build.mkdir(exist_ok=True)
    with FileLock(build / "lock"):
        forget_if_changed(build, root / "mirlab", root / "benchmarks/results")
        execute_pages([path], build / ".jupyter_cache")
        folder = build / "page"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        contents = folder / "_toc.yml"
        contents.write_text(f"format: jb-book\nroot: notebooks/{page}\n", "utf-8")
        make_pages(
            root,
            folder / "html",
            external_toc_path=contents.as_posix(),
            nitpicky=False,  # the page may name what other pages document,
            suppress_warnings=["myst.xref_missing"],  # and link to them
        )
    return folder / f"html/notebooks/{page}.html"


def main(arguments: list[str]) -> int:
    """Build the page named on the command line; return the exit status."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        built = build_page(arguments[0])
    except (PageError, BuildError) as reason:
        print(f"the page was not built:\n{reason}", file=sys.stderr)
        return 1
    print(f"the page is built: {built}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

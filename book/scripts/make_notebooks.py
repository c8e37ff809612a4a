"""Convert book/chapters/*.md to notebooks/*.ipynb, without outputs.

Authors edit the chapters; the book executes the notebooks and Colab opens them. The conversion is
deterministic, so that a test can detect an outdated notebook.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import jupytext
import nbformat
from stamp_address import ROOT, public_address

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
INSTALL = """\
# On Colab this brings mirlab; where it is installed already, nothing happens.
import importlib.util

if importlib.util.find_spec("mirlab") is None:
    %pip install --quiet "mirlab[onnx,score] @ git+{address}"
    %pip install --quiet --no-deps basic-pitch==0.4.0"""


def notebook(chapter: str, address: str) -> str:
    """A chapter as the text of a notebook.

    Parameters
    ----------
    chapter
        MyST markdown with `{code-cell}` blocks.
    address
        The repository's public address. If it is not empty, a cell that installs mirlab on Colab
        follows the chapter's title.

    Returns
    -------
    str
        A notebook of format 4.5, without outputs. The id of a cell is derived from its text, so
        that an edit does not change the ids of later cells.
    """
    book = jupytext.reads(chapter, fmt="md:myst")
    book.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    book.nbformat, book.nbformat_minor = 4, 5
    if address:
        cell = nbformat.v4.new_code_cell(INSTALL.format(address=address))
        cell.metadata["tags"] = ["remove-cell", "colab"]
        book.cells.insert(1, cell)
    seen: dict[str, int] = {}
    for cell in book.cells:
        digest = hashlib.sha256(cell.source.encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        cell["id"] = f"{digest}-{seen[digest]}"
    nbformat.validate(book)
    return nbformat.writes(book) + "\n"


def notebooks(root: Path = ROOT) -> dict[Path, str]:
    """Path and required content of every notebook."""
    address = public_address(root)
    return {
        root / "notebooks" / f"{chapter.stem}.ipynb": notebook(chapter.read_text("utf-8"), address)
        for chapter in sorted((root / "book/chapters").glob("*.md"))
    }


def main() -> None:
    """Write the notebooks of this repository, and remove those whose chapter is gone."""
    wanted = notebooks()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

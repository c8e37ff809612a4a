"""The pages of the book and their widgets, read from the table of contents and the notebooks."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

from mirlab import widgets

ROOT = Path(__file__).resolve().parents[1]
WIDGETS = [name for name in widgets.__all__ if name != "Instrument"]
SOUND_INPUT = "Sound input"


def toc_pages(root: Path = ROOT) -> list[str]:
    """The pages of `book/_toc.yml` in its order, without suffix."""
    return re.findall(r"(?:root|file): (\S+)", (root / "book/_toc.yml").read_text("utf-8"))


def chapters(root: Path = ROOT) -> list[str]:
    """The numbered chapters of the course, `NN_SLUG`, in order."""
    return sorted(path.stem for path in (root / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def title(widget: str) -> str:
    """The name of a widget on a page.

    >>> title("SignalBench")
    'Signal bench'
    """
    return " ".join(re.findall(r"[A-Z][a-z]+", widget)).capitalize()


def package(widget: str) -> str:
    """The folder of a widget in `mirlab/widgets`.

    >>> package("SignalBench")
    'signal_bench'
    """
    return str(getattr(widgets, widget).__module__.split(".")[2])


def widget_calls(notebook: str, root: Path = ROOT) -> list[tuple[str, str]]:
    """The calls that make widgets in a notebook's code, in order: title, and how the call begins.

    The notebook is given as in the table of contents, without suffix.
    """
    cells = nbformat.read(root / f"{notebook}.ipynb", as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    calls = re.finditer(rf"\b({'|'.join(WIDGETS)})(?:\.of)?\(", code)
    return [(title(call[1]), call[0]) for call in calls]

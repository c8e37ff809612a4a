"""Engrave MusicXML as SVG, with verovio."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..core.errors import MissingPartError, NotesError

WIDTH = 2100  # verovio's units: tenths of a millimetre, the width of an A4 page
TALL = 30_000  # several hundred bars, so that most songs are one page, without seams
A4_HEIGHT = 2970
SCALE = 40  # per cent of a printed page; a pixel is 2.5 units


def engrave(score: str | os.PathLike[str]) -> str:
    """Engrave a score as one tall SVG, with its pages below each other.

    Parameters
    ----------
    score
        Path of a MusicXML file, or MusicXML itself (text that begins with `<`).

    Returns
    -------
    str
        SVG with a white background (legible in dark mode), `role="img"` and the title as label.
        The output is deterministic.

    Raises
    ------
    NotesError
        If the file is missing or contains no score.
    MissingPartError
        If verovio is not installed.
    """
    name, text = _read(score)
    pages = list(_pages(_load(name, text, height=TALL), name))
    return _stack(pages, label=_label(text))


class PrintedScore:
    """Score in print layout on A4 pages, parsed once for its pages and its time map.

    Parameters
    ----------
    score
        As in `engrave`.

    Raises
    ------
    NotesError, MissingPartError
        As raised by `engrave`; a score without music raises when its first page is drawn.
    """

    def __init__(self, score: str | os.PathLike[str]) -> None:
        self._name, text = _read(score)
        self._title = _label(text)
        self._toolkit = _load(self._name, text, height=A4_HEIGHT)

    def pages(self) -> Iterator[str]:
        """Draw the pages lazily.

        Yields
        ------
        str
            SVG of a page, as from `engrave`; the last page ends with its last system.
        """
        for number, page in enumerate(_pages(self._toolkit, self._name), 1):
            yield _stack([page], label=f"{self._title}, page {number}")

    def timemap(self) -> list[tuple[float, str, list[str], list[str]]]:
        """List the times at which bars and notes begin and end.

        Returns
        -------
        list of tuple
            Sorted by time: quarter notes since the beginning of the score; SVG id of the bar that
            begins, or `""`; ids of the notes that begin; ids of the notes that end.
        """
        entries = self._toolkit.renderToTimemap({"includeMeasures": True})
        return [
            (entry["qstamp"], entry.get("measureOn", ""), entry.get("on", []), entry.get("off", []))
            for entry in entries
        ]


def _pages(toolkit: Any, name: str) -> Iterator[str]:
    """Yield the pages of a loaded score as SVG."""
    for number in range(1, toolkit.getPageCount() + 1):
        page = toolkit.renderToSVG(number)
        if number == 1 and 'class="measure"' not in page:
            raise _no_score(name)
        yield page


def _load(name: str, text: str, *, height: int) -> Any:
    """Load a score into verovio, with this maximum page height and deterministic ids."""
    try:
        import verovio
    except ImportError:
        raise MissingPartError(
            'an engraved score needs verovio: pip install "mirlab[score]"'
        ) from None
    verovio.enableLog(verovio.LOG_OFF)  # it logs to stderr; failures are raised below
    toolkit = verovio.toolkit(False)
    toolkit.setResourcePath(str(Path(verovio.__file__).parent / "data"))
    toolkit.setOptions(
        {
            "pageWidth": WIDTH,
            "pageHeight": height,
            "adjustPageHeight": True,
            "breaks": "auto",
            "footer": "none",
            "scale": SCALE,
            "svgRemoveXlink": True,
            "xmlIdSeed": 1,
        }
    )
    if not toolkit.loadData(text) or toolkit.getPageCount() < 1:
        raise _no_score(name)
    return toolkit


def _no_score(name: str) -> NotesError:
    return NotesError(f"{name}: holds no score that verovio can engrave")


def _read(score: str | os.PathLike[str]) -> tuple[str, str]:
    """Read the score; return its name for messages, and its text."""
    if isinstance(score, str) and score.lstrip("\ufeff \t\r\n").startswith("<"):
        return "the score given", score
    try:
        return str(score), Path(score).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise NotesError(f"{score}: is not MusicXML (not UTF-8 text)") from None
    except OSError as reason:
        raise NotesError(f"{score}: cannot be read ({reason.strerror})") from reason


def _label(text: str) -> str:
    """Title of the score as the label of an image; it is already escaped for XML."""
    title = re.search(r"<(?:movement|work)-title>([^<]+)<", text)
    return f"Score: {title[1].strip()}".replace('"', "&quot;") if title else "Score"


def _stack(pages: list[str], *, label: str) -> str:
    """Stack SVG pages vertically on a white background."""
    y, width, shifted = 0, 0, []
    for page in pages:
        size = re.search(r'<svg width="(\d+)px" height="(\d+)px"', page)
        assert size is not None  # verovio always gives them
        shifted.append(page.replace("<svg ", f'<svg y="{y}" ', 1))
        width, y = max(width, int(size[1])), y + int(size[2])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" '
        f'height="{y}" role="img" aria-label="{label}">'
        f'<rect width="{width}" height="{y}" fill="white"/>{"".join(shifted)}</svg>'
    )

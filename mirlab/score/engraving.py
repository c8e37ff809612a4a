"""From MusicXML to a picture of the score, through verovio."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..core.errors import MissingPartError, NotesError

WIDTH = 2100  # verovio's units: tenths of a millimetre, the width of an A4 page
TALL = 30_000  # some hundred bars: most songs are one page, without seams
A4_HEIGHT = 2970
SCALE = 40  # per cent of a printed page; a pixel is 2.5 units


def engrave(score: str | os.PathLike[str]) -> str:
    """Engrave a score as one tall SVG, its pages under each other.

    Parameters
    ----------
    score
        The path of a MusicXML file, or MusicXML itself (text that begins with `<`).

    Returns
    -------
    str
        An SVG with a white ground (so that it can be read in dark mode), `role="img"` and the
        title as its label. The same score gives the same text.

    Raises
    ------
    NotesError
        When the file is missing or holds no score.
    MissingPartError
        When verovio is not installed.
    """
    name, text = _read(score)
    pages = list(_pages(_loaded(name, text, height=TALL), name))
    return _stacked(pages, label=_label(text))


class PrintedScore:
    """A score laid out as it is printed, on pages of A4, read once for pages and times.

    Parameters
    ----------
    score
        As in `engrave`.

    Raises
    ------
    NotesError, MissingPartError
        As `engrave` does; a score without music is noticed when its first page is drawn.
    """

    def __init__(self, score: str | os.PathLike[str]) -> None:
        self._name, text = _read(score)
        self._title = _label(text)
        self._toolkit = _loaded(self._name, text, height=A4_HEIGHT)

    def pages(self) -> Iterator[str]:
        """Draw the pages one by one as they are asked for.

        Yields
        ------
        str
            An SVG a page, like that of `engrave`; the last page ends with its last line of music.
        """
        for number, page in enumerate(_pages(self._toolkit, self._name), 1):
            yield _stacked([page], label=f"{self._title}, page {number}")

    def timemap(self) -> list[tuple[float, str, list[str], list[str]]]:
        """List when bars and notes of the score begin and end.

        Returns
        -------
        list of tuple
            Rising: quarter notes since the beginning of the score; the id that the bar beginning
            then has in the pictures, or `""`; the ids of the notes that begin; of those that end.
        """
        entries = self._toolkit.renderToTimemap({"includeMeasures": True})
        return [
            (entry["qstamp"], entry.get("measureOn", ""), entry.get("on", []), entry.get("off", []))
            for entry in entries
        ]


def _pages(toolkit: Any, name: str) -> Iterator[str]:
    """The pages of a score that is loaded, as verovio draws them."""
    for number in range(1, toolkit.getPageCount() + 1):
        page = toolkit.renderToSVG(number)
        if number == 1 and 'class="measure"' not in page:
            raise _no_score(name)
        yield page


def _loaded(name: str, text: str, *, height: int) -> Any:
    """Verovio with this score laid out on pages at most so high; the same ids every time."""
    try:
        import verovio
    except ImportError:
        raise MissingPartError(
            'an engraved score needs verovio: pip install "mirlab[score]"'
        ) from None
    verovio.enableLog(verovio.LOG_OFF)  # it writes to stderr; what is wrong we say ourselves
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
    """The score's name for messages, and its text."""
    if isinstance(score, str) and score.lstrip("\ufeff \t\r\n").startswith("<"):
        return "the score given", score
    try:
        return str(score), Path(score).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise NotesError(f"{score}: is not MusicXML (not UTF-8 text)") from None
    except OSError as reason:
        raise NotesError(f"{score}: cannot be read ({reason.strerror})") from reason


def _label(text: str) -> str:
    """The title of the score, as a picture's label; what XML escapes is escaped already."""
    title = re.search(r"<(?:movement|work)-title>([^<]+)<", text)
    return f"Score: {title[1].strip()}".replace('"', "&quot;") if title else "Score"


def _stacked(pages: list[str], *, label: str) -> str:
    """One SVG of several, each below the one before, on white."""
    y, width, placed = 0, 0, []
    for page in pages:
        size = re.search(r'<svg width="(\d+)px" height="(\d+)px"', page)
        assert size is not None  # verovio always gives them
        placed.append(page.replace("<svg ", f'<svg y="{y}" ', 1))
        width, y = max(width, int(size[1])), y + int(size[2])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" '
        f'height="{y}" role="img" aria-label="{label}">'
        f'<rect width="{width}" height="{y}" fill="white"/>{"".join(placed)}</svg>'
    )

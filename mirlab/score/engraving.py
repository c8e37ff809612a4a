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
    return _stacked(list(_pages(name, text, height=TALL)), label=_label(text))


def engrave_pages(score: str | os.PathLike[str]) -> Iterator[str]:
    """Engrave a score as it is printed: pages of A4, drawn one by one as they are asked for.

    Parameters
    ----------
    score
        As in `engrave`.

    Yields
    ------
    str
        An SVG a page, like that of `engrave`; the last page ends with its last line of music.

    Raises
    ------
    NotesError, MissingPartError
        As `engrave` does, when the first page is asked for.
    """
    name, text = _read(score)
    for number, page in enumerate(_pages(name, text, height=A4_HEIGHT), 1):
        yield _stacked([page], label=f"{_label(text)}, page {number}")


def timemap(score: str | os.PathLike[str]) -> list[tuple[float, str, list[str], list[str]]]:
    """When bars and notes of an engraved score begin and end.

    Parameters
    ----------
    score
        As in `engrave`.

    Returns
    -------
    list of tuple
        Rising: quarter notes since the beginning of the score; the id that the bar beginning then
        has in the pictures of `engrave` and `engrave_pages`, or `""`; the ids of the notes that
        begin; the ids of those that end.

    Raises
    ------
    NotesError, MissingPartError
        As `engrave` does.
    """
    name, text = _read(score)
    toolkit = _loaded(name, text, height=A4_HEIGHT)
    return [
        (entry["qstamp"], entry.get("measureOn", ""), entry.get("on", []), entry.get("off", []))
        for entry in toolkit.renderToTimemap({"includeMeasures": True})
    ]


def _pages(name: str, text: str, *, height: int) -> Iterator[str]:
    """The pages of a score, each at most as high as this, as verovio draws them."""
    toolkit = _loaded(name, text, height=height)
    for page in range(1, toolkit.getPageCount() + 1):
        yield toolkit.renderToSVG(page)


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
    if not toolkit.loadData(text) or 'class="measure"' not in toolkit.renderToSVG(1):
        raise NotesError(f"{name}: holds no score that verovio can engrave")
    return toolkit


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

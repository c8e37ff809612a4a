"""Engrave MusicXML as SVG, with verovio in a process of its own, which a score may bring down."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..core.errors import MissingPartError, NotesError
from . import verovio_child
from .musicxml_guard import check_musicxml

TALL = 30_000  # tenths of a millimetre: several hundred bars, so that most songs are one page
A4_HEIGHT = 2970
MAX_SECONDS = 20.0  # for a score, and as much again
SECONDS_PER_MEGABYTE = 20.0  # of MusicXML


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
        If the file is missing, contains no score, or contains one that verovio cannot engrave.
    MissingPartError
        If verovio is not installed.
    """
    name, text = _read(score)
    return _stack(_render(name, text, height=TALL)["pages"], label=_label(text))


class PrintedScore:
    """Score in print layout on A4 pages.

    Parameters
    ----------
    score
        As in `engrave`.

    Raises
    ------
    NotesError, MissingPartError
        As raised by `engrave`.
    """

    def __init__(self, score: str | os.PathLike[str]) -> None:
        name, text = _read(score)
        self._title = _label(text)
        self._rendered = _render(name, text, height=A4_HEIGHT)
        #: Whether the score begins with an incomplete bar.
        self.has_pickup = bool(re.match(r'[^>]*implicit="yes"', text.partition("<measure")[2]))

    def pages(self) -> Iterator[str]:
        """Iterate over the pages.

        Yields
        ------
        str
            SVG of a page, as from `engrave`; the last page ends with its last system.
        """
        for number, page in enumerate(self._rendered["pages"], 1):
            yield _stack([page], label=f"{self._title}, page {number}")

    def timemap(self) -> list[tuple[float, str, list[str], list[str]]]:
        """List the times at which bars and notes begin and end.

        Returns
        -------
        list of tuple
            Sorted by time: quarter notes since the beginning of the score; SVG id of the bar that
            begins, or `""`; ids of the notes that begin; ids of the notes that end.
        """
        return [
            (entry["qstamp"], entry.get("measureOn", ""), entry.get("on", []), entry.get("off", []))
            for entry in self._rendered["times"]
        ]


def _render(name: str, text: str, *, height: int) -> dict[str, Any]:
    """The pages of a score as SVG, of this maximum height, and its time map."""
    if find_spec("verovio") is None:
        raise MissingPartError('an engraved score needs verovio: pip install "mirlab[score]"')
    data = check_musicxml(text, name)
    try:
        ended = subprocess.run(
            # -P: the folder of the file holds modules that are not meant to be found from there
            [sys.executable, "-P", verovio_child.__file__, str(height)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # verovio's log
            timeout=MAX_SECONDS + SECONDS_PER_MEGABYTE * len(data) / 1e6,
            check=False,
        )
    except subprocess.TimeoutExpired as reason:
        line = f"verovio did not finish this score in {reason.timeout:.0f} s"
        raise NotesError(f"{name}: {line}") from None
    if ended.returncode == verovio_child.NO_SCORE:
        raise NotesError(f"{name}: holds no score that verovio can engrave")
    if ended.returncode:
        code = ended.returncode
        why = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        raise NotesError(f"{name}: verovio failed on this score ({why})")
    rendered: dict[str, Any] = json.loads(ended.stdout)
    return rendered


def _read(score: str | os.PathLike[str]) -> tuple[str, str]:
    """Read the score; return its name for messages, and its text."""
    if isinstance(score, str) and score.lstrip("\ufeff \t\r\n").startswith("<"):
        return "the score given", score.lstrip("\ufeff \t\r\n")
    try:
        return str(score), Path(score).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise NotesError(f"{score}: is not MusicXML (not UTF-8 text)") from None
    except OSError as reason:
        raise NotesError(f"{score}: cannot be read ({reason.strerror})") from reason
    except (TypeError, ValueError):  # ValueError: a NUL in the name
        raise NotesError(f"{score!r}: is neither MusicXML nor the name of a file") from None


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

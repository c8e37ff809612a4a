"""Index page of a folder of analysed pieces: a table with one row per piece."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import quote

from ..analysis.saving import REPORT
from ..core.checks import as_path
from ..core.files import atomic_write
from ..core.json_files import read_json
from ..core.names import printable
from ..core.theory import NO_CHORD
from .errors import ReportError
from .sheet import clock, with_signs

INDEX = "index.html"
GENERATOR = '<meta name="generator" content="mirlab index">'
COLUMNS = ("Title", "Length", "Key", "Tempo", "Notes", "Chords")
HERE = Path(__file__).parent
MAX_SECONDS = 1e6  # of a piece, and
MAX_BPM = 1e4  # of its tempo, in a file that makes sense


@dataclass(frozen=True)
class Song:
    """A row of the index, from the `analysis.json` of a piece."""

    folder: Path
    title: str
    duration: float
    key: str | None
    tempo: float | None
    notes: int | None
    chords: int


class _Chord(TypedDict):
    """A chord in an `analysis.json`."""

    label: str


class _Data(TypedDict):
    """What the index takes from an `analysis.json`."""

    name: str
    duration: float
    key: str | None
    tempo_bpm: float | None
    notes: list[Any] | None
    chords: list[_Chord]


def save_index(folder: str | os.PathLike[str]) -> tuple[Path, list[str]]:
    """Write `index.html` to a folder of analysed pieces.

    Parameters
    ----------
    folder
        Folder whose subfolders contain an `analysis.json`; no audio is needed.

    Returns
    -------
    path : the index, with relative links to the pieces
    problems : a line for each piece whose analysis is damaged or which has no report

    Raises
    ------
    ReportError
        When the folder does not exist or contains no readable analysis, or has an `index.html`
        that was not made by mirlab.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from mirlab import analyze
    >>> from mirlab.analysis import save_analysis
    >>> analysis = analyze((np.zeros(22050), 22050), name="silence", progress=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = save_analysis(analysis, Path(folder) / "silence")
    ...     path, problems = save_index(folder)
    >>> path.name, problems
    ('index.html', ['...silence: has no report.html; run `mirlab analyze` to make it'])
    """
    root = as_path("folder", folder, ReportError)
    songs, problems = [], []
    for path in _analyses(root):
        try:
            songs.append(_song(path))
        except ReportError as reason:
            problems.append(str(reason))
    if not songs:
        raise ReportError("; ".join(problems))
    problems += [
        f"{song.folder}: has no {REPORT}; run `mirlab analyze` to make it"
        for song in songs
        if not (song.folder / REPORT).is_file()
    ]
    target = root / INDEX
    if target.exists() and not has_index(root):
        raise ReportError(f"{target}: was not made by mirlab and is not overwritten")
    with atomic_write(target, error=ReportError) as temporary:
        temporary.write_text(_page(songs), encoding="utf-8")
    return target, problems


def has_index(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder contains an `index.html` made by mirlab."""
    path = as_path("folder", folder, ReportError) / INDEX
    return path.is_file() and GENERATOR in path.read_text("utf-8", errors="replace")


def _analyses(root: Path) -> list[Path]:
    """Every `analysis.json` in the subfolders of a folder; a ReportError if there is none."""
    if not root.is_dir():
        reason = "is not a folder" if root.exists() else "there is no such folder"
        raise ReportError(f"{root}: {reason}")
    found = sorted(root.glob("*/analysis.json"))
    if not found and (root / "analysis.json").is_file():
        raise ReportError(f"{root}: is the folder of one piece; give the folder that contains it")
    if not found:
        raise ReportError(
            f"{root}: contains no folder with an analysis.json; run `mirlab analyze` to make one"
        )
    return found


def _song(path: Path) -> Song:
    """Read an `analysis.json`.

    Raises
    ------
    ReportError
        When the file is not a valid `analysis.json`.
    """
    data: _Data = read_json(path, _Data, kind="the analysis.json of a piece", error=ReportError)
    tempo = data["tempo_bpm"]
    if not 0 < data["duration"] < MAX_SECONDS or not (tempo is None or 0 < tempo < MAX_BPM):
        raise ReportError(f"{path}: is not the analysis.json of a piece (of that length and tempo)")
    return Song(
        path.parent,
        printable(data["name"]).replace("_", " "),
        data["duration"],
        data["key"],
        tempo,
        None if data["notes"] is None else len(data["notes"]),
        sum(chord["label"] != NO_CHORD for chord in data["chords"]),
    )


def _page(songs: list[Song]) -> str:
    """HTML of the page: a heading and the table, sorted by title."""
    songs = sorted(songs, key=lambda song: song.title.casefold())
    heads = "".join(
        f'<th scope="col"><button type="button">{name}</button></th>' for name in COLUMNS
    ).replace("<th", '<th aria-sort="ascending"', 1)
    count = "1 piece" if len(songs) == 1 else f"{len(songs)} pieces"
    return PAGE.format(
        generator=GENERATOR,
        style=(HERE / "report.css").read_text("utf-8"),
        count=f"{count}, {clock(sum(song.duration for song in songs))} in all",
        heads=heads + '<th scope="col">Spectrogram</th>',
        rows="".join(map(_row, songs)),
        script=(HERE / "index.js").read_text("utf-8"),
    )


def _row(song: Song) -> str:
    """Table row of a song; `data-value` is the value to sort by."""
    title, link = html.escape(song.title), quote(song.folder.name)
    if (song.folder / REPORT).is_file():
        title = f'<a href="{link}/{REPORT}">{title}</a>'
    cells = [
        (clock(song.duration), song.duration),
        (html.escape(with_signs(song.key or "none")), html.escape(song.key or "")),
        (f"{song.tempo:.0f}" if song.tempo else "none", song.tempo or 0),
        ("not analysed" if song.notes is None else str(song.notes), song.notes or 0),
        (str(song.chords), song.chords),
    ]
    row = "".join(f'<td data-value="{value}">{text}</td>' for text, value in cells)
    image = ""
    if (song.folder / "spectrogram.png").is_file():
        image = (
            f'<img loading="lazy" src="{link}/spectrogram.png" width="220" height="66" '
            f'alt="Spectrogram of {html.escape(song.title)}">'
        )
    return f'<tr><th scope="row">{title}</th>{row}<td>{image}</td></tr>\n'


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{generator}
<link rel="icon" href="data:,">
<title>Analysed by mirlab</title>
<style>{style}</style>
</head>
<body>
<header><h1>Analysed by mirlab</h1><p>{count}. Click a heading to sort the table, or a title to
open the report.</p></header>
<main>
<div class="songs" tabindex="0" role="region" aria-label="Table of pieces">
<table><thead><tr>{heads}</tr></thead><tbody>
{rows}</tbody></table></div>
</main>
<script>{script}</script>
</body>
</html>
"""

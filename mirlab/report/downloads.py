"""Files embedded in a report for download."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..analysis import Analysis
from ..analysis.result import stem_gain
from ..core.audio_files import encode
from ..core.names import safe_name
from .desk import Desk
from .sheet import chord_sheet


@dataclass(frozen=True)
class Download:
    """A file embedded in the page.

    Parameters
    ----------
    name
        File name of the download.
    label
        Text of the link.
    kind
        Media type.
    data
        Content of the file.
    """

    name: str
    label: str
    kind: str
    data: bytes


PIECE_BYTES = 200  # of the name of a piece in that of a download
FLAC = b"fLaC"  # first bytes of a FLAC file
# Files of `save_analysis`: name, label, media type.
SAVED = (
    ("notes.mid", "Notes as MIDI", "audio/midi"),
    ("score.musicxml", "Score as MusicXML", "application/vnd.recordare.musicxml+xml"),
    ("chords.lab", "Chords with their times", "text/plain"),
    ("beats.lab", "Beats with their times", "text/plain"),
    ("sections.lab", "Sections with their times", "text/plain"),
    ("key.lab", "Key", "text/plain"),
)


def small_files(
    analysis: Analysis, folder: Path, max_bytes: int
) -> tuple[list[Download], list[str]]:
    """Downloads without audio.

    Parameters
    ----------
    analysis
        Analysis of the piece.
    folder
        Folder with the saved files; missing files are skipped.
    max_bytes
        Larger files are left out.

    Returns
    -------
    downloads : the files
    left_out : descriptions of the files that are too large
    """
    sheet = chord_sheet(analysis).encode()
    found = [Download(_name(analysis, "chords.txt"), "Chord sheet as text", "text/plain", sheet)]
    left_out = []
    for name, label, kind in SAVED:
        path = folder / name
        if not path.is_file():
            continue
        if path.stat().st_size > max_bytes:
            left_out.append(f"{label[0].lower()}{label[1:]} ({name})")
            continue
        found.append(Download(_name(analysis, name), label, kind, path.read_bytes()))
    return found, left_out


def stem_files(analysis: Analysis, desk: Desk) -> list[Download]:
    """Stems as MP3, all scaled by the same factor so that none clips.

    A desk of more than 20 s contains them as MP3 already; they are not encoded again.
    """
    gain = np.float32(stem_gain(analysis.stems))
    found = []
    for name, stem in analysis.stems.items():
        data = desk.sounds.get(name, FLAC)
        if data.startswith(FLAC):
            data = encode(stem.y * gain, stem.sr, ".mp3")
        found.append(Download(_name(analysis, f"{name}.mp3"), f"Stem: {name}", "audio/mpeg", data))
    return found


def links(downloads: list[Download]) -> str:
    """HTML list items with links that contain the files as data URLs."""
    return "".join(
        f'<li><a download="{html.escape(file.name)}" href="data:{file.kind};base64,'
        f'{base64.b64encode(file.data).decode()}">{html.escape(file.label)}</a> '
        f"<small>{Path(file.name).suffix[1:]}, {_size(len(file.data))}</small></li>"
        for file in downloads
    )


def _name(analysis: Analysis, name: str) -> str:
    """A file name with the name of the piece, valid on all systems."""
    return f"{safe_name(analysis.name, fallback='piece', max_bytes=PIECE_BYTES)} {name}"


def _size(count: int) -> str:
    """Format a number of bytes."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(count / 1000, 0.1):.1f} kB"

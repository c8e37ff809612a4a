"""The files that a report carries inside it."""

from __future__ import annotations

import base64
import html
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..analysis import Analysis
from ..analysis.result import stem_gain
from ..core.audio_files import encode
from .desk import Desk
from .sheet import chord_sheet


@dataclass(frozen=True)
class Download:
    """A file in the page.

    Parameters
    ----------
    name
        As which it is saved.
    label
        What it is, in words.
    kind
        Its media type.
    data
        What is in it.
    """

    name: str
    label: str
    kind: str
    data: bytes


FLAC = b"fLaC"  # how a FLAC file begins
# Those that `save` writes: file, words, media type.
SAVED = (
    ("notes.mid", "Notes as MIDI", "audio/midi"),
    ("score.musicxml", "Score as MusicXML", "application/vnd.recordare.musicxml+xml"),
    ("chords.lab", "Chords with their times", "text/plain"),
    ("beats.lab", "Beats with their times", "text/plain"),
    ("key.lab", "Key", "text/plain"),
)


def small_files(analysis: Analysis, folder: Path, most: int) -> tuple[list[Download], list[str]]:
    """The files without sound.

    Parameters
    ----------
    analysis
        Of the piece.
    folder
        Where they were saved; those that are not there are passed over.
    most
        Bytes above which a file is left out.

    Returns
    -------
    downloads : the files
    left_out : what was too large, as words
    """
    sheet = chord_sheet(analysis).encode()
    found = [Download(_name(analysis, "chords.txt"), "Chord sheet as text", "text/plain", sheet)]
    left_out = []
    for name, label, kind in SAVED:
        path = folder / name
        if not path.is_file():
            continue
        if path.stat().st_size > most:
            left_out.append(f"{label[0].lower()}{label[1:]} ({name})")
            continue
        found.append(Download(_name(analysis, name), label, kind, path.read_bytes()))
    return found, left_out


def stem_files(analysis: Analysis, desk: Desk) -> list[Download]:
    """The stems as MP3, all scaled by one factor so that none clips.

    A desk of more than 20 s plays them as MP3, and then they are not coded again.
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
    """List items with a link each, the file inside."""
    return "".join(
        f'<li><a download="{html.escape(one.name)}" href="data:{one.kind};base64,'
        f'{base64.b64encode(one.data).decode()}">{html.escape(one.label)}</a> '
        f"<small>{Path(one.name).suffix[1:]}, {_size(len(one.data))}</small></li>"
        for one in downloads
    )


def _name(analysis: Analysis, name: str) -> str:
    """A file name that says of which piece it is, on any system."""
    piece = re.sub(r'[\x00-\x1f\\/:*?"<>|]+', "_", analysis.name).strip(" .") or "piece"
    return f"{piece[:100]} {name}"


def _size(count: int) -> str:
    """A number of bytes in words."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(count / 1000, 0.1):.1f} kB"

"""Save an `Analysis` as files in a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from ..core import Audio, AudioError, MissingPartError, Notes, Segments
from ..core.checks import as_path, require_type
from ..core.files import atomic_write, require_inside, staging_folder
from ..score import engrave, write_musicxml
from .pictures import save_spectrogram
from .result import Analysis, stem_gain

# All files that `save_analysis` may write, the most useful first.
FILES = (
    "score.svg",
    "score.musicxml",
    "notes.mid",
    "chords.lab",
    "key.lab",
    "beats.lab",
    "sections.lab",
    "spectrogram.png",
    "stems/harmonic.flac",
    "stems/percussive.flac",
    "analysis.json",
    "corrections.json",
)
CORRECTIONS = "corrections.json"
NO_METER = "no beat was found: the score has no meter"
REPORT = "report.html"  # made from these files by `mirlab.report`


def save_analysis(
    analysis: Analysis, folder: str | os.PathLike[str]
) -> tuple[list[Path], list[str]]:
    """Write all results to a folder, created if it is missing.

    The files replace those of an earlier analysis when all of them are complete; where one cannot
    be written, the earlier analysis stays as it is. Files of an earlier analysis that this one does
    not replace are removed, except for `corrections.json`, which is somebody's work; other files in
    the folder are kept.

    Parameters
    ----------
    analysis
        From `analyze`.
    folder
        Folder for `notes.mid`, `score.musicxml`, `score.svg`, `chords.lab`, `key.lab`, `beats.lab`,
        `sections.lab`, `spectrogram.png`, `stems/*.flac`, `analysis.json`, and `corrections.json`
        if there are any.

    Returns
    -------
    files : the written files
    missing : a line for each file that could not be written, with the command to install what it
        needs, and a line if the score has no meter

    Raises
    ------
    AudioError
        When the folder cannot be created or written, or a link in it leads out of it.

    Examples
    --------
    >>> import tempfile
    >>> from mirlab import analyze
    >>> silence = np.zeros(22050)
    >>> analysis = analyze((silence, 22050), progress=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files, missing = save_analysis(analysis, folder)
    >>> [file.name for file in files][-3:]
    ['harmonic.flac', 'percussive.flac', 'analysis.json']
    """
    require_type("analysis", analysis, Analysis, AudioError)
    folder = as_path("folder", folder, AudioError)
    for name in (*FILES, REPORT):
        require_inside(folder / name, folder, AudioError)
    with staging_folder(folder, error=AudioError) as staging:
        missing = _write_files(analysis, staging)
        written = [name for name in FILES if (staging / name).exists()]
    for name in (*FILES, REPORT):
        if name not in written and name != CORRECTIONS:
            (folder / name).unlink(missing_ok=True)
    return [folder / name for name in written], missing


def _write_files(analysis: Analysis, folder: Path) -> list[str]:
    """Write all results to an empty folder; return the lines on what is missing."""
    (folder / "stems").mkdir()
    missing: list[str] = []
    gain = stem_gain(analysis.stems)
    for stem, audio in analysis.stems.items():
        scaled = audio if gain == 1 else Audio(audio.y * np.float32(gain), audio.sr)
        scaled.save(folder / "stems" / f"{stem}.flac")
    analysis.chords.save(folder / "chords.lab")
    analysis.beats.save(folder / "beats.lab")
    analysis.sections.save(folder / "sections.lab")
    if analysis.key:
        label = analysis.key.replace(" ", ":")
        Segments([(0, analysis.audio.duration)], [label]).save(folder / "key.lab")
    save_spectrogram(
        folder / "spectrogram.png", analysis.spectrogram, analysis.chords, analysis.notes
    )
    if analysis.notes is not None:
        analysis.notes.save(folder / "notes.mid", bars=analysis.bars)
        missing = _save_score(analysis, analysis.notes, folder)
    data = analysis.to_json() | {"missing": missing}
    text = json.dumps(data, allow_nan=False, indent=1)
    _write_text(folder / "analysis.json", text + "\n")
    if len(analysis.corrections):
        analysis.corrections.save(folder / CORRECTIONS)
    return missing


def _save_score(analysis: Analysis, notes: Notes, folder: Path) -> list[str]:
    """Write MusicXML and its engraving; a line if a library for them is not installed."""
    bars = analysis.bars
    if bars is None and not len(notes):
        return ["no score: neither a note nor a beat was found"]
    path = folder / "score.musicxml"
    try:
        write_musicxml(
            notes,
            path,
            key=analysis.key,
            meter=None,
            bars=bars,
            title=analysis.name.replace("_", " "),
        )
        _write_text(folder / "score.svg", engrave(path))
    except MissingPartError as reason:
        return [f"no {'engraved ' if path.exists() else ''}score: {reason}"]
    return [NO_METER] if bars is None else []


def _write_text(path: Path, text: str) -> None:
    """Write a file of text."""
    with atomic_write(path, error=AudioError) as temporary:
        temporary.write_text(text, encoding="utf-8")

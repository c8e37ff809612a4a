"""Save an `Analysis` as files in a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from ..core import Audio, AudioError, MissingPartError, Notes, Segments
from ..core.checks import as_path, require_type
from ..core.files import atomic_write, reason_in_words, require_inside
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
    """Write all results to a folder, created if it is missing; each file is written atomically.

    Files of an earlier analysis that this one does not replace are removed, except for
    `corrections.json`, which is somebody's work; other files in the folder are kept.

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
    try:
        (folder / "stems").mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise AudioError(f"{folder}: cannot be made ({reason_in_words(reason)})") from reason
    for name in (*FILES, REPORT):
        require_inside(folder / name, folder, AudioError)
    written: list[Path] = []
    missing: list[str] = []
    gain = stem_gain(analysis.stems)
    for stem, audio in analysis.stems.items():
        path = folder / "stems" / f"{stem}.flac"
        scaled = audio if gain == 1 else Audio(audio.y * np.float32(gain), audio.sr)
        written.append(scaled.save(path))
    end = analysis.audio.duration
    written.append(analysis.chords.save(folder / "chords.lab"))
    written.append(analysis.beats.save(folder / "beats.lab"))
    written.append(analysis.sections.save(folder / "sections.lab"))
    if analysis.key:
        label = analysis.key.replace(" ", ":")
        written.append(Segments([(0, end)], [label]).save(folder / "key.lab"))
    written.append(
        save_spectrogram(
            folder / "spectrogram.png", analysis.spectrogram, analysis.chords, analysis.notes
        )
    )
    if analysis.notes is not None:
        written.append(analysis.notes.save(folder / "notes.mid", bars=analysis.bars))
        files, missing = _save_score(analysis, analysis.notes, folder)
        written += files
    with atomic_write(folder / "analysis.json", error=AudioError) as temporary:
        data = analysis.to_json() | {"missing": missing}
        text = json.dumps(data, allow_nan=False, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")
    written.append(folder / "analysis.json")
    if len(analysis.corrections):
        written.append(analysis.corrections.save(folder / CORRECTIONS))
    for name in (*FILES, REPORT):
        if folder / name not in written and name != CORRECTIONS:
            (folder / name).unlink(missing_ok=True)
    return sorted(written, key=[folder / name for name in FILES].index), missing


def _save_score(analysis: Analysis, notes: Notes, folder: Path) -> tuple[list[Path], list[str]]:
    """Write MusicXML and its engraving, as far as the libraries for them are installed."""
    files: list[Path] = []
    bars = analysis.bars
    if bars is None and not len(notes):
        return files, ["no score: neither a note nor a beat was found"]
    try:
        files.append(
            write_musicxml(
                notes,
                folder / "score.musicxml",
                key=analysis.key,
                meter=None,
                bars=bars,
                title=analysis.name.replace("_", " "),
            )
        )
        engraved = engrave(files[0])
    except MissingPartError as reason:
        return files, [f"no {'engraved ' if files else ''}score: {reason}"]
    with atomic_write(folder / "score.svg", error=AudioError) as temporary:
        temporary.write_text(engraved, encoding="utf-8")
    return [*files, folder / "score.svg"], [NO_METER] if bars is None else []

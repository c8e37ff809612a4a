"""An `Analysis` as files in a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from ..core import Audio, AudioError, MissingPartError, Notes, Segments
from ..core.files import atomic_write
from ..score import engrave, write_musicxml
from .meter import first_downbeat, quarters_a_beat
from .pictures import save_spectrogram
from .result import Analysis, stem_gain

# Every file that `save_analysis` may write, in the order in which people look for them.
FILES = (
    "score.svg",
    "score.musicxml",
    "notes.mid",
    "chords.lab",
    "key.lab",
    "beats.lab",
    "spectrogram.png",
    "stems/harmonic.flac",
    "stems/percussive.flac",
    "analysis.json",
)
REPORT = "report.html"  # made of these files afterwards, by `mirlab.report`


def save_analysis(
    analysis: Analysis, folder: str | os.PathLike[str]
) -> tuple[list[Path], list[str]]:
    """Write everything into a folder, made when it is missing; each file whole or not at all.

    Files of an earlier analysis that this one does not give are removed; what else lies in the
    folder stays.

    Parameters
    ----------
    analysis
        From `analyze`.
    folder
        Gets `notes.mid`, `score.musicxml`, `score.svg`, `chords.lab`, `key.lab`, `beats.lab`,
        `spectrogram.png`, `stems/*.flac` and `analysis.json`.

    Returns
    -------
    files : the files written
    missing : a line for each that could not be, with the command that would bring it

    Raises
    ------
    AudioError
        When the folder cannot be made or written.
    """
    folder = Path(folder)
    try:
        (folder / "stems").mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise AudioError(f"{folder}: cannot be made ({reason.strerror})") from reason
    written: list[Path] = []
    missing: list[str] = []
    gain = stem_gain(analysis.stems)
    for stem, audio in analysis.stems.items():
        path = folder / "stems" / f"{stem}.flac"
        written.append(Audio(audio.y * np.float32(gain), audio.sr).save(path))
    end = analysis.audio.duration
    written.append(analysis.chords.save(folder / "chords.lab"))
    written.append(analysis.beats.save(folder / "beats.lab"))
    if analysis.key:
        label = analysis.key.replace(" ", ":")
        written.append(Segments([(0, end)], [label]).save(folder / "key.lab"))
    written.append(
        save_spectrogram(
            folder / "spectrogram.png", analysis.spectrogram, analysis.chords, analysis.notes
        )
    )
    if analysis.notes is not None:
        written.append(analysis.notes.save(folder / "notes.mid"))
        files, missing = _save_score(analysis, analysis.notes, folder)
        written += files
    with atomic_write(folder / "analysis.json", error=AudioError) as temporary:
        data = analysis.to_json() | {"missing": missing}
        text = json.dumps(data, allow_nan=False, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")
    written.append(folder / "analysis.json")
    for name in (*FILES, REPORT):
        if folder / name not in written:
            (folder / name).unlink(missing_ok=True)
    return sorted(written, key=[folder / name for name in FILES].index), missing


def _save_score(analysis: Analysis, notes: Notes, folder: Path) -> tuple[list[Path], list[str]]:
    """MusicXML and its engraving, as far as the libraries for them are installed."""
    if notes.tempo_map is None:
        return [], ["no score: no beat was found, and without beats there is no bar to write"]
    files = []
    try:
        files.append(
            write_musicxml(
                notes,
                folder / "score.musicxml",
                key=analysis.key,
                meter=analysis.meter,
                downbeat=first_downbeat(analysis.beats) * quarters_a_beat(analysis.meter),
                title=analysis.name.replace("_", " "),
            )
        )
        picture = engrave(files[0])
    except MissingPartError as reason:
        return files, [f"no {'engraved ' if files else ''}score: {reason}"]
    with atomic_write(folder / "score.svg", error=AudioError) as temporary:
        temporary.write_text(picture, encoding="utf-8")
    return [*files, folder / "score.svg"], []

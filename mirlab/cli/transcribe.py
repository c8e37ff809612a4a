"""`mirlab transcribe`: transcribe an audio file to MIDI or to a score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ..analysis.meter import MeteredNotes, meter_from_audio
from ..core import Audio, NotesError
from ..core.files import atomic_write
from ..core.progress import Progress, reporting, step
from ..transcription import MODEL, transcribe

SUFFIXES = (".mid", ".midi", ".musicxml", ".xml", ".svg")
MIDI = SUFFIXES[:2]
TASKS = ("load", "notes", "beats", "files")


def write_transcript(
    source: Path,
    targets: Sequence[Path],
    *,
    model: str = MODEL,
    device: str = "auto",
    progress: Progress = False,
) -> MeteredNotes:
    """Transcribe an audio file and write the results.

    Parameters
    ----------
    source
        An audio file.
    targets
        Output files; the suffix of each gives its format: `.mid` (or `.midi`) for notes,
        `.musicxml` (or `.xml`) for a score, `.svg` for an engraved score. No file is written
        before the contents of all are complete.
    model, device
        As in `transcribe`.
    progress
        As in `transcribe`; the tasks are `TASKS`.

    Returns
    -------
    MeteredNotes
        Notes, beats and meter.

    Raises
    ------
    AudioError
        When `source` is not an audio file.
    NotesError
        For another suffix, a missing folder, or a score without beats.
    LearningError, MissingPartError
        As in `transcribe` and the writers.
    """
    check_targets(targets)
    with reporting(progress, "transcribe"):
        with step("load", TASKS):
            audio = Audio.load(source)
        with step("notes", TASKS):
            notes = transcribe(audio, model=model, device=device)
        with step("beats", TASKS):
            found, key = meter_from_audio(audio, notes)
        with step("files", TASKS):
            _write(found, key, source.stem, targets)
    return found


def _write(found: MeteredNotes, key: str | None, name: str, targets: Sequence[Path]) -> None:
    """Make the contents of all files, then write them."""
    with TemporaryDirectory() as folder:
        contents = {
            target: _content(found, key, name, target.suffix.lower(), Path(folder))
            for target in targets
        }
    for target, content in contents.items():
        with atomic_write(target, error=NotesError) as temporary:
            temporary.write_bytes(content)


def check_targets(targets: Sequence[Path]) -> None:
    """Check that the output files can be written, before the transcription.

    Raises
    ------
    NotesError
        For an unknown suffix or a missing folder.
    """
    for target in targets:
        if target.suffix.lower() not in SUFFIXES:
            raise NotesError(f"{target}: the name must end in {', '.join(SUFFIXES)}")
        if not target.parent.is_dir():
            raise NotesError(f"{target}: the folder {target.parent} does not exist")


def _content(found: MeteredNotes, key: str | None, name: str, suffix: str, folder: Path) -> bytes:
    """Content of an output file with this suffix."""
    from ..score import engrave, write_musicxml

    if suffix in MIDI:
        return found.notes.save(folder / "notes.mid").read_bytes()
    if found.notes.tempo_map is None:
        raise NotesError(
            f"{name}: no beat was found, and a score needs beats (use .mid for notes only)"
        )
    score = write_musicxml(
        found.notes,
        folder / "score.musicxml",
        key=key,
        meter=found.meter,
        downbeat=found.downbeat,
        title=name.replace("_", " "),
    )
    return engrave(score).encode() if suffix == ".svg" else score.read_bytes()

"""`mirlab transcribe`: transcribe an audio file to MIDI or to a score."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from ..analysis.meter import MeteredNotes, meter_from_audio
from ..core import Audio, NotesError
from ..core.files import atomic_write, require_folder, resolve_target
from ..core.names import printable
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
        For another suffix, a missing folder, or a score of neither notes nor beats.
    LearningError, MissingPartError
        As in `transcribe` and the writers.
    """
    check_targets(source, targets)
    with reporting(progress, "transcribe"):
        with step("load", TASKS):
            audio = Audio.load(source)
        with step("notes", TASKS):
            notes = transcribe(audio, model=model, device=device)
        with step("beats", TASKS):
            found, key = meter_from_audio(audio, notes)
        with step("files", TASKS):
            _write(found, key, printable(source.stem), targets)
    return found


def _write(found: MeteredNotes, key: str | None, name: str, targets: Sequence[Path]) -> None:
    """Write all files under temporary names, then rename them."""
    with ExitStack() as stack:
        for target in targets:
            temporary = stack.enter_context(atomic_write(target, error=NotesError))
            _write_as(target.suffix.lower(), found, key, name, temporary)


def check_targets(source: Path, targets: Sequence[Path]) -> None:
    """Check that the output files can be written, before the transcription.

    Raises
    ------
    NotesError
        For an unknown suffix, a missing folder, what is not a file, or the recording itself.
    """
    for target in targets:
        if target.suffix.lower() not in SUFFIXES:
            raise NotesError(f"{target}: the name must end in {', '.join(SUFFIXES)}")
        require_folder(resolve_target(target, NotesError).parent, NotesError)
        if target.exists() and source.exists() and target.samefile(source):
            raise NotesError(f"{target}: is the recording, which would be replaced")


def _write_as(suffix: str, found: MeteredNotes, key: str | None, name: str, path: Path) -> None:
    """Write the format of a suffix to a file."""
    from ..score import engrave, write_musicxml

    if suffix in MIDI:
        found.notes.save(path, bars=found.bars)
        return
    if found.bars is None and not len(found.notes):
        raise NotesError(f"{name}: neither a note nor a beat was found (.mid writes an empty file)")
    write_musicxml(
        found.notes,
        path,
        key=key,
        meter=None,
        bars=found.bars,
        title=name.replace("_", " "),
    )
    if suffix == ".svg":
        path.write_text(engrave(path), encoding="utf-8")

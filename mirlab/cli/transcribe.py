"""`mirlab transcribe`: a sound file in, its notes or its score out."""

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
    """Write down what is played in a sound file.

    Parameters
    ----------
    source
        A sound file.
    targets
        Files to write; the suffix of each says what it holds: `.mid` (or `.midi`) notes,
        `.musicxml` (or `.xml`) a score, `.svg` its engraving. All of them are made before the
        first is put in its place.
    model, device
        As in `transcribe`.
    progress
        As in `transcribe`; the tasks are `TASKS`.

    Returns
    -------
    Scored
        Notes, beats and meter.

    Raises
    ------
    AudioError
        When the file is no sound.
    NotesError
        For another suffix, a folder that is missing, or a score of a sound without beats.
    LearningError, MissingPartError
        As `transcribe` and the writers do.
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
    """Make all files, then put each in its place."""
    with TemporaryDirectory() as place:
        made = {
            target: _made(found, key, name, target.suffix.lower(), Path(place))
            for target in targets
        }
    for target, content in made.items():
        with atomic_write(target, error=NotesError) as temporary:
            temporary.write_bytes(content)


def check_targets(targets: Sequence[Path]) -> None:
    """Refuse what cannot be written, before any work.

    Raises
    ------
    NotesError
        For a suffix that says nothing, and a folder that is missing.
    """
    for target in targets:
        if target.suffix.lower() not in SUFFIXES:
            raise NotesError(f"{target}: the name must end in {', '.join(SUFFIXES)}")
        if not target.parent.is_dir():
            raise NotesError(f"{target}: the folder {target.parent} does not exist")


def _made(found: MeteredNotes, key: str | None, name: str, suffix: str, place: Path) -> bytes:
    """What a file of this suffix holds."""
    from ..score import engrave, write_musicxml

    if suffix in MIDI:
        return found.notes.save(place / "notes.mid").read_bytes()
    if found.notes.tempo_map is None:
        raise NotesError(
            f"{name}: no beat was found, and without beats there is no score (.mid needs none)"
        )
    score = write_musicxml(
        found.notes,
        place / "score.musicxml",
        key=key,
        meter=found.meter,
        downbeat=found.downbeat,
        title=name.replace("_", " "),
    )
    return engrave(score).encode() if suffix == ".svg" else score.read_bytes()

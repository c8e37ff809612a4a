"""`mirlab transcribe`: a sound file in, its notes or its score out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ..analysis.meter import Scored, hear
from ..core import Audio, NotesError
from ..core.files import replacing
from ..transcription import MODEL, transcribe

SUFFIXES = (".mid", ".midi", ".musicxml", ".xml", ".svg")
MIDI = SUFFIXES[:2]
TASKS = ("load", "notes", "beats", "files")


def write_transcript(
    source: Path,
    targets: Sequence[Path],
    *,
    model: str = MODEL,
    progress: Callable[[str], None] | None = None,
) -> Scored:
    """Write down what is played in a sound file.

    Parameters
    ----------
    source
        A sound file.
    targets
        Files to write; the suffix of each says what it holds: `.mid` (or `.midi`) notes,
        `.musicxml` (or `.xml`) a score, `.svg` its engraving. All of them are made before the
        first is put in its place.
    model
        As in `transcribe`.
    progress
        Called with each of `TASKS` as it begins.

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
    tell = progress or (lambda task: None)
    check(targets)
    tell("load")
    audio = Audio.load(source)
    tell("notes")
    notes = transcribe(audio, model=model)
    tell("beats")
    found, key = hear(audio, notes)
    tell("files")
    with TemporaryDirectory() as place:
        made = {
            target: _made(found, key, source.stem, target.suffix.lower(), Path(place))
            for target in targets
        }
    for target, content in made.items():
        with replacing(target, error=NotesError) as temporary:
            temporary.write_bytes(content)
    return found


def check(targets: Sequence[Path]) -> None:
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


def _made(found: Scored, key: str | None, name: str, suffix: str, place: Path) -> bytes:
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

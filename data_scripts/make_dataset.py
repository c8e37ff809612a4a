"""Write a data set of synthetic music with its labels.

    python -m data_scripts.make_dataset --task notes --hours 2 --out FOLDER
    python -m data_scripts.make_dataset --verify --out FOLDER

Item k consists of three or more files: `000042.flac`, the audio (for separation also four stems,
such as `000042.bass.flac`); `000042.mid`, the notes; `000042.json`, the notes of each part to the
microsecond, chords, beats, key, tuning in semitones, and for f0 the curve. `manifest.json` contains
the recipe of the data set and the sha256 of every file. If a run is stopped, the same command
resumes it: files are written atomically, an item's JSON last. With the same sound fonts, the same
command gives the same items on any number of cores.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from data_scripts.dataset_files import (
    MANIFEST,
    Item,
    found_item,
    manifest,
    open_folder,
    sha256,
    verify,
    write_flac,
    write_json,
)
from mirlab.composer import STYLES, Piece, compose
from mirlab.core import AudioError, MirlabError, Notes, NotesError, Segments
from mirlab.core.parallel import parallel_map
from mirlab.core.rendering import has_fluidsynth
from mirlab.synthesis import (
    MidiExcerpts,
    SoundFont,
    SyntheticMusic,
    f0_frames,
    find_sound_fonts,
    play,
)
from mirlab.synthesis.dataset import RATES, TASKS, four_stems
from mirlab.synthesis.excerpts import change_tempo
from mirlab.synthesis.recording import STEMS, stem_of
from mirlab.synthesis.studio import Multitrack

F0_GRID = {"hop_length": 1, "sr": 100}  # a frame every 0.01 s
SHOWN = 20  # damaged files to list


def main(arguments: list[str] | None = None) -> int:
    """Make or verify a data set; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.verify:
            return _report(verify(options.out), options.out)
        if options.task is None or not options.hours or options.hours < 0:
            raise AudioError("--task and --hours are needed, hours more than 0")
        music, recipe = _music(options), _recipe(options)
        music.piece(0)  # fail before a folder is created
        made = make(music, options.out, hours=options.hours, recipe=recipe, n_jobs=options.n_jobs)
    except MirlabError as reason:
        print(reason, file=sys.stderr)
        return 1
    seconds = sum(item.seconds for item in made)
    print(f"{options.out}: {len(made)} items, {seconds / 3600:.2f} hours")
    return 0


def make(
    music: SyntheticMusic, folder: Path, *, hours: float, recipe: dict[str, Any], n_jobs: int = -1
) -> list[Item]:
    """Make items up to a total duration; existing items are kept.

    Parameters
    ----------
    music
        Source of the items.
    folder
        Output folder, created if it is missing.
    hours
        Minimum total duration.
    recipe
        Recipe for the manifest; JSON.
    n_jobs
        Number of parallel processes; -1 for all cores.

    Raises
    ------
    AudioError
        If the folder holds something else, or cannot be written.
    """
    from tqdm import tqdm

    open_folder(folder, recipe)
    items: list[Item] = []
    wanted, seconds = hours * 3600, 0.0
    make_one = partial(make_item, music, folder=folder)
    with tqdm(total=round(wanted), unit="s", desc=music.task) as bar:
        while seconds < wanted:
            each = seconds / len(items) if items else music.duration
            more = max(1, math.ceil((wanted - seconds) / each))
            numbers = range(len(items), len(items) + more)
            for item in parallel_map(make_one, numbers, n_jobs=n_jobs):
                items.append(item)
                seconds += item.seconds
                bar.update(min(round(item.seconds), max(0, bar.total - bar.n)))
    write_json(folder / MANIFEST, manifest(recipe, items))
    return items


def make_item(music: SyntheticMusic, k: int, folder: Path) -> Item:
    """Make item k, unless it is complete."""
    name = f"{k:06d}"
    path = folder / f"{name}.json"
    if (found := found_item(path)) is not None:
        return found
    if music.record.keywords["synths"] < 1:
        _read_fonts(tuple(music.fonts.values()))
    piece, take = music.piece(k), music.take(k)
    sounds = {f"{name}.flac": music.sound(k, take).mono().y[0]}
    if music.task == "separation":
        stems = zip(STEMS, four_stems(take), strict=True)
        sounds |= {f"{name}.{stem}.flac": y for stem, y in stems}
    for file, y in sounds.items():
        write_flac(folder / file, y, take.sr)
    played = change_tempo(piece, 2 ** (take.tuning / 12)).notes
    played.save(folder / f"{name}.mid")
    files = {file: sha256(folder / file) for file in (*sounds, f"{name}.mid")}
    truth = _truth(piece, take)
    if music.task == "f0":
        truth["f0"] = _curve(take)
    write_json(path, {"item": k, "seconds": take.audio.duration, "files": files, **truth})
    return Item(take.audio.duration, {**files, path.name: sha256(path)})


@cache
def _read_fonts(fonts: tuple[SoundFont, ...]) -> None:
    """Read all sound fonts once per process.

    Fonts of hundreds of megabytes that are loaded with a later item would look like a memory leak
    to joblib, which would restart the process and read them again.
    """
    for font in fonts:
        play(Notes([0.0], [0.1], [60]), font)


def _truth(piece: Piece, take: Multitrack) -> dict[str, Any]:
    """The labels of a take, as JSON values."""
    return {
        "style": piece.style,
        "key": take.key,
        "tuning": round(take.tuning, 6),
        "chords": list(_rows(take.chords)),
        "beats": list(_rows(take.beats)),
        "parts": {
            name: {"stem": stem_of(name, notes), **_table(notes)}
            for name, notes in take.notes.items()
        },
    }


def _rows(segments: Segments) -> Iterator[list[float | str]]:
    """Start, end and label of each segment."""
    times = segments.intervals.round(6).tolist()
    for (start, end), label in zip(times, segments.labels, strict=True):
        yield [start, end, label]


def _table(notes: Notes) -> dict[str, Any]:
    """The columns of notes, as JSON values."""
    return {
        "onset": notes.onset.round(6).tolist(),
        "offset": notes.offset.round(6).tolist(),
        "pitch": notes.pitch.tolist(),
        "velocity": notes.velocity.tolist(),
        "program": int(notes.program[0]),
        "is_drum": bool(notes.is_drum.any()),
        "pedal": [] if notes.pedal is None else notes.pedal[:, :2].round(6).tolist(),
    }


def _curve(take: Multitrack) -> dict[str, Any]:
    """Fundamental frequency of a take with one part, every 10 ms."""
    (notes,) = take.notes.values()
    hop = F0_GRID["hop_length"] / F0_GRID["sr"]
    frames = 1 + int(take.audio.duration / hop)
    hz = f0_frames(notes, frames=frames, **F0_GRID, tuning=take.tuning)
    return {"hop_seconds": hop, "hz": hz.astype(float).round(3).tolist()}


def _report(problems: list[str], folder: Path) -> int:
    """Print the problems; return the exit code."""
    for line in problems[:SHOWN]:
        print(line, file=sys.stderr)
    if problems:
        print(f"{folder}: {len(problems)} problems", file=sys.stderr)
        return 1
    print(f"{folder}: every file is as it was written")
    return 0


def _music(options: argparse.Namespace) -> SyntheticMusic:
    """The `SyntheticMusic` of the options."""
    pieces: Any = partial(compose, style=options.style, duration=options.duration)
    if options.midi is not None:
        pieces = MidiExcerpts(options.midi, options.duration)
        if not pieces.paths:
            raise NotesError(f"{options.midi}: there is no MIDI file in it")
    return SyntheticMusic(
        options.task,
        duration=options.duration,
        sr=options.sr,
        seed=options.seed,
        pieces=pieces,
        fonts=_fonts(options),
        synths=options.synths,
        effects=not options.plain,
    )


def _fonts(options: argparse.Namespace) -> dict[str, Any]:
    """The sound fonts named by the options, or all."""
    fonts = find_sound_fonts() if has_fluidsynth() else {}
    for name in options.fonts or ():
        if name not in fonts:
            known = ", ".join(fonts) or "none, or no FluidSynth"
            raise AudioError(f"there is no sound font {name!r}; there are: {known}")
    return {name: fonts[name] for name in (options.fonts if options.fonts is not None else fonts)}


def _recipe(options: argparse.Namespace) -> dict[str, Any]:
    """The options that affect the items, and the sha256 of fonts and MIDI files."""
    names = ("task", "duration", "sr", "seed", "style", "synths", "plain")
    recipe = {name: getattr(options, name) for name in names}
    fonts = {name: sha256(font.path) for name, font in _fonts(options).items()}
    files = MidiExcerpts(options.midi, options.duration).paths if options.midi else ()
    return {**recipe, "fonts": fonts, "midi": {path.name: sha256(path) for path in files}}


def _parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser(
        prog="python -m data_scripts.make_dataset",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--task", choices=TASKS, help="task of the data set")
    add("--hours", type=float, help="minimum total duration")
    add("--out", type=Path, required=True, help="output folder: empty, or of a stopped run")
    add("--verify", action="store_true", help="only compare every file with the manifest")
    add("--duration", type=float, default=30.0, help="approximate seconds per item (default 30)")
    add("--sr", type=int, default=22050, choices=RATES, metavar="HZ", help="(default 22050)")
    add("--seed", type=int, default=0, help="seed of the items (default 0)")
    add("--style", choices=list(STYLES), help="style of the music (default: all)")
    add("--midi", type=Path, help="render excerpts of this folder's MIDI files instead")
    add("--fonts", nargs="*", metavar="NAME", help="sound fonts (default: all installed)")
    add("--synths", type=float, default=0.5, help="probability of a synth per part (default 0.5)")
    add("--plain", action="store_true", help="no room, no noise, no detuning")
    add("--n-jobs", type=int, default=-1, help="parallel processes (default: one per core)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""The command line: `mirlab analyze`, `mirlab transcribe`, `mirlab report`, `mirlab train`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .._version import __version__

if TYPE_CHECKING:
    from ..core.progress import Report
    from .batch import Outcome

HEADINGS = ("file", "length", "key", "bpm", "notes", "chords", "seconds")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        The words after `mirlab`; those of the process when not given.

    Returns
    -------
    int
        Exit code: 0 when all went well, 1 when a file failed, 2 for a command that makes no
        sense, 130 when interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        command: Callable[[argparse.Namespace], int] = options.run
        return command(options)
    except KeyboardInterrupt:
        print("interrupted; the files finished so far are whole", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mirlab", description="Hear what is in a piece of music, and write it down."
    )
    parser.add_argument("--version", action="version", version=f"mirlab {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    analyze = commands.add_parser(
        "analyze",
        help="notes, chords, key, beats, stems and score of sound files",
        description=(
            "Take recordings apart. Each FILE (wav, flac, ogg, mp3) gets a folder of its own "
            "in DIR with report.html, score.svg, score.musicxml, notes.mid, chords.lab, key.lab, "
            "beats.lab, spectrogram.png, stems/*.flac and analysis.json. The report is one page "
            "with all of it to hear and to see, which opens without a network and can be mailed: "
            "it stays under 20 MB, so of a recording of more than seven minutes or so it plays "
            "the beginning. Several files get an index.html, too."
        ),
        epilog="example: mirlab analyze song.mp3 --out results",
    )
    analyze.add_argument("files", nargs="+", metavar="FILE", help="sound files, or folders of them")
    analyze.add_argument(
        "--out", default="analysis", metavar="DIR", help="folder for the results (%(default)s)"
    )
    analyze.add_argument(
        "--n-jobs",
        type=_positive,
        default=-1,
        metavar="N",
        help="files to work on at a time (one for each processor core)",
    )
    analyze.set_defaults(run=_analyze)
    report = commands.add_parser(
        "report",
        help="an index page of a folder of analysed songs",
        description=(
            "Write DIR/index.html: a table of the songs that `mirlab analyze` has put into DIR, "
            "with length, key, tempo and a link to the report of each. It sorts by any column, "
            "opens without a network, and needs no sound."
        ),
        epilog="example: mirlab report results",
    )
    report.add_argument("folder", metavar="DIR", help="folder with the results of `mirlab analyze`")
    report.set_defaults(run=_report)
    _add_transcribe(commands)
    _add_learning(commands)
    return parser


def _add_transcribe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command `transcribe`."""
    transcribe = commands.add_parser(
        "transcribe",
        help="the notes of a sound file as MIDI or as a score",
        description=(
            "Write down what is played in FILE (wav, flac, ogg, mp3). What is written follows the "
            "name: .mid holds the notes as they were played; .musicxml the score, on the beats "
            "that were found, in the key and meter that fit; .svg the score engraved. Several "
            "names may follow --out. When something fails, nothing is written."
        ),
        epilog="example: mirlab transcribe song.mp3 --out song.mid song.musicxml song.svg",
    )
    transcribe.add_argument("file", metavar="FILE", help="a sound file")
    transcribe.add_argument(
        "--out", nargs="+", required=True, metavar="NAME", help="files to write"
    )
    transcribe.add_argument(
        "--model", default="mirlab-notes", metavar="NAME", help="note detector (%(default)s)"
    )
    transcribe.add_argument(
        "--device", default="auto", metavar="NAME", help="such as cpu or cuda (%(default)s)"
    )
    transcribe.set_defaults(run=_transcribe)


def _add_learning(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The commands `models` and `train`."""
    models = commands.add_parser(
        "models",
        help="the models that mirlab knows",
        description="List the models: size, licence, what they were trained on, what they score.",
    )
    models.set_defaults(run=_models)
    train = commands.add_parser(
        "train",
        help="train one of the course's models from nothing",
        description=(
            "Follow a recipe: make the data, train the model, score it, and write its weights "
            "(safetensors) and its card (JSON) into DIR. Interrupted at any moment, the same "
            "command goes on where it was. Without NAME, list the recipes."
        ),
        epilog="example: mirlab train TASK/NAME --out weights",
    )
    train.add_argument("name", nargs="?", metavar="NAME", help="a recipe, TASK/NAME")
    train.add_argument(
        "--out", default="weights", metavar="DIR", help="folder for the weights (%(default)s)"
    )
    train.add_argument(
        "--steps", type=_positive, metavar="N", help="training steps (what the recipe says)"
    )
    train.add_argument(
        "--seed", type=_natural, default=0, metavar="N", help="of all that is drawn (%(default)s)"
    )
    train.add_argument(
        "--device", default="auto", metavar="NAME", help="such as cpu or cuda (%(default)s)"
    )
    train.set_defaults(run=_train)


def _positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


def _natural(text: str) -> int:
    """A whole number of at least 0."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 0, not {text!r}")
    return int(text)


@contextmanager
def _bar() -> Iterator[Report]:
    """A bar that names the task at work, and stays when all is done."""
    from tqdm import tqdm

    with tqdm(total=1.0, bar_format="{desc:<8}|{bar:30}| {elapsed}") as bar:

        def report(done: float, task: str) -> None:
            bar.n = done
            bar.set_description_str("done" if done >= 1 else task)

        yield report


def _analyze(options: argparse.Namespace) -> int:
    """`mirlab analyze`."""
    from ..core import MirlabError
    from .batch import find_jobs, run, run_all

    try:
        jobs = find_jobs(options.files, options.out)
    except MirlabError as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    from tqdm import tqdm

    outcomes: list[Outcome] = []
    if len(jobs) == 1:
        with _bar() as report:
            outcomes.append(run(jobs[0], report))
    else:
        with tqdm(total=len(jobs), unit="file") as bar:
            for outcome in run_all(jobs, n_jobs=options.n_jobs):
                outcomes.append(outcome)
                bar.set_postfix_str(outcome.job.source.name)
                bar.update()
    order = {job: i for i, job in enumerate(jobs)}
    outcomes.sort(key=lambda outcome: order[outcome.job])
    _tell(outcomes)
    _renew_index(options.out, outcomes)
    return 1 if any(outcome.error for outcome in outcomes) else 0


def _transcribe(options: argparse.Namespace) -> int:
    """`mirlab transcribe`."""
    from pathlib import Path

    from ..core import MirlabError
    from .transcribe import check, write_transcript

    targets = [Path(name) for name in options.out]
    try:
        check(targets)
        with _bar() as report:
            found = write_transcript(
                Path(options.file),
                targets,
                model=options.model,
                device=options.device,
                progress=report,
            )
    except MirlabError as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    print(f"{options.file}: {len(found.notes)} notes -> {', '.join(options.out)}")
    return 0


def _report(options: argparse.Namespace) -> int:
    """`mirlab report`."""
    return 0 if _index(options.folder) else 1


def _models(_: argparse.Namespace) -> int:
    """`mirlab models`."""
    from ..core import MirlabError
    from ..learning import list_models

    try:
        models = list_models()
    except MirlabError as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    print(models if len(models) else "no model ships yet")
    return 0


def _train(options: argparse.Namespace) -> int:
    """`mirlab train`."""
    from ..core import MirlabError
    from ..learning import list_recipes, train

    if options.name is None:
        print("\n".join(list_recipes()) or "there is no recipe yet")
        return 0
    try:
        path, card = train(
            options.name,
            options.out,
            steps=options.steps,
            seed=options.seed,
            device=options.device,
        )
    except MirlabError as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    print(f"{card.name}: {card.parameters} parameters, {card.bytes} bytes -> {path}")
    for measure, value in card.scores.items():
        print(f"{measure} {value:.4f}")
    if card.scores:
        print(card.protocol)
    return 0


def _renew_index(folder: str, outcomes: Sequence[Outcome]) -> None:
    """Write the index of several files; bring one up to date that is there already."""
    from ..report import has_index

    done = any(not outcome.error for outcome in outcomes)
    if done and (len(outcomes) > 1 or has_index(folder)):
        _index(folder)


def _index(folder: str) -> bool:
    """Write the index of a folder and say where; whether all went well."""
    from ..core import MirlabError
    from ..report import save_index

    try:
        path, problems = save_index(folder)
    except MirlabError as reason:
        print(f"error: {reason}", file=sys.stderr)
        return False
    print(f"index -> {path}")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return not problems


def _tell(outcomes: Sequence[Outcome]) -> None:
    """A table of what worked, then where it lies, then what is missing, then what failed."""
    from ..analysis.saving import REPORT

    done = [outcome for outcome in outcomes if not outcome.error]
    rows = [HEADINGS] + [
        (str(outcome.job.source.name), *outcome.summary, f"{outcome.seconds:.1f}")
        for outcome in done
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
    for row in rows if done else ():
        first, *others = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join([first, *others]).rstrip())
    for outcome in done:
        print(f"{outcome.job.source.name} -> {outcome.job.folder / REPORT}")
    for remark in dict.fromkeys(remark for outcome in done for remark in outcome.remarks):
        print(f"note: {remark}")
    for outcome in outcomes:
        if outcome.error:
            print(f"error: {outcome.error}", file=sys.stderr)
    if len(outcomes) > 1:
        print(f"{len(done)} of {len(outcomes)} files analysed")

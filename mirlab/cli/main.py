"""The command line: `mirlab analyze`, `mirlab transcribe`, `mirlab report`, `mirlab train`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .arguments import parser

if TYPE_CHECKING:
    from ..core.progress import Report
    from .batch import Outcome

HEADINGS = ("file", "length", "key", "bpm", "notes", "chords", "seconds")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        Command-line arguments after `mirlab`; by default those of the process.

    Returns
    -------
    int
        Exit code: 0 for success, 1 if a file failed, 2 for an invalid command, 130 if interrupted.
    """
    options = parser().parse_args(arguments)
    try:
        return COMMANDS[options.command](options)
    except KeyboardInterrupt:
        print("interrupted; finished files are complete", file=sys.stderr)
        return 130


@contextmanager
def _bar() -> Iterator[Report]:
    """A progress bar that shows the current task and remains visible at the end."""
    from tqdm import tqdm

    with tqdm(total=1.0, bar_format="{desc:<8}|{bar:30}| {elapsed}") as bar:

        def report(done: float, task: str) -> None:
            bar.n = done
            bar.set_description_str("done" if done >= 1 else task)

        yield report


def _analyze(options: argparse.Namespace) -> int:
    """Run `mirlab analyze`."""
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
            outcomes.append(run(jobs[0], report, device=options.device))
    else:
        with tqdm(total=len(jobs), unit="file") as bar:
            for outcome in run_all(jobs, n_jobs=options.n_jobs, device=options.device):
                outcomes.append(outcome)
                bar.set_postfix_str(outcome.job.source.name)
                bar.update()
    order = {job: i for i, job in enumerate(jobs)}
    outcomes.sort(key=lambda outcome: order[outcome.job])
    _print_outcomes(outcomes)
    _update_index(options.out, outcomes)
    return 1 if any(outcome.error for outcome in outcomes) else 0


def _transcribe(options: argparse.Namespace) -> int:
    """Run `mirlab transcribe`."""
    from pathlib import Path

    from ..core import MirlabError
    from .transcribe import check_targets, write_transcript

    targets = [Path(name) for name in options.out]
    try:
        check_targets(targets)
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
    """Run `mirlab report`."""
    return 0 if _write_index(options.folder) else 1


def _models(_: argparse.Namespace) -> int:
    """Run `mirlab models`."""
    from ..core import MirlabError
    from ..learning import list_models

    try:
        models = list_models()
    except MirlabError as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    print(models if len(models) else "no models")
    return 0


def _train(options: argparse.Namespace) -> int:
    """Run `mirlab train`."""
    from ..core import MirlabError
    from ..learning import list_recipes, train

    if options.name is None:
        print("\n".join(list_recipes()) or "no recipes")
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


def _update_index(folder: str, outcomes: Sequence[Outcome]) -> None:
    """Write the index of several files, or update an existing index."""
    from ..report import has_index

    done = any(not outcome.error for outcome in outcomes)
    if done and (len(outcomes) > 1 or has_index(folder)):
        _write_index(folder)


def _write_index(folder: str) -> bool:
    """Write the index of a folder and print its path; returns whether there were no problems."""
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


def _print_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Print a table of the analysed files, then the reports, remarks and errors."""
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


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "analyze": _analyze,
    "transcribe": _transcribe,
    "report": _report,
    "models": _models,
    "train": _train,
}

"""The command line: `mirlab analyze`, `mirlab transcribe`, `mirlab report`, `mirlab train`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..core.names import printable
from .arguments import parser
from .streams import discard_output, prepare_streams, stop_on_signals

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
        Exit code: 0 for success, 1 if a file failed, 2 for an invalid command, 130 if interrupted,
        143 if terminated, 141 if nobody reads the output.
    """
    from ..core.errors import MirlabError
    from ..core.files import reason_in_words

    prepare_streams()
    options = parser().parse_args(arguments)
    try:
        _check_working_folder()
        with stop_on_signals():
            code = COMMANDS[options.command](options)
            sys.stdout.flush()
            return code
    except KeyboardInterrupt as stop:
        print("interrupted; finished files are complete", file=sys.stderr)
        return 128 + (stop.args[0] if stop.args else signal.SIGINT)
    except BrokenPipeError:
        discard_output()
        return 128 + signal.SIGPIPE
    except MirlabError as reason:
        print(f"error: {reason}", file=sys.stderr)
    except OSError as reason:
        discard_output()  # it may be what failed
        name = reason.filename or "output"
        print(printable(f"error: {name}: {reason_in_words(reason)}"), file=sys.stderr)
    return 1


def _check_working_folder() -> None:
    """Raise an error where the working folder was deleted: some libraries end the process there."""
    from ..core.errors import MirlabError

    try:
        os.getcwd()
    except OSError:
        raise MirlabError("the working folder was deleted; change to another one") from None


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
    from pathlib import Path

    from ..core import AudioError
    from ..core.files import require_folder
    from .batch import find_jobs, run, run_all, sweep, with_corrections

    jobs = find_jobs(options.files, options.out)
    if options.corrections is not None:
        jobs = with_corrections(jobs, Path(options.corrections))
    require_folder(Path(options.out), AudioError)
    sweep(Path(options.out))
    from tqdm import tqdm

    outcomes: list[Outcome] = []
    if len(jobs) == 1:
        with _bar() as report:
            outcomes.append(run(jobs[0], report, device=options.device))
    else:
        with tqdm(total=len(jobs), unit="file") as bar:
            for outcome in run_all(jobs, n_jobs=options.n_jobs, device=options.device):
                outcomes.append(outcome)
                bar.set_postfix_str(printable(outcome.job.source.name))
                bar.update()
    order = {job: i for i, job in enumerate(jobs)}
    outcomes.sort(key=lambda outcome: order[outcome.job])
    _print_outcomes(outcomes)
    _update_index(options.out, outcomes)
    return 1 if any(outcome.error for outcome in outcomes) else 0


def _transcribe(options: argparse.Namespace) -> int:
    """Run `mirlab transcribe`."""
    from pathlib import Path

    from ..analysis.saving import NO_METER
    from .transcribe import MIDI, check_targets, write_transcript

    source, targets = Path(options.file), [Path(name) for name in options.out]
    check_targets(source, targets)
    with _bar() as report:
        found = write_transcript(
            source, targets, model=options.model, device=options.device, progress=report
        )
    written = ", ".join(options.out)
    print(printable(f"{source}: {len(found.notes)} notes -> {written}"))
    if found.bars is None and any(target.suffix.lower() not in MIDI for target in targets):
        print(f"note: {NO_METER}")
    return 0


def _report(options: argparse.Namespace) -> int:
    """Run `mirlab report`."""
    return 0 if _write_index(options.folder) else 1


def _models(_: argparse.Namespace) -> int:
    """Run `mirlab models`."""
    from ..learning import list_models

    models = list_models()
    print(models if len(models) else "no models")
    return 0


def _train(options: argparse.Namespace) -> int:
    """Run `mirlab train`."""
    from ..learning import list_recipes, train

    if options.name is None:
        print("\n".join(list_recipes()) or "no recipes")
        return 0
    path, card = train(
        options.name, options.out, steps=options.steps, seed=options.seed, device=options.device
    )
    print(printable(f"{card.name}: {card.parameters} parameters, {card.bytes} bytes -> {path}"))
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
    print(printable(f"index -> {path}"))
    for problem in problems:
        print(printable(f"error: {problem}"), file=sys.stderr)
    return not problems


def _print_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Print a table of the analysed files, then the reports, remarks and errors."""
    from ..analysis.saving import REPORT

    done = [outcome for outcome in outcomes if not outcome.error]
    rows = [HEADINGS] + [
        (printable(outcome.job.source.name), *outcome.summary, f"{outcome.seconds:.1f}")
        for outcome in done
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
    for row in rows if done else ():
        first, *others = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join([first, *others]).rstrip())
    for outcome in done:
        print(printable(f"{outcome.job.source.name} -> {outcome.job.folder / REPORT}"))
    for remark in dict.fromkeys(remark for outcome in done for remark in outcome.remarks):
        print(printable(f"note: {remark}"))
    for outcome in outcomes:
        if outcome.error:
            print(printable(f"error: {outcome.error}"), file=sys.stderr)
    if len(outcomes) > 1:
        print(f"{len(done)} of {len(outcomes)} files analysed")


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "analyze": _analyze,
    "transcribe": _transcribe,
    "report": _report,
    "models": _models,
    "train": _train,
}

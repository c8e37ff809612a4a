"""Fuzz test of all readers: mutated files give a right result, a warning or the package's error.

Valid files of each format are made, damaged by mutations (flipped bits, missing, repeated and
swapped blocks, extreme integers, joined halves, hostile words), and read, all readers by turns.
Any other exception or warning, a crash, more than 2 s or more than 512 MiB is printed with the
number that makes the same file again, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, takewhile

from tqdm import tqdm

from benchmarks import results
from benchmarks.results import Score
from mirlab.core.errors import MirlabError

from .process import KINDS, MAX_MEBI, MAX_SECONDS, Outcome, ReaderProcess
from .readers import all_readers

TASK = "robustness/fuzz"

PROTOCOL = f"""
Files of each format, made by the benchmark and not longer than 0.6 s, get one to four mutations
each: up to 16 flipped bits, a truncated beginning or end, blocks removed, repeated (up to 1,000
times) or swapped, extreme integers of 1, 2, 4 and 8 bytes of both byte orders (many in headers
and after the names of chunks), the halves of two files joined; in text mostly hostile words. All
is drawn from the seed. A reader reads the file, and then what depends on it (an excerpt at
another rate; MIDI and .lab written and read again; the piece of a MIDI file; an index; a resumed
training). Shares of the files: right = read without a word; warned = read with a warning of the
package; refused = an error of the package; problem = anything else: another exception or warning,
a result that makes no sense, more than {MAX_SECONDS} s of processor time or no answer, a crash,
or more memory than {MAX_MEBI} MiB (RLIMIT_AS, above the address space that the process had
before). count = files read; slowest = processor seconds of the slowest one. Rows: whole = the
files before they are mutated; mirlab = the mutated files. The machine was shared with other work.
Seed
"""


def main() -> int:
    """Run the fuzz test as a command; return its exit code."""
    parser = argparse.ArgumentParser(prog=results.command_of(TASK), description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations (%(default)s)")
    options = parser.parse_args()
    outcomes: list[Outcome] = []
    try:
        scores = measure(options.seed, minutes=options.minutes, outcomes=outcomes)
        protocol = f"{PROTOCOL.rstrip()} {options.seed}, {options.minutes:g} minutes."
        path = results.write(TASK, scores, protocol=protocol, weights={})
    except MirlabError as reason:
        print(f"{TASK}: {reason}", file=sys.stderr)
        return 1
    problems = sum(outcome.kind == "problem" for outcome in outcomes)
    print(results.table(scores))
    print(f"{len(outcomes)} files, {problems} problems; written: {path.name}")
    return 1 if problems else 0


def measure(seed: int, *, minutes: float, outcomes: list[Outcome]) -> list[Score]:
    """Read mutated files for some time.

    Parameters
    ----------
    seed
        Seed of the mutations.
    minutes
        How long.
    outcomes
        What each file gave is appended; problems are printed as well.
    """
    whole = list(read_files(seed, [(name, None) for name in all_readers()]))
    end = time.monotonic() + 60 * minutes
    numbers = takewhile(lambda _: time.monotonic() < end, file_numbers())
    for outcome in tqdm(read_files(seed, numbers), desc="reading", unit="file"):
        outcomes.append(outcome)
        if outcome.kind == "problem":
            tqdm.write(f"{outcome.reader} {outcome.number}: {outcome.text}")
    return [*_scores(whole, "whole"), *_scores(outcomes, "mirlab")]


def read_files(seed: int, numbers: Iterable[tuple[str, int | None]]) -> Iterator[Outcome]:
    """Read files in another process, which is replaced when it dies.

    Parameters
    ----------
    seed
        Seed of the mutations.
    numbers
        Name of a reader and number of a file of it; None for its valid files.

    Yields
    ------
    Outcome
        What each file gave.
    """
    process = ReaderProcess(seed)
    try:
        for name, number in numbers:
            yield process.read(name, number)
    finally:
        process.stop()


def file_numbers() -> Iterator[tuple[str, int]]:
    """Readers and numbers of their files, all readers by turns, without end."""
    readers = all_readers()
    for number in count():
        for name, reader in readers.items():
            if number % reader.every == 0:
                yield name, number


def _scores(outcomes: Sequence[Outcome], row: str) -> list[Score]:
    """A score for each reader."""
    scores = []
    for name in dict.fromkeys(outcome.reader for outcome in outcomes):
        found = [outcome for outcome in outcomes if outcome.reader == name]
        values = {kind: sum(each.kind == kind for each in found) / len(found) for kind in KINDS}
        values |= {"count": float(len(found)), "slowest": max(each.seconds for each in found)}
        scores.append(Score("readers", name, row, values))
    return scores


if __name__ == "__main__":
    sys.exit(main())

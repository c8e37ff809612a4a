"""Memory of a long run of `mirlab analyze`: 200 short files, then one hour, in one process.

The files are made: three seconds of random chords each; the hour repeats them.
"""

from __future__ import annotations

import multiprocessing
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.analysis.cost import HELD, MEBI
from benchmarks.results import Score
from mirlab.cli.batch import find_jobs, run_all
from mirlab.core import Audio, MirlabError, Notes
from mirlab.core.rendering import render

SR = 22050
SECONDS = 3  # of a short file
FILES = 200
MILESTONES = (1, 50, 100, 200)  # files, after which the memory is compared
HOUR = 3600  # s
STATUS = Path("/proc/self/status")  # Linux: the memory of this process

PROTOCOL = """
`mirlab.cli.batch.run_all` with one job, which is what `mirlab analyze --n-jobs 1` runs, in one new
process: 200 files of 3 s (four random chords of five notes each, mono FLAC at 22,050 Hz), then one
hour of the same sound in one file; results and reports are written. peak_mib: largest resident
memory of the process so far; resident_mib: now; cpu_seconds: of the process so far, all threads;
seconds: wall clock so far. Rows: bare = after the imports; N files = when N files are done; 1 hour
= after the hour. working_mib, of the hour: its peak less the input (mono sound) and the output (two
stems, spectrogram) that an analysis holds. One run; nothing is averaged. The machine was shared
with other work, which lengthens seconds, not cpu_seconds or memory.
"""


@dataclass(frozen=True)
class Usage:
    """What a process has used so far: memory in bytes, times in seconds."""

    peak: int
    resident: int
    cpu_seconds: float
    seconds: float

    def values(self) -> dict[str, float]:
        """The measures of a `Score`."""
        return {
            "peak_mib": self.peak / MEBI,
            "resident_mib": self.resident / MEBI,
            "cpu_seconds": self.cpu_seconds,
            "seconds": self.seconds,
        }


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run(
        "analysis/endurance",
        __doc__ or "",
        measure,
        protocol=PROTOCOL,
        weights=lambda: results.shipped_sha256("transcription/mirlab-notes"),
    )


def measure() -> list[Score]:
    """Analyse all files in one process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = make_files(folder, FILES)
        sources.append(make_hour(folder / "hour.flac", sources))
        before, *used = analyse_apart(sources, folder / "out")
    scores = [Score("short", "3 s each", "bare", before.values())]
    for count in MILESTONES:
        scores.append(Score("short", "3 s each", f"{count} files", used[count - 1].values()))
    working = {"working_mib": (used[-1].peak - HELD * HOUR) / MEBI}
    scores.append(Score("long", "1 hour", "bare", before.values()))
    scores.append(Score("long", "1 hour", "1 hour", used[-1].values() | working))
    return scores


def make_files(folder: Path, count: int) -> list[Path]:
    """Write short files of random chords, each from its number."""
    return [sound(k).save(folder / f"{k:03d}.flac") for k in range(count)]


def sound(k: int) -> Audio:
    """Three seconds of four random chords; they are the same for the same k."""
    rng = np.random.default_rng(k)
    onsets = np.repeat(np.arange(4) * SECONDS / 4, 5)
    notes = Notes(onsets, onsets + 0.7, rng.integers(36, 84, onsets.size), 80)
    samples = render(notes, sr=SR, synth="additive").y[0, : SECONDS * SR]
    return Audio(np.pad(samples, (0, SECONDS * SR - samples.size)), SR)


def make_hour(path: Path, sources: Sequence[Path]) -> Path:
    """Join short files, and repeat them, to one hour."""
    joined = np.concatenate([Audio.load(source).y[0] for source in sources])
    return Audio(np.resize(joined, HOUR * SR), SR).save(path)


def analyse_apart(sources: Sequence[Path], out: Path) -> list[Usage]:
    """What a new process has used before the first file, and after each one.

    Raises
    ------
    MirlabError
        If a file cannot be analysed, or the system does not tell the memory of a process.
    """
    if not STATUS.exists():
        raise MirlabError("this benchmark reads the memory of a process, which only Linux tells")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_analyse, (list(sources), out))


def _analyse(sources: list[Path], out: Path) -> list[Usage]:
    """Analyse in this process; see `analyse_apart`."""
    return list(tqdm(usages(sources, out), total=1 + len(sources), desc="analyze", unit="file"))


def usages(sources: list[Path], out: Path) -> Iterator[Usage]:
    """Yield what this process has used, before the first file and after each one."""
    start = time.perf_counter()
    yield _usage(start)
    for outcome in run_all(find_jobs(sources, out), n_jobs=1):
        if outcome.error:
            raise MirlabError(outcome.error)
        yield _usage(start)


def _usage(start: float) -> Usage:
    """What this process has used since it began; `start` is the clock then, in seconds."""
    text = STATUS.read_text()
    peak, resident = (
        1024 * int(re.search(rf"^{name}:\s*(\d+) kB", text, re.M)[1])  # type: ignore[index]
        for name in ("VmHWM", "VmRSS")
    )
    return Usage(peak, resident, time.process_time(), time.perf_counter() - start)


if __name__ == "__main__":
    sys.exit(main())

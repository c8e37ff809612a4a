"""Time and memory of `mirlab analyze`; every run is a new process on two cores.

A real song (5:16, full band) is cut to 3 minutes and repeated to 12, written as mp3. The first
process starts with empty caches (compiled functions, fonts), the second with those of the first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import data_folder
from benchmarks.results import Score
from mirlab.core.audio import Audio
from mirlab.core.errors import MirlabError

SONG = "demos/Software-Entwicklungskit_-_Hydrogen_(sum_of_stems).ogg"
MINUTES = (3, 12)
CORES = 2
# What an analysis must keep, in bytes per second of sound: the mono sound and two stems at
# 22,050 Hz, and 252 bins of spectrogram every 1,024 samples, all float32.
HELD = 4 * (3 * 22050 + 252 * 22050 / 1024)
MEBI = 2**20

# Linux adds the memory of the parent process to the peak of a child. So a small process
# is put in between: it starts the command, waits for it, and records what it used.
LAUNCHER = """
import json, os, sys, time
began = time.perf_counter()
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as report:
    seconds = time.perf_counter() - began
    json.dump([status, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss], report)
"""

PROTOCOL = """
`python -m mirlab analyze SONG --out FOLDER` in fresh processes on two cores: one 5:16 song (44.1
kHz stereo) cut to 3 minutes and repeated to 12, as mp3. seconds: wall clock, from start to exit.
cpu_seconds: of all cores together (a machine busy with other work lengthens seconds, hardly these).
peak_mib: largest resident memory of the process. working_mib: peak less the input (mono sound)
and the output (two stems, spectrogram) that an analysis holds. Rows: first = with empty caches of
its own, second = the same again; the operating system's file cache is as it was. bare = a process
that only imports numpy, for scale. flatness, under 12_minutes: working memory there over that at
3 minutes in the same row. One run each; nothing is averaged.
"""


@dataclass(frozen=True)
class Usage:
    """Resources that a process used.

    Wall clock and processor time in seconds; `peak` is the largest resident memory in bytes, of
    the process or of a child that it waited for, whichever is larger.
    """

    seconds: float
    cpu_seconds: float
    peak: int


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run(
        "analysis/cost",
        __doc__ or "",
        measure,
        protocol=PROTOCOL,
        weights=lambda: results.shipped_sha256("transcription/mirlab-notes"),
    )


def measure() -> list[Score]:
    """Run the command on both songs, twice each."""
    song = data_folder() / SONG
    use_cores(CORES)
    scores = []
    working: dict[str, float] = {}  # for the 3 minutes, by row
    with tempfile.TemporaryDirectory() as name, tqdm(total=5, desc="analyze", unit="run") as bar:
        folder = Path(name)
        empty_process = fresh_process([sys.executable, "-c", "import numpy"], folder / "bare")
        bar.update()
        for minutes in MINUTES:
            path = folder / f"{minutes}_minutes.mp3"
            stretch(song, path, 60 * minutes)
            command = [sys.executable, "-m", "mirlab", "analyze", str(path)]
            command += ["--out", str(folder / "out")]
            rows = {"bare": empty_process}
            for row in ("first", "second"):
                rows[row] = fresh_process(command, folder / f"caches_{minutes}")
                bar.update()
            for row, used in rows.items():
                values = {
                    "seconds": used.seconds,
                    "cpu_seconds": used.cpu_seconds,
                    "peak_mib": used.peak / MEBI,
                }
                if row != "bare":
                    extra = (used.peak - HELD * 60 * minutes) / MEBI
                    values["working_mib"] = extra
                    values["flatness"] = extra / working.setdefault(row, extra)
                scores.append(Score(path.stem, song.stem, row, values))
    return scores


def use_cores(count: int) -> None:
    """Keep this process and its children on the first `count` cores.

    Raises
    ------
    MirlabError
        If there are fewer, or the operating system does not support it.
    """
    if not hasattr(os, "sched_setaffinity"):
        raise MirlabError("this benchmark binds processes to cores, which only Linux can")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < count:
        raise MirlabError(f"this benchmark wants {count} cores; there are {len(cores)}")
    os.sched_setaffinity(0, cores[:count])


def stretch(source: Path, target: Path, seconds: float) -> None:
    """Cut a sound, or repeat it from its beginning, to a length."""
    song = Audio.load(source)
    samples = round(seconds * song.sr)
    whole = np.tile(song.y, (1, -(-samples // song.samples)))
    Audio(np.clip(whole[:, :samples], -1, 1), song.sr).save(target)


def fresh_process(command: list[str], caches: Path) -> Usage:
    """Run a command to its end.

    Parameters
    ----------
    command
        Program and arguments.
    caches
        Folder for the caches of Numba, Matplotlib and others; created if it is missing.

    Raises
    ------
    MirlabError
        When it fails; the message has its last line.
    """
    caches.mkdir(exist_ok=True)
    names = ("NUMBA_CACHE_DIR", "MPLCONFIGDIR", "XDG_CACHE_HOME")
    environment = os.environ | dict.fromkeys(names, str(caches))
    report = caches / "report.json"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCHER, str(report), *command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    status, seconds, cpu_seconds, kibibytes = json.loads(report.read_text())
    if status:
        last = (done.stdout.strip().splitlines() or ["no output"])[-1]
        raise MirlabError(f"{' '.join(command[1:4])} failed: {last}")
    return Usage(seconds, cpu_seconds, 1024 * kibibytes)


if __name__ == "__main__":
    sys.exit(main())

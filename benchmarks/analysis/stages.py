"""Run time of the stages of `mirlab analyze`: a song, then a short one, in one new process.

A real song (2:13, a band with a singer) is analysed as by the command line, then one of nine
seconds in the same process, in which all imports are done.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time

from benchmarks import results
from benchmarks.analysis.cost import CORES, use_cores
from benchmarks.recordings import data_folder
from benchmarks.results import Score
from mirlab.core.errors import MirlabError

SONGS = {
    "2:13": "demos/Karissa_Hobbs_-_Lets_Go_Fishin.hq.ogg",
    "0:09": "demos/vocadito_10.flac",
}

# Analyses files in turn and prints the times of each; `started` is the start of the process.
CHILD = """
import json, sys, time
from pathlib import Path
started = float(sys.argv[1])
from mirlab.cli.batch import Job, run
imported = time.time() - started
for number, name in enumerate(sys.argv[3:]):
    folder = Path(sys.argv[2]) / str(number)
    cpu = time.process_time()
    outcome = run(Job(Path(name), folder))
    assert not outcome.error, outcome.error
    stages = json.loads((folder / "analysis.json").read_text())["seconds"]
    print(json.dumps([imported, stages, outcome.seconds, time.process_time() - cpu]))
"""

PROTOCOL = """
Two songs, one after the other in one fresh process on two cores, as `mirlab analyze` does each:
2:13 (44.1 kHz stereo, ogg), then 0:09. seconds: wall clock. cpu_seconds: of all cores together.
Rows: start = the process and what the command imports before it begins; load, notes, stems,
harmony, beats = the tasks of `mirlab.analyze`, of which the last three run beside the notes, each
with what it imports when it is first used; analysis = all of them from first to last; files = the
picture, the score, the stems and the report, whose sounds are coded meanwhile; file = analysis and
files; process = start and file. One run; nothing is averaged.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run(
        "analysis/stages",
        __doc__ or "",
        measure,
        protocol=PROTOCOL,
        weights=lambda: results.shipped_sha256("transcription/mirlab-notes"),
    )


def measure() -> list[Score]:
    """Analyse the songs in one process, and split its run time into stages."""
    paths = [data_folder() / song for song in SONGS.values()]
    use_cores(CORES)
    scores: list[Score] = []
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", CHILD, str(time.time()), folder, *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise MirlabError((done.stderr.strip().splitlines() or ["no output"])[-1])
    for (name, path), line in zip(
        zip(SONGS, paths, strict=True), done.stdout.splitlines(), strict=True
    ):
        start, stages, whole, cpu_seconds = json.loads(line)
        analysis = stages.pop("total")
        seconds = stages | {"analysis": analysis, "files": whole - analysis, "file": whole}
        if not scores:
            seconds = {"start": start} | seconds | {"process": start + whole}
        for row, value in seconds.items():
            values = {"seconds": value}
            if row == "file":
                values["cpu_seconds"] = cpu_seconds
            scores.append(Score(name, path.stem, row, values))
    return scores


if __name__ == "__main__":
    sys.exit(main())

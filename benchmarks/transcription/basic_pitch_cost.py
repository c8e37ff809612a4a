"""Cost of Basic Pitch: its package and our implementation.

The package is imported only where it is measured, not by the library: `pip install --no-deps
basic-pitch==0.4.0` beside librosa, pretty_midi, mir_eval, resampy and onnxruntime.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import data_folder
from benchmarks.results import Score
from benchmarks.transcription.basic_pitch_parity import package, sound_files
from mirlab.core import Audio, MirlabError

SECONDS = 60.0  # s, duration of the timed file
WARM, FRESH, FIRST = 2, 3, 1  # processes
AGAIN = 2  # repetitions in each warm process
TWO = {"OMP_NUM_THREADS": "2"}
ONE = {"OMP_NUM_THREADS": "1"}

PROTOCOL = """
The first 60 s of one piano recording (44.1 kHz stereo WAV) to a MIDI file. official = the package's
predict, version 0.4.0, by onnxruntime; onnx = mirlab.transcribe, the same file by onnxruntime;
torch = the same through mirlab's own module. warm: again in a process that has done it before;
fresh: a whole new process, imports included, compiled code kept from before; first: the same with
nothing kept that numba has compiled (the package imports resampy, which compiles). On two cores
with two threads, and warm on one core with one thread, which onnxruntime does not keep to (its cpu
seconds say so). wall: seconds on the clock; cpu: seconds of all threads, of which waiting threads
that spin are a part; rss: peak resident memory of the process in MB. Each is the least of several
repeats (first: of one), the rows taken in turn. What else the machine does slows wall more than
cpu. Nothing was measured on a GPU.
"""

# each script prepares, then defines the work: from the file FILE to the file MIDI
RUNS = {
    "official": """
from basic_pitch import ICASSP_2022_MODEL_PATH
from basic_pitch.inference import Model, predict
model = Model(ICASSP_2022_MODEL_PATH)
def work():
    predict(FILE, model)[1].write(MIDI)
""",
    "onnx": """
import mirlab
from mirlab.transcription import transcribe
def work():
    transcribe(mirlab.Audio.load(FILE), model="basic-pitch").to_midi().write(MIDI)
""",
    "torch": """
import torch
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
import mirlab
from mirlab.transcription import (
    basic_pitch_posteriors,
    basic_pitch_weights,
    notes_from_posteriors,
)
net = mirlab.load_model("transcription/basic-pitch")
def work():
    posteriors = basic_pitch_posteriors(mirlab.Audio.load(FILE), net=net)
    notes_from_posteriors(*posteriors).to_midi().write(MIDI)
""",
}
FRAME = """
import json, os, resource, sys, time
FILE, MIDI, REPEATS = sys.argv[1], sys.argv[2], int(sys.argv[3])
out, sys.stdout = sys.stdout, open(os.devnull, "w")
%s
work()
times = []
for _ in range(REPEATS):
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    times.append((time.perf_counter() - wall, time.process_time() - cpu))
own = resource.getrusage(resource.RUSAGE_SELF)
spent = own.ru_utime + own.ru_stime
print(json.dumps({"times": times, "rss": own.ru_maxrss / 1024, "cpu": spent}), file=out)
"""


def timed(folder: Path) -> Iterator[Score]:
    """Cost of a minute of music: warm, in a new process, and for the first time."""
    with tempfile.TemporaryDirectory() as name:
        target = Path(name)
        file = a_minute(folder, target)
        kept = {"NUMBA_CACHE_DIR": str(target / "kept")}
        for row in RUNS:  # fills the caches, numba's and Python's
            child(row, file, target, TWO | kept)
        found: dict[tuple[str, str], list[dict[str, float]]] = {}
        plan = (
            [("warm", TWO, AGAIN)] * WARM
            + [("fresh", TWO, 0)] * FRESH
            + [("first", TWO, 0)] * FIRST
        )
        plan += [("warm, one thread", ONE, AGAIN)] * WARM
        for k, (when, threads, repeats) in enumerate(tqdm(plan, desc="speed", unit="turn")):
            for row in RUNS:
                none = {"NUMBA_CACHE_DIR": str(target / f"none {k} {row}")}
                spare = none if when == "first" else kept
                measured = child(row, file, target, threads | spare, repeats=repeats)
                found.setdefault((when, row), []).append(measured)
    for (when, row), runs in found.items():
        least = {each: min(run[each] for run in runs) for each in runs[0]}
        yield Score(when, f"a minute of {file.stem}", row, least)


def a_minute(folder: Path, target: Path) -> Path:
    """The first minute of the first piano recording that is long enough, as a WAV file."""
    for path in sound_files(folder / "piano_maps_disklavier"):
        audio = Audio.load(path)
        if audio.duration >= SECONDS:
            return Path(audio.slice(0, SECONDS).save(target / f"{path.stem}.wav"))
    raise MirlabError(f"{folder / 'piano_maps_disklavier'}: no recording lasts {SECONDS:g} s")


def child(
    row: str, file: Path, target: Path, variables: dict[str, str], *, repeats: int = 0
) -> dict[str, float]:
    """Do the work in a new process, once or repeatedly, and measure it.

    Returns
    -------
    dict
        `wall` and `cpu` in seconds, `rss` in MB.
    """
    cores = sorted(os.sched_getaffinity(0))[: int(variables["OMP_NUM_THREADS"])]
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", FRAME % RUNS[row], str(file), str(target / "out.mid"), str(repeats)],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    wall = time.perf_counter() - began
    if done.returncode:
        raise MirlabError(f"{row}: {done.stderr.strip().splitlines()[-1]}")
    answer = json.loads(done.stdout.splitlines()[-1])
    if repeats:
        wall, cpu = (min(values) for values in zip(*answer["times"], strict=True))
        return {"wall": wall, "cpu": cpu, "rss": answer["rss"]}
    return {"wall": wall, "cpu": answer["cpu"], "rss": answer["rss"]}


def measured() -> list[Score]:
    """Measure warm, new-process and first runs."""
    folder = data_folder()
    package()  # report missing data before the work
    return list(timed(folder))


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    about = f"Compare the cost of Basic Pitch, the package and ours.\n{PROTOCOL}"
    return results.run(
        "transcription/basic_pitch_cost",
        about,
        measured,
        protocol=PROTOCOL,
        weights=results.basic_pitch_sha256,
    )


if __name__ == "__main__":
    sys.exit(main())

"""Result files: scores, protocol, recordings, weights and machine."""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from mirlab.core.errors import MirlabError
from mirlab.core.files import atomic_write
from mirlab.evaluation import mean_interval
from mirlab.learning.devices import has_bfloat16
from mirlab.transcription import basic_pitch_weights

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "benchmarks" / "results"
SUMMARY = ROOT / "mirlab" / "results.json"  # the summary in the package
SEED = 0  # of the bootstrap, which is the only random part here
LIBRARIES = ("numpy", "scipy", "librosa", "soundfile", "soxr", "onnxruntime", "mir_eval")
FIELDS = (  # every result file has these fields and no others
    "task",
    "command",
    "commit",
    "dirty",
    "seed",
    "machine",
    "date",
    "protocol",
    "weights",
    "means",
    "files",
)


@dataclass(frozen=True)
class Score:
    """Scores of one row (a system, a baseline or an upper bound) on one recording of a set.

    `weight` is the weight of the recording in the set's mean.
    """

    set: str
    file: str
    row: str
    values: dict[str, float]
    weight: float = 1.0


def run(
    task: str,
    about: str,
    measure: Callable[[], Sequence[Score]],
    *,
    protocol: str,
    weights: Callable[[], dict[str, str]] = dict,
) -> int:
    """Run a benchmark as a command: measure, write the result file, print the means.

    Parameters
    ----------
    task
        Name of the command and of the result file: `folder/module` under `benchmarks`.
    about
        Text of `--help`.
    measure
        Function that returns the scores.
    protocol
        As in `write`.
    weights
        Function that returns the sha256 of every file of weights used; none by default.

    Returns
    -------
    int
        Exit code: 0, or 1 after a `MirlabError`, which is printed as one line.
    """
    argparse.ArgumentParser(prog=command_of(task), description=about).parse_args()
    try:
        sums = weights()  # first, so that missing weights are reported before the work
        scores = measure()
        path = write(task, scores, protocol=protocol, weights=sums)
    except MirlabError as reason:
        print(f"{task}: {reason}", file=sys.stderr)
        return 1
    print(table(scores))
    print(f"written: {path.relative_to(ROOT)}")
    return 0


def write(
    task: str,
    scores: Sequence[Score],
    *,
    protocol: str,
    weights: dict[str, str],
    folder: Path = FOLDER,
) -> Path:
    """Write `<task>.json` atomically.

    Parameters
    ----------
    task
        Name of the command and of the file: `folder/module` under `benchmarks`.
    scores
        One for each recording and row.
    protocol
        Description of the measures, their tolerances, and the mean of a set.
    weights
        sha256 of every file of weights used, by its name in the registry.
    folder
        Output folder; by default that of the committed results.

    Returns
    -------
    Path
        The file written.
    """
    commit, dirty = _version()
    result = {
        "task": task,
        "command": command_of(task),
        "commit": commit,
        "dirty": dirty,
        "seed": SEED,
        "machine": machine(),
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "protocol": " ".join(protocol.split()),
        "weights": weights,
        "means": means(scores),
        "files": _nested(scores),
    }
    target = folder / f"{task}.json"
    if folder.is_dir():
        target.parent.mkdir(exist_ok=True)
    with atomic_write(target, error=MirlabError) as temporary:
        text = json.dumps(_rounded(result), indent=1, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    if folder == FOLDER:
        write_summary()
    return target


def summary() -> str:
    """JSON of the means of all result files, with command, date and machine.

    >>> sorted(json.loads(summary())["rhythm/real_recordings"])
    ['command', 'commit', 'date', 'machine', 'means']
    """
    runs = {}
    for path in sorted(FOLDER.glob("*/*.json")):
        run = json.loads(path.read_text("utf-8"))
        fields = {key: run[key] for key in ("command", "commit", "date", "machine", "means")}
        runs[path.relative_to(FOLDER).with_suffix("").as_posix()] = fields
    lines = [f" {json.dumps(name)}: {json.dumps(run)}" for name, run in runs.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write_summary() -> None:
    """Write the summary into the package, where pages read it."""
    with atomic_write(SUMMARY, error=MirlabError) as temporary:
        temporary.write_text(summary(), encoding="utf-8")


def command_of(task: str) -> str:
    """Return the command that runs a benchmark.

    >>> command_of("chords/real_recordings")
    'python -m benchmarks.chords.real_recordings'
    """
    return f"python -m benchmarks.{task.replace('/', '.')}"


def means(scores: Sequence[Score]) -> dict[str, dict[str, dict[str, list[float]]]]:
    """Mean over the recordings of a set and its bootstrap interval.

    Returns
    -------
    dict
        `[set][row][measure]` is mean, low, high (`mirlab.evaluation.mean_interval`). A measure
        that some recordings lack (such as an unlabelled key) is a mean over the others.
    """
    result: dict[str, dict[str, dict[str, list[float]]]] = {}
    groups: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for score in scores:
        for measure, value in score.values.items():
            group = groups.setdefault((score.set, score.row, measure), [])
            group.append((value, score.weight))
    for (name, row, measure), pairs in groups.items():
        values, weights = zip(*pairs, strict=True)
        interval = list(mean_interval(values, weights=weights, seed=SEED))
        result.setdefault(name, {}).setdefault(row, {})[measure] = interval
    return result


def paired(scores: Sequence[Score], row: str, other: str) -> list[Score]:
    """Differences between two rows on the same recordings, as a row `"ROW minus OTHER"`.

    The bootstrap interval of its mean is that of the paired difference.

    >>> pair = [Score("piano", "one", "a", {"f": 0.75}), Score("piano", "one", "b", {"f": 0.5})]
    >>> paired(pair, "a", "b")
    [Score(set='piano', file='one', row='a minus b', values={'f': 0.25}, weight=1.0)]
    """
    found = {(score.set, score.file): score for score in scores if score.row == other}
    differences = []
    for score in scores:
        if score.row == row and (score.set, score.file) in found:
            base = found[score.set, score.file].values
            values = {m: value - base[m] for m, value in score.values.items() if m in base}
            name = f"{row} minus {other}"
            differences.append(Score(score.set, score.file, name, values, score.weight))
    return differences


def table(scores: Sequence[Score]) -> str:
    """Format the means for a terminal, one block per set."""
    lines = []
    for name, rows in means(scores).items():
        measures = list(dict.fromkeys(measure for row in rows.values() for measure in row))
        widths = [max(7, len(measure)) for measure in measures]
        label = max(12, *(len(row) + 1 for row in rows))
        lines += ["", name]
        header = (f"{m:>{w}}" for m, w in zip(measures, widths, strict=True))
        lines.append(f"{'':{label}}" + "  ".join(header))
        for row, values in rows.items():
            cells = (
                f"{values[m][0]:>{w}.3f}" if m in values else " " * w
                for m, w in zip(measures, widths, strict=True)
            )
            lines.append(f"{row:{label}}" + "  ".join(cells))
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """Describe processor, cores, instructions, Python and libraries; neither host nor paths."""
    versions = {}
    for name in (*LIBRARIES, "basic-pitch"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "instructions": _instructions(),
        "python": platform.python_version(),
        "libraries": versions,
    }


def basic_pitch_sha256() -> dict[str, str]:
    """Return the sha256 of Basic Pitch's weights in the installed wheel, by registry name.

    Raises
    ------
    MissingPartError
        When the wheel is not installed.
    """
    digest = hashlib.sha256(basic_pitch_weights().read_bytes()).hexdigest()
    return {"transcription/basic-pitch": digest}


def shipped_sha256(name: str) -> dict[str, str]:
    """Return the sha256 of weights in the package, by registry name."""
    path = ROOT / "mirlab" / "weights" / f"{name.replace('/', '-')}.safetensors"
    return {name: hashlib.sha256(path.read_bytes()).hexdigest()}


def _version() -> tuple[str, bool]:
    """Return the commit (`"none"` outside git), and whether other files than results differ."""

    def git(*arguments: str) -> str | None:
        try:
            return subprocess.run(
                ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
            ).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return None

    commit = git("rev-parse", "--verify", "HEAD")
    changes = git("status", "--porcelain", "--", ".", ":(exclude)benchmarks/results")
    return commit or "none", commit is None or bool(changes)


def _processor() -> str:
    """Name of the processor model."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _instructions() -> str:
    """Instruction set that torch uses; with bfloat16 networks take half of the time.

    Results from before this was recorded have no such field.
    """
    bfloat16 = has_bfloat16(torch.device("cpu"))
    return f"{torch.backends.cpu.get_cpu_capability()}, {'' if bfloat16 else 'no '}bfloat16"


def _nested(scores: Sequence[Score]) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """Sort the scores as `[set][file][row][measure]`."""
    result: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for score in scores:
        files = result.setdefault(score.set, {})
        files.setdefault(score.file, {})[score.row] = score.values
    return result


def _rounded(value: Any) -> Any:
    """Round every float to four decimals."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    return [_rounded(entry) for entry in value] if isinstance(value, list) else value


if __name__ == "__main__":
    write_summary()

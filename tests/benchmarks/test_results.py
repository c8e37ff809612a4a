"""Result files: their contents, and the committed ones against the installed weights."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.results import FIELDS, FOLDER, Score
from mirlab.core.errors import MirlabError
from mirlab.evaluation import mean_interval

NEED_DATA = (
    "transcription/real_recordings",
    "chords/real_recordings",
    "rhythm/real_recordings",
    "rhythm/rendered_songs",
    "denoising/methods",
    "analysis/cost",
    "analysis/stages",
    "analysis/corrections",
    "spectra/transforms",
    "score/note_values",
    "score/bar_lines",
    "score/performed",
    "transcription/spectrograms",
    "transcription/training_data",
    "pitch/real_recordings",
    "separation/real_recordings",
    "transcription/in_noise",
    "transcription/basic_pitch_parity",
    "transcription/basic_pitch_cost",
    "transcription/architectures",
)
TASKS = (
    *NEED_DATA,
    "structure/billboard",
    "analysis/endurance",
    "rhythm/synthetic_sounds",
    "robustness/fuzz",
    "widgets/latency",
    "widgets/frame_drops",
    "synthesis/throughput",
    "core/growth",
)
COMMANDS = sorted(  # every module that ends like a command
    path.relative_to(FOLDER.parent).with_suffix("").as_posix()
    for path in FOLDER.parent.glob("*/*.py")
    if "def main(" in path.read_text("utf-8")
)
SCORES = [
    Score("piano", "one", "mirlab", {"f": 0.25, "key": 1.0}, weight=3.0),
    Score("piano", "two", "mirlab", {"f": 0.75}, weight=1.0),
    Score("piano", "one", "silence", {"f": 0.0}),
    Score("voice", "one", "mirlab", {"f": 1 / 3}),
]
committed = pytest.mark.parametrize("path", [FOLDER / f"{task}.json" for task in TASKS], ids=TASKS)


def test_means_are_weighted_and_ignore_missing_measures() -> None:
    found = results.means(SCORES)
    assert found["piano"]["mirlab"]["f"] == list(mean_interval([0.25, 0.75], weights=[3, 1]))
    assert found["piano"]["mirlab"]["f"][0] == 0.375
    assert found["piano"]["mirlab"]["key"] == [1.0, 1.0, 1.0]
    assert found["piano"]["silence"]["f"] == [0.0, 0.0, 0.0]


def test_a_written_file_has_every_field(tmp_path: Path) -> None:
    path = results.write(
        "trial/one",
        SCORES,
        protocol="\nin  words,\nover lines ",
        weights={"a": "b"},
        folder=tmp_path,
    )
    found = json.loads(path.read_text(encoding="utf-8"))
    assert tuple(found) == FIELDS
    assert found["command"] == "python -m benchmarks.trial.one"
    assert found["protocol"] == "in words, over lines"
    assert found["weights"] == {"a": "b"}
    assert found["files"]["piano"]["one"]["mirlab"] == {"f": 0.25, "key": 1.0}
    assert found["files"]["voice"]["one"]["mirlab"] == {"f": 0.3333}
    assert found["means"]["voice"]["mirlab"]["f"] == [0.3333] * 3
    assert [entry.name for entry in tmp_path.rglob("*.json")] == ["one.json"]


def test_a_file_that_cannot_be_written_gives_our_error(tmp_path: Path) -> None:
    with pytest.raises(MirlabError, match="does not exist"):
        results.write("trial/one", SCORES, protocol="", weights={}, folder=tmp_path / "nowhere")


def test_the_machine_is_described_without_its_name() -> None:
    text = json.dumps(results.machine())
    assert results.machine()["cores"] >= 1
    assert re.fullmatch(r"[A-Z0-9_]+, (no )?bfloat16", results.machine()["instructions"])
    assert re.search(r'"numpy": "\d', text)
    assert not re.search(r"[\\/](home|root|work|tmp|Users)\b", text)
    host = platform.node()
    assert not host or host not in text


def test_the_table_shows_every_set_row_and_measure() -> None:
    lines = results.table(SCORES).splitlines()
    assert lines[1:3] == ["piano", f"{'':12}      f      key"]
    assert lines[3] == "mirlab        0.375    1.000"
    assert lines[4].rstrip() == "silence       0.000"
    assert "voice" in lines


def run(task: str, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run a benchmark's command in this process; return its exit code."""
    monkeypatch.setattr(sys, "argv", [task, *arguments])
    try:
        return int(import_module(f"benchmarks.{task.replace('/', '.')}").main())
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.slow
@pytest.mark.parametrize("task", NEED_DATA)
def test_without_data_a_command_prints_one_line_and_exits_1(
    task: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MIRLAB_DATA", raising=False)
    assert run(task, monkeypatch) == 1
    printed = capsys.readouterr()
    assert len(printed.err.splitlines()) == 1
    assert "MIRLAB_DATA" in printed.err or "pip install" in printed.err
    assert printed.out == ""


@pytest.mark.parametrize("task", COMMANDS)
def test_help_describes_the_measurement(
    task: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(task, monkeypatch, "--help") == 0
    printed = capsys.readouterr().out
    assert results.command_of(task) in printed
    assert len(printed) > 200


@pytest.mark.slow
def test_a_command_is_run_as_a_module(root: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.score.note_values", "--help"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert results.command_of("score/note_values") in done.stdout


@committed
def test_a_committed_result_has_every_field(path: Path) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    assert tuple(found) == FIELDS
    task = path.relative_to(FOLDER).with_suffix("").as_posix()
    assert found["task"] == task
    assert found["command"] == results.command_of(task)
    assert re.fullmatch(r"[0-9a-f]{40}", found["commit"])
    assert found["dirty"] in (True, False)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["date"])
    assert found["machine"]["cpu"]
    assert found["machine"]["cores"] >= 1
    assert len(found["protocol"]) > 100
    for name, rows in found["means"].items():
        files = found["files"][name]
        for row, measures in rows.items():
            for measure, (mean, low, high) in measures.items():
                assert low <= mean <= high
                rows_of = [file.get(row, {}) for file in files.values()]
                values = [row[measure] for row in rows_of if measure in row]
                assert min(values) <= mean <= max(values)


@committed
def test_a_committed_result_has_baseline_and_upper_bound(path: Path) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    special = {
        "core/growth": {"mirlab", "n log n", "quadratic"},
        "analysis/cost": {"bare"},
        "analysis/endurance": {"bare"},
        "robustness/fuzz": {"whole", "mirlab"},
        "analysis/stages": {"notes", "analysis", "file"},
        "analysis/corrections": {"by hand", "mirlab", "ceiling"},
        "denoising/methods": {"noisy", "oracle"},
        "widgets/latency": {"frame"},
        "widgets/frame_drops": {"rest"},
        "spectra/transforms": set(),
        "transcription/spectrograms": {"VQT", "Mel"},
        "transcription/training_data": {"one sound font", "+ room, EQ, noise, detune"},
        "synthesis/throughput": {"plain", "mirlab"},
        "transcription/real_recordings": {"basic-pitch", "mirlab-notes", "mirlab-notes-tiny"},
        "transcription/in_noise": {"silence", "none", "wiener", "clean"},
        "transcription/basic_pitch_parity": {"official", "onnx", "whole"},
        "transcription/basic_pitch_cost": {"official", "onnx", "torch"},
        "transcription/architectures": {"dilated convolutions"},
        "pitch/real_recordings": {"constant", "mirlab", "ceiling"},
        "separation/real_recordings": {"mixture", "repet-sim", "ceiling"},
        "structure/billboard": {"one section", "steady", "mirlab", "ceiling"},
        "rhythm/real_recordings": {"silence", "steady", "librosa", "madmom", "ceiling"},
        "rhythm/rendered_songs": {"silence", "steady", "librosa", "madmom", "ceiling"},
        "rhythm/synthetic_sounds": {"silence", "steady", "librosa", "madmom", "ceiling"},
    }
    beside = special.get(found["task"], {"silence", "mirlab", "ceiling"})
    for rows in found["means"].values():
        assert beside <= set(rows)


@pytest.mark.parametrize(
    ("task", "system", "measure"),
    [
        ("transcription/real_recordings", "mirlab-notes", "onset_f"),
        ("chords/real_recordings", "mirlab", "root"),
    ],
)
def test_on_every_recording_the_system_is_between_silence_and_the_upper_bound(
    task: str, system: str, measure: str
) -> None:
    found = json.loads((FOLDER / f"{task}.json").read_text(encoding="utf-8"))
    for files in found["files"].values():
        for name, rows in files.items():
            if measure not in rows[system]:
                continue  # speed, and repeated notes
            low, mid, high = (rows[row][measure] for row in ("silence", system, "ceiling"))
            assert low < mid < high, name


def test_no_operation_grows_much_faster_than_n_log_n() -> None:
    """The margin is for caches and other programs; quadratic growth would be above by 0.9."""
    found = json.loads((FOLDER / "core/growth.json").read_text(encoding="utf-8"))
    for operations in found["files"].values():
        for name, rows in operations.items():
            assert rows["mirlab"]["exponent"] < rows["n log n"]["exponent"] + 0.35, name


@committed
def test_a_committed_result_used_the_installed_weights(path: Path) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    peer = (
        "transcription/real_recordings",
        "transcription/spectrograms",
        "transcription/training_data",
        "pitch/real_recordings",
        "transcription/basic_pitch_parity",
        "transcription/basic_pitch_cost",
    )
    expected = {
        "pitch/real_recordings": ("pitch/mirlab-f0",),
        "transcription/real_recordings": (
            "transcription/mirlab-notes",
            "transcription/mirlab-notes-tiny",
        ),
        "transcription/in_noise": ("transcription/mirlab-notes",),
        "rhythm/real_recordings": ("transcription/mirlab-notes",),
        "analysis/cost": ("transcription/mirlab-notes",),
        "analysis/endurance": ("transcription/mirlab-notes",),
        "analysis/stages": ("transcription/mirlab-notes",),
        "analysis/corrections": ("transcription/mirlab-notes",),
    }
    sums = results.basic_pitch_sha256() if found["task"] in peer else {}
    for name in expected.get(found["task"], ()):
        sums |= results.shipped_sha256(name)
    assert found["weights"] == sums


@committed
def test_a_committed_result_has_no_local_path(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert str(Path.cwd()) not in text
    assert not re.search(r'"[^"]*(/home/|/root/|/tmp/|/Users/|[A-Z]:\\)[^"]*"', text)

"""The command line where disks, folders, streams and processes fail: one line, no half files."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirlab.core import Audio
from mirlab.core.files import is_temporary

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs signals, /dev and limits"),
]
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2  # of Linux
WAIT = 120.0  # s, for machines that do other work too


def recording(path: Path, seconds: float = 2.0) -> Path:
    """Notes of half a second, by an even beat."""
    t = np.arange(round(seconds * 22050)) / 22050
    hz = 220 * 2 ** (np.floor(2 * t) % 5 / 12)
    return Audio(0.3 * np.sin(2 * np.pi * hz * t) * np.exp(-4 * (t % 0.5)), 22050).save(path)


def mirlab(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mirlab", *map(str, words)]
    options = {"capture_output": True, "text": True, "timeout": WAIT, "check": False} | options
    return subprocess.run(command, **options)


def become_ordinary() -> None:
    """Take from root, in the child, the right to pass over the permissions of files."""
    if os.getuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            assert libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0


def check_one_line(ended: subprocess.CompletedProcess[str], words: str) -> None:
    """The command failed with one line that contains `words`, and no traceback."""
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    lines = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1 and words in lines[0], ended.stderr


def temporaries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if is_temporary(path.name)]


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return recording(tmp_path / "song.wav")


@pytest.mark.parametrize("verb", ["analyze", "transcribe"])
def test_a_full_disk(tmp_path: Path, song: Path, verb: str) -> None:
    """Stood for by a limit to the size of files, which needs no rights."""
    out = tmp_path / ("out" if verb == "analyze" else "song.svg")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    # Python would cut the compiled modules that it writes, too, and take them for whole later
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    ended = mirlab(verb, song, "--out", out, preexec_fn=limit, env=environment)
    check_one_line(ended, "no space left")
    assert not temporaries(tmp_path)
    assert verb == "analyze" or not out.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount")
def test_a_small_disk(tmp_path: Path, song: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this container may not mount")
    try:
        check_one_line(mirlab("analyze", song, "--out", disk / "out"), "no space left on the disk")
        assert not temporaries(disk) and not list(disk.rglob("analysis.json"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("verb", ["analyze", "transcribe"])
def test_a_folder_without_permission(tmp_path: Path, song: Path, verb: str) -> None:
    folder = tmp_path / "read only"
    folder.mkdir(mode=0o555)
    out = folder / ("out" if verb == "analyze" else "song.mid")
    ended = mirlab(verb, song, "--out", out, preexec_fn=become_ordinary)
    check_one_line(ended, f"{folder}: cannot be written (no permission)")
    assert not list(folder.iterdir())


def start(words: list[str | Path]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mirlab", *map(str, words)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )


def heed_interrupts() -> None:
    """A shell lets what it starts in the background ignore SIGINT, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(what: Any, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + WAIT
    while not what():
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_leave_nothing_half(tmp_path: Path, number: int) -> None:
    song, out = recording(tmp_path / "song.wav", 20), tmp_path / "out"
    process = start(["analyze", song, "--out", out])
    wait_for(lambda: list(out.rglob("*.flac")), process)
    process.send_signal(number)
    _, errors = process.communicate(timeout=WAIT)
    assert process.returncode == 128 + number
    assert errors.splitlines()[-1] == "interrupted; finished files are complete"
    assert "Traceback" not in errors and not temporaries(tmp_path)


def living(words: str) -> list[int]:
    """The processes on whose command line some words stand."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if words in path.read_text(errors="replace"):
                found.append(int(path.parent.name))
        except OSError:  # ended meanwhile, or of another user
            continue
    return found


def test_a_killed_run_ends_whole_and_the_next_sweeps(tmp_path: Path) -> None:
    songs, out = tmp_path / "songs", tmp_path / "out"
    songs.mkdir()
    for i in range(4):
        recording(songs / f"{i}.wav", 20)
    os.environ["MIRLAB_TEST_RUN"] = mark = str(tmp_path)
    try:
        process = start(["analyze", songs, "--out", out, "--n-jobs", "2"])
    finally:
        del os.environ["MIRLAB_TEST_RUN"]
    wait_for(lambda: list(out.rglob("*.flac")), process)
    process.kill()
    process.communicate(timeout=WAIT)
    end = time.monotonic() + 20
    while living(mark):
        assert time.monotonic() < end, "processes work on for nobody"
        time.sleep(0.1)
    left = out / "3" / f".mirlab-{'0' * 8}-1-{'0' * 8}.png"  # of another computer, long ago
    left.parent.mkdir(exist_ok=True)
    left.touch()
    os.utime(left, (0, 0))
    for path in songs.glob("[1-3].wav"):
        path.unlink()
    assert mirlab("analyze", songs, "--out", out).returncode == 0
    assert not temporaries(out) and (out / "0" / "report.html").is_file()


def test_nobody_reads_the_output(song: Path, tmp_path: Path) -> None:
    for redirection in ("| true", ">&- 2>&- <&-"):
        command = f'"{sys.executable}" -m mirlab models {redirection}'
        ended = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == (141 if "|" in redirection else 0)
        assert ended.stderr == ""
    command = f'"{sys.executable}" -m mirlab analyze "{song}" --out "{tmp_path}/out" >&- 2>&-'
    assert subprocess.run(["bash", "-c", command], check=False).returncode == 0
    assert Audio.load(tmp_path / "out/song/stems/harmonic.flac").duration == 2.0
    with open("/dev/full", "w") as full:
        ended = mirlab("models", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    check_one_line(ended, "output: no space left on the disk")


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LANG": "C"},
    ],
)
def test_a_terminal_without_letters(tmp_path: Path, environment: dict[str, str]) -> None:
    song = recording(tmp_path / "Übung ♯.wav")
    words = ["analyze", os.fsencode(song), "--out", str(tmp_path / "out")]
    command = [sys.executable, "-m", "mirlab", *words]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))}
    ended = subprocess.run(command, capture_output=True, env=clean | environment, check=False)
    assert ended.returncode == 0, ended.stderr
    (folder,) = (tmp_path / "out").iterdir()
    assert (folder / "report.html").is_file() and b"Traceback" not in ended.stderr


def test_a_user_without_a_home(tmp_path: Path, song: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if k not in ("USER", "LOGNAME")}
    clean["HOME"] = "/nonexistent"
    words = ["analyze", song, "--out", tmp_path / "out"]
    ended = mirlab(*words, env=clean, preexec_fn=become_ordinary)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "out" / "song" / "score.svg").is_file()


def test_a_working_folder_that_was_deleted(tmp_path: Path, song: Path) -> None:
    """Some libraries end the process there, so nothing is begun."""

    def delete() -> None:
        (tmp_path / "gone").mkdir()
        os.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()

    clean = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    ended = mirlab("analyze", song, "--out", tmp_path / "out", preexec_fn=delete, env=clean)
    check_one_line(ended, "the working folder was deleted")


def test_a_folder_for_temporary_files_that_takes_none(tmp_path: Path, song: Path) -> None:
    clean = os.environ | {"TMPDIR": "/proc"}
    words = ["--out", tmp_path / "a.mid", tmp_path / "a.svg"]
    assert mirlab("transcribe", song, *words, env=clean).returncode == 0
    ended = mirlab("analyze", song, "--out", tmp_path / "out", env=clean)
    assert ended.returncode == 0, ended.stderr


def test_two_processes_write_to_one_folder(tmp_path: Path, song: Path) -> None:
    out = tmp_path / "out"
    both = [start(["analyze", song, "--out", out]) for _ in range(2)]
    for process in both:
        _, errors = process.communicate(timeout=WAIT)
        assert process.returncode == 0, errors
    assert not temporaries(out)
    for stem in ("harmonic", "percussive"):
        assert Audio.load(out / "song" / "stems" / f"{stem}.flac").duration == 2.0
    assert mirlab("report", out).returncode == 0

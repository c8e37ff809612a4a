"""The types reach those who install mirlab: a type checker reads the wheel, not this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

RIGHT = """
from pathlib import Path

import numpy as np

import mirlab
from mirlab import Audio, Notes, Segments
from mirlab.evaluation import note_scores
from mirlab.pitch import PitchTrack


def lowest_note(notes: Notes) -> int | None:
    return int(notes.pitch.min()) if len(notes) else None


def stems_of(path: Path) -> dict[str, Audio]:
    return mirlab.separate(path, model="hpss", device="cpu", progress=False)


sound = Audio(np.zeros(22050, np.float32), 22050)
notes = mirlab.transcribe(sound, progress=False)
chords: Segments = mirlab.recognize_chords((sound.y, sound.sr))
beats: Segments = mirlab.track_beats(sound, notes=notes)
track: PitchTrack = mirlab.track_pitch(sound, model="yin")
report = {**note_scores(notes, notes), "lowest": float(lowest_note(notes) or 0)}
saved: Path = notes.render(sr=44100).slice(0.0, 0.5).save("out.wav")
analysis = mirlab.analyze("song.mp3")
key: str | None = analysis.key
print(report, saved, chords.labels, beats.durations.mean(), key, stems_of(saved)["harmonic"].sr)
"""
WRONG = """
import mirlab
from mirlab import Audio

notes = mirlab.transcribe(42)
stems: list[Audio] = mirlab.separate("song.mp3", model="hpss")
mirlab.track_beats("song.mp3", "dynamic-programming")
mirlab.analyze("song.mp3", sr=44100)
notes.loudness
"""
REFUSED = {  # line of WRONG: mypy's code
    5: "arg-type",
    6: "assignment",
    7: "call-arg",
    8: "call-arg",
    9: "attr-defined",
}


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the wheel and the packages of this one, without mirlab's sources."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, source)
    shutil.copytree(
        root / "mirlab", source / "mirlab", ignore=shutil.ignore_patterns("js", "__pycache__")
    )
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps"]
    wheel = [*pip, "wheel", "-q", *offline, "--no-build-isolation", "-w", folder, source]
    subprocess.run(wheel, check=True, stdout=subprocess.DEVNULL)
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (packages,) = venv.glob("lib/python3.*/site-packages")
    (built,) = folder.glob("mirlab-*.whl")
    target = ["install", "-q", *offline, "--no-compile", "--target", packages, built]
    subprocess.run([*pip, *target], check=True, stdout=subprocess.DEVNULL)
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return venv / "bin/python"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the folders of a venv differ")
def test_a_users_program_is_checked_against_the_wheel(
    root: Path, installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "right.py").write_text(RIGHT, "utf-8")
    (tmp_path / "wrong.py").write_text(WRONG, "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", installed]
    command += ["--config-file", os.devnull, "--cache-dir", root / "_build/mypy_of_users"]
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MYPYPATH")}
    answer = subprocess.run(
        [*command, "right.py", "wrong.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in answer.stdout.splitlines() if ": error: " in line]
    found = {int(line.split(":")[1]): line.rsplit("[", 1)[1].rstrip("]") for line in errors}
    assert all(line.startswith("wrong.py:") for line in errors), answer.stdout + answer.stderr
    assert found == REFUSED

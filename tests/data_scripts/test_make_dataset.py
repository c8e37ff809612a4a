"""Data sets on disk: resumed after a kill, independent of the number of cores, damage detected."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data_scripts import make_dataset
from data_scripts.dataset_files import MANIFEST, sha256, verify, write_flac
from mirlab.core import Audio, AudioError, Notes
from mirlab.core.files import WatchedFile
from tests.temporaries import ended_process, temporary_name

# synthesizers only, so that it runs without FluidSynth
OPTIONS = ["--fonts", "--synths", "1", "--duration", "4", "--n-jobs", "1"]


def made(folder: Path, *more: str, task: str = "notes", seconds: float = 7) -> int:
    words = ["--task", task, "--hours", str(seconds / 3600), "--out", str(folder), *OPTIONS, *more]
    return make_dataset.main(words)


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path) for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def notes_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of a few seconds of notes; tests do not change it."""
    folder = tmp_path_factory.mktemp("sets") / "notes"
    assert made(folder) == 0
    return folder


def test_the_manifest_has_the_recipe_and_every_file(notes_set: Path) -> None:
    manifest = json.loads((notes_set / MANIFEST).read_text())
    assert manifest["complete"] is True
    assert manifest["recipe"]["task"] == "notes" and manifest["recipe"]["seed"] == 0
    assert manifest["seconds"] >= 7
    assert manifest["files"] == {k: v for k, v in hashes(notes_set).items() if k != MANIFEST}
    assert len(manifest["files"]) == 3 * manifest["items"]
    assert verify(notes_set) == []


def test_sound_midi_and_json_agree(notes_set: Path) -> None:
    truth = json.loads((notes_set / "000000.json").read_text())
    audio = Audio.load(notes_set / "000000.flac")
    midi = Notes.from_midi(notes_set / "000000.mid")
    assert audio.duration == pytest.approx(truth["seconds"])
    parts = truth["parts"].values()
    onset, pitch = (np.concatenate([part[name] for part in parts]) for name in ("onset", "pitch"))
    order, again = np.lexsort((pitch, onset)), np.lexsort((midi.pitch, midi.onset))
    np.testing.assert_allclose(np.sort(midi.onset), np.sort(onset), atol=2e-3)
    assert sorted(pitch[order]) == sorted(midi.pitch[again])
    assert truth["chords"][0][0] >= 0 and truth["beats"][0][2] in "1234"
    assert max(part["offset"][-1] for part in parts) < truth["seconds"]
    assert abs(truth["tuning"]) <= 0.51


@pytest.mark.slow
def test_two_processes_give_the_same_files(notes_set: Path, tmp_path: Path) -> None:
    assert made(tmp_path / "again", "--n-jobs", "2") == 0
    assert hashes(tmp_path / "again") == hashes(notes_set)


def test_a_finished_set_is_not_changed(notes_set: Path) -> None:
    before = {
        path: path.stat().st_mtime_ns for path in notes_set.iterdir() if path.name != MANIFEST
    }
    assert made(notes_set) == 0
    assert before == {path: path.stat().st_mtime_ns for path in before}


@pytest.mark.slow
def test_a_killed_run_resumes_and_gives_the_same_files(notes_set: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    words = ["--task", "notes", "--hours", str(7 / 3600), "--out", str(folder), *OPTIONS]
    process = subprocess.Popen([sys.executable, "-m", "data_scripts.make_dataset", *words])
    while not (folder / "000000.flac").exists():
        assert process.poll() is None
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (folder / temporary_name(ended_process())).write_bytes(b"half of a fi")
    with pytest.raises(AudioError, match="is not finished"):
        verify(folder)
    assert made(folder) == 0
    assert hashes(folder) == hashes(notes_set)


def test_a_run_killed_at_its_first_write_resumes(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / temporary_name(ended_process(), ".json")).write_text('{"made_')
    assert made(folder, task="single_notes", seconds=2) == 0
    assert verify(folder) == []


def test_damaged_missing_and_unknown_files_are_found_and_repaired(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "set"
    assert made(folder, task="single_notes", seconds=5) == 0
    before = hashes(folder)
    sound = folder / "000000.flac"
    data = bytearray(sound.read_bytes())
    data[len(data) // 2] ^= 1
    sound.write_bytes(data)
    (folder / "000001.mid").unlink()
    (folder / "notes.txt").write_text("mine")
    capsys.readouterr()
    assert make_dataset.main(["--verify", "--out", str(folder)]) == 1
    message = capsys.readouterr().err
    assert "000000.flac: is not what was written" in message
    assert "000001.mid: is missing" in message
    assert "notes.txt: does not belong here" in message
    (folder / "notes.txt").unlink()
    assert made(folder, task="single_notes", seconds=5) == 0
    assert hashes(folder) == before
    assert make_dataset.main(["--verify", "--out", str(folder)]) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"complete": "yes"},
        {"files": []},
        {"files": {"../a.flac": ""}},
        {"files": {256 * "a": ""}},
        {"recipe": 3},
        {"items": -0.5},
    ],
)
def test_a_damaged_manifest_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    good = {"made_with": "", "recipe": {}, "complete": True, "items": 0, "seconds": 0, "files": {}}
    (tmp_path / MANIFEST).write_text(json.dumps(good | change))
    with pytest.raises(AudioError, match=r"manifest\.json: "):
        verify(tmp_path)
    assert made(tmp_path) == 1
    (tmp_path / MANIFEST).write_text("[]")
    assert made(tmp_path) == 1


def test_an_item_with_other_files_is_made_again(tmp_path: Path) -> None:
    assert made(tmp_path, task="single_notes", seconds=2) == 0
    before, path = hashes(tmp_path), tmp_path / "000000.json"
    for files in ({"a/../000000.mid": ""}, [], {"\0": ""}, {256 * "a": ""}):
        path.write_text(json.dumps({"seconds": 1.0, "files": files}))
        assert made(tmp_path, task="single_notes", seconds=2) == 0
        assert hashes(tmp_path) == before


def test_an_interruption_while_a_file_is_written_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a function that soundfile calls, Python would drop the KeyboardInterrupt."""
    written = WatchedFile.write

    def interrupted(file: WatchedFile, data: Any) -> int:
        monkeypatch.setattr(WatchedFile, "write", written)
        signal.raise_signal(signal.SIGINT)
        return file.write(data)

    monkeypatch.setattr(WatchedFile, "write", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            write_flac(tmp_path / "a.flac", np.zeros(22050), 22050)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not list(tmp_path.iterdir())


def test_separation_items_have_four_stems_that_add_up(tmp_path: Path) -> None:
    assert made(tmp_path / "set", task="separation", seconds=4) == 0
    mixture = Audio.load(tmp_path / "set" / "000000.flac").y
    stems = [
        Audio.load(tmp_path / "set" / f"000000.{stem}.flac").y
        for stem in ("drums", "bass", "melody", "harmony")
    ]
    np.testing.assert_allclose(sum(stems), mixture, atol=5 / 2 / 32767)  # five files rounded
    assert np.abs(mixture).max() > 0.05


def test_f0_items_have_a_pitch_curve(tmp_path: Path) -> None:
    assert made(tmp_path / "set", task="f0", seconds=4) == 0
    truth = json.loads((tmp_path / "set" / "000000.json").read_text())
    (part,) = truth["parts"].values()
    curve, hop = np.array(truth["f0"]["hz"]), truth["f0"]["hop_seconds"]
    assert curve.size == 1 + int(truth["seconds"] / hop)
    middle = round((part["onset"][0] + 0.02) / hop)
    sharp = 12 * np.log2(curve[middle] / 440) + 69 - part["pitch"][0] - truth["tuning"]
    assert abs(sharp) < 2.1  # a bend may begin there


def test_another_recipe_or_folder_is_refused(
    notes_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = hashes(notes_set)
    assert made(notes_set, "--seed", "1") == 1
    assert "made with seed 0, not 1" in capsys.readouterr().err
    assert hashes(notes_set) == before
    (tmp_path / "thesis.txt").write_text("all of it")
    assert made(tmp_path) == 1
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--verify"], "there is no manifest"),
        ([], "--task and --hours are needed"),
        (["--task", "notes", "--hours", "1", "--fonts", "Nobody"], "no sound font 'Nobody'"),
        (["--task", "notes", "--hours", "1", "--midi", "nowhere"], "there is no MIDI file"),
        (["--task", "notes", "--hours", "1", "--synths", "2"], "synths must lie in"),
        (["--task", "notes", "--hours", "1", "--duration", "3"], "duration must be 4 to 600 s"),
        (["--task", "notes", "--hours", "-1"], "hours more than 0"),
    ],
)
def test_invalid_options_give_one_line(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make_dataset.main([*words, "--out", str(tmp_path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and message in lines[0]
    assert not any(tmp_path.iterdir())


def test_help_describes_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        make_dataset.main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert "python -m data_scripts.make_dataset" in text
    for word in (*make_dataset.TASKS, "--verify", "manifest.json", "--hours", "--seed"):
        assert word in text

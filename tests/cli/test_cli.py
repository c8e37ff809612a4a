"""The command line and the pool behind it."""

import subprocess
import sys

import numpy as np
import pytest

from mirlab.cli import batch
from mirlab.cli.batch import Job, Outcome, find_jobs, run, run_all
from mirlab.cli.main import main
from mirlab.core import Audio, AudioError


def tone(path, seconds=1.0, hz=440.0):
    t = np.arange(int(seconds * 22050)) / 22050
    return Audio(0.4 * np.sin(2 * np.pi * hz * t), 22050).save(path)


def test_one_file(tmp_path, capsys):
    path = tone(tmp_path / "a.wav")
    assert main(["analyze", str(path), "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr()
    heading, row, where = shown.out.splitlines()[:3]
    assert heading.split() == ["file", "length", "key", "bpm", "notes", "chords", "seconds"]
    assert row.split()[:2] == ["a.wav", "0:01"]
    assert where == f"a.wav -> {tmp_path / 'out' / 'a' / 'report.html'}"
    assert (tmp_path / "out" / "a" / "analysis.json").is_file()
    assert (tmp_path / "out" / "a" / "report.html").is_file()
    assert not (tmp_path / "out" / "index.html").exists()  # of one piece there is none to make
    assert "done" in shown.err


@pytest.mark.slow
def test_a_bad_file_does_not_stop_the_others(tmp_path, capsys):
    folder = tmp_path / "songs"
    folder.mkdir()
    tone(folder / "a.wav")
    tone(folder / "b.flac", hz=330)
    (folder / "c.mp3").write_text("not music")
    out = tmp_path / "out"
    assert main(["analyze", str(folder), "--out", str(out), "--n-jobs", "2"]) == 1
    shown = capsys.readouterr()
    assert "2 of 3 files analysed" in shown.out
    assert f"error: {folder / 'c.mp3'}: is not a sound file" in shown.err
    assert "Traceback" not in shown.err
    assert sorted(p.name for p in out.iterdir()) == ["a", "b", "index.html"]
    assert f"index -> {out / 'index.html'}" in shown.out
    index = (out / "index.html").read_text("utf-8")
    assert 'href="a/report.html"' in index and 'href="b/report.html"' in index


@pytest.mark.slow
def test_an_index_that_is_there_is_kept_up_to_date(tmp_path, capsys):
    out = tmp_path / "out"
    for name in ("a", "b"):
        assert main(["analyze", str(tone(tmp_path / f"{name}.wav")), "--out", str(out)]) == 0
        if name == "a":
            assert main(["report", str(out)]) == 0
    assert 'href="b/report.html"' in (out / "index.html").read_text("utf-8")
    assert capsys.readouterr().err.count("error") == 0


def test_report_of_a_folder(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["report", str(out)]) == 1
    assert capsys.readouterr().err == f"error: {out}: there is no such folder\n"
    main(["analyze", str(tone(tmp_path / "a.wav")), "--out", str(out)])
    (out / "b").mkdir()
    (out / "b" / "analysis.json").write_text("{}")
    capsys.readouterr()
    assert main(["report", str(out)]) == 1  # the one is listed, the other named
    shown = capsys.readouterr()
    assert shown.out == f"index -> {out / 'index.html'}\n"
    assert shown.err.startswith(f"error: {out / 'b' / 'analysis.json'}: is not")


def test_a_bad_file_alone_leaves_nothing(tmp_path, capsys):
    (tmp_path / "c.mp3").write_text("not music")
    assert main(["analyze", str(tmp_path / "c.mp3"), "--out", str(tmp_path / "out")]) == 1
    assert "is not a sound file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_without_music(tmp_path, capsys):
    assert main(["analyze", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "contains no wav, flac, ogg, mp3 file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [[], ["report"], ["analyze"], ["analyse", "a.wav"], ["analyze", "a", "--n-jobs", "0"]]
)
def test_commands_that_make_no_sense(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2 and "usage: mirlab" in capsys.readouterr().err


def test_help_and_version(capsys):
    for words, wanted in (
        (["--help"], "analyze"),
        (["analyze", "--help"], "report.html"),
        (["report", "--help"], "DIR/index.html"),
        (["--version"], "mirlab 0"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0 and wanted in capsys.readouterr().out


def test_the_module_is_the_command(tmp_path):
    words = [sys.executable, "-m", "mirlab", "analyze", str(tmp_path / "none.wav")]
    ended = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 1
    assert "none.wav: there is no such file" in ended.stderr and "Traceback" not in ended.stderr


def test_interruption_is_one_line(monkeypatch, tmp_path, capsys):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "run", stop)
    assert main(["analyze", str(tone(tmp_path / "a.wav")), "--out", str(tmp_path)]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_jobs_have_folders_of_their_own(tmp_path):
    for name in (
        "x/song.mp3",
        "y/song.wav",
        "y/Song-2.ogg",
        "x/notes.txt",
        "out/song/stems/h.flac",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    jobs = find_jobs([tmp_path, tmp_path / "x" / "song.mp3"], tmp_path / "out")
    assert [job.source.name for job in jobs] == ["song.mp3", "Song-2.ogg", "song.wav"]
    assert [job.folder.name for job in jobs] == ["song", "Song-2", "song-3"]
    with pytest.raises(AudioError, match="contains no"):
        find_jobs([tmp_path / "out"], tmp_path / "out")


def test_an_unexpected_error_is_part_of_the_outcome(monkeypatch, tmp_path):
    def broken(*_, **__):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(batch, "analyze", broken)
    outcome = run(Job(tmp_path / "a.wav", tmp_path / "out"))
    assert outcome.error == f"{tmp_path / 'a.wav'}: ZeroDivisionError: oops"


def test_warnings_become_remarks(tmp_path):
    rng = np.random.default_rng(0)
    data = Audio(0.1 * rng.standard_normal(44100 * 3), 44100).save(tmp_path / "a.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(data[: len(data) // 2])
    outcome = run(Job(tmp_path / "cut.flac", tmp_path / "out"))
    assert not outcome.error
    assert len(outcome.remarks) == 1 and "cut.flac: is truncated" in outcome.remarks[0]


def test_files_of_a_process_that_died_are_reported(monkeypatch, tmp_path):
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    jobs = [Job(tmp_path / name, tmp_path) for name in ("a.wav", "b.wav")]

    class Pool:
        def __init__(self, **_):
            pass

        def __call__(self, _):
            yield Outcome(jobs[0])
            raise TerminatedWorkerError("killed")

    monkeypatch.setattr("joblib.Parallel", Pool)
    first, second = run_all(jobs)
    assert not first.error
    assert second.error == f"{tmp_path / 'b.wav'}: the process that analysed it died"


@pytest.mark.parametrize(("short", "n_jobs"), [(60.0, 1), (1.0, -1)])
def test_short_files_start_no_processes(short, n_jobs, monkeypatch, tmp_path):
    jobs = []
    for name in ("a.wav", "b.wav"):
        jobs.append(Job(Audio(np.zeros(800), 800).save(tmp_path / name), tmp_path))
    used = []

    class Pool:
        def __init__(self, *, n_jobs, **_):
            used.append(n_jobs)

        def __call__(self, _):
            yield from map(Outcome, jobs)

    monkeypatch.setattr("joblib.Parallel", Pool)
    monkeypatch.setattr("mirlab.cli.batch.SHORT_SECONDS", short)
    assert len(list(run_all(jobs))) == 2 and used == [n_jobs]

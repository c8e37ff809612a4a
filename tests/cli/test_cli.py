"""The command line and the pool behind it."""

import errno
import os
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


def test_one_file_gives_all_results(tmp_path, capsys):
    path = tone(tmp_path / "a.wav")
    assert main(["analyze", str(path), "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr()
    heading, row, where = shown.out.splitlines()[:3]
    assert heading.split() == ["file", "length", "key", "bpm", "notes", "chords", "seconds"]
    assert row.split()[:2] == ["a.wav", "0:01"]
    assert where == f"a.wav -> {tmp_path / 'out' / 'a' / 'report.html'}"
    assert (tmp_path / "out" / "a" / "analysis.json").is_file()
    assert (tmp_path / "out" / "a" / "report.html").is_file()
    assert not (tmp_path / "out" / "index.html").exists()  # no index for a single piece
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


def test_report_of_a_folder_writes_an_index_and_names_bad_analyses(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["report", str(out)]) == 1
    assert capsys.readouterr().err == f"error: {out}: there is no such folder\n"
    main(["analyze", str(tone(tmp_path / "a.wav")), "--out", str(out)])
    (out / "b").mkdir()
    (out / "b" / "analysis.json").write_text("{}")
    capsys.readouterr()
    assert main(["report", str(out)]) == 1  # the good one is listed, the bad one named
    shown = capsys.readouterr()
    assert shown.out == f"index -> {out / 'index.html'}\n"
    assert shown.err.startswith(f"error: {out / 'b' / 'analysis.json'}: is not")


def test_a_bad_file_alone_leaves_nothing(tmp_path, capsys):
    (tmp_path / "c.mp3").write_text("not music")
    assert main(["analyze", str(tmp_path / "c.mp3"), "--out", str(tmp_path / "out")]) == 1
    assert "is not a sound file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_without_audio_is_refused(tmp_path, capsys):
    assert main(["analyze", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "contains no wav, flac, ogg, mp3 file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [[], ["report"], ["analyze"], ["analyse", "a.wav"], ["analyze", "a", "--n-jobs", "0"]]
)
def test_invalid_commands_exit_with_a_message(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2 and "usage: mirlab" in capsys.readouterr().err


def test_help_and_version_are_printed(capsys):
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


def test_an_interruption_prints_one_line(monkeypatch, tmp_path, capsys):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "run", stop)
    assert main(["analyze", str(tone(tmp_path / "a.wav")), "--out", str(tmp_path)]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_every_job_has_its_own_folder(tmp_path):
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


@pytest.mark.parametrize(
    "name",
    ["...wav", "..wav", " .wav", "-.wav", "CON.wav", "a\x1b[31m\nb.wav", "音" * 83 + "a.wav"],
)
def test_results_lie_inside_the_output_folder(name, tmp_path):
    out = tmp_path / "out"
    (job,) = find_jobs([tmp_path / name], out)
    assert job.folder.parent == out and job.folder.resolve().parent == out
    job.folder.mkdir(parents=True)
    assert [path.name for path in out.iterdir()] == [job.folder.name]


def test_names_that_are_one_on_some_system_get_folders_of_their_own(tmp_path):
    names = ("song", "SONG", "u\u0308", "\u00fc", "straße", "STRASSE", "...", "..", "recording")
    jobs = find_jobs([tmp_path / f"{i}" / f"{name}.wav" for i, name in enumerate(names)], tmp_path)
    assert [job.folder.name for job in jobs] == [
        "song", "SONG-2", "ü", "ü-2", "straße", "STRASSE-2", "recording", "recording-2",
        "recording-3",
    ]  # fmt: skip


def test_a_folder_can_be_that_of_its_results(tmp_path, monkeypatch):
    (tmp_path / "song" / "stems").mkdir(parents=True)
    for name in ("song.wav", "._song.wav", "song/stems/harmonic.flac", "album/take.mp3"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    jobs = find_jobs(["."], ".")
    assert [(str(job.source), str(job.folder)) for job in jobs] == [
        ("album/take.mp3", "take"),
        ("song.wav", "song"),
    ]


def test_a_recording_is_not_replaced_by_its_own_results(tmp_path):
    stem = tmp_path / "harmonic" / "stems" / "harmonic.flac"
    (job,) = find_jobs([stem], tmp_path)
    assert job.folder.name == "harmonic-2"


def test_stems_of_an_earlier_run_elsewhere_are_no_recordings(tmp_path):
    for name in ("a.wav", "old/a/analysis.json", "old/a/stems/harmonic.flac", "b/stems/c.flac"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    jobs = find_jobs([tmp_path], tmp_path / "new")
    assert [job.source.name for job in jobs] == ["a.wav", "c.flac"]


@pytest.mark.parametrize("link", ["a", "a/stems", "a/notes.mid"])
def test_a_link_that_leads_out_is_not_followed(link, tmp_path):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (out / link).parent.mkdir(parents=True)
    (out / link).symlink_to(elsewhere if link != "a/notes.mid" else elsewhere / "notes.mid")
    outcome = run(Job(tone(tmp_path / "a.wav"), out / "a"))
    assert "leads out of" in outcome.error and not list(elsewhere.iterdir())


@pytest.mark.slow
def test_control_characters_and_bytes_reach_no_terminal_and_no_page(tmp_path, capsys):
    source = os.fsdecode(bytes(tmp_path) + b"/red\x1b[31m\ncaf\xe9 <b>.wav")
    tone(tmp_path / "a.wav").rename(source)
    assert main(["analyze", source, "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out and r"red\x1b[31m\ncaf\xe9 <b>.wav -> " in shown.out
    (folder,) = (tmp_path / "out").iterdir()
    assert folder.name == "red_[31m_caf_ _b_"
    for file in folder.glob("*.*"):
        assert b"\x1b[31m" not in file.read_bytes()
    page = (folder / "report.html").read_text("utf-8")
    assert r"<title>red\x1b[31m\ncaf\xe9 &lt;b&gt;</title>" in page
    assert main(["report", str(tmp_path / "out")]) == 0
    assert main(["analyze", source + "\x07", "--out", str(tmp_path / "out")]) == 1
    assert r"\x07: there is no such file" in capsys.readouterr().err


def test_an_output_folder_that_cannot_be_is_refused_at_once(tmp_path, capsys):
    tone(tmp_path / "a.wav")
    out = tmp_path / "a.wav" / "out"
    assert main(["analyze", str(tmp_path / "a.wav"), "--out", str(out)]) == 1
    assert capsys.readouterr().err.endswith("a.wav is a file, not a folder)\n")


@pytest.mark.parametrize("name", ["a.mid", "link.mid", "none/x.mid", "null.mid", "x.pdf"])
def test_what_transcribe_may_not_write(name, tmp_path, capsys):
    """`a.mid` is the recording itself, under a name of MIDI files."""
    tone(tmp_path / "a.wav").rename(tmp_path / "a.mid")
    (tmp_path / "link.mid").symlink_to("a.mid")
    (tmp_path / "null.mid").symlink_to("/dev/null")
    before = (tmp_path / "a.mid").read_bytes()
    words = ["transcribe", str(tmp_path / "a.mid"), "--out", str(tmp_path / "new.musicxml")]
    assert main([*words, str(tmp_path / name)]) == 1
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / name}: ")
    assert (tmp_path / "a.mid").read_bytes() == before
    assert not (tmp_path / "new.musicxml").exists()


@pytest.mark.slow
def test_transcribe_writes_all_files_or_none(tmp_path, monkeypatch):
    source = Audio(
        0.4 * np.tile(np.sin(np.arange(11025) / 8) * (np.arange(11025) < 9000), 6), 22050
    )
    source.save(tmp_path / "a.wav")
    targets = [tmp_path / name for name in ("a.mid", "a.musicxml", "a.svg")]
    words = ["transcribe", str(tmp_path / "a.wav"), "--out", *map(str, targets)]
    targets[0].write_text("before")

    def no_space(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("mirlab.score.engrave", no_space)
        assert main(words) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mid", "a.wav"]
    assert targets[0].read_text() == "before"
    assert main(words) == 0
    assert [path.read_bytes()[:5] for path in targets] == [b"MThd\0", b"<?xml", b"<svg "]


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


def test_files_of_a_killed_process_are_reported(monkeypatch, tmp_path):
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

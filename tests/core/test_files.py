"""Files: whole or not at all, behind their links, never over what is no file."""

from __future__ import annotations

import os
import resource
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from mirlab.core import Audio, AudioError, MirlabError, Notes, NotesError, Segments
from mirlab.core.files import (
    atomic_write,
    is_temporary,
    require_folder,
    staging_folder,
    sweep_temporaries,
)
from tests.temporaries import ended_process, temporary_name


def write(path: Path | str, text: str = "new") -> None:
    with atomic_write(path, error=AudioError) as temporary:
        temporary.write_text(text)


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    compiles = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # a module compiled now would be cut, and taken for whole later
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sys.dont_write_bytecode = compiles


def test_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write(path, "one")
    with pytest.raises(ZeroDivisionError), atomic_write(path, error=AudioError) as temporary:
        assert temporary.parent == tmp_path and temporary.suffix == ".txt"
        temporary.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "one"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("loop", ["a", "b"])
def test_links_are_written_through(tmp_path: Path, loop: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    real = tmp_path / "elsewhere" / "real.txt"
    for name, leads_to in (("link", real), ("link2", tmp_path / "link")):
        (tmp_path / name).symlink_to(leads_to)
    write(tmp_path / "link2")  # the file at the end does not exist yet
    assert real.read_text() == "new" and (tmp_path / "link").is_symlink()
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(AudioError, match="lead in a circle"):
        write(tmp_path / loop)
    (tmp_path / "nowhere").symlink_to(tmp_path / "none" / "x")
    with pytest.raises(AudioError, match="does not exist"):
        write(tmp_path / "nowhere")


def test_only_files_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)  # the path of a socket must be short
        server.bind("socket")
        (tmp_path / "null.mid").symlink_to("/dev/null")
        for name in ("pipe", "socket", "null.mid", "/dev/null"):
            before = os.stat(tmp_path / name)
            with pytest.raises(AudioError, match="is a device or a pipe, not a file"):
                write(tmp_path / name)
            assert os.stat(tmp_path / name) == before
    with pytest.raises(AudioError, match="is a folder"):
        write(tmp_path)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("path", [None, 3, b"a.txt", "a\0b", "\ud800.txt"])
def test_what_is_no_name_is_refused(path: object) -> None:
    with pytest.raises(AudioError, match="is not the name of a file"):
        write(path)  # type: ignore[arg-type]


def test_long_names_are_written_as_far_as_the_file_system_can(tmp_path: Path) -> None:
    for name in ("a" * 251 + ".wav", "音" * 84 + "aaa", ".".join("abc" * 40)):
        write(tmp_path / name)
        assert (tmp_path / name).read_text() == "new"
    with pytest.raises(AudioError, match="the name is too long"):
        write(tmp_path / ("a" * 256))
    with pytest.raises(AudioError, match="the name is too long"):
        require_folder(tmp_path / ("a" * 256), AudioError)


def test_the_permissions_of_a_file_stay(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "a")
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
        (tmp_path / "a").chmod(0o600)
        write(tmp_path / "a")
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    finally:
        os.umask(before)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
@pytest.mark.parametrize("lacking", [1, 1000, 20_000])
def test_a_disk_that_fills_up_is_named(tmp_path: Path, suffix: str, lacking: int) -> None:
    """The last bytes of compressed sound are written when the file is closed."""
    noise = Audio(np.random.default_rng(0).uniform(-0.3, 0.3, 66150), 22050)
    path = noise.save(tmp_path / f"a{suffix}")
    whole = path.read_bytes()
    with (
        file_size_limit(len(whole) - min(lacking, len(whole) - 1)),
        pytest.raises(AudioError, match=r"cannot be written \(no space left"),
    ):
        noise.save(path)
    assert path.read_bytes() == whole and len(list(tmp_path.iterdir())) == 1


def test_other_files_name_it_as_well(tmp_path: Path) -> None:
    times = np.arange(2000) / 8
    notes = Notes(times, times + 0.125, np.full(2000, 60))
    chords = Segments(np.column_stack([times, times + 0.125]), ["C:maj"] * 2000)
    with file_size_limit(5000):
        for value, name in ((notes, "a.mid"), (chords, "a.lab")):
            with pytest.raises(MirlabError, match="no space left"):
                value.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_format_that_cannot_hold_the_sound_is_not_called_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"MP3 cannot hold 3 channel\(s\)"):
        Audio(np.zeros((3, 100)), 44100).save(tmp_path / "a.mp3")


def test_files_of_a_staging_folder_are_moved_together(tmp_path: Path) -> None:
    with staging_folder(tmp_path / "new", error=AudioError) as folder:
        (folder / "in").mkdir()
        (folder / "in" / "a.txt").write_text("a")
        assert not (tmp_path / "new" / "in").exists()
    assert [path.name for path in sorted((tmp_path / "new").rglob("*"))] == ["in", "a.txt"]


def test_errors_in_a_staging_folder_name_the_files(tmp_path: Path) -> None:
    with (
        pytest.raises(NotesError) as reason,
        staging_folder(tmp_path, error=AudioError) as folder,
    ):
        raise NotesError(f"{folder / 'a.mid'}: is bad")
    assert str(reason.value) == f"{tmp_path / 'a.mid'}: is bad"
    assert not list(tmp_path.iterdir())


def test_what_killed_processes_left_is_swept(tmp_path: Path) -> None:
    old = tmp_path / temporary_name(ended_process())
    (tmp_path / temporary_name(ended_process(), "") / "stems").mkdir(parents=True)
    living = tmp_path / temporary_name(os.getppid())
    strange = tmp_path / ".mirlab-mine"
    for path in (old, living, strange):
        path.write_text("half")
    write(tmp_path / "a.txt")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {living.name, strange.name, "a.txt"}


def test_temporaries_of_another_computer_are_kept_for_a_day(tmp_path: Path) -> None:
    path = tmp_path / ".mirlab-00000000-1-0123abcd.flac"
    path.write_text("half")
    assert is_temporary(path.name)
    sweep_temporaries(tmp_path)
    assert path.exists()
    os.utime(path, (0, 0))
    sweep_temporaries(tmp_path)
    assert not path.exists()


def test_a_number_used_again_is_no_life(tmp_path: Path) -> None:
    """In a container every run may have the same process number."""
    path = tmp_path / temporary_name(os.getpid())
    path.write_text("half")
    sweep_temporaries(tmp_path)
    assert path.exists()
    os.utime(path, (1e9, 1e9))
    sweep_temporaries(tmp_path)
    assert not path.exists()


def test_a_killed_write_leaves_nothing_after_the_next(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom mirlab.core import AudioError\n"
        "from mirlab.core.files import atomic_write\n"
        "with atomic_write(sys.argv[1], error=AudioError) as path:\n"
        "    path.write_text('half')\n    os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, tmp_path / "a.txt"], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert [is_temporary(path.name) for path in tmp_path.iterdir()] == [True]
    write(tmp_path / "b.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["b.txt"]


def test_folders_to_write_to(tmp_path: Path) -> None:
    require_folder(tmp_path / "a" / "b", AudioError)
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "a"):
        with pytest.raises(AudioError, match="file is a file, not a folder"):
            require_folder(path, AudioError)


@pytest.mark.skipif(os.getuid() != 0, reason="needs another user to become")
def test_an_ordinary_user_may_not_write_everywhere(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents[:2]:
        folder.chmod(0o755)
    (tmp_path / "mine.txt").write_text("old")
    os.seteuid(65534)
    try:
        for path in (tmp_path / "mine.txt", tmp_path / "new.txt"):
            with pytest.raises(AudioError, match=r"cannot be written \((no perm|the file is read)"):
                write(path)
        with pytest.raises(AudioError, match="no permission"):
            require_folder(tmp_path / "out", AudioError)
    finally:
        os.seteuid(0)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]

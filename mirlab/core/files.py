"""Atomic writing of files and groups of files; sweeping of what killed processes left."""

from __future__ import annotations

import errno
import io
import os
import re
import secrets
import shutil
import socket
import stat
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import MirlabError

# The name of a temporary file: computer, process, a random number; first a key in the name of a
# partial file (`partial_files.py`). It does not contain the name of the file, which may be as long
# as a name can be.
TEMPORARY = re.compile(
    r"\.mirlab-(?:partial-(?P<key>[0-9a-f]{16})-)?"
    r"(?P<computer>[0-9a-f]{8})-(?P<process>\d+)-[0-9a-f]{8}(\.\w{1,12})?"
)
ABANDONED_SECONDS = 86_400.0  # a temporary file of another computer is taken for one after a day
PARTIAL_SECONDS = 7 * 86_400.0  # a partial file is kept for a week after the last byte
PROBE_BYTES = 65_536  # written to find out whether the disk is full
REASONS = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "no space left: the limit for the size of a file is reached",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.EROFS: "the disk is read-only",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ELOOP: "its symbolic links lead in a circle",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
}
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_started = time.time()
_swept: set[Path] = set()  # folders that this process has swept


@contextmanager
def atomic_write(path: str | os.PathLike[str], *, error: type[MirlabError]) -> Iterator[Path]:
    """Create a temporary file beside `path`; rename it to `path` if the block succeeds.

    A symbolic link is written through: the file that it leads to is replaced, the link stays.

    Parameters
    ----------
    path
        The file to write. Its folder must exist.
    error
        Raised if the folder is missing or not writable, the disk is full, or `path` is something
        else than a regular file: a folder, a device, a pipe, a socket, or a read-only file.

    Yields
    ------
    Path
        An empty file in the same folder with the same suffix. If the block raises, it is removed
        and the file at `path` is not changed.
    """
    target = resolve_target(path, error)
    _sweep_once(target.parent)
    temporary = target.parent / _temporary_name(target.suffix)
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)  # a private file stays private
    except OSError as reason:
        raise error(f"{path}: cannot be written ({reason_in_words(reason)})") from reason
    try:
        yield temporary
        temporary.replace(target)
    except Exception as reason:
        if cause := _disk_error(reason, temporary):
            raise error(f"{path}: cannot be written ({cause})") from reason
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def staging_folder(folder: Path, *, error: type[MirlabError]) -> Iterator[Path]:
    """Create a temporary folder in `folder`; move its files to `folder` if the block succeeds.

    The first file is moved when all are complete. So a full disk, an error or the end of the
    process leaves the files of before, and not a mixture.

    Parameters
    ----------
    folder
        It is created if it is missing, as are its subfolders. Other files in it are kept.
    error
        Raised if the folder cannot be made or written, or one of the files cannot be replaced. In
        the messages of errors of the block, `folder` stands for the temporary folder.

    Yields
    ------
    Path
        An empty folder. It is removed in any case.
    """
    _sweep_once(folder)
    temporary = folder / _temporary_name("")
    try:
        temporary.mkdir(parents=True)
    except OSError as reason:
        raise error(f"{folder}: cannot be made ({reason_in_words(reason)})") from reason
    try:
        yield temporary
        _move_files(temporary, folder, error)
    except MirlabError as reason:
        raise type(reason)(str(reason).replace(str(temporary), str(folder))) from reason
    except OSError as reason:
        raise error(f"{folder}: cannot be written ({reason_in_words(reason)})") from reason
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _move_files(source: Path, folder: Path, error: type[MirlabError]) -> None:
    """Move all files of a folder and its subfolders, none if one cannot be replaced."""
    moves = {}
    for path in sorted(source.rglob("*")):
        target = folder / path.relative_to(source)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            moves[path] = resolve_target(target, error)
    for path, target in moves.items():
        if target.exists():
            path.chmod(target.stat().st_mode & 0o777)  # a private file stays private
        path.replace(target)


def resolve_target(path: str | os.PathLike[str], error: type[MirlabError]) -> Path:
    """The file to replace, behind all symbolic links; `error` if it is none."""
    try:
        target = Path(os.path.realpath(path))
        os.fsencode(target)
    except (TypeError, ValueError):  # ValueError: a NUL, or what no file system can encode
        raise error(f"{path!r}: is not the name of a file") from None
    try:
        if not target.parent.is_dir():
            raise error(f"{path}: the folder {target.parent} does not exist")
        mode = target.stat().st_mode
    except FileNotFoundError:
        return target
    except OSError as reason:
        raise error(f"{path}: cannot be written ({reason_in_words(reason)})") from reason
    if stat.S_ISDIR(mode):
        raise error(f"{path}: is a folder, not a file")
    if not stat.S_ISREG(mode):
        raise error(f"{path}: is a device or a pipe, not a file; write a file and copy it there")
    if not _is_permitted(target, os.W_OK):
        raise error(f"{path}: cannot be written (the file is read-only)")
    return target


class WatchedFile(io.FileIO):
    """File that remembers why writing failed, for libraries that do not.

    libsndfile reports a full disk as a "System error", or, when it closes a compressed file, not
    at all: the file is then shorter than the sound, and nobody knows.
    """

    failure: OSError | None = None

    def write(self, data: Any) -> int:
        """Write bytes; return how many were written."""
        try:
            written = super().write(data) or 0
        except OSError as reason:
            self.failure = self.failure or reason
            return 0
        if written < len(data) and self.failure is None:
            self.failure = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written


def _sweep_once(folder: Path) -> None:
    """Sweep a folder when this process writes to it for the first time."""
    if folder not in _swept:
        _swept.add(folder)
        sweep_temporaries(folder)


def sweep_temporaries(folder: Path) -> None:
    """Remove the temporary files and folders of this module whose process has ended.

    Partial files outlive their process: they are removed a week after they were written to.

    Parameters
    ----------
    folder
        Not searched recursively; nothing happens where it is missing or cannot be changed.
    """
    try:
        found = [entry for entry in os.scandir(folder) if is_temporary(entry.name)]
    except OSError:
        return
    for entry in found:
        try:
            if not _is_abandoned(entry):
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)
        except OSError:  # removed meanwhile, or not ours to remove
            continue


def is_temporary(name: str) -> bool:
    """Whether a name is that of a temporary file or folder of this module."""
    return TEMPORARY.fullmatch(name) is not None


def require_folder(folder: Path, error: type[MirlabError]) -> None:
    """Raise `error` unless files can be written to a folder, or the folder can be made."""
    try:
        existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        existing_is_folder = existing.is_dir()
    except OSError as reason:
        raise error(f"{folder}: cannot be made ({reason_in_words(reason)})") from reason
    if not existing_is_folder:
        raise error(f"{folder}: cannot be made ({existing} is a file, not a folder)")
    if not _is_permitted(existing, os.W_OK | os.X_OK):
        raise error(f"{existing}: cannot be written (no permission)")


def require_inside(path: Path, folder: Path, error: type[MirlabError]) -> None:
    """Raise `error` if a symbolic link makes `path`, a name in `folder`, lead out of it."""
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise error(f"{path}: leads out of {folder} by a symbolic link")


def reason_in_words(reason: OSError) -> str:
    """Why an operation on a file failed, in plain words."""
    return REASONS.get(reason.errno or 0) or reason.strerror or str(reason)


def _is_permitted(path: Path, mode: int) -> bool:
    """Whether this process may do something with a file or folder, by its effective user."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _temporary_name(suffix: str) -> str:
    """A new name for a temporary file; an odd suffix is left out."""
    name = f".mirlab-{_computer()}-{os.getpid()}-{secrets.token_hex(4)}"
    return name + suffix if is_temporary(name + suffix) else name


def partial_name(key: str, process: int) -> str:
    """A new name for a partial file of a process, 0 for none; the key has 16 hex digits."""
    return f".mirlab-partial-{key}-{_computer()}-{process}-{secrets.token_hex(4)}"


def _computer() -> str:
    """Hash of the name of this computer: a process number means something only on one."""
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def _is_abandoned(entry: os.DirEntry[str]) -> bool:
    """Whether nobody will need a temporary file again."""
    match = TEMPORARY.fullmatch(entry.name)
    assert match is not None
    written = entry.stat().st_mtime
    if match["key"]:
        return time.time() - written > PARTIAL_SECONDS
    return has_ended(match, written)


def has_ended(name: re.Match[str], written: float) -> bool:
    """Whether the process that wrote a temporary file, last at `written` (s), has ended."""
    process = int(name["process"])
    if process == 0:
        return True
    if name["computer"] != _computer() or os.name == "nt":  # Windows has no signal to ask with
        return time.time() - written > ABANDONED_SECONDS
    if process == os.getpid():  # in a container, numbers begin anew with each start
        return written < _started
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # OSError: a process of another user
        return False
    return _is_zombie(process)


def _is_zombie(process: int) -> bool:
    """Whether a process has ended, but nobody has asked how; known on Linux only."""
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[:1] == ["Z"]


def _disk_error(reason: Exception, temporary: Path) -> str:
    """Why a file could not be written, if the disk is the cause; else an empty string.

    Libraries report a full disk in many ways, some of them misleading, so one more block is
    written to find out.
    """
    if isinstance(reason, OSError):
        return reason_in_words(reason)
    cause: BaseException | None = reason
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in FULL:
            return reason_in_words(cause)
        cause = cause.__cause__ or cause.__context__
    try:
        with temporary.open("ab", buffering=0) as file:
            written = file.write(bytes(PROBE_BYTES))
            return "" if written == PROBE_BYTES else REASONS[errno.ENOSPC]
    except OSError as probe:
        return reason_in_words(probe)

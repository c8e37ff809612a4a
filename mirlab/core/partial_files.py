"""Files that outlive the process that was writing them, so that a later call completes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import MirlabError
from .files import (
    TEMPORARY,
    has_ended,
    partial_name,
    reason_in_words,
    resolve_target,
    sweep_temporaries,
)


@contextmanager
def resumable_write(
    path: str | os.PathLike[str], *, key: str, keep: bool, error: type[MirlabError]
) -> Iterator[Path]:
    """Claim the partial file of a key, or create it; rename it to `path` if the block succeeds.

    If the block raises, or its process is killed, the partial file stays beside `path` under a
    hidden name, and the next call with the same key continues it. It is removed a week after it was
    written to last, by whatever of mirlab writes to the folder. Two calls at the same time have a
    file each.

    Parameters
    ----------
    path
        The file to write. Its folder must exist; a symbolic link is written through.
    key
        16 hexadecimal digits that stand for the content.
    keep
        False: begin with an empty file, and remove it if the block raises.
    error
        Raised if `path` cannot be written.

    Yields
    ------
    Path
        The partial file, in the folder of `path`. The block may remove it when it raises.
    """
    target = resolve_target(path, error)
    sweep_temporaries(target.parent)
    try:
        partial = _claim(target.parent, key)
    except OSError as reason:
        raise error(f"{path}: cannot be written ({reason_in_words(reason)})") from reason
    try:
        if not keep:
            os.truncate(partial, 0)
        yield partial
        _replace(partial, target, error)
    finally:
        if keep and partial.exists() and partial.stat().st_size:
            partial.replace(partial.with_name(partial_name(key, process=0)))
        partial.unlink(missing_ok=True)


def _claim(folder: Path, key: str) -> Path:
    """Rename the largest partial file of a key that no process writes; without any, create it."""
    claimed = folder / partial_name(key, os.getpid())
    for path in _unowned(folder, key):
        try:
            path.replace(claimed)
        except OSError:  # another process was quicker
            continue
        return claimed
    os.close(os.open(claimed, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    return claimed


def _unowned(folder: Path, key: str) -> list[Path]:
    """The partial files of a key whose process has ended, the largest first."""
    found = []
    for entry in os.scandir(folder):
        match = TEMPORARY.fullmatch(entry.name)
        if match is None or match["key"] != key:
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:  # removed meanwhile
            continue
        if entry.is_file(follow_symlinks=False) and has_ended(match, status.st_mtime):
            found.append((status.st_size, Path(entry.path)))
    return [path for _, path in sorted(found, reverse=True)]


def _replace(partial: Path, target: Path, error: type[MirlabError]) -> None:
    """Rename the finished file; a private file stays private."""
    try:
        if target.exists():
            partial.chmod(target.stat().st_mode & 0o777)
        partial.replace(target)
    except OSError as reason:
        raise error(f"{target}: cannot be written ({reason_in_words(reason)})") from reason

"""Atomic writing of files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import MirlabError


@contextmanager
def atomic_write(path: str | os.PathLike[str], *, error: type[MirlabError]) -> Iterator[Path]:
    """Create a temporary file beside `path`; rename it to `path` if the block succeeds.

    Parameters
    ----------
    path
        The file to write. Its folder must exist.
    error
        Raised if the folder is missing or not writable.

    Yields
    ------
    Path
        A file in the same folder with the same suffix. If the block raises, it is removed and
        the file at `path` is not changed.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise error(f"{target}: the folder {target.parent} does not exist")
    if target.is_dir():
        raise error(f"{target}: is a folder, not a file")
    try:
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix
        )
    except OSError as reason:
        raise error(f"{target}: cannot be written ({reason.strerror})") from reason
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())  # mkstemp makes private files; use normal permissions
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    """Umask of the process, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

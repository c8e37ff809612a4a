"""The bytes of audio files: of paths, bytes and open files, without copying what is on disk."""

from __future__ import annotations

import io
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from .errors import AudioError
from .files import reason_in_words

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]


def source_name(source: object) -> str:
    """Name of a source in messages."""
    if isinstance(source, str | os.PathLike):
        return str(os.fspath(source))
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "the bytes given"


@contextmanager
def contents(source: Source, name: str) -> Iterator[Any]:
    """The bytes of a source; those of a file on disk are not read into memory."""
    if isinstance(source, bytes | bytearray | memoryview):
        yield bytes(source)
        return
    if hasattr(source, "read"):
        data = source.read()
        if not isinstance(data, bytes):
            raise AudioError(f"{name}: must be opened in binary mode")
        yield data
        return
    if not isinstance(source, str | os.PathLike):
        raise AudioError(f"a sound must be a path, bytes or a file, not {type(source).__name__}")
    with _map(Path(source), name) as mapped:
        yield mapped


def _map(path: Path, name: str) -> mmap.mmap:
    """Map a file into memory."""
    try:
        if not path.exists():
            raise AudioError(f"{name}: there is no such file")
        if not path.is_file():
            raise AudioError(f"{name}: is not a file")
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                raise AudioError(f"{name}: the file is empty")
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as reason:
        raise AudioError(f"{name}: cannot be read ({reason_in_words(reason)})") from reason
    except ValueError as reason:  # a null character in the name
        raise (
            reason if isinstance(reason, AudioError) else AudioError(f"{name}: {reason}")
        ) from None


class Stream(NamedTuple):
    """A part of a file that libsndfile can decode: `head`, then the bytes from `first` to `end`."""

    head: bytes
    first: int
    end: int


class PatchedFile(io.RawIOBase):
    """A stream as a readable file, without copying it.

    Parameters
    ----------
    data
        The whole file.
    stream
        The part of it to read.
    """

    def __init__(self, data: bytes, stream: Stream) -> None:
        self.data, self.stream, self.position = data, stream, 0
        self.size = len(stream.head) + stream.end - stream.first

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to an offset from the start, the position or the end."""
        self.position = max(0, offset + (0, self.position, self.size)[whence])
        return self.position

    def tell(self) -> int:
        """The position."""
        return self.position

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read up to the length of the buffer; return the number of bytes read."""
        head, first, end = self.stream
        count = len(buffer)
        start = first + max(0, self.position - len(head))
        content = head[self.position : self.position + count]
        content += self.data[start : min(start + count - len(content), end)]
        buffer[: len(content)] = content
        self.position += len(content)
        return len(content)

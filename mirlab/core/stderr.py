"""Decoders that talk: libmpg123 prints a line for each odd frame straight to the error stream."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0  # how many threads are decoding
_stderr = -1  # the error stream while the first of them keeps it aside


@contextmanager
def suppress_stderr() -> Iterator[None]:
    """Send what C code prints to the error stream nowhere.

    The stream belongs to the whole process: the first thread to enter puts it aside and the last
    one to leave puts it back. Nothing worth reading may be printed inside.
    """
    global _inside, _stderr
    with _lock:
        _inside += 1
        if _inside == 1:
            _stderr = _redirect()
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _stderr >= 0:
                os.dup2(_stderr, 2)
                os.close(_stderr)


def _redirect() -> int:
    """Point the error stream nowhere; give a copy of what it was, or -1 where there is none."""
    try:
        kept = os.dup(2)
    except OSError:  # a process without a terminal may have closed it
        return -1
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    return kept

"""Silence libmpg123, which prints a line for each irregular frame to stderr."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0  # number of threads that suppress stderr
_stderr = -1  # copy of the original stderr while it is redirected


@contextmanager
def suppress_stderr() -> Iterator[None]:
    """Discard everything that C code prints to stderr within the block.

    The file descriptor belongs to the whole process: the first thread that enters redirects it
    and the last one that leaves restores it. Messages of other code in the block are lost, too.
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
    """Redirect stderr to the null device; return a copy of it, or -1 if there is none."""
    try:
        original = os.dup(2)
    except OSError:  # a process without a terminal may have closed it
        return -1
    with open(os.devnull, "wb") as null:
        os.dup2(null.fileno(), 2)
    return original

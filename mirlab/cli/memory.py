"""Keep the memory of a process that analyses many files from growing with their number."""

from __future__ import annotations

import ctypes
import gc
import sys
from functools import cache

M_ARENA_MAX = -8  # number of heaps, a parameter of mallopt (malloc.h of glibc)


@cache
def share_heap() -> None:
    """Let all threads of this process use one heap; does nothing without glibc.

    By default each thread has a heap of its own, and each file is analysed in new threads: what a
    heap has kept of one file is then not used for the next.
    """
    if glibc := _glibc():
        glibc.mallopt(M_ARENA_MAX, 1)


def release_memory() -> None:
    """Give the memory of objects that are not used any more back to the system."""
    gc.collect()  # figures and scores refer to themselves
    if glibc := _glibc():
        glibc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    """The C library, if it is glibc, the usual one of Linux."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return library if hasattr(library, "malloc_trim") else None

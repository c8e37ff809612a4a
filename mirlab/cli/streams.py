"""Standard streams and signals of the command line."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

STOPPING = ("SIGTERM", "SIGHUP")  # SIGHUP: the terminal was closed; Windows does not have it


def prepare_streams() -> None:
    """Make the standard streams usable: open what is closed, escape what cannot be encoded.

    Otherwise the next file that is opened takes the number of a closed stream, and what a library
    prints goes into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def discard_output() -> None:
    """Send further output nowhere, where the streams cannot be written."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Raise `KeyboardInterrupt(number)` on signals that would end the process without cleaning."""

    def stop(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt(number)

    numbers = [getattr(signal, name) for name in STOPPING if hasattr(signal, name)]
    before = {}
    if threading.current_thread() is threading.main_thread():
        # a signal that is ignored, as under nohup, stays ignored
        heeded = [n for n in numbers if signal.getsignal(n) is not signal.SIG_IGN]
        before = {number: signal.signal(number, stop) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""Names of the temporary files that a killed process leaves."""

from __future__ import annotations

import subprocess
import sys

from mirlab.core import files


def ended_process() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def temporary_name(process: int, suffix: str = ".flac") -> str:
    """The name of a temporary file of a process on this computer."""
    return f".mirlab-{files._computer()}-{process}-0123abcd{suffix}"

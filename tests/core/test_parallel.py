"""Parallel work on several processor cores."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mirlab.core.parallel import parallel_map

CACHE = []


def grown(size):
    """A process whose memory grows with time, as after loading a network or a sound font."""
    CACHE.append(np.ones(size, np.uint8))
    time.sleep(0.6)
    return size


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_results_come_in_their_order(n_jobs):
    assert list(parallel_map(abs, range(-9, 0), n_jobs=n_jobs)) == list(range(9, 0, -1))


def test_unordered_results_are_all_there():
    found = parallel_map(abs, range(-9, 0), n_jobs=2, ordered=False)
    assert sorted(found) == list(range(1, 10))


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_what_a_process_keeps_is_not_taken_for_a_leak():
    sizes = [1] * 2 + [200_000_000] * 8
    assert list(parallel_map(grown, sizes, n_jobs=2)) == sizes


def test_an_error_is_raised_here():
    with pytest.raises(TypeError, match="bad operand"):
        list(parallel_map(abs, [1, "two"], n_jobs=2))


def is_running(process: int) -> bool:
    """Whether a process runs; one that has ended but was not waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_processes_end_when_their_parent_is_killed(number, tmp_path):
    code = (
        "import os, sys, time\nfrom pathlib import Path\n"
        "from mirlab.core.parallel import parallel_map\n"
        "def sleep(i):\n"
        "    Path(sys.argv[1], str(os.getpid())).touch()\n    time.sleep(60)\n"
        "list(parallel_map(sleep, range(8), n_jobs=2))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, tmp_path])
    while len(started := list(tmp_path.iterdir())) < 2:
        assert parent.poll() is None
        time.sleep(0.05)
    os.kill(parent.pid, number)
    assert parent.wait(10) == -number
    end = time.monotonic() + 10
    while any(is_running(int(path.name)) for path in started):
        assert time.monotonic() < end, "they work on for nobody"
        time.sleep(0.1)
    assert len(list(tmp_path.iterdir())) == 2

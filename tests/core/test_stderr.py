"""stderr of C code is suppressed while it decodes, and restored afterwards."""

import os
import subprocess
import sys
import threading

from mirlab.core.stderr import suppress_stderr


def test_c_code_is_silent_inside_and_heard_outside(capfd):
    os.write(2, b"before ")
    with suppress_stderr():
        os.write(2, b"inside ")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"


def test_threads_that_overlap_give_the_stream_back(capfd):
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with suppress_stderr():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(10)
    with suppress_stderr():  # enters second, leaves first
        pass
    leave.set()
    thread.join()
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_a_process_without_an_error_stream_loads_sounds(tmp_path):
    code = (
        "import os, sys; os.close(2); import numpy as np; from mirlab.core import Audio; "
        f"path = Audio(np.zeros(100), 8000).save(r'{tmp_path / 'a.wav'}'); "
        "sys.exit(Audio.load(path).samples != 100)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

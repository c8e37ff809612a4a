"""`make lab`, as a newcomer types it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab\S*[?&]token=\w+")


def fetch(address: str) -> str:
    """What the server answers; it prints its address a moment before it listens."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"nobody listens at {address}")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("make"), reason="needs make, as README says")
def test_make_lab_opens_the_course(root: Path, tmp_path: Path) -> None:
    outer = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DISPLAY", "WAYLAND_DISPLAY")
    environment = {k: v for k, v in os.environ.items() if k not in outer}
    environment |= {"HOME": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    lab = subprocess.Popen(
        ["make", "lab"], cwd=root, env=environment, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        assert lab.stdout is not None
        address = next(m[0] for line in lab.stdout if (m := ADDRESS.search(line)))
        assert re.search(r"/lab/tree/notebooks/\w+\.ipynb\?", address)
        assert "JupyterLab" in fetch(address)
        page = address.replace("/lab/tree/", "/api/contents/")
        assert "The tour" in fetch(page)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            fetch(page.split("?")[0])  # without the token
    finally:
        os.killpg(lab.pid, signal.SIGTERM)
        lab.communicate(timeout=30)
    assert lab.returncode is not None

"""The library stays light to import, and its rooms keep to their floors."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"torch", "librosa", "scipy", "matplotlib", "music21", "onnxruntime", "pandas"}
HEAVY |= {"mirlab.core.download"}  # nothing uses the network unless a person asks for it


def seconds(code: str) -> float:
    """Processor time of a Python that runs `code`; what else runs does not count."""
    before = os.times()
    subprocess.run([sys.executable, "-c", code], check=True)
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


def test_import_costs_less_than_a_third_of_a_second() -> None:
    seconds("import mirlab")  # the first time compiles
    pairs = [(seconds("pass"), seconds("import mirlab")) for _ in range(7)]
    assert statistics.median(b - a for a, b in pairs) < 0.3


def test_import_brings_nothing_heavy() -> None:
    code = "import json, sys, mirlab; print(json.dumps([*sys.modules]))"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert not HEAVY & set(json.loads(answer.stdout))


def test_core_brings_nothing_heavy() -> None:
    code = "import json, sys, mirlab.core; print(json.dumps([*sys.modules]))"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert not HEAVY & set(json.loads(answer.stdout))


@pytest.mark.slow
def test_analyze_brings_neither_librosa_nor_numba(tmp_path: Path) -> None:
    code = f"""
import json, sys
import numpy as np
from mirlab import Audio, analyze, save_analysis

t = np.arange(2 * 22050) / 22050
found = analyze(Audio(0.4 * np.sin(2 * np.pi * 220 * t), 22050))
save_analysis(found, {str(tmp_path)!r})
print(json.dumps([*sys.modules]))
"""
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert not {"librosa", "numba"} & set(json.loads(answer.stdout.splitlines()[-1]))


def test_rooms_import_only_what_they_may(root: Path) -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout

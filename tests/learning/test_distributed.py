"""Training in several processes equals training in one with larger batches."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mirlab.core import MissingPartError
from mirlab.learning.distributed import get_process_group

CODE = """
import json, sys, torch
from torch import nn
from mirlab.learning import Batches, fit
def item(k):
    x = torch.rand(3, generator=torch.Generator().manual_seed(k))
    return x, x.sum(0, keepdim=True)
def loss(model, batch):
    x, y = batch
    return (model(x) - y).square().mean()
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
data = Batches(item, size=int(sys.argv[2]))
validation = Batches(item, size=8).part(1000).take(1)
options = {"lr": 0.05, "every": 10, "validation": validation, "checkpoint": sys.argv[1]}
history = fit(model, loss, data, steps=40, device="cpu", progress=False, **options)
answer = {"weights": [p.flatten().tolist() for p in model.parameters()]}
answer["rows"] = [{n: v for n, v in row.items() if n != "seconds"} for row in history]
print(json.dumps(answer))
"""


def free_port() -> int:
    with socket.socket() as there:
        there.bind(("127.0.0.1", 0))
        return int(there.getsockname()[1])


def run(folder: Path, size_of_group: int, size: int) -> list[Any]:
    """Results of each process."""
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "OMP_NUM_THREADS": "1"}
    started = []
    for rank in range(size_of_group):
        variables = {"WORLD_SIZE": str(size_of_group), "RANK": str(rank), "LOCAL_RANK": str(rank)}
        environment = {**os.environ, **shared, **(variables if size_of_group > 1 else {})}
        command = [sys.executable, "-W", "ignore", "-c", CODE, str(folder), str(size)]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, env=environment, stdout=pipe, text=True))
    outputs = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0] * size_of_group
    return [json.loads(text.splitlines()[-1]) for text in outputs]


@pytest.mark.slow
def test_two_processes_equal_one_with_batches_of_both(tmp_path: Path) -> None:
    first, second = run(tmp_path / "two", size_of_group=2, size=4)
    [alone] = run(tmp_path / "one", size_of_group=1, size=8)
    assert first == second
    for ours, theirs in zip(first["weights"], alone["weights"], strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)
    for ours, theirs in zip(first["rows"], alone["rows"], strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4)
    again = run(tmp_path / "two", size_of_group=2, size=4)  # done: read from the checkpoint
    assert again == [first, second]


def test_without_accelerate_the_error_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with pytest.raises(MissingPartError, match=r'pip install "mirlab\[train\]"'):
        get_process_group("cpu")

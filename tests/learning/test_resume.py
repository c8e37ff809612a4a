"""An interrupted training, once resumed, ends with the same weights."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from mirlab.learning import Batches, History, LearningError, WeightsError, fit
from mirlab.learning.tensor_files import read_tensors, write_tensors
from tests.temporaries import ended_process, temporary_name

STEPS = 30
FILE = "checkpoint.safetensors"


def item(k: int) -> tuple[Tensor, Tensor]:
    x = torch.rand(3, generator=torch.Generator().manual_seed(k))
    return x, x.sum(0, keepdim=True)


DATA = Batches(item, size=4)
HELD_OUT = DATA.part(1000).take(1)


def loss(model: nn.Module, batch: Any) -> Tensor:
    x, y = batch
    return (model(x) - y).square().mean()


def network(width: int = 8) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        hidden = [nn.Linear(3, width), nn.BatchNorm1d(width), nn.Dropout(0.3), nn.ReLU()]
        return nn.Sequential(*hidden, nn.Linear(width, 1))


def run(folder: Path | None, data: Any = DATA, width: int = 8, **options: Any) -> Any:
    model = network(width)
    arguments = {"steps": STEPS, "every": 4, "lr": 0.1, "validation": HELD_OUT} | options
    history = fit(model, loss, data, checkpoint=folder, device="cpu", progress=False, **arguments)
    return model, history


def digest(model: nn.Module) -> str:
    return hashlib.sha256(
        b"".join(t.numpy().tobytes() for t in model.state_dict().values())
    ).hexdigest()


def rows_without_time(history: History) -> list[dict[str, Any]]:
    """The history without run times."""
    return [{name: row[name] for name in row if name != "seconds"} for row in history]


class Power(Exception):
    """A simulated power failure."""


class Failing:
    """Data with a simulated power failure before batch `last`."""

    def __init__(self, last: int) -> None:
        self.last = last

    def part(self, first: int, step: int) -> Iterator[Any]:
        for k, batch in enumerate(DATA.part(first, step), start=first):
            if k == self.last:
                raise Power
            yield batch


@pytest.mark.slow
@given(stops=st.lists(st.integers(1, STEPS - 1), max_size=3).map(sorted))
@settings(max_examples=12)
def test_stopped_at_any_step_it_ends_the_same(stops: list[int]) -> None:
    whole, course = run(None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for stop in stops:
            with pytest.raises(Power):
                run(folder, Failing(stop))
        model, history = run(folder)
    assert digest(model) == digest(whole)
    assert rows_without_time(history) == rows_without_time(course)


def test_resuming_works_with_patience_and_plain_lists(tmp_path: Path) -> None:
    options = {"patience": 2, "steps": 400, "data": DATA.take(7)}
    whole, course = run(None, **options)
    assert len(course) < 100  # it stopped early
    calls = 0

    def weak(model: nn.Module, batch: Any) -> Tensor:
        nonlocal calls
        calls += 1
        if calls == 17:
            raise Power
        return loss(model, batch)

    with pytest.raises(Power):
        arguments = {k: v for k, v in options.items() if k != "data"}
        fit(
            network(),
            weak,
            options["data"],
            every=4,
            lr=0.1,
            validation=HELD_OUT,
            checkpoint=tmp_path,
            device="cpu",
            progress=False,
            **arguments,
        )
    model, history = run(tmp_path, **options)
    assert digest(model) == digest(whole)
    assert rows_without_time(history) == rows_without_time(course)


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    first, course = run(tmp_path)
    second, history = run(tmp_path, Failing(0))
    assert digest(first) == digest(second)
    assert history.rows == course.rows


KILLED = """
import sys, time
sys.path.insert(0, {here!r})
from pathlib import Path
import torch
import test_resume
torch.set_num_threads(1)
plain = test_resume.loss
def slow(model, batch):
    print("step", flush=True)
    time.sleep(0.005)
    return plain(model, batch)
test_resume.loss = slow
model, _ = test_resume.run(Path(sys.argv[1]), steps=60)
print(test_resume.digest(model))
"""


@pytest.mark.slow
def test_killed_by_the_system_it_ends_the_same(tmp_path: Path) -> None:
    """SIGKILL three times at random moments."""
    chance = random.Random(0)
    code = KILLED.format(here=str(Path(__file__).parent))

    def start(folder: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, str(folder)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    for _ in range(3):
        process = start(tmp_path / "killed")
        assert process.stdout is not None
        for _ in range(chance.randint(6, 24)):
            assert process.stdout.readline() == "step\n"
        process.kill()
        assert process.wait() == -signal.SIGKILL
        process.stdout.close()
    assert (tmp_path / "killed" / FILE).exists()
    answers, steps = [], []
    for folder in ("killed", "whole"):
        printed = start(tmp_path / folder).communicate()[0].splitlines()
        answers.append(printed[-1])
        steps.append(len(printed))
    assert answers[0] == answers[1]
    assert steps[0] < steps[1]  # it resumed and did not start again


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": STEPS + 1}, "was made with steps=30, not 31"),
        ({"lr": 0.2}, "was made with lr=0.1, not 0.2"),
        ({"seed": 1}, "was made with seed=0, not 1"),
        ({"width": 9}, "is of another model"),
    ],
)
def test_another_run_is_refused(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(Power):
        run(tmp_path, Failing(10))
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(LearningError, match=message):
        run(tmp_path, **options)
    assert (tmp_path / FILE).read_bytes() == before


def test_other_batches_are_detected(tmp_path: Path) -> None:
    with pytest.raises(Power):
        run(tmp_path, Failing(10))
    with pytest.raises(LearningError, match="data gives another batch for step 8"):
        run(tmp_path, DATA.part(1))


@pytest.mark.parametrize("damage", ["cut", "text", "foreign", "other metadata"])
def test_a_damaged_checkpoint_gives_one_clear_error(tmp_path: Path, damage: str) -> None:
    from safetensors.torch import save_file

    with pytest.raises(Power):
        run(tmp_path, Failing(10))
    path = tmp_path / FILE
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-10])
    elif damage == "text":
        path.write_text("no tensors")
    else:
        metadata = None if damage == "foreign" else {"mirlab": '{"format": 1}'}
        save_file({"x": torch.ones(1)}, path, metadata)
    with pytest.raises(WeightsError, match=r"checkpoint\.safetensors: is not a"):
        run(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("average/0.weight", "mean/0.weight"),
        ("average/0.weight", "average/other"),
        ("optimizer/0/step", "optimizer/0/steps"),
        ("optimizer/0/step", "optimizer/first/step"),
        ("optimizer/0/step", "optimizer/99/step"),
        ('"step": 4', '"step": -4'),
        ('"step": 4', '"step": "four"'),
        ('"step": 4', '"step": ' + "[" * 5000),
        ('"rows": [', '"rows": [{}, '),
        ('"plan": {', '"plan": 3, "other": {'),
    ],
)
def test_a_changed_checkpoint_gives_one_clear_error(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(Power):
        run(tmp_path, Failing(6))
    path = tmp_path / FILE
    tensors, metadata = read_tensors(path)
    assert old in tensors or old in metadata["mirlab"]
    named = {new if name == old else name: tensor for name, tensor in tensors.items()}
    write_tensors(path, named, {"mirlab": metadata["mirlab"].replace(old, new, 1)})
    with pytest.raises(WeightsError, match=r"checkpoint\.safetensors: is not a"):
        run(tmp_path)


def test_an_invalid_folder_gives_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match="cannot be written"):
        run(tmp_path / "file" / "folder")


def test_files_of_a_killed_writer_are_removed(tmp_path: Path) -> None:
    left = tmp_path / temporary_name(ended_process(), ".safetensors")
    left.write_bytes(b"half")
    run(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
